//! What a caller of the WMS must keep to, and what it can rely on.
use std::time::Duration;

use serde_json::{Value, json};

use super::support::{Site, request_for, shipment};
use crate::testing::{SECRET, Scratch, event_about, golden, request, signed};
use crate::{OpenError, Report, Wms, WmsSettings};

#[tokio::test]
async fn shipments_and_requests_are_taken_and_other_types_refused() {
    let site = Site::start().await;
    site.announce(1, "ASN-1").await;
    site.take("shipment.amended", 2, &shipment("ASN-1", 2)).await;
    site.take("appointment.requested", 3, &request_for("ASN-2")).await;
    site.take("appointment.cancelled", 4, &json!({ "appointment": "apt_1", "shipment": "shp_ASN-2" })).await;
    site.take("shipment.cancelled", 5, &json!({ "shipment": "shp_ASN-2", "number": "ASN-2", "version": 2 }))
        .await;
    for event_type in ["acknowledgment.submitted", "receipt.recorded", "weather.changed"] {
        let said = site.post("dlv_9", &event_about(event_type, "x", 9, &json!({}))).await;
        assert_eq!((said.status, said.code()), (Some(422), "UNKNOWN_EVENT_TYPE".to_owned()), "{event_type}");
    }
    assert_eq!(site.wms.report().events, Report { documents: 5, ..Report::default() });
}

#[tokio::test]
async fn the_events_that_really_go_out_are_understood() {
    let site = Site::start_with(|settings| settings.receive_after = Duration::from_secs(600)).await;
    let types = [
        "shipment.submitted",
        "appointment.requested",
        "shipment.amended",
        "appointment.cancelled",
        "shipment.cancelled",
    ];
    for (position, event_type) in (1..).zip(types) {
        let mut event = golden(event_type);
        event["position"] = json!(position);
        let said = site.post(&format!("dlv_{position}"), &event).await;
        assert_eq!(said.status, Some(201), "{event_type}: {}", said.body);
    }
    let shipment = site.get("/wms/v1/shipments").await.as_array_mut().unwrap().remove(0);
    let seen = [&shipment["number"], &shipment["supplier"], &shipment["version"], &shipment["stage"]];
    assert_eq!(seen, [&json!("ASN-2026-0311"), &json!("V-100"), &json!(2), &json!("CANCELLED")]);
    assert_eq!((&shipment["location"], &shipment["lines"][0]["quantity"]), (&json!("DC1"), &json!("380")));
    assert_eq!(site.wms.report().events.out_of_order, 0);
}

#[tokio::test]
async fn what_a_warehouse_cannot_use_is_refused_with_the_reason() {
    let site = Site::start().await;
    let without = |field: &str| {
        let mut data = shipment("ASN-1", 1);
        data.as_object_mut().unwrap().remove(field);
        data
    };
    let mut nothing = shipment("ASN-1", 1);
    nothing["lines"][0]["quantity"] = json!("0");
    let mut number = shipment("ASN-1", 1);
    number["lines"][0]["quantity"] = json!(100);
    let mut backwards = request_for("ASN-1");
    backwards["until"] = json!("2026-03-03T07:00:00Z");
    let wrong: [(&str, Value, &str); 6] = [
        ("shipment.submitted", without("supplierNumber"), "supplierNumber"),
        ("shipment.submitted", without("notice"), "notice"),
        ("shipment.amended", nothing, "lines"),
        ("shipment.amended", number, "string"),
        ("shipment.cancelled", json!({}), "shipment"),
        ("appointment.requested", backwards, "until"),
    ];
    for (event_type, data, about) in wrong {
        let said = site.post("dlv_1", &event_about(event_type, "shp_1", 1, &data)).await;
        assert_eq!((said.status, said.code()), (Some(422), "INVALID_EVENT".to_owned()), "{event_type}");
        assert!(said.body.contains(about), "{about} is missing in {}", said.body);
    }
    assert_eq!(site.wms.report().events, Report::default());
}

#[tokio::test]
async fn the_contract_is_the_same_as_with_the_erp() {
    let site = Site::start().await;
    let event = event_about("shipment.submitted", "shp_ASN-1", 7, &shipment("ASN-1", 1));
    let unsigned = request("POST", "/wms/v1/events", &signed("dlv_1", "another body"), &event.to_string());
    assert_eq!(site.send(&unsigned).await.status, Some(401));

    let first = site.post("dlv_1", &event).await;
    let again = site.post("dlv_1", &event).await;
    assert_eq!((first.status, again.status, again.number()), (Some(201), Some(200), first.number()));
    assert_eq!(site.read_back("dlv_1").await.number(), first.number());
    assert_eq!(site.read_back("dlv_2").await.status, Some(404));
    site.post("dlv_2", &event).await;
    site.take("shipment.amended", 6, &shipment("ASN-1", 2)).await;

    site.until_said(1).await;
    let report = site.get("/wms/v1/report").await;
    let expected = json!({
        "documents": 3, "repeats": 1, "duplicateEffects": 1, "outOfOrder": 1,
        "statements": {
            "waiting": 0, "taken": 1, "unchanged": 0, "conflicts": 0, "refused": 0, "trouble": null,
        },
    });
    assert_eq!(report, expected);
    assert_eq!(site.quayside.at("receipts").len(), 1, "effects beyond the first receive nothing");
}

#[tokio::test]
async fn a_spoilt_call_is_spoilt_as_it_was_asked() {
    let site = Site::start().await;
    let spoilt = site.tell("/wms/v1/behaviours", &json!({ "behaviour": "reset_after" })).await;
    assert_eq!(spoilt.status, Some(201));
    let event = event_about("shipment.submitted", "shp_ASN-1", 1, &shipment("ASN-1", 1));
    assert_eq!(site.post("dlv_1", &event).await.status, None);
    assert_eq!(site.post("dlv_1", &event).await.status, Some(200), "it was booked all the same");
    site.until_said(1).await;
}

#[tokio::test]
async fn everything_survives_a_restart() {
    let scratch = Scratch::new();
    let keep = |settings: &mut WmsSettings| settings.journal = Some(scratch.0.clone());
    let before = Site::start_with(keep).await;
    before.announce(1, "ASN-1").await;
    before.take("appointment.requested", 2, &request_for("ASN-2")).await;
    before.until_said(2).await;
    let kept =
        (before.wms.shipments(), before.wms.receipts(), before.wms.appointments(), before.wms.report());
    drop(before);

    let after = Site::start_with(keep).await;
    assert_eq!(
        (after.wms.shipments(), after.wms.receipts(), after.wms.appointments(), after.wms.report()),
        kept
    );
    after.settle().await;
    assert_eq!(after.quayside.calls(), 0, "what was answered is not said again");
}

#[test]
fn settings_that_cannot_work_are_refused_and_secrets_are_not_printed() {
    assert!(matches!(Wms::open(WmsSettings::new("whsec_")), Err(OpenError::Secret(_))));
    let quayside = crate::Quayside { url: "nowhere".to_owned(), token: "canary".to_owned() };
    let settings = WmsSettings { quayside: Some(quayside), ..WmsSettings::new(SECRET) };
    let printed = format!("{settings:?}");
    assert!(!printed.contains("MfKQ") && !printed.contains("canary"), "{printed}");
    assert!(matches!(Wms::open(settings), Err(OpenError::Quayside(_))));
}
