//! Sending, and finding again what may have been sent.
use futures_util::future::join_all;
use serde_json::Value;
use tokio::net::TcpListener;

use super::trouble::{Clients, Timing, Trouble, troubles};
use super::vendor::{Played, Role};
use super::{Candidate, Means, asked};
use crate::stub::{PATIENT, local_http};
use crate::{DeliveryError, Http, HttpSettings};

async fn played(candidate: &Candidate, event_type: &str) -> Played {
    Played::start((candidate.vendor)(event_type)).await
}

/// What a delivery that nothing disturbs comes to: the most changes it needs, and what the vendor has then.
#[derive(Clone, PartialEq, Debug)]
struct Whole {
    effects: usize,
    books: Value,
}

async fn whole(candidate: &Candidate, event_type: &str, http: &Http) -> Whole {
    let played = played(candidate, event_type).await;
    let sent = candidate.connector(&played.base).deliver(http, &candidate.delivery(event_type)).await;
    assert!(sent.outcome.is_ok(), "{}: {event_type}: {sent:?}", candidate.kind);
    assert!(played.effects() > 0, "{}: {event_type} changes nothing", candidate.kind);
    Whole { effects: played.effects(), books: played.books() }
}

#[tokio::test]
async fn a_delivery_is_booked_once_however_often_it_is_made() {
    let http = local_http(PATIENT);
    for kind in asked() {
        let candidate = Candidate::of(kind);
        for event_type in kind.accepts {
            let (played, delivery) = (played(candidate, event_type).await, candidate.delivery(event_type));
            let connector = candidate.connector(&played.base);
            let absent = connector.find(&http, &delivery).await;
            assert_eq!(absent.outcome, Ok(None), "{event_type} was never sent");

            let first = connector.deliver(&http, &delivery).await;
            assert!(first.outcome.is_ok(), "{}: {event_type}: {:?}", kind.name, first.outcome);
            let again = connector.deliver(&http, &delivery).await;
            let found = connector.find(&http, &delivery).await;

            let seen = Whole { effects: played.effects(), books: played.books() };
            let whole = whole(candidate, event_type, &http).await;
            assert_eq!(seen, whole, "{}: {event_type} was booked twice", kind.name);
            assert!(again.outcome.is_ok(), "{}: {event_type} again: {again:?}", kind.name);
            let found_receipt = found.outcome.clone().unwrap();
            assert!(found_receipt.is_some(), "{event_type} is there");
            for attempt in [format!("{first:?}"), format!("{again:?}"), format!("{found:?}")] {
                candidate.assert_quiet(event_type, &attempt);
            }
            assert!(first.exchange.is_some(), "a call is on record");
        }
    }
}

#[tokio::test]
async fn every_trouble_has_one_meaning_and_nothing_is_booked_twice() {
    let clients = Clients::new();
    for kind in asked() {
        let candidate = Candidate::of(kind);
        for event_type in kind.accepts {
            let whole = whole(candidate, event_type, &clients.patient).await;
            let each = |trouble| meet(&clients, candidate, (event_type, &whole), trouble);
            join_all(troubles().into_iter().map(each)).await;
        }
    }
}

/// A spoilt attempt, the read-back where its outcome is unknown, and what the worker does after it. A delivery that is
/// done in part is not there, and what is missing is done by the next attempt.
async fn meet(
    clients: &Clients,
    candidate: &Candidate,
    (event_type, whole): (&str, &Whole),
    trouble: Trouble,
) {
    let case = format!("{event_type} meets {}", trouble.name);
    let (means, done) = (trouble.means, trouble.timing == Timing::AfterTheEffect);
    let (played, delivery) = (played(candidate, event_type).await, candidate.delivery(event_type));
    let connector = candidate.connector(&played.base);
    let http = clients.to_meet(&trouble);
    played.spoil(Role::Write, trouble);

    let attempt = connector.deliver(http, &delivery).await;

    let error = attempt.outcome.as_ref().expect_err(&case);
    means.assert(candidate, &case, error);
    candidate.assert_quiet(&case, &attempt);
    assert!(attempt.exchange.is_some(), "{case}: the call is on record");
    assert!(played.heard(Role::Write) >= 1, "{case}: nothing was sent");
    played.heal();
    assert_eq!(played.effects(), usize::from(done), "{case}: the vendor itself");
    let (complete, http) = (played.books() == whole.books, &clients.patient);
    let found = connector.find(http, &delivery).await;
    match found.outcome {
        Ok(found) => assert_eq!(found.is_some(), complete, "{case}: the read-back"),
        Err(error) => panic!("{case}: the read-back: {error}"),
    }
    if !complete {
        let sent = connector.deliver(http, &delivery).await;
        assert!(sent.outcome.is_ok(), "{case}: after the trouble: {sent:?}");
    }
    assert_eq!(played.books(), whole.books, "{}: {case}: not the same in the end", candidate.kind);
    assert!(played.effects() <= whole.effects, "{}: {case}: done twice", candidate.kind);
}

#[tokio::test]
async fn what_was_never_sent_is_not_done() {
    let http = local_http(PATIENT);
    for kind in asked() {
        let candidate = Candidate::of(kind);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        for event_type in kind.accepts {
            let delivery = candidate.delivery(event_type);
            let attempt = candidate.connector(&base).deliver(&http, &delivery).await;
            let error = attempt.outcome.as_ref().expect_err("nobody listens");
            assert_eq!(error.word(), "retry", "{}: {event_type}: {error}", kind.name);
            candidate.assert_quiet(event_type, &attempt);
        }
    }
}

#[tokio::test]
async fn a_private_address_is_never_called() {
    let http = Http::new(HttpSettings::default()).unwrap();
    for kind in asked() {
        let candidate = Candidate::of(kind);
        let connector = candidate.connector("https://10.0.0.1");
        for event_type in kind.accepts {
            let delivery = candidate.delivery(event_type);
            let attempt = connector.deliver(&http, &delivery).await;
            let refused = matches!(&attempt.outcome, Err(DeliveryError::Refused { code, .. }) if code == "ENDPOINT_FORBIDDEN");
            assert!(refused && attempt.exchange.is_none(), "{}: {attempt:?}", kind.name);
        }
        let tested = connector.test(&http, &crate::stub::errand()).await;
        Means::Refused.assert(candidate, "a test of a private address", &tested.outcome.unwrap_err());
    }
}
