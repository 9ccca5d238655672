//! Discrepancies: one object for both sides, contested by the supplier, decided by procurement.
use serde_json::{Value, json};

use crate::support::{
    Reply, Supplier, Tenant, TestApp,
    goods::{receipt, reversal},
    mutation, order,
};

const PO: &str = "4500000001";
const ALL: &str =
    "{ discrepancies(first: 10) { nodes { id kind status quantity { value unit } orderNumber line shipmentId
    statement resolution resolvedQuantity { value } note conditionCodes evidence } } }";
const SELECTION: &str = "discrepancy { id status statement resolution note }";

/// A shipment of 100 of which 90 came, 10 of them damaged.
async fn world() -> (TestApp, Tenant, Supplier, String) {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    app.ingest(&tenant, &order(&supplier, PO)).await;
    app.on_its_way(&supplier, "ASN-1", &[(PO, "00010", "100")]).await;
    app.receive(&tenant, &receipt("R-1", "INCREMENT", "ASN-1", (PO, "00010", "80"), "GOOD")).await;
    let mut last = receipt("R-2", "FINAL", "ASN-1", (PO, "00010", "10"), "DAMAGED");
    last["lines"][0]["conditionCode"] = json!("01");
    last["lines"][0]["evidence"] = json!(["photo 1"]);
    let reply = app.receive(&tenant, &last).await;
    assert_eq!(reply.body["outcome"], "RECORDED", "{}", reply.body);
    let buyer = app.buyer(&tenant).await.token;
    (app, tenant, supplier, buyer)
}

async fn found(app: &TestApp, token: &str, kind: &str) -> Value {
    let reply = app.graphql(token, ALL, json!({})).await;
    let nodes = reply.data()["discrepancies"]["nodes"].as_array().unwrap().clone();
    nodes.into_iter().find(|it| it["kind"] == kind).unwrap_or_else(|| panic!("no {kind}: {}", reply.body))
}

async fn say(app: &TestApp, token: &str, verb: &str, input: Value) -> Reply {
    let kind =
        if verb == "contestDiscrepancy" { "ContestDiscrepancyInput" } else { "ResolveDiscrepancyInput" };
    app.graphql(token, &mutation(verb, kind, SELECTION), json!({ "input": input })).await
}

#[tokio::test]
async fn both_sides_see_the_same_difference_with_its_evidence() {
    let (app, _, supplier, buyer) = world().await;
    let seen =
        [app.graphql(&supplier.token, ALL, json!({})).await, app.graphql(&buyer, ALL, json!({})).await];
    assert_eq!(seen[0].data(), seen[1].data());
    let damaged = found(&app, &buyer, "DAMAGED").await;
    assert_eq!(damaged["quantity"], json!({ "value": "10", "unit": "EA" }));
    assert_eq!((&damaged["conditionCodes"], &damaged["evidence"]), (&json!(["01"]), &json!(["photo 1"])));
    assert_eq!((&damaged["orderNumber"], &damaged["line"]), (&json!(PO), &json!("00010")));
    let query = "query($k: DiscrepancyKind) { discrepancies(first: 5, filter: { kind: $k, status: [OPEN] }) { nodes { kind } } }";
    let reply = app.graphql(&buyer, query, json!({ "k": "SHORT" })).await;
    assert_eq!(reply.data()["discrepancies"]["nodes"], json!([{ "kind": "SHORT" }]));
}

#[tokio::test]
async fn a_supplier_contests_and_procurement_decides() {
    let (app, _, supplier, buyer) = world().await;
    let id = found(&app, &buyer, "SHORT").await["id"].clone();
    let input = json!({ "id": id, "statement": "We shipped all of it", "idempotencyKey": "c" });
    let reply = say(&app, &supplier.token, "contestDiscrepancy", input.clone()).await;
    assert_eq!(reply.data()["contestDiscrepancy"]["discrepancy"]["status"], "CONTESTED", "{}", reply.body);
    assert!(say(&app, &supplier.token, "contestDiscrepancy", input.clone()).await.is_replay());
    let mut other = input;
    other["statement"] = json!("Something else");
    let reply = say(&app, &supplier.token, "contestDiscrepancy", other).await;
    assert_eq!(reply.error_code(), "IDEMPOTENCY_KEY_REUSED");

    let input = json!({ "id": id, "resolution": "CREDIT", "note": "Agreed", "idempotencyKey": "r" });
    let reply = say(&app, &buyer, "resolveDiscrepancy", input.clone()).await;
    let decided = &reply.data()["resolveDiscrepancy"]["discrepancy"];
    assert_eq!((&decided["status"], &decided["resolution"]), (&json!("RESOLVED"), &json!("CREDIT")));
    assert_eq!(decided["statement"], "We shipped all of it");
    assert!(say(&app, &buyer, "resolveDiscrepancy", input).await.is_replay());
    let again = json!({ "id": id, "resolution": "ACCEPT", "idempotencyKey": "r2" });
    assert_eq!(say(&app, &buyer, "resolveDiscrepancy", again).await.refusals(), ["NOT_OPEN"]);
    let again = json!({ "id": id, "statement": "No", "idempotencyKey": "c2" });
    assert_eq!(say(&app, &supplier.token, "contestDiscrepancy", again).await.refusals(), ["NOT_OPEN"]);

    app.settle().await;
    let events = app.graphql(&supplier.token, "{ events(first: 100) { nodes { type } } }", json!({})).await;
    let events = events.body.to_string();
    for event in ["discrepancy.opened", "discrepancy.contested", "discrepancy.resolved"] {
        assert!(events.contains(event), "{event}: {events}");
    }
    let report = quayside_domain::ledger::verify(app.app.system()).await.unwrap();
    assert!(report.mismatches.is_empty(), "{report:?}");
}

