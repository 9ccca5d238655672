//! Each way of going wrong: what the caller sees, and whether there was an effect.
use serde_json::json;
use tokio::io::AsyncReadExt as _;

use super::support::{Said, Site, event, request, signed};
use crate::{Behaviour, Report};

/// One spoilt call to a fresh ERP: what was said, and how many effects there are.
async fn spoilt(behaviour: Behaviour) -> (Site, Said, usize) {
    let site = Site::start().await;
    site.spoil(behaviour);
    let said = site.post("dlv_1", &event("po_1", 1)).await;
    let effects = site.erp.documents().len();
    (site, said, effects)
}

#[tokio::test]
async fn errors_are_said_and_have_no_effect() {
    for (behaviour, status, code) in [
        (Behaviour::Err500, 500, "INTERNAL"),
        (Behaviour::Err503ra, 503, "MAINTENANCE"),
        (Behaviour::Err429, 429, "TOO_MANY"),
        (Behaviour::Err400, 400, "POSTING_PERIOD_CLOSED"),
        (Behaviour::Unauthorized, 401, "UNAUTHORIZED"),
    ] {
        let (site, said, effects) = spoilt(behaviour).await;
        assert_eq!((said.status, said.code().as_str(), effects), (Some(status), code, 0), "{behaviour:?}");
        assert_eq!(
            site.post("dlv_1", &event("po_1", 1)).await.status,
            Some(201),
            "it is over after one call"
        );
    }
}

#[tokio::test]
async fn a_busy_erp_says_when_to_come_back() {
    let site = Site::start().await;
    for behaviour in ["err503ra", "err429"] {
        let fault = json!({ "behaviour": behaviour, "retryAfterSeconds": 90 }).to_string();
        assert_eq!(queue(&site, &fault).await.status, Some(201));
        let said = site.post("dlv_1", &event("po_1", 1)).await;
        assert!(said.head.contains("retry-after: 90"), "{}", said.head);
    }
}

#[tokio::test]
async fn a_reset_hides_whether_there_was_an_effect() {
    for (behaviour, expected) in [(Behaviour::ResetBefore, 0), (Behaviour::ResetAfter, 1)] {
        let (site, said, effects) = spoilt(behaviour).await;
        assert_eq!((said.status, effects), (None, expected), "{behaviour:?}");
        let found = site.read_back("dlv_1").await.status;
        assert_eq!(found, Some(if expected == 1 { 200 } else { 404 }), "{behaviour:?}");
    }
}

#[tokio::test]
async fn after_a_lost_answer_a_repeat_gets_the_first_number() {
    let (site, _, _) = spoilt(Behaviour::ResetAfter).await;
    let again = site.post("dlv_1", &event("po_1", 1)).await;
    assert_eq!((again.status, again.number()), (Some(200), "4500000001".to_owned()));
    assert_eq!(site.erp.report(), Report { documents: 1, repeats: 1, ..Report::default() });
}

#[tokio::test]
async fn garbage_follows_an_effect() {
    let (_site, said, effects) = spoilt(Behaviour::Garbage).await;
    assert_eq!((said.status, effects), (Some(200), 1));
    assert!(serde_json::from_str::<serde_json::Value>(&said.body).is_err());
}

#[tokio::test]
async fn a_lie_has_a_number_and_no_effect() {
    let (site, said, effects) = spoilt(Behaviour::Lie200).await;
    assert_eq!((said.status, effects), (Some(201), 0));
    assert_eq!(said.number(), "4900000001");
    assert_eq!(site.read_back("dlv_1").await.status, Some(404));
}

