//! An endpoint that answers, stalls, breaks off and lies.
use std::time::Duration;

use serde_json::json;

use super::*;
use crate::composed::tests::{X12, delivery};
use crate::stub::{PATIENT, Say, Stub, errand, local_http};
use crate::{HttpSettings, build};

const TOKEN: &str = "canary-of-the-bearer-token";

fn connector(endpoint: &str) -> Box<dyn Connector> {
    build(KIND, json!({ "endpoint": endpoint, "bearer_token": TOKEN })).unwrap()
}

async fn attempt(say: Say, attempt: u32) -> (Attempted<Receipt>, Vec<String>) {
    let hasty = matches!(say, Say::Hold(_));
    let stub = Stub::start(say).await;
    let http = local_http(if hasty { Duration::from_millis(500) } else { PATIENT });
    let sent = connector(&stub.url).deliver(&http, &Delivery { attempt, ..delivery(X12) }).await;
    (sent, stub.requests())
}

#[tokio::test]
async fn an_interchange_is_posted_as_it_is() {
    let (sent, requests) = attempt(Say::answer(202, "", "thanks"), 1).await;
    assert_eq!(sent.outcome, Ok(Receipt { reference: None }));
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    assert_eq!(body.as_bytes(), X12);
    for line in [
        "content-type: application/edi-x12",
        "content-disposition: attachment; filename=\"850-000000042.edi\"",
        &format!("idempotency-key: {}", delivery(X12).id),
        &format!("authorization: Bearer {TOKEN}"),
    ] {
        assert!(head.lines().any(|sent| sent == line), "{line} is not in {head}");
    }
    let shown = format!("{:?}", sent.exchange);
    assert!(
        !shown.contains(TOKEN) && !format!("{:?}", connector("https://e.example")).contains(TOKEN),
        "{shown}"
    );
}

#[tokio::test]
async fn every_answer_means_one_thing() {
    let page = |status| Say::answer(status, "", TOKEN);
    for (name, say, first, again) in [
        ("401", page(401), "unauthorized", "unauthorized"),
        ("403", page(403), "unauthorized", "unauthorized"),
        ("400", page(400), "refused", "refused"),
        ("409", page(409), "refused", "taken"),
        ("413", page(413), "refused", "refused"),
        ("503", Say::answer(503, "retry-after: 30\r\n", ""), "retry", "retry"),
        ("500", page(500), "unconfirmed", "unconfirmed"),
        ("a redirect", Say::answer(307, "location: /x\r\n", ""), "refused", "refused"),
        ("a reset", Say::Bytes(vec![]), "unconfirmed", "unconfirmed"),
        ("silence", Say::Hold(vec![]), "unconfirmed", "unconfirmed"),
        ("garbage", Say::Bytes(b"\xff\xfe".to_vec()), "unconfirmed", "unconfirmed"),
        ("a huge answer", Say::answer(200, "", &"x".repeat(2 << 20)), "taken", "taken"),
    ] {
        for (number, expected) in [(1, first), (2, again)] {
            let (sent, _) = attempt(say.clone(), number).await;
            let word = sent.outcome.as_ref().map_or_else(DeliveryError::word, |_| "taken");
            assert_eq!(word, expected, "{name}, attempt {number}: {:?}", sent.outcome);
            assert!(!format!("{sent:?}").contains(TOKEN), "{name} shows the token");
        }
    }
}

#[tokio::test]
async fn nobody_and_private_addresses_are_told_apart_from_answers() {
    let guarded = Http::new(HttpSettings::default()).unwrap();
    let forbidden = connector("https://10.0.0.1/edi").deliver(&guarded, &delivery(X12)).await;
    assert!(
        matches!(&forbidden.outcome, Err(DeliveryError::Refused { code, .. }) if code == "ENDPOINT_FORBIDDEN")
    );
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(
        connector(&nobody).deliver(&local_http(PATIENT), &delivery(X12)).await.outcome.unwrap_err().word(),
        "retry"
    );
    assert_eq!(
        connector(&nobody).find(&guarded, &delivery(X12)).await.outcome.unwrap_err().word(),
        "unconfirmed"
    );
}

#[tokio::test]
async fn a_test_sends_nothing_and_tells_who_is_there() {
    for (status, word) in
        [(405, "ok"), (200, "ok"), (404, "refused"), (401, "unauthorized"), (500, "unconfirmed")]
    {
        let stub = Stub::start(Say::answer(status, "", "")).await;
        let tested = connector(&stub.url).test(&local_http(PATIENT), &errand()).await;
        assert_eq!(tested.outcome.as_ref().map_or_else(DeliveryError::word, |()| "ok"), word, "{status}");
        assert!(stub.requests()[0].starts_with("HEAD "));
    }
}

#[test]
fn credentials_are_one_or_the_other() {
    let endpoint = "https://e.example/edi";
    assert!(build(KIND, json!({ "endpoint": endpoint, "user": "u", "password": "p" })).is_ok());
    for config in [
        json!({ "endpoint": endpoint }),
        json!({ "endpoint": endpoint, "user": "u" }),
        json!({ "endpoint": endpoint, "user": "u:v", "password": "p" }),
        json!({ "endpoint": endpoint, "user": "u", "password": "p", "bearer_token": "t" }),
        json!({ "endpoint": "https://u:p@e.example", "bearer_token": "t" }),
    ] {
        assert!(build(KIND, config.clone()).is_err(), "{config}");
    }
}

#[test]
fn the_golden_event_becomes_its_request() {
    let golden = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/edi_https/golden");
    let text = std::fs::read_to_string(golden.join("interchange_composed.event.json")).unwrap();
    let delivery = Delivery { event: serde_json::from_str(&text).unwrap(), content: None, ..delivery(X12) };
    let shown = connector("https://edi.example.com/in").preview(&delivery).unwrap().remove(0);
    let expected = std::fs::read_to_string(golden.join("interchange_composed.request.txt")).unwrap();
    assert_eq!(
        format!("{} {}\n{}\n\n{}\n", shown.method, shown.url, shown.media_type.unwrap(), shown.body),
        expected
    );
}
