//! Defects on purpose, to prove that the crash test finds them: see `docs/operations/crash-test.md`.
//!
//! They exist only with the feature `planted-bugs`, which a release build refuses, and each only when
//! `QUAYSIDE_TEST_PLANT` names it. Otherwise every question here is a constant "no".

#[cfg(all(feature = "planted-bugs", not(debug_assertions)))]
compile_error!("`planted-bugs` puts defects into the server: never in a release build");

use std::time::Duration;

use crate::store::Tx;

#[cfg(feature = "planted-bugs")]
fn is_planted(name: &str) -> bool {
    static PLANT: std::sync::LazyLock<Option<String>> =
        std::sync::LazyLock::new(|| std::env::var("QUAYSIDE_TEST_PLANT").ok());
    PLANT.as_deref() == Some(name)
}

#[cfg(not(feature = "planted-bugs"))]
const fn is_planted(_name: &str) -> bool {
    false
}

/// An answer is called accepted before it is durable.
#[must_use]
pub fn answer_before_commit() -> bool {
    is_planted("answer_before_commit")
}

/// Every attempt has an idempotency key of its own, and nobody asks whether an earlier one arrived.
#[must_use]
pub fn fresh_key_per_attempt() -> bool {
    is_planted("fresh_key_per_attempt")
}

/// Dispatch takes events off the outbox in one transaction and gives them their place in another.
#[must_use]
pub(crate) fn forget_before_placing() -> bool {
    is_planted("forget_before_placing")
}

/// The idempotency key of an answer is not kept.
#[must_use]
pub(crate) fn forget_key() -> bool {
    is_planted("forget_key")
}

/// A delivery is recorded as delivered before it is sent.
#[must_use]
pub fn mark_before_send() -> bool {
    is_planted("mark_before_send")
}

/// Deliveries of one order do not wait for each other.
#[must_use]
pub fn no_order() -> bool {
    is_planted("no_order")
}

/// Commits in a moment, when the answer is long on its way.
pub(crate) fn commit_later(tx: Tx) {
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(30)).await;
        tx.commit().await
    });
}