#[tokio::test]
async fn an_erp_that_ignores_keys_books_a_repeat_twice() {
    let (site, first, _) = spoilt(Behaviour::IgnoreKeys).await;
    let second = site.post("dlv_1", &event("po_1", 1)).await;
    let third = site.post("dlv_1", &event("po_1", 1)).await;

    assert_ne!(second.number(), first.number());
    assert_eq!(third.number(), first.number(), "the fault waited for a repeat and is used up");
    let expected = Report { documents: 2, repeats: 1, duplicate_effects: 1, out_of_order: 0 };
    assert_eq!(site.erp.report(), expected);
}

#[tokio::test]
async fn a_slow_body_follows_an_effect_and_starts_at_once() {
    let site = Site::start().await;
    site.spoil(Behaviour::SlowBody);
    let body = event("po_1", 1).to_string();
    let mut socket = site.open(&request("POST", "/erp/v1/events", &signed("dlv_1", &body), &body)).await;

    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\n{") {
        seen.push(socket.read_u8().await.unwrap());
    }

    assert_eq!(site.erp.documents().len(), 1);
}

#[tokio::test]
async fn a_hanging_call_is_not_answered_while_others_are() {
    let site = Site::start().await;
    site.spoil(Behaviour::Hang);
    let body = event("po_1", 1).to_string();
    let mut hanging = site.open(&request("POST", "/erp/v1/events", &signed("dlv_1", &body), &body)).await;
    // The fault is taken once the first call is being worked on; until then the second would take it.
    while !site.erp.receiver.books().is_healthy() {
        tokio::task::yield_now().await;
    }

    assert_eq!(site.post("dlv_2", &event("po_2", 2)).await.status, Some(201));
    assert_eq!(hanging.try_read(&mut [0; 1]).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    assert_eq!(site.read_back("dlv_1").await.status, Some(404));
    drop(site);
    assert_eq!(hanging.read(&mut [0; 1]).await.unwrap_or(0), 0, "the connection ends with the server");
}

#[tokio::test]
async fn a_fault_hits_only_the_order_and_the_type_it_is_meant_for() {
    let site = Site::start().await;
    let for_order = json!({ "behaviour": "err500", "orderId": "po_2", "count": 2 }).to_string();
    let for_type = json!({ "behaviour": "err400", "eventType": "shipment.submitted" }).to_string();
    assert_eq!(queue(&site, &for_order).await.status, Some(201));
    assert_eq!(queue(&site, &for_type).await.status, Some(201));

    let mut statuses = Vec::new();
    for (key, order) in [("dlv_1", "po_1"), ("dlv_2", "po_2"), ("dlv_2", "po_2"), ("dlv_2", "po_2")] {
        statuses.push(site.post(key, &event(order, 1)).await.status.unwrap());
    }
    assert_eq!(statuses, [201, 500, 500, 201]);
    let mut shipment = event("po_3", 3);
    shipment["type"] = json!("shipment.submitted");
    assert_eq!(site.post("dlv_3", &shipment).await.status, Some(400));
}

#[tokio::test]
async fn healing_forgets_what_was_queued_and_nonsense_is_not_queued() {
    let site = Site::start().await;
    site.spoil(Behaviour::Err500);
    assert_eq!(site.send(&request("DELETE", "/erp/v1/behaviours", &[], "")).await.status, Some(204));
    assert_eq!(site.post("dlv_1", &event("po_1", 1)).await.status, Some(201));
    assert_eq!(queue(&site, r#"{"behaviour":"explode"}"#).await.status, Some(422));
    assert_eq!(queue(&site, r#"{"behaviour":"hang","colour":1}"#).await.status, Some(422));
}

#[tokio::test]
async fn the_queue_is_bounded() {
    let site = Site::start().await;
    for _ in 0..1000 {
        site.spoil(Behaviour::Hang);
    }
    assert_eq!(queue(&site, r#"{"behaviour":"hang"}"#).await.status, Some(429));
}

async fn queue(site: &Site, fault: &str) -> Said {
    let json = [("content-type".to_owned(), "application/json".to_owned())];
    site.send(&request("POST", "/erp/v1/behaviours", &json, fault)).await
}
