//! Answers: what is taken, what is refused, and what the ERP gets.
use serde_json::{Value, json};

use crate::support::{TestApp, mutation, revision};

const SELECTION: &str = "acknowledgment { id revision lines { line status parts { kind quantity { value unit } promisedOn price } } }
    lines { line status deviations { kind ordered answered rule } } changes { fields { line field old new } }";

fn submit() -> String {
    mutation("submitAcknowledgment", "SubmitAcknowledgmentInput", SELECTION)
}

fn accepted(line: &str, quantity: &str) -> Value {
    json!({ "line": line, "parts": [{ "kind": "ACCEPTED", "quantity": quantity }] })
}

fn errors(payload: &Value) -> Vec<(String, String)> {
    let errors = payload["userErrors"].as_array().unwrap();
    let path = |error: &Value| {
        let steps = error["field"].as_array().unwrap().iter();
        steps.map(|step| step.as_str().unwrap()).collect::<Vec<_>>().join(".")
    };
    errors.iter().map(|error| (error["code"].as_str().unwrap().to_owned(), path(error))).collect()
}

#[tokio::test]
async fn an_answer_within_tolerance_is_accepted_and_reaches_the_erp_once() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let order = app.placed(&tenant, &supplier).await;
    let input = json!({ "purchaseOrderId": order, "revision": 1, "supplierReference": "SO-77", "idempotencyKey": "k",
        "lines": [accepted("00010", "100"), accepted("00020", "12.5")] });
    let reply = app.graphql(&supplier.token, &submit(), json!({ "input": input })).await;
    let payload = &reply.data()["submitAcknowledgment"];
    assert_eq!(payload["userErrors"], json!([]));
    let part = &payload["acknowledgment"]["lines"][0]["parts"][0];
    assert_eq!(
        part,
        &json!({ "kind": "ACCEPTED", "quantity": { "value": "100", "unit": "EA" }, "promisedOn": "2026-12-05", "price": "3.1" })
    );

    app.settle().await;
    let documents = app.erp.documents();
    assert_eq!(documents.len(), 1, "{documents:?}");
    let query = "query($id: ID!) { node(id: $id) { ... on Acknowledgment { deliveries { status reference connection } purchaseOrder { status } } } }";
    let reply = app.graphql(&supplier.token, query, json!({ "id": payload["acknowledgment"]["id"] })).await;
    let node = &reply.data()["node"];
    assert_eq!(node["purchaseOrder"]["status"], "ACKNOWLEDGED");
    assert_eq!(node["deliveries"][0]["status"], "DELIVERED");
    assert!(node["deliveries"][0]["reference"].is_string(), "the supplier sees the ERP's document number");
}

#[tokio::test]
async fn every_problem_of_an_answer_is_told_at_once() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let order = app.placed(&tenant, &supplier).await;
    let input = json!({ "purchaseOrderId": order, "revision": 1, "idempotencyKey": "k", "lines": [
        { "line": "00010", "parts": [
            { "kind": "ACCEPTED", "quantity": "60" },
            { "kind": "REJECTED", "quantity": "0" },
            { "kind": "BACKORDERED", "quantity": "30", "unit": "XPX" },
            { "kind": "SUBSTITUTED", "quantity": "10" }] },
        accepted("00020", "12"),
        accepted("00020", "12.5"),
        accepted("77", "1")
    ] });
    let reply = app.graphql(&supplier.token, &submit(), json!({ "input": input })).await;
    let payload = &reply.data()["submitAcknowledgment"];
    assert_eq!(payload["acknowledgment"], Value::Null);
    let expected = [
        ("INVALID_VALUE", "input.lines.0.parts.1.quantity"),
        ("REQUIRED", "input.lines.0.parts.1.reason"),
        ("REQUIRED", "input.lines.0.parts.2.promisedOn"),
        ("UNIT_MISMATCH", "input.lines.0.parts.2.unit"),
        ("REQUIRED", "input.lines.0.parts.3.substitute"),
        ("PARTS_DO_NOT_ADD_UP", "input.lines.1.parts"),
        ("DUPLICATE_LINE", "input.lines.2.line"),
        ("UNKNOWN_LINE", "input.lines.3.line"),
    ];
    assert_eq!(errors(payload), expected.map(|(code, field)| (code.to_owned(), field.to_owned())));
    app.settle().await;
    assert!(app.erp.documents().is_empty(), "a refusal leaves nothing behind");
}

#[tokio::test]
async fn an_answer_to_a_replaced_revision_is_refused_with_what_changed() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    app.ingest(&tenant, &revision(&supplier, "4500000009", 1, "100")).await;
    let reply = app.ingest(&tenant, &revision(&supplier, "4500000009", 2, "90")).await;
    let order = reply.body["order"].as_str().unwrap();
    let input = json!({ "purchaseOrderId": order, "revision": 1, "idempotencyKey": "k", "lines": [accepted("00010", "100")] });
    let reply = app.graphql(&supplier.token, &submit(), json!({ "input": input })).await;
    let payload = &reply.data()["submitAcknowledgment"];
    assert_eq!(errors(payload), [("STALE_REVISION".to_owned(), "input.revision".to_owned())]);
    assert_eq!(
        payload["changes"]["fields"],
        json!([{ "line": "00010", "field": "quantity", "old": "100", "new": "90" }])
    );
}

