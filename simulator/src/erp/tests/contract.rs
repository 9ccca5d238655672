//! What a caller must keep to, and what it can rely on.
use serde_json::{Value, json};

use super::support::{SECRET, Site, event, request, signed};
use crate::testing::event_about;
use crate::{Erp, OpenError, Report, Settings};

/// A signed call with one header changed; an empty value leaves it out.
fn with_header(name: &str, value: &str) -> String {
    let body = event("po_1", 1).to_string();
    let mut headers = signed("dlv_1", &body);
    headers.retain(|(known, _)| known != name);
    if !value.is_empty() {
        headers.push((name.to_owned(), value.to_owned()));
    }
    request("POST", "/erp/v1/events", &headers, &body)
}

#[tokio::test]
async fn an_event_becomes_a_document_that_can_be_read_back() {
    let site = Site::start().await;

    let said = site.post("dlv_1", &event("po_1", 7)).await;

    assert_eq!(said.status, Some(201));
    assert_eq!(
        said.json(),
        json!({ "documentNumber": "4500000001", "deliveryId": "dlv_1", "repeat": false })
    );
    assert_eq!(site.read_back("dlv_1").await.json()["documentNumber"], "4500000001");
    assert_eq!(site.read_back("dlv_2").await.status, Some(404));
    assert_eq!(
        site.get("/erp/v1/documents").await,
        json!([{
            "documentNumber": "4500000001", "deliveryId": "dlv_1", "eventId": "evt_7",
            "eventType": "acknowledgment.submitted", "subject": "ack_1", "tenantId": "ten_1", "orderId": "po_1",
            "sequence": 1, "position": 7, "receivedOrder": 1, "receivedAt": "2026-03-02T10:00:00Z",
            "correlationId": "cor_42", "correlationHeader": null, "repeats": 0,
        }])
    );
}

#[tokio::test]
async fn the_same_key_again_has_no_second_effect() {
    let site = Site::start().await;
    let first = site.post("dlv_1", &event("po_1", 1)).await;
    let again = site.post("dlv_1", &event("po_1", 1)).await;

    assert_eq!((again.status, again.number()), (Some(200), first.number()));
    assert_eq!(site.erp.documents()[0].repeats, 1);
    let report = json!({ "documents": 1, "repeats": 1, "duplicateEffects": 0, "outOfOrder": 0 });
    assert_eq!(site.get("/erp/v1/report").await, report);
}

#[tokio::test]
async fn a_key_cannot_stand_for_two_events() {
    let site = Site::start().await;
    site.post("dlv_1", &event("po_1", 1)).await;
    let other = site.post("dlv_1", &event("po_1", 2)).await;
    assert_eq!((other.status, other.code()), (Some(422), "KEY_REUSED".to_owned()));
    assert_eq!(site.erp.documents().len(), 1);
}

#[tokio::test]
async fn what_breaks_the_contract_is_refused_and_has_no_effect() {
    let site = Site::start().await;
    for (name, value, status, code) in [
        ("content-type", "text/plain", 415, "NOT_JSON"),
        ("content-type", "", 415, "NOT_JSON"),
        ("idempotency-key", "", 400, "IDEMPOTENCY_KEY_REQUIRED"),
        ("idempotency-key", "dlv_2", 401, "BAD_SIGNATURE"),
        ("webhook-id", "dlv_2", 401, "BAD_SIGNATURE"),
        ("webhook-id", "", 401, "BAD_SIGNATURE"),
        ("webhook-timestamp", "soon", 401, "BAD_SIGNATURE"),
        ("webhook-timestamp", "1772445601", 401, "BAD_SIGNATURE"),
        ("webhook-signature", "", 401, "BAD_SIGNATURE"),
        ("webhook-signature", "v1,AAAA v2,AAAA nonsense", 401, "BAD_SIGNATURE"),
    ] {
        let said = site.send(&with_header(name, value)).await;
        assert_eq!((said.status, said.code()), (Some(status), code.to_owned()), "{name}: {value}");
    }
    assert_eq!(site.erp.report(), Report::default());
}

#[tokio::test]
async fn a_changed_body_does_not_fit_its_signature() {
    let site = Site::start().await;
    let signed_for = signed("dlv_1", &event("po_1", 1).to_string());
    let said =
        site.send(&request("POST", "/erp/v1/events", &signed_for, &event("po_1", 2).to_string())).await;
    assert_eq!(said.status, Some(401));
}

