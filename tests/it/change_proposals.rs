//! Answers beyond tolerance, and what procurement decides.
use quayside_canonical::policy::Policy;
use serde_json::{Value, json};

use crate::support::{Supplier, TestApp, mutation, revision};

fn decide(name: &str) -> String {
    mutation(name, "DecideChangeProposalInput", "decided purchaseOrder { status lines { number status } }")
}

async fn propose(app: &TestApp, supplier: &Supplier, order: &str, part: Value) -> Value {
    let query = mutation(
        "submitAcknowledgment",
        "SubmitAcknowledgmentInput",
        "lines { status deviations { kind ordered answered } } acknowledgment { changeProposals { id status } }",
    );
    let input = json!({ "purchaseOrderId": order, "revision": 1, "idempotencyKey": app.number().to_string(),
        "lines": [{ "line": "00010", "parts": part }] });
    let reply = app.graphql(&supplier.token, &query, json!({ "input": input })).await;
    assert_eq!(reply.data()["submitAcknowledgment"]["userErrors"], json!([]), "{}", reply.body);
    reply.data()["submitAcknowledgment"].clone()
}

#[tokio::test]
async fn tolerances_are_layered_and_met_exactly_at_their_limit() {
    let app = TestApp::start().await;
    let policy = |json: Value| serde_json::from_value::<Policy>(json).unwrap();
    let tenant = app.tenant_with(policy(json!({ "quantityUnderPercent": "5", "lateDays": 1 }))).await;
    let supplier = app.supplier_with(&tenant, policy(json!({ "lateDays": 3 }))).await;
    let order = app.placed(&tenant, &supplier).await;
    let within = json!([
        { "kind": "ACCEPTED", "quantity": "95", "promisedOn": "2026-12-08" },
        { "kind": "REJECTED", "quantity": "5", "reason": "out of stock" }]);
    assert_eq!(propose(&app, &supplier, &order, within).await["lines"][0]["status"], "ACCEPTED");

    let order = app.placed(&tenant, &supplier).await;
    let beyond = json!([
        { "kind": "ACCEPTED", "quantity": "94.999999", "promisedOn": "2026-12-09", "price": "3.11" },
        { "kind": "REJECTED", "quantity": "5.000001", "reason": "out of stock" }]);
    let line = propose(&app, &supplier, &order, beyond).await["lines"][0].clone();
    assert_eq!(line["status"], "PROPOSED");
    let kinds: Vec<_> =
        line["deviations"].as_array().unwrap().iter().map(|d| d["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["QUANTITY", "DATE", "PRICE"]);
}

#[tokio::test]
async fn an_accepted_proposal_reaches_the_erp_and_a_declined_one_needs_a_new_answer() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let (supplier, buyer) = (app.supplier(&tenant).await, app.buyer(&tenant).await);
    let late = json!([{ "kind": "ACCEPTED", "quantity": "100", "promisedOn": "2027-01-10" }]);

    let order = app.placed(&tenant, &supplier).await;
    let answer = propose(&app, &supplier, &order, late.clone()).await;
    let proposal = &answer["acknowledgment"]["changeProposals"][0]["id"];
    let input = json!({ "id": proposal, "idempotencyKey": "yes", "note": "fine" });
    let reply = app.graphql(&buyer.token, &decide("acceptChangeProposal"), json!({ "input": input })).await;
    let payload = &reply.data()["acceptChangeProposal"];
    assert_eq!(payload["purchaseOrder"]["lines"][0]["status"], "ACCEPTED", "{}", reply.body);
    let again = json!({ "id": proposal, "idempotencyKey": "again" });
    let reply = app.graphql(&buyer.token, &decide("declineChangeProposal"), json!({ "input": again })).await;
    assert_eq!(reply.data()["declineChangeProposal"]["userErrors"][0]["code"], "NOT_OPEN");
    app.settle().await;
    let types: Vec<_> = app.erp.documents().iter().map(|document| document.event_type.clone()).collect();
    assert_eq!(types, ["acknowledgment.submitted", "change_proposal.accepted"]);

    let order = app.placed(&tenant, &supplier).await;
    let answer = propose(&app, &supplier, &order, late).await;
    let proposal = &answer["acknowledgment"]["changeProposals"][0]["id"];
    let input = json!({ "id": proposal, "idempotencyKey": "no", "note": "too late" });
    let reply = app.graphql(&buyer.token, &decide("declineChangeProposal"), json!({ "input": input })).await;
    let order_now = &reply.data()["declineChangeProposal"]["purchaseOrder"];
    assert_eq!(
        (&order_now["status"], &order_now["lines"][0]["status"]),
        (&json!("AWAITING_ANSWER"), &json!("DECLINED"))
    );
    let accept = mutation("acceptPurchaseOrder", "AcceptPurchaseOrderInput", "acknowledgment { id }");
    let input = json!({ "purchaseOrderId": order, "revision": 1, "idempotencyKey": "a" });
    let reply = app.graphql(&supplier.token, &accept, json!({ "input": input })).await;
    assert_eq!(
        reply.data()["acceptPurchaseOrder"]["userErrors"],
        json!([]),
        "a declined line may be answered anew"
    );
}

#[tokio::test]
async fn an_order_change_that_grants_the_proposal_settles_it() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let (supplier, buyer) = (app.supplier(&tenant).await, app.buyer(&tenant).await);
    let reply = app.ingest(&tenant, &revision(&supplier, "4500000042", 1, "100")).await;
    let order = reply.body["order"].as_str().unwrap();
    let short = json!([{ "kind": "ACCEPTED", "quantity": "80" }, { "kind": "REJECTED", "quantity": "20", "reason": "sold out" }]);
    propose(&app, &supplier, order, short).await;
    app.ingest(&tenant, &revision(&supplier, "4500000042", 2, "80")).await;
    let query = "query($id: ID!) { purchaseOrder(id: $id) { lines { status } } changeProposals(first: 5) { nodes { status } } }";
    let reply = app.graphql(&buyer.token, query, json!({ "id": order })).await;
    assert_eq!(reply.data()["purchaseOrder"]["lines"][0]["status"], "ACCEPTED");
    assert_eq!(reply.data()["changeProposals"]["nodes"], json!([{ "status": "SUPERSEDED" }]));
}
