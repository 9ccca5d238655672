//! Questions: the read-back and the test of a connection.
use futures_util::future::join_all;

use super::trouble::{Clients, Trouble, troubles};
use super::vendor::{Played, Role};
use super::{Candidate, asked};
use crate::stub::errand;

#[tokio::test]
async fn a_read_back_that_cannot_tell_says_so() {
    let clients = Clients::new();
    for kind in asked() {
        let candidate = Candidate::of(kind);
        for event_type in kind.accepts {
            join_all(troubles().into_iter().map(|trouble| ask(&clients, candidate, event_type, trouble)))
                .await;
        }
    }
}

async fn ask(clients: &Clients, candidate: &Candidate, event_type: &str, trouble: Trouble) {
    let case = format!("the read-back of {event_type} meets {}", trouble.name);
    let played = Played::start((candidate.vendor)(event_type)).await;
    let (connector, means) = (candidate.connector(&played.base), trouble.means);
    let http = clients.to_meet(&trouble);
    played.spoil(Role::Read, trouble);

    let found = connector.find(http, &candidate.delivery(event_type)).await;

    means.assert_of_question(candidate, &case, found.outcome.as_ref().expect_err(&case));
    candidate.assert_quiet(&case, &found);
    assert_eq!(played.heard(Role::Write), 0, "{case}: a question changed something");
}

#[tokio::test]
async fn a_test_changes_nothing_and_tells_troubles_apart() {
    let clients = Clients::new();
    for kind in asked() {
        let candidate = Candidate::of(kind);
        let played = Played::start((candidate.vendor)(kind.accepts[0])).await;
        let connector = candidate.connector(&played.base);
        let tested = connector.test(&clients.patient, &errand()).await;
        assert_eq!(tested.outcome, Ok(()), "{}", kind.name);
        for trouble in troubles() {
            let (case, means) = (format!("a test meets {}", trouble.name), trouble.means);
            let http = clients.to_meet(&trouble);
            played.spoil(Role::Read, trouble);
            let tested = connector.test(http, &errand()).await;
            means.assert_of_test(candidate, &case, tested.outcome.as_ref().expect_err(&case));
            candidate.assert_quiet(&case, &tested);
        }
        assert_eq!((played.heard(Role::Write), played.effects()), (0, 0), "{}: a test wrote", kind.name);
    }
}
