//! When Quayside is away, hesitates or disagrees.
use serde_json::{Value, json};

use super::support::{Site, request_for};
use crate::testing::{Hand, Listening, SECRET, Scratch, Server, event_about};
use crate::{Quayside, Wms, WmsSettings, serve_wms};

#[tokio::test]
async fn what_does_not_get_through_is_said_again_later_and_nothing_overtakes_it() {
    let site = Site::start().await;
    for status in [503, 500, 401] {
        site.quayside.spoil(status, json!({}));
    }
    site.announce(1, "ASN-1").await;
    site.announce(2, "ASN-2").await;
    // Waits one, two and four seconds, by its clock.
    for (seconds, calls) in [(0, 1), (1, 2), (2, 2), (3, 3), (6, 3)] {
        site.hand.at(seconds);
        while site.quayside.calls() < calls {
            site.settle().await;
        }
        site.settle().await;
        assert_eq!((site.quayside.calls(), site.quayside.documents().len()), (calls, 0), "after {seconds} s");
    }
    assert!(site.wms.report().statements.trouble.unwrap().contains("401"));
    site.hand.at(7);
    site.until_said(2).await;
    let shipments: Vec<Value> =
        site.quayside.at("receipts").into_iter().map(|receipt| receipt["shipment"].clone()).collect();
    assert_eq!(shipments, ["ASN-1", "ASN-2"]);
    assert_eq!(site.wms.report().statements.trouble, None);
}

#[tokio::test]
async fn a_quayside_that_is_not_there_hears_it_when_it_is_back() {
    let scratch = Scratch::new();
    let nowhere = Quayside { url: "http://127.0.0.1:9".to_owned(), token: "none".to_owned() };
    let settings = WmsSettings {
        journal: Some(scratch.0.clone()),
        quayside: Some(nowhere),
        clock: Hand::new().clock(),
        ..WmsSettings::new(SECRET)
    };
    let wms = Wms::open(settings).unwrap();
    let served = wms.clone();
    let server = Server::start("/wms/v1", |listener| serve_wms(listener, served)).await;
    let event = event_about("appointment.requested", "apt_1", 1, &request_for("ASN-1"));
    assert_eq!(server.post("dlv_1", &event).await.status, Some(201));
    while wms.report().statements.trouble.is_none() {
        wms.work().await;
    }
    let report = wms.report().statements;
    assert_eq!(report.waiting, 1);
    assert!(report.trouble.unwrap().contains("refused"), "the reason is the innermost");
    drop((wms, server));

    let quayside = Listening::start().await;
    let site = Site::start_beside(quayside, |settings| settings.journal = Some(scratch.0.clone())).await;
    site.until_said(1).await;
    assert_eq!(site.quayside.at("appointments").len(), 1);
}

#[tokio::test]
async fn a_repeat_is_word_for_word_the_same() {
    let site = Site::start().await;
    site.announce(1, "ASN-1").await;
    site.until_said(1).await;
    let repeated = site.tell("/wms/v1/statements/GR-V-100-ASN-1-1/repeat", &json!({})).await;
    assert_eq!(repeated.status, Some(202));
    assert!(!site.wms.repeat("GR-none"));
    while site.wms.report().statements.unchanged == 0 {
        site.settle().await;
    }
    assert_eq!((site.quayside.calls(), site.quayside.documents().len()), (2, 1));
}

#[tokio::test]
async fn a_refusal_is_kept_and_does_not_hold_up_the_rest() {
    let site = Site::start().await;
    let problem =
        json!({ "code": "UNKNOWN_ORDER", "field": ["lines", "0", "order"], "message": "no such order" });
    site.quayside.spoil(422, json!({ "outcome": "REFUSED", "problems": [problem] }));
    site.announce(1, "ASN-1").await;
    site.announce(2, "ASN-2").await;
    site.until_said(2).await;

    let refused = site.wms.receipts().remove(0).answer.unwrap();
    assert_eq!((refused.status, refused.outcome.as_str()), (422, "REFUSED"));
    assert_eq!(refused.problems, [problem]);
    let report = site.wms.report().statements;
    assert_eq!((report.refused, report.taken), (1, 1));
}

#[tokio::test]
async fn without_an_address_everything_waits() {
    let site = Site::start_with(|settings| settings.quayside = None).await;
    site.announce(1, "ASN-1").await;
    site.settle().await;
    assert_eq!(site.wms.report().statements.waiting, 1);
    assert_eq!(site.get("/wms/v1/shipments").await[0]["stage"], "RECEIVED");
}
