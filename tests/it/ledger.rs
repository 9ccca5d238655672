//! The quantity ledger, as both sides see it and as the operator verifies it.
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{TestApp, of_order, revision, shipment};

#[tokio::test]
async fn the_numbers_follow_what_is_shipped_changed_and_taken_back() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let (supplier, buyer) = (app.supplier(&tenant).await, app.buyer(&tenant).await);
    let order = app.placed(&tenant, &supplier).await;
    let line = async || app.ledger(&buyer.token, &order).await[0].clone();
    let start = json!({ "line": "00010", "unit": "EA", "fulfillment": "NOT_SHIPPED", "ordered": "100", "open": "100" });
    assert_eq!(line().await, start);
    app.answer(&supplier, &order).await;
    let announced = app.announced(&supplier, &[of_order(&order, "00010", "60")]).await;
    let shipped = json!({ "line": "00010", "unit": "EA", "fulfillment": "PARTIALLY_SHIPPED", "ordered": "100",
        "acknowledged": "100", "shipped": "60", "inTransit": "60", "open": "100" });
    assert_eq!(line().await, shipped);
    assert_eq!(announced["lines"][0]["inTransit"], "60");

    let id = &announced["id"];
    let amend = json!({ "id": id, "version": 1, "lines": [of_order(&order, "00010", "100"), of_order(&order, "00020", "2.5")] });
    shipment(&app.ship(&supplier.token, "amendShipment", amend).await);
    let lines = app.ledger(&buyer.token, &order).await;
    assert_eq!((&lines[0]["shipped"], &lines[0]["fulfillment"]), (&json!("100"), &json!("SHIPPED")));
    assert_eq!(
        (&lines[1]["shipped"], &lines[1]["fulfillment"]),
        (&json!("2.5"), &json!("PARTIALLY_SHIPPED"))
    );
    let amend = json!({ "id": id, "version": 2, "lines": [of_order(&order, "00020", "12.5")] });
    shipment(&app.ship(&supplier.token, "amendShipment", amend).await);
    let lines = app.ledger(&buyer.token, &order).await;
    assert_eq!(
        (lines[0].get("shipped"), &lines[1]["inTransit"]),
        (None, &json!("12.5")),
        "a line that left it counts no more"
    );
    shipment(&app.ship(&supplier.token, "cancelShipment", json!({ "id": id })).await);
    let lines = app.ledger(&buyer.token, &order).await;
    assert!(lines.iter().all(|line| line.get("shipped").is_none() && line["fulfillment"] == "NOT_SHIPPED"));
}

#[tokio::test]
async fn a_revision_below_what_has_left_is_never_applied_in_silence() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let (supplier, buyer) = (app.supplier(&tenant).await, app.buyer(&tenant).await);
    let reply = app.ingest(&tenant, &revision(&supplier, "PO-A", 1, "100")).await;
    let order = reply.body["order"].as_str().unwrap().to_owned();
    app.announced(&supplier, &[of_order(&order, "00010", "80")]).await;
    let told = async || app.exceptions_of(&buyer.token, "CHANGE_BELOW_SHIPPED").await;
    app.ingest(&tenant, &revision(&supplier, "PO-A", 2, "90")).await;
    assert!(told().await.is_empty());
    app.ingest(&tenant, &revision(&supplier, "PO-A", 3, "50")).await;
    let subject = format!("{order}/00010");
    assert_eq!(told().await, [(subject.clone(), "OPEN".to_owned())]);
    let line = app.ledger(&buyer.token, &order).await[0].clone();
    assert_eq!(
        (&line["ordered"], &line["shipped"], &line["inTransit"]),
        (&json!("50"), &json!("80"), &json!("80"))
    );
    app.ingest(&tenant, &revision(&supplier, "PO-A", 4, "80")).await;
    assert_eq!(told().await, [(subject, "RESOLVED".to_owned())]);
}

#[tokio::test]
async fn what_is_shipped_belongs_to_the_instalment_that_is_wanted_first() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let mut document = revision(&supplier, "PO-A", 1, "100");
    document["lines"][0]["schedules"] = json!([
        { "quantity": "30", "deliverTo": "2026-12-01" }, { "quantity": "70", "deliverTo": "2026-12-05" }]);
    let reply = app.ingest(&tenant, &document).await;
    let order = reply.body["order"].as_str().unwrap_or_else(|| panic!("{}", reply.body)).to_owned();
    app.announced(&supplier, &[of_order(&order, "00010", "50")]).await;
    let query = "query($id: ID!) { purchaseOrder(id: $id) { ledger { schedules { deliverTo fulfillment ordered shipped open } } } }";
    let reply = app.graphql(&supplier.token, query, json!({ "id": order })).await;
    let ledger = &reply.data()["purchaseOrder"]["ledger"];
    assert_eq!(
        ledger[0]["schedules"],
        json!([
            { "deliverTo": "2026-12-01", "fulfillment": "SHIPPED", "ordered": "30", "shipped": "30", "open": "30" },
            { "deliverTo": "2026-12-05", "fulfillment": "PARTIALLY_SHIPPED", "ordered": "70", "shipped": "20", "open": "70" }
        ])
    );
    assert_eq!(ledger[1]["schedules"], json!([]));
}

#[tokio::test]
async fn verification_finds_a_row_that_was_tampered_with_and_nothing_else() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let order = app.placed(&tenant, &supplier).await;
    app.answer(&supplier, &order).await;
    let announced = app.announced(&supplier, &[of_order(&order, "00010", "60")]).await;
    app.settle().await;
    let amend = json!({ "id": announced["id"], "version": 1, "lines": [of_order(&order, "00010", "70")] });
    shipment(&app.ship(&supplier.token, "amendShipment", amend).await);
    let (code, said) = verify(&app);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("2 lines verified") && said.ends_with("0 mismatches\n"), "{said}");
    app.scratch().tamper(&["update line_state set shipped = shipped + 1000000 where line = '00010'"]).await;
    let (code, said) = verify(&app);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&format!("{order} line 00010: shipped is 71, the events say 70")), "{said}");
    assert!(said.ends_with("1 mismatches\n"), "{said}");
}

/// `quayside ledger verify` as the operator runs it: its exit code, and what it says.
pub(crate) fn verify(app: &TestApp) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_quayside"))
        .args(["ledger", "verify"])
        .env("QUAYSIDE_DATA_DIR", &app.scratch().folder)
        .env("QUAYSIDE_DATABASE_URL", &app.scratch().url)
        .env("QUAYSIDE_SECRETS_KEY", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = Value::from(String::from_utf8_lossy(&output.stderr).into_owned());
    assert!(output.status.code() != Some(101), "{complaint}");
    (output.status.code(), if said.is_empty() { complaint.to_string() } else { said })
}