#[tokio::test]
async fn one_of_several_signatures_is_enough() {
    let site = Site::start().await;
    let fitting = signed("dlv_1", &event("po_1", 1).to_string()).pop().unwrap().1;
    let said = site.send(&with_header("webhook-signature", &format!("v1,AAAA {fitting}"))).await;
    assert_eq!(said.status, Some(201));
}

#[tokio::test]
async fn a_signature_lives_for_five_minutes_either_way() {
    let site = Site::start().await;
    for (seconds, status) in [(301, 401), (-301, 401), (300, 201), (-300, 200)] {
        site.at(seconds);
        assert_eq!(site.post("dlv_1", &event("po_1", 1)).await.status, Some(status), "{seconds}");
    }
}

#[tokio::test]
async fn a_read_back_must_be_signed_too() {
    let site = Site::start().await;
    site.post("dlv_1", &event("po_1", 1)).await;
    let path = "/erp/v1/events/dlv_1";
    assert_eq!(site.send(&request("GET", path, &[], "")).await.status, Some(401));
    assert_eq!(site.send(&request("GET", path, &signed("dlv_2", ""), "")).await.status, Some(401));
}

#[tokio::test]
async fn everything_wrong_with_an_envelope_is_said_at_once() {
    let site = Site::start().await;
    let mut wrong = event("po_1", 0);
    wrong["specversion"] = json!("0.3");
    wrong["time"] = json!("yesterday");
    wrong["orderid"] = json!(5);
    wrong["sequence"] = json!("1");
    wrong.as_object_mut().unwrap().remove("tenantid");
    wrong["data"] = Value::Null;

    let said = site.post("dlv_1", &wrong).await;

    assert_eq!((said.status, said.code()), (Some(422), "INVALID_EVENT".to_owned()));
    let message = said.json()["message"].as_str().unwrap().to_owned();
    for field in ["specversion", "time", "orderid", "sequence", "position", "tenantid", "data"] {
        assert!(message.contains(&format!("{field} must be")), "{field} is missing in: {message}");
    }
}

#[tokio::test]
async fn an_event_without_an_order_is_taken() {
    let site = Site::start().await;
    let mut event = event("po_1", 1);
    event.as_object_mut().unwrap().remove("orderid");
    assert_eq!(site.post("dlv_1", &event).await.status, Some(201));
    assert_eq!(site.erp.documents()[0].order_id, None);
}

#[tokio::test]
async fn effects_out_of_order_are_counted_for_each_order() {
    let site = Site::start().await;
    for (key, order, position) in [
        ("dlv_1", "po_1", 5),
        ("dlv_2", "po_2", 2),
        ("dlv_3", "po_1", 9),
        ("dlv_4", "po_1", 7),
        ("dlv_5", "po_1", 10),
    ] {
        site.post(key, &event(order, position)).await;
    }
    assert_eq!(site.erp.report(), Report { documents: 5, out_of_order: 1, ..Report::default() });
}

#[tokio::test]
async fn events_of_every_type_are_booked_and_those_without_an_order_are_kept_in_order_by_subject() {
    let site = Site::start().await;
    for (position, event_type, subject) in [
        (1, "receipt.recorded", "rcp_1"),
        (9, "shipment.submitted", "shp_1"),
        (3, "discrepancy.resolved", "dsc_1"),
        (8, "shipment.amended", "shp_1"),
        (10, "purchase_order.revised", "po_1"),
        (11, "shipment.cancelled", "shp_1"),
    ] {
        let event = event_about(event_type, subject, position, &json!({ "any": "thing" }));
        assert_eq!(site.post(&format!("dlv_{position}"), &event).await.status, Some(201), "{event_type}");
    }
    let expected = Report { documents: 6, out_of_order: 1, ..Report::default() };
    assert_eq!(site.erp.report(), expected, "only the amendment came late");
}

#[tokio::test]
async fn two_keys_for_one_event_are_a_duplicate_effect() {
    let site = Site::start().await;
    site.post("dlv_1", &event("po_1", 1)).await;
    site.post("dlv_2", &event("po_1", 1)).await;
    assert_eq!(site.erp.report(), Report { documents: 2, duplicate_effects: 1, ..Report::default() });
}

#[test]
fn a_secret_that_is_none_is_refused_and_a_good_one_is_not_printed() {
    for secret in ["", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
        assert!(matches!(Erp::open(Settings::new(secret)), Err(OpenError::Secret(_))), "{secret}");
    }
    assert!(!format!("{:?}", Settings::new(SECRET)).contains("MfKQ"));
}
