//! Golden files hold what is sent; a stub receiver shows what each answer is taken for.
use std::{fs, path::Path, sync::Arc};

use quayside_canonical::events::{self, CATALOGUE, Event};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::*;
use crate::http::{Call, Reply};
use crate::stub::{PATIENT, Say, Stub, delivery, errand, local_http};
use crate::{DeliveryError, Reshape};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn config(endpoint: &str) -> Config {
    serde_json::from_value(json!({ "endpoint": endpoint, "signing_secret": SECRET })).unwrap()
}

fn connector(endpoint: &str) -> GenericRest {
    GenericRest { config: config(endpoint) }
}

/// The call as it goes over the wire, except `host` and `content-length`, which the client adds. The golden
/// signatures were made outside of this crate.
fn rendered(call: &Call) -> String {
    let mut lines: Vec<String> =
        call.headers.iter().map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap())).collect();
    lines.sort();
    let headers = lines.concat().replace(env!("CARGO_PKG_VERSION"), "<version>");
    let body = String::from_utf8(call.body.clone()).unwrap();
    format!("{} {}\n{headers}\n{body}\n", call.method, call.url)
}

/// A golden file of an event type.
fn golden(event_type: &str, kind: &str) -> String {
    let name = format!("{}.{kind}", event_type.replace('.', "_"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/generic_rest/golden").join(name);
    fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is missing", path.display()))
}

#[test]
fn each_event_becomes_exactly_its_request() {
    let config = config("https://erp.example.com/quayside/v1/events");
    for event_type in ACCEPTS {
        let event = serde_json::from_str(&golden(event_type, "event.json")).unwrap();
        let delivery = Delivery { event, event_type: (*event_type).to_owned(), ..delivery() };
        let call = map::submission(&config, &delivery).unwrap();
        assert_eq!(rendered(&call), golden(event_type, "request.http"), "{event_type}");
    }
}

#[test]
fn what_is_accepted_is_in_the_catalogue_of_events() {
    for event_type in ACCEPTS {
        assert!(CATALOGUE.iter().any(|entry| entry.event_type == *event_type), "nobody records {event_type}");
    }
}

/// The golden event, read as the type that records it, says the same.
fn assert_shape<E: Event + DeserializeOwned>() {
    let event: Value = serde_json::from_str(&golden(E::TYPE, "event.json")).unwrap();
    let read = E::deserialize(&event["data"]).unwrap_or_else(|error| panic!("{}: {error}", E::TYPE));
    assert_eq!(serde_json::to_value(&read).unwrap(), event["data"], "{}", E::TYPE);
}

#[test]
fn golden_events_have_the_shape_that_is_recorded() {
    assert_shape::<events::PurchaseOrderReleased>();
    assert_shape::<events::PurchaseOrderRevised>();
    assert_shape::<events::ChangeProposalAccepted>();
    assert_shape::<events::ChangeProposalDeclined>();
    assert_shape::<events::ShipmentSubmitted>();
    assert_shape::<events::ShipmentAmended>();
    assert_shape::<events::ShipmentCancelled>();
    assert_shape::<events::AppointmentRequested>();
    assert_shape::<events::AppointmentCancelled>();
    assert_shape::<events::ReceiptRecorded>();
    assert_shape::<events::DiscrepancyResolved>();
}

#[test]
fn a_read_back_becomes_exactly_this_request() {
    let call =
        map::question(&config("https://erp.example.com/quayside/v1/events/"), &delivery().id, &errand())
            .unwrap();
    assert_eq!(rendered(&call), include_str!("golden/read_back.request.http"));
}

#[test]
fn during_a_change_of_secrets_both_sign_and_a_bearer_token_goes_along() {
    let config: Config = serde_json::from_value(json!({
        "endpoint": "https://erp.example.com/in",
        "signing_secret": "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "previous_signing_secret": SECRET,
        "bearer_token": "canary",
    }))
    .unwrap();
    let call = map::submission(&config, &delivery()).unwrap();
    let signature = call.headers["webhook-signature"].to_str().unwrap();
    assert_eq!(signature.split(' ').filter(|part| part.starts_with("v1,")).count(), 2, "{signature}");
    assert_eq!(call.headers["authorization"], "Bearer canary");
    assert!(call.headers["authorization"].is_sensitive());
}

#[test]
fn what_is_not_ours_to_send_is_unmappable() {
    let config = config("https://erp.example.com/in");
    let unknown = Delivery { event_type: "weather.changed".into(), ..delivery() };
    let contradictory = Delivery { event_type: "shipment.submitted".into(), ..delivery() };
    let unsendable = Delivery { id: "dlv_\r\nx".into(), ..delivery() };
    for delivery in [unknown, contradictory, unsendable] {
        assert!(
            matches!(map::submission(&config, &delivery), Err(DeliveryError::Unmappable(_))),
            "{delivery:?}"
        );
    }
}

#[test]
fn every_answer_to_a_submission_has_one_meaning() {
    let id = delivery().id;
    let known = format!(r#"{{"code":"DUPLICATE","deliveryId":"{id}","documentNumber":"45"}}"#);
    for (status, body, expected) in [
        (200, r#"{"documentNumber":"4500000001"}"#, "Some(\"4500000001\")"),
        (201, r#"{"documentNumber":"45","more":1}"#, "Some(\"45\")"),
        (202, "{}", "None"),
        (204, "", "None"),
        (409, known.as_str(), "Some(\"45\")"),
        (409, r#"{"code":"IN_PROGRESS","message":"wait"}"#, "unconfirmed"),
        (409, r#"{"code":"LOCKED","deliveryId":"dlv_other","documentNumber":"45"}"#, "refused"),
        (200, "", "unconfirmed"),
        (200, "<html>Sign in</html>", "unconfirmed"),
        (200, r#"{"documentNumber":"4"#, "unconfirmed"),
        (200, r#"{"documentNumber":45}"#, "unconfirmed"),
        (200, r#"{"documentNumber":" "}"#, "unconfirmed"),
        (200, r#"{"documentNumber":"45","deliveryId":"dlv_other"}"#, "unconfirmed"),
        (400, r#"{"code":"BAD"}"#, "refused"),
        (404, "", "refused"),
        (410, "", "refused"),
        (422, "", "refused"),
    ] {
        let outcome = map::taken(&Reply { status, body: body.into() }, &id);
        let seen = outcome
            .map_or_else(|error| error.word().to_owned(), |receipt| format!("{:?}", receipt.reference));
        assert_eq!(seen, expected, "{status} {body}");
    }
}

#[tokio::test]
async fn a_delivery_arrives_and_its_receipt_comes_back() {
    let stub = Stub::start(Say::answer(200, "", r#"{"documentNumber":"4500000001"}"#)).await;
    let attempted = connector(&stub.url).deliver(&local_http(PATIENT), &delivery()).await;

    assert_eq!(attempted.outcome, Ok(Receipt { reference: Some("4500000001".into()) }));
    let request = stub.requests().remove(0);
    assert!(request.starts_with("POST /events HTTP/1.1\r\n"), "{request}");
    let exchange = attempted.exchange.unwrap();
    assert!(exchange.request.contains("webhook-signature: ***\n"), "{}", exchange.request);
}

#[tokio::test]
async fn a_read_back_tells_there_from_not_there_from_no_answer() {
    let there = Stub::start(Say::answer(200, "", r#"{"documentNumber":"45"}"#)).await;
    let absent = Stub::start(Say::answer(404, "", "")).await;
    let failing = Stub::start(Say::answer(500, "", "")).await;
    let http = local_http(PATIENT);

    let found = connector(&there.url).find(&http, &delivery()).await;
    assert_eq!(found.outcome, Ok(Some(Receipt { reference: Some("45".into()) })));
    assert!(there.requests()[0].starts_with(&format!("GET /events/{} HTTP/1.1\r\n", delivery().id)));
    assert_eq!(connector(&absent.url).find(&http, &delivery()).await.outcome, Ok(None));
    let unknown = connector(&failing.url).find(&http, &delivery()).await.outcome.unwrap_err();
    assert_eq!(unknown.word(), "unconfirmed");
}

#[tokio::test]
async fn a_test_call_asks_for_a_delivery_that_never_was() {
    for (status, works) in [(404, true), (401, false), (500, false)] {
        let stub = Stub::start(Say::answer(status, "", "{}")).await;
        let tested = connector(&stub.url).test(&local_http(PATIENT), &errand()).await;
        assert_eq!(tested.outcome.is_ok(), works, "{status}");
        assert!(stub.requests()[0].starts_with("GET "), "nothing is changed by a test");
    }
}

#[test]
fn a_preview_shows_the_call_as_the_tenant_reshaped_it_and_no_credentials() {
    let reshape = Reshape(Arc::new(|mut event| {
        event["data"]["plant"] = json!("1010");
        Ok(event)
    }));
    let delivery = Delivery { reshape: Some(reshape), ..delivery() };
    let calls = connector("https://erp.example.com/in").preview(&delivery).unwrap();
    assert_eq!((calls[0].method.as_str(), calls[0].url.as_str()), ("POST", "https://erp.example.com/in"));
    assert!(calls[0].body.contains(r#""plant":"1010""#), "{calls:?}");
    assert!(!format!("{calls:?}").contains("v1,"), "{calls:?}");
}

fn reading() -> Config {
    serde_json::from_value(json!({
        "endpoint": "https://erp.example.com/in",
        "documents_endpoint": "https://erp.example.com/out",
        "signing_secret": SECRET,
    }))
    .unwrap()
}

#[test]
fn a_poll_becomes_exactly_this_request() {
    let call = read::question(&reading(), &errand(), "documents", Some("2026-11-23T08:00:00Z#17")).unwrap();
    assert_eq!(rendered(&call), include_str!("golden/poll.request.http"));
    for (config, feed) in [(config("https://erp.example.com/in"), "documents"), (reading(), "messages")] {
        let refused = read::question(&config, &errand(), feed, None);
        assert!(matches!(refused, Err(DeliveryError::Unmappable(_))), "{feed}");
    }
}

#[test]
fn only_what_has_an_address_is_polled() {
    let names = |config| {
        let connector = GenericRest { config };
        connector.feeds().iter().map(|feed| feed.name).collect::<Vec<_>>()
    };
    assert_eq!(names(config("https://erp.example.com/in")), ["messages"]);
    assert_eq!(names(reading()), ["messages", "documents"]);
    let wrong = json!({ "endpoint": "https://e.example", "documents_endpoint": "https://u:canary@e.example",
        "signing_secret": SECRET });
    let refused = serde_json::from_value::<Config>(wrong).unwrap_err().to_string();
    assert!(refused.contains("documents_endpoint") && !refused.contains("canary"), "{refused}");
}

#[test]
fn every_answer_to_a_poll_has_one_meaning() {
    let long = format!(r#"{{"documents":[],"cursor":"{}"}}"#, "c".repeat(2_001));
    for (status, body, expected) in [
        (200, r#"{"documents":[],"cursor":"8","more":true}"#, "0 documents, Some(\"8\"), true"),
        (200, r#"{"documents":[]}"#, "0 documents, Some(\"7\"), false"),
        (200, r#"{"documents":[{"type":"weather"}],"cursor":"8"}"#, "1 documents, Some(\"8\"), false"),
        (200, "<html>Sign in</html>", "unconfirmed"),
        (200, "", "unconfirmed"),
        (200, "[]", "unconfirmed"),
        (200, r#"{"cursor":"8"}"#, "unconfirmed"),
        (200, r#"{"documents":{},"cursor":"8"}"#, "unconfirmed"),
        (200, r#"{"documents":[],"cursor":8}"#, "unconfirmed"),
        (200, r#"{"documents":[],"cursor":""}"#, "unconfirmed"),
        (200, long.as_str(), "unconfirmed"),
        (404, "", "refused"),
    ] {
        let seen = match read::page(&Reply { status, body: body.into() }, Some("7")) {
            Ok(page) => format!("{} documents, {:?}, {}", page.documents.len(), page.cursor, page.more),
            Err(error) => error.word().to_owned(),
        };
        assert_eq!(seen, expected, "{status} {body}");
    }
}

#[test]
fn a_document_keeps_its_key_and_all_its_problems() {
    let body = json!({ "documents": [
        { "type": "purchaseOrder", "document": { "number": "4500000001", "lines": [] } },
        { "type": "receipt", "document": { "number": 7 } },
        { "type": "weather", "document": { "number": "W-1" } },
        "nonsense",
    ], "cursor": "1" });
    let page = read::page(&Reply { status: 200, body: body.to_string().into() }, None).unwrap();
    let [Inbound::PurchaseOrder(order), Inbound::Receipt(receipt), unknown, nonsense] = &page.documents[..]
    else {
        panic!("{:?}", page.documents)
    };
    assert_eq!((order.key.as_str(), receipt.key.as_str()), ("4500000001", "documents[1]"));
    assert!(order.document.as_ref().unwrap_err().as_slice().len() > 1, "all of them: {order:?}");
    for (document, expected) in [(unknown, "W-1"), (nonsense, "documents[3]")] {
        let Inbound::Unreadable { key, problems } = document else { panic!("{document:?}") };
        assert_eq!((key.as_str(), problems.as_slice()[0].code.as_str()), (expected, "UNKNOWN_TYPE"));
    }
}

#[test]
fn what_is_pushed_is_read_bare_and_as_a_cloud_event() {
    let data = json!({ "changed": ["4500000001"] });
    let event = json!({ "specversion": "1.0", "id": "1", "source": "/erp", "type": "changed", "data": data });
    let hint = Inbound::Changed { feed: "documents", key: "4500000001".to_owned() };
    let receive =
        |media_type: &str, body: &str| read::message(&Message { media_type, body: body.as_bytes() });
    assert_eq!(receive("application/json", &data.to_string()), Ok(vec![hint.clone()]));
    assert_eq!(receive("application/cloudevents+json", &event.to_string()), Ok(vec![hint]));
    for (media_type, body, code) in [
        ("application/json", "{", "NOT_JSON"),
        ("application/json", "{}", "INVALID_VALUE"),
        ("application/json", r#"{"changed":"all"}"#, "INVALID_VALUE"),
        ("application/cloudevents+json", r#"{"specversion":"1.0"}"#, "INVALID_VALUE"),
        ("application/xml", "{}", "UNSUPPORTED_MEDIA_TYPE"),
    ] {
        let problems = receive(media_type, body).unwrap_err();
        assert_eq!(problems.as_slice()[0].code, code, "{media_type} {body}");
    }
}
