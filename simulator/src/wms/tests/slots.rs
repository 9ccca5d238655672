//! Appointments: what is answered, and what becomes of a slot.
use std::time::Duration;

use serde_json::{Value, json};

use super::support::{Site, request_for};
use crate::{AppointmentScenario, Instruction};

fn statuses(site: &Site) -> Vec<String> {
    let documents = site.quayside.at("appointments");
    documents.iter().map(|it| it["status"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_request_gets_a_slot_and_a_dock() {
    let site = Site::start().await;
    site.take("appointment.requested", 1, &request_for("ASN-1")).await;
    site.until_said(1).await;
    assert_eq!(
        site.quayside.at("appointments"),
        [json!({
            "number": "DA-V-100-ASN-1", "supplier": "V-100", "shipment": "ASN-1", "status": "CONFIRMED",
            "location": "DC1", "dock": "D01", "slotFrom": "2026-03-03T08:00:00Z", "slotUntil": "2026-03-03T09:00:00Z",
            "revision": { "id": "1", "sequence": 1, "issuedAt": "2026-03-02T10:00:00Z" },
        })]
    );
    assert_eq!(site.get("/wms/v1/appointments").await[0]["answer"]["outcome"], "RECORDED");
}

#[tokio::test]
async fn goods_with_a_slot_arrive_at_it_before_they_are_received() {
    let site = Site::start_with(|settings| settings.receive_after = Duration::from_secs(60)).await;
    site.announce(1, "ASN-1").await;
    site.take("appointment.requested", 2, &request_for("ASN-1")).await;
    site.hand.at(60);
    site.until_said(4).await;

    let entrances: Vec<String> = site.quayside.documents().into_iter().map(|(path, _)| path).collect();
    assert_eq!(entrances, ["appointments", "appointments", "receipts", "appointments"]);
    assert_eq!(statuses(&site), ["CONFIRMED", "ARRIVED", "COMPLETED"]);
    let last: Value = site.quayside.at("appointments").pop().unwrap();
    assert_eq!((&last["dock"], &last["revision"]["id"]), (&json!("D01"), &json!("3")));
    assert_eq!(site.get("/wms/v1/slots").await[0]["status"], "COMPLETED");
}

#[tokio::test]
async fn each_scenario_answers_as_it_says() {
    for (scenario, expected) in [
        (AppointmentScenario::Confirm, &["CONFIRMED"][..]),
        (AppointmentScenario::Move, &["CONFIRMED", "CONFIRMED"]),
        (AppointmentScenario::Refuse, &["REFUSED"]),
        (AppointmentScenario::Silent, &[]),
    ] {
        let site = Site::start().await;
        site.wms.instruct(Instruction { appointment: Some(scenario), ..Instruction::default() }).unwrap();
        site.take("appointment.requested", 1, &request_for("ASN-1")).await;
        site.until_said(expected.len()).await;
        site.settle().await;
        assert_eq!(statuses(&site), expected, "{scenario:?}");
    }
}

#[tokio::test]
async fn a_slot_that_was_moved_is_a_day_later_and_a_refusal_names_none() {
    let site = Site::start_with(|settings| settings.appointment = AppointmentScenario::Move).await;
    let refuse = json!({ "shipment": "ASN-2", "appointment": "REFUSE" });
    assert_eq!(site.tell("/wms/v1/scenarios", &refuse).await.status, Some(201));
    site.take("appointment.requested", 1, &request_for("ASN-1")).await;
    site.take("appointment.requested", 2, &request_for("ASN-2")).await;
    site.until_said(3).await;

    let said = site.quayside.at("appointments");
    assert_eq!(said[1]["slotFrom"], "2026-03-04T08:00:00Z");
    assert!(said[1]["note"].is_string());
    assert!(said[2].get("slotFrom").is_none() && said[2].get("dock").is_none());
}

#[tokio::test]
async fn a_slot_that_is_not_wanted_any_more_is_not_arrived_at() {
    let site = Site::start_with(|settings| settings.receive_after = Duration::from_secs(60)).await;
    site.announce(1, "ASN-1").await;
    site.take("appointment.requested", 2, &request_for("ASN-1")).await;
    site.until_said(1).await;
    site.take("appointment.cancelled", 3, &json!({ "appointment": "apt_1", "shipment": "shp_ASN-1" })).await;
    site.hand.at(60);
    site.until_said(2).await;
    site.settle().await;
    assert_eq!(statuses(&site), ["CONFIRMED"]);
    assert_eq!(site.quayside.at("receipts").len(), 1);
}

#[tokio::test]
async fn another_request_is_another_statement_about_the_same_appointment() {
    let site = Site::start().await;
    site.take("appointment.requested", 1, &request_for("ASN-1")).await;
    site.until_said(1).await;
    let mut later = request_for("ASN-1");
    later["from"] = json!("2026-03-03T10:00:00Z");
    site.take("appointment.requested", 2, &later).await;
    site.until_said(2).await;

    let said = site.quayside.at("appointments");
    assert_eq!((&said[1]["number"], &said[1]["revision"]["id"]), (&said[0]["number"], &json!("2")));
    assert_eq!((&said[1]["slotFrom"], &said[1]["dock"]), (&json!("2026-03-03T10:00:00Z"), &json!("D02")));
}
