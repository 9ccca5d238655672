//! F14: an ERP that takes no notice of idempotency keys, and books again what comes again.
use super::check;
use crate::campaign::{self, Plan};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes half a minute: make fault-campaign"]
async fn fault_14_an_erp_that_ignores_keys_books_nothing_twice() {
    // What may have arrived is asked for before it is sent again, so there is nothing that a key would have to catch.
    check(&campaign::run(&Plan { ignores_keys: true, ..Plan::from_environment(12) }).await);
}