#[tokio::test]
async fn a_decision_cures_the_exception_about_it() {
    let (app, _, _, buyer) = world().await;
    let id = found(&app, &buyer, "DAMAGED").await["id"].clone();
    let input = json!({ "id": id, "resolution": "RETURN", "idempotencyKey": "r" });
    assert!(say(&app, &buyer, "resolveDiscrepancy", input).await.refusals().is_empty());
    let query = "{ exceptions(first: 20, filter: { kind: DISCREPANCY }) { nodes { subject status } } }";
    let reply = app.graphql(&buyer, query, json!({})).await;
    let nodes = reply.data()["exceptions"]["nodes"].as_array().unwrap().clone();
    let about = nodes.iter().find(|it| it["subject"] == id).unwrap();
    assert_eq!(about["status"], "RESOLVED");
    assert!(nodes.iter().any(|it| it["status"] == "OPEN"), "what is short is still open: {nodes:?}");
}

#[tokio::test]
async fn a_decision_holds_only_as_long_as_the_difference_is_what_it_was() {
    let (app, tenant, _, buyer) = world().await;
    let id = found(&app, &buyer, "DAMAGED").await["id"].clone();
    let input = json!({ "id": id, "resolution": "ACCEPT", "idempotencyKey": "r" });
    assert!(say(&app, &buyer, "resolveDiscrepancy", input).await.refusals().is_empty());
    app.receive(&tenant, &receipt("R-3", "INCREMENT", "ASN-1", (PO, "00010", "2"), "DAMAGED")).await;
    let now = found(&app, &buyer, "DAMAGED").await;
    assert_eq!((&now["status"], &now["quantity"]["value"]), (&json!("OPEN"), &json!("12")));
    app.receive(&tenant, &reversal("R-4", "R-3")).await;
    app.receive(&tenant, &reversal("R-5", "R-2")).await;
    assert_eq!(found(&app, &buyer, "DAMAGED").await["status"], "WITHDRAWN");
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_validating_writes_nothing() {
    let (app, _, supplier, buyer) = world().await;
    let short = found(&app, &buyer, "SHORT").await["id"].clone();
    let input =
        json!({ "id": short, "resolution": "RETURN", "note": "n".repeat(2_001), "idempotencyKey": "r" });
    let reply = say(&app, &buyer, "resolveDiscrepancy", input).await;
    assert_eq!(reply.refusals(), ["RESOLUTION_DOES_NOT_FIT", "TOO_LONG"]);
    let input = json!({ "id": short, "statement": " ", "idempotencyKey": "c" });
    assert_eq!(say(&app, &supplier.token, "contestDiscrepancy", input).await.refusals(), ["REQUIRED"]);
    for (token, verb, input) in [
        (&buyer, "resolveDiscrepancy", json!({ "id": short, "resolution": "ACCEPT", "validateOnly": true })),
        (
            &supplier.token,
            "contestDiscrepancy",
            json!({ "id": short, "statement": "No", "validateOnly": true }),
        ),
    ] {
        assert!(say(&app, token, verb, input).await.refusals().is_empty());
    }
    assert_eq!(found(&app, &buyer, "SHORT").await["status"], "OPEN");
    let input = json!({ "id": short, "resolution": "ACCEPT", "idempotencyKey": "r" });
    assert_eq!(say(&app, &supplier.token, "resolveDiscrepancy", input).await.error_code(), "FORBIDDEN");
    let input = json!({ "id": short, "statement": "No", "idempotencyKey": "c" });
    assert_eq!(say(&app, &buyer, "contestDiscrepancy", input).await.error_code(), "FORBIDDEN");
}