#[tokio::test]
async fn validate_only_tells_the_same_and_writes_nothing() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let order = app.placed(&tenant, &supplier).await;
    let input = json!({ "purchaseOrderId": order, "revision": 1, "validateOnly": true, "lines": [
        { "line": "00010", "parts": [{ "kind": "ACCEPTED", "quantity": "100", "promisedOn": "2026-12-09" }] }] });
    let reply = app.graphql(&supplier.token, &submit(), json!({ "input": input })).await;
    let payload = &reply.data()["submitAcknowledgment"];
    assert_eq!(payload["acknowledgment"], Value::Null);
    assert_eq!(payload["lines"][0]["status"], "PROPOSED");
    assert_eq!(payload["lines"][0]["deviations"][0]["kind"], "DATE");
    let query = "query($id: ID!) { purchaseOrder(id: $id) { status acknowledgments { id } } }";
    let reply = app.graphql(&supplier.token, query, json!({ "id": order })).await;
    assert_eq!(reply.data()["purchaseOrder"], json!({ "status": "AWAITING_ANSWER", "acknowledgments": [] }));
}

#[tokio::test]
async fn a_standing_answer_is_replaced_only_by_name() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let order = app.placed(&tenant, &supplier).await;
    let answer = |key: &str, replaces: Value| {
        json!({ "input": { "purchaseOrderId": order, "revision": 1, "idempotencyKey": key, "lines": [
            { "line": "00010", "replaces": replaces, "parts": [{ "kind": "ACCEPTED", "quantity": "100" }] }] } })
    };
    let first = app.graphql(&supplier.token, &submit(), answer("1", Value::Null)).await;
    let first = first.data()["submitAcknowledgment"]["acknowledgment"]["id"].clone();
    let second = app.graphql(&supplier.token, &submit(), answer("2", Value::Null)).await;
    assert_eq!(errors(&second.data()["submitAcknowledgment"])[0].0, "ALREADY_ANSWERED");
    let third = app.graphql(&supplier.token, &submit(), answer("3", first.clone())).await;
    assert_eq!(third.data()["submitAcknowledgment"]["userErrors"], json!([]));
    let fourth = app.graphql(&supplier.token, &submit(), answer("4", first)).await;
    assert_eq!(errors(&fourth.data()["submitAcknowledgment"])[0].0, "STALE_ANSWER");
}

#[tokio::test]
async fn a_hundred_answers_at_once_become_one() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let order = app.placed(&tenant, &supplier).await;
    let query = submit();
    let answers = (0..100).map(|n| {
        let input = json!({ "purchaseOrderId": order, "revision": 1, "idempotencyKey": n.to_string(), "lines": [accepted("00010", "100")] });
        let (app, query, token) = (&app, &query, &supplier.token);
        async move { app.graphql(token, query, json!({ "input": input })).await }
    });
    let replies = futures_util::future::join_all(answers).await;
    let taken = replies
        .iter()
        .filter(|reply| !reply.data()["submitAcknowledgment"]["acknowledgment"].is_null())
        .count();
    let refused = replies
        .iter()
        .filter(|r| {
            errors(&r.data()["submitAcknowledgment"]).iter().any(|(code, _)| code == "ALREADY_ANSWERED")
        })
        .count();
    assert_eq!((taken, refused), (1, 99));
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_overdue_once_and_cured_by_the_answer() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let buyer = app.buyer(&tenant).await;
    let order = app.placed(&tenant, &supplier).await;
    app.advance(std::time::Duration::from_secs(48 * 3_600 - 1));
    app.settle().await;
    let query = "query($id: ID!) { purchaseOrder(id: $id) { overdueAt } exceptions(first: 5, kind: ACKNOWLEDGMENT_OVERDUE) { nodes { status } } }";
    let reply = app.graphql(&buyer.token, query, json!({ "id": order })).await;
    assert_eq!(reply.data()["purchaseOrder"]["overdueAt"], Value::Null);
    app.advance(std::time::Duration::from_secs(1));
    app.settle().await;
    app.settle().await;
    let reply = app.graphql(&buyer.token, query, json!({ "id": order })).await;
    assert_eq!(reply.data()["purchaseOrder"]["overdueAt"], "2026-11-25T08:00:00Z");
    assert_eq!(reply.data()["exceptions"]["nodes"], json!([{ "status": "OPEN" }]));

    let accept = mutation("acceptPurchaseOrder", "AcceptPurchaseOrderInput", "acknowledgment { id }");
    let input = json!({ "purchaseOrderId": order, "revision": 1, "idempotencyKey": "a" });
    app.graphql(&supplier.token, &accept, json!({ "input": input })).await.data();
    let reply = app.graphql(&buyer.token, query, json!({ "id": order })).await;
    assert_eq!(reply.data()["exceptions"]["nodes"], json!([{ "status": "RESOLVED" }]));
}
