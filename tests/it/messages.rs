//! What buyer and supplier say to each other about orders, shipments and exceptions.
use quayside_canonical::{
    identity::Role,
    states::{ExceptionKind, Severity},
};
use serde_json::{Value, json};

use crate::support::{Reply, TestApp, mutation};

const SELECTION: &str = "message { id number side by text postedAt }";

async fn say(app: &TestApp, token: &str, about: &str, text: &str) -> Reply {
    let input = json!({ "about": about, "text": text, "idempotencyKey": app.number().to_string() });
    let query = mutation("postMessage", "PostMessageInput", SELECTION);
    app.graphql(token, &query, json!({ "input": input })).await
}

async fn read(app: &TestApp, token: &str, about: &str, after: Option<&str>) -> Value {
    let query = "query($about: ID!, $after: String) { messages(about: $about, first: 2, after: $after) {
        nodes { number side by text } pageInfo { hasNextPage endCursor } } }";
    let reply = app.graphql(token, query, json!({ "about": about, "after": after })).await;
    reply.data()["messages"].clone()
}

#[tokio::test]
async fn both_sides_talk_about_an_order_and_see_it_in_the_log() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let (supplier, buyer) = (app.supplier(&tenant).await, app.buyer(&tenant).await);
    let order = app.placed(&tenant, &supplier).await;
    assert_eq!(read(&app, &buyer.token, &order, None).await["nodes"], json!([]));
    for (token, text) in [(&supplier.token, "one"), (&buyer.token, "two"), (&supplier.token, "three")] {
        assert_eq!(say(&app, token, &order, text).await.refusals(), Vec::<&str>::new());
    }
    let first = read(&app, &supplier.token, &order, None).await;
    let said: Vec<_> = first["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!([one["number"], one["side"], one["text"]]))
        .collect();
    assert_eq!(json!(said), json!([[1, "SUPPLIER", "one"], [2, "BUYER", "two"]]));
    assert_eq!(
        (&first["nodes"][1]["by"], &first["pageInfo"]["hasNextPage"]),
        (&json!("buyer"), &json!(true))
    );
    let rest = read(&app, &buyer.token, &order, first["pageInfo"]["endCursor"].as_str()).await;
    assert_eq!(
        (&rest["nodes"][0]["text"], &rest["pageInfo"]["hasNextPage"]),
        (&json!("three"), &json!(false))
    );
    app.settle().await;
    for token in [&supplier.token, &buyer.token] {
        let events = app.events_of(token, &["message.posted"]).await;
        let said: Vec<_> =
            events.iter().map(|event| json!([event["data"]["about"], event["data"]["text"]])).collect();
        assert_eq!(json!(said), json!([[order, "one"], [order, "two"], [order, "three"]]));
    }
}

#[tokio::test]
async fn a_message_is_said_once_for_its_key_and_must_say_something() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let order = app.placed(&tenant, &supplier).await;
    let query = mutation("postMessage", "PostMessageInput", SELECTION);
    let ask = async |input: Value| app.graphql(&supplier.token, &query, json!({ "input": input })).await;
    let first = ask(json!({ "about": order, "text": "hello", "idempotencyKey": "k" })).await;
    let again = ask(json!({ "about": order, "text": "hello", "idempotencyKey": "k" })).await;
    assert_eq!((again.is_replay(), again.data()), (true, first.data()));
    let other = ask(json!({ "about": order, "text": "other", "idempotencyKey": "k" })).await;
    assert_eq!(other.error_code(), "IDEMPOTENCY_KEY_REUSED");
    for (text, code) in [(" ".to_owned(), "REQUIRED"), ("x".repeat(8_001), "TOO_LONG")] {
        let refused = ask(json!({ "about": order, "text": text, "validateOnly": true })).await;
        assert_eq!(refused.refusals(), [code]);
    }
    for about in ["po_00000000000000000000000000000000", "shp_00000000000000000000000000000000", "x", "sup_1"]
    {
        let refused = ask(json!({ "about": about, "text": "hello", "validateOnly": true })).await;
        assert_eq!(refused.refusals(), ["NOT_FOUND"]);
        assert_eq!(read(&app, &supplier.token, about, None).await, Value::Null);
    }
    assert_eq!(read(&app, &supplier.token, &order, None).await["nodes"].as_array().unwrap().len(), 1);
    let (_, viewer) = app.person(&tenant, Some(supplier.id), Role::SupplierViewer).await;
    assert_eq!(say(&app, &viewer, &order, "hello").await.error_code(), "FORBIDDEN");
    assert_eq!(read(&app, &viewer, &order, None).await["nodes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_the_buyers_alone_is_talked_about_among_the_buyers_people() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let (supplier, buyer) = (app.supplier(&tenant).await, app.buyer(&tenant).await);
    let open = async |kind| app.exception(&tenant, kind, Some(supplier.id), Severity::Warning).await;
    let (failed, late) = (open(ExceptionKind::DeliveryFailed).await, open(ExceptionKind::ShipmentLate).await);
    for about in [&failed, &late] {
        assert_eq!(say(&app, &buyer.token, about, "what is it?").await.refusals(), Vec::<&str>::new());
    }
    assert_eq!(say(&app, &supplier.token, &failed, "hm").await.refusals(), ["NOT_FOUND"]);
    assert_eq!(read(&app, &supplier.token, &failed, None).await, Value::Null);
    assert_eq!(say(&app, &supplier.token, &late, "soon").await.refusals(), Vec::<&str>::new());
    app.settle().await;
    let heard = app.events_of(&supplier.token, &["message.posted"]).await;
    assert!(
        heard.len() == 2 && heard.iter().all(|event| event["data"]["about"] == late.as_str()),
        "{heard:?}"
    );
}

#[tokio::test]
async fn a_shipment_is_talked_about_once_it_is_announced() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let (supplier, buyer) = (app.supplier(&tenant).await, app.buyer(&tenant).await);
    let id = uuid::Uuid::now_v7();
    let literal = |id| app.scratch().literal(id);
    let (tenant_id, supplier_id) = (literal(tenant.id.0), literal(supplier.id.0));
    let draft = format!(
        "insert into shipment (id, tenant_id, supplier_id, number, status, version, document, created_at, updated_at)
         values ({}, {tenant_id}, {supplier_id}, 'ASN-1', 'DRAFT', 1, '{{}}', 1, 1)",
        literal(id)
    );
    app.scratch().tamper(&[&draft]).await;
    let about = format!("shp_{}", id.simple());
    assert_eq!(read(&app, &buyer.token, &about, None).await, Value::Null, "a draft is the supplier's alone");
    assert_eq!(say(&app, &buyer.token, &about, "when?").await.refusals(), ["NOT_FOUND"]);
    let announced =
        format!("update shipment set status = 'SUBMITTED', submitted_at = 1 where id = {}", literal(id));
    app.scratch().tamper(&[&announced]).await;
    assert_eq!(say(&app, &buyer.token, &about, "when?").await.refusals(), Vec::<&str>::new());
    assert_eq!(read(&app, &supplier.token, &about, None).await["nodes"][0]["text"], "when?");
}
