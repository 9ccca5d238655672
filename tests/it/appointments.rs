//! Appointments: what the warehouse says stands by its own rank, and moves the shipment when the goods are there.
use serde_json::json;

use crate::support::{Supplier, Tenant, TestApp, goods::appointment, order};

const PO: &str = "4500000001";
const ALL: &str = "{ appointments(first: 5) { nodes { id shipmentId status number dock slotFrom note } } }";

async fn world() -> (TestApp, Tenant, Supplier) {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    app.ingest(&tenant, &order(&supplier, PO)).await;
    app.on_its_way(&supplier, "ASN-1", &[(PO, "00010", "100")]).await;
    (app, tenant, supplier)
}

#[tokio::test]
async fn the_newest_statement_stands_whatever_its_order_of_arrival() {
    let (app, tenant, supplier) = world().await;
    let outcome = async |document| app.slot(&tenant, &document).await.body["outcome"].clone();
    assert_eq!(outcome(appointment("ASN-1", 3, "CONFIRMED")).await, "RECORDED");
    assert_eq!(outcome(appointment("ASN-1", 3, "CONFIRMED")).await, "UNCHANGED");
    assert_eq!(outcome(appointment("ASN-1", 2, "REFUSED")).await, "LATE");
    let mut other = appointment("ASN-1", 3, "CONFIRMED");
    other["dock"] = json!("D5");
    assert_eq!(outcome(other).await, "CONFLICT");
    let buyer = app.buyer(&tenant).await;
    let mut seen = Vec::new();
    for token in [&supplier.token, &buyer.token] {
        seen.push(app.graphql(token, ALL, json!({})).await.data()["appointments"]["nodes"].clone());
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!((&seen[0][0]["status"], &seen[0][0]["dock"]), (&json!("CONFIRMED"), &json!("D4")));
    let query = "query($id: ID!) { appointment(id: $id) { number } node(id: $id) { id } }";
    let reply = app.graphql(&supplier.token, query, json!({ "id": seen[0][0]["id"] })).await;
    assert_eq!(reply.data()["appointment"]["number"], "A-1");
    assert_eq!(reply.data()["node"]["id"], seen[0][0]["id"]);
}

#[tokio::test]
async fn goods_at_the_dock_move_their_shipment_once() {
    let (app, tenant, supplier) = world().await;
    for (revision, status) in [(1, "CONFIRMED"), (2, "ARRIVED"), (3, "COMPLETED")] {
        let reply = app.slot(&tenant, &appointment("ASN-1", revision, status)).await;
        assert_eq!(reply.body["outcome"], "RECORDED", "{}", reply.body);
    }
    app.settle().await;
    let query = "{ events(first: 100) { nodes { type data } } }";
    let reply = app.graphql(&supplier.token, query, json!({})).await;
    let events = reply.data()["events"]["nodes"].as_array().unwrap().clone();
    let arrived: Vec<_> = events
        .iter()
        .filter(|event| event["type"] == "shipment.progressed" && event["data"]["to"] == "ARRIVED")
        .collect();
    assert_eq!(arrived.len(), 1, "{events:?}");
    assert_eq!(events.iter().filter(|event| event["type"] == "appointment.answered").count(), 3);
}

#[tokio::test]
async fn a_shipment_that_is_not_there_or_not_clear_is_refused() {
    let (app, tenant, supplier) = world().await;
    let reply = app.slot(&tenant, &appointment("ASN-0", 1, "CONFIRMED")).await;
    assert_eq!((reply.status, &reply.body["problems"][0]["code"]), (422, &json!("UNKNOWN_SHIPMENT")));
    let neighbour = app.supplier(&tenant).await;
    app.ingest(&tenant, &order(&neighbour, "4500000002")).await;
    app.on_its_way(&neighbour, "ASN-1", &[("4500000002", "00010", "100")]).await;
    let mut document = appointment("ASN-1", 1, "CONFIRMED");
    let reply = app.slot(&tenant, &document).await;
    assert_eq!(reply.body["problems"][0]["code"], "AMBIGUOUS_SHIPMENT");
    document["supplier"] = json!(supplier.number);
    assert_eq!(app.slot(&tenant, &document).await.body["outcome"], "RECORDED");
    let shown = app.graphql(&neighbour.token, ALL, json!({})).await;
    assert_eq!(shown.data()["appointments"]["nodes"], json!([]));
}
