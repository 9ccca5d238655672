//! Each scenario, and what Quayside hears of it.
use std::time::Duration;

use serde_json::{Value, json};

use super::support::{Site, shipment};
use crate::{Course, ReceiveError, Scenario, ShipmentStage};

/// Order, quantity and condition.
type Counted = (String, String, String);

/// The kind of each receipt, and what was counted.
fn counted(site: &Site) -> Vec<(String, Vec<Counted>)> {
    let text = |value: &Value, field: &str| value[field].as_str().unwrap().to_owned();
    let lines = |receipt: &Value| -> Vec<Counted> {
        let lines = receipt["lines"].as_array().map(Vec::as_slice).unwrap_or_default();
        lines.iter().map(|it| (text(it, "order"), text(it, "quantity"), text(it, "condition"))).collect()
    };
    site.quayside.at("receipts").iter().map(|receipt| (text(receipt, "kind"), lines(receipt))).collect()
}

fn line(order: &str, quantity: &str, condition: &str) -> Counted {
    (order.to_owned(), quantity.to_owned(), condition.to_owned())
}

#[tokio::test]
async fn a_shipment_is_received_whole_in_one_final_receipt() {
    let site = Site::start().await;
    site.announce(1, "ASN-1").await;
    site.until_said(1).await;

    assert_eq!(
        site.quayside.at("receipts"),
        [json!({
            "number": "GR-V-100-ASN-1-1", "kind": "FINAL", "basis": "DELTA", "supplier": "V-100",
            "shipment": "ASN-1", "location": "DC1", "receivedAt": "2026-03-02T10:00:00Z",
            "lines": [
                { "order": "4500017", "line": "00010", "quantity": "100", "unit": "EA", "condition": "GOOD" },
                { "order": "4500018", "line": "00010", "quantity": "25.5", "unit": "KGM", "condition": "GOOD" },
            ],
        })]
    );
    assert_eq!(site.get("/wms/v1/shipments").await[0]["stage"], "RECEIVED");
    assert_eq!(site.get("/wms/v1/receipts").await[0]["answer"]["outcome"], "RECORDED");
}

#[tokio::test]
async fn each_scenario_is_told_as_it_says() {
    let rest = || line("4500018", "25.5", "GOOD");
    let whole = || vec![line("4500017", "100", "GOOD"), rest()];
    let last = |lines: Vec<_>| vec![("FINAL".to_owned(), lines)];
    let short = || vec![line("4500017", "90", "GOOD"), rest()];
    let expected = [
        (Scenario::Full, last(whole())),
        (Scenario::Short, last(short())),
        (Scenario::Over, last(vec![line("4500017", "110", "GOOD"), rest()])),
        (
            Scenario::Damaged,
            last(vec![line("4500017", "90", "GOOD"), line("4500017", "10", "DAMAGED"), rest()]),
        ),
        (Scenario::Hold, last(vec![line("4500017", "100", "QUALITY_HOLD"), rest()])),
        (
            Scenario::Increments,
            vec![
                ("INCREMENT".to_owned(), vec![line("4500017", "50", "GOOD"), line("4500018", "12", "GOOD")]),
                ("INCREMENT".to_owned(), vec![line("4500017", "25", "GOOD"), line("4500018", "6", "GOOD")]),
                ("FINAL".to_owned(), vec![line("4500017", "25", "GOOD"), line("4500018", "7.5", "GOOD")]),
            ],
        ),
        (
            Scenario::LateReversal,
            vec![
                ("FINAL".to_owned(), short()),
                ("REVERSAL".to_owned(), Vec::new()),
                ("FINAL".to_owned(), whole()),
            ],
        ),
    ];
    for (scenario, receipts) in expected {
        let site = Site::start().await;
        site.next(scenario);
        site.announce(1, "ASN-1").await;
        site.until_said(receipts.len()).await;
        assert_eq!(counted(&site), receipts, "{scenario:?}");
    }
}

#[tokio::test]
async fn damage_has_a_code_of_its_own_and_evidence_and_a_reversal_names_what_it_takes_back() {
    let site = Site::start().await;
    site.next(Scenario::Damaged);
    site.next(Scenario::LateReversal);
    site.announce(1, "ASN-1").await;
    site.announce(2, "ASN-2").await;
    site.until_said(4).await;

    let receipts = site.quayside.at("receipts");
    let damaged = &receipts[0]["lines"][1];
    assert_eq!(damaged["conditionCode"], "07");
    assert_eq!(damaged["evidence"].as_array().unwrap().len(), 2);
    let numbers: Vec<&Value> = receipts[1..].iter().map(|receipt| &receipt["number"]).collect();
    assert_eq!(numbers, ["GR-V-100-ASN-2-1", "GR-V-100-ASN-2-2", "GR-V-100-ASN-2-3"]);
    assert_eq!(receipts[2]["replaces"], "GR-V-100-ASN-2-1");
    assert!(receipts[2].get("lines").is_none() && receipts[2].get("basis").is_none());
}

#[tokio::test]
async fn an_instruction_can_name_the_shipment_the_line_and_the_quantity() {
    let site = Site::start().await;
    let course = json!({ "scenario": "SHORT", "order": "4500018", "line": "00010", "quantity": "25.5" });
    let told = site.tell("/wms/v1/scenarios", &json!({ "shipment": "ASN-2", "receipt": course })).await;
    assert_eq!(told.status, Some(201), "{}", told.body);
    assert_eq!(site.tell("/wms/v1/scenarios", &json!({ "shipment": "ASN-2" })).await.status, Some(422));
    assert_eq!(site.tell("/wms/v1/scenarios", &json!({ "recipe": {} })).await.status, Some(422));
    site.announce(1, "ASN-1").await;
    site.announce(2, "ASN-2").await;
    site.until_said(2).await;

    let counted = counted(&site);
    assert_eq!(counted[0].1[1], line("4500018", "25.5", "GOOD"));
    assert_eq!(counted[1].1, [line("4500017", "100", "GOOD"), line("4500018", "0", "GOOD")]);
}

#[tokio::test]
async fn goods_arrive_after_a_while_as_they_were_announced_last_and_not_at_all_once_cancelled() {
    let site = Site::start_with(|settings| settings.receive_after = Duration::from_secs(600)).await;
    site.announce(1, "ASN-1").await;
    site.announce(2, "ASN-2").await;
    let mut less = shipment("ASN-1", 2);
    less["lines"] = json!([less["lines"][0]]);
    site.take("shipment.amended", 3, &less).await;
    site.take("shipment.cancelled", 4, &json!({ "shipment": "shp_ASN-2", "number": "ASN-2", "version": 2 }))
        .await;

    site.hand.at(599);
    site.settle().await;
    assert_eq!(site.quayside.calls(), 0);
    site.hand.at(600);
    site.until_said(1).await;
    site.settle().await;

    assert_eq!(counted(&site), [("FINAL".to_owned(), vec![line("4500017", "100", "GOOD")])]);
    let stages: Vec<ShipmentStage> = site.wms.shipments().iter().map(|shipment| shipment.stage).collect();
    assert_eq!(stages, [ShipmentStage::Received, ShipmentStage::Cancelled]);
}

#[tokio::test]
async fn statements_about_one_shipment_come_with_pauses() {
    let site = Site::start_with(|settings| settings.pause = Duration::from_secs(60)).await;
    site.next(Scenario::LateReversal);
    site.announce(1, "ASN-1").await;
    for (seconds, count) in [(0, 1), (59, 1), (60, 2), (120, 3)] {
        site.hand.at(seconds);
        site.until_said(count).await;
        site.settle().await;
        assert_eq!(site.quayside.at("receipts").len(), count, "after {seconds} seconds");
    }
}

#[tokio::test]
async fn a_shipment_can_be_received_at_once_but_only_once() {
    let site = Site::start_with(|settings| settings.receive_after = Duration::from_secs(600)).await;
    site.announce(1, "ASN-1").await;
    assert_eq!(site.wms.receive("ASN-9", None), Err(ReceiveError::NotAnnounced));
    assert_eq!(
        site.tell("/wms/v1/shipments/ASN-1/receive", &json!({ "scenario": "SHINE" })).await.status,
        Some(422)
    );

    let said = site.tell("/wms/v1/shipments/ASN-1/receive", &json!({ "scenario": "OVER" })).await;
    assert_eq!((said.status, &said.json()[0]["id"]), (Some(200), &json!("GR-V-100-ASN-1-1")));
    site.until_said(1).await;

    let again = site.tell("/wms/v1/shipments/ASN-1/receive", &json!({ "scenario": "FULL" })).await;
    assert_eq!((again.status, again.code()), (Some(409), "RECEIVED".to_owned()));
    site.hand.at(600);
    site.settle().await;
    assert_eq!(counted(&site)[0].1[0], line("4500017", "110", "GOOD"));
    assert_eq!(site.quayside.calls(), 1);
}

#[tokio::test]
async fn a_number_that_two_suppliers_use_is_received_for_both_but_not_by_that_number() {
    let site = Site::start_with(|settings| settings.receive_after = Duration::from_secs(600)).await;
    site.announce(1, "ASN-1").await;
    let mut other = shipment("ASN-1", 1);
    other["shipment"] = json!("shp_other");
    other["supplierNumber"] = json!("V-200");
    site.take("shipment.submitted", 2, &other).await;
    assert_eq!(site.wms.receive("ASN-1", Some(Course::default())), Err(ReceiveError::Ambiguous));

    site.hand.at(600);
    site.until_said(2).await;
    let numbers: Vec<Value> =
        site.quayside.at("receipts").into_iter().map(|receipt| receipt["number"].clone()).collect();
    assert_eq!(numbers, ["GR-V-100-ASN-1-1", "GR-V-200-ASN-1-1"]);
}
