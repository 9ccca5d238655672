//! The tables' rows about receipts, discrepancies, appointments and invoices, and what warehouses hand in.
use serde_json::json;

use super::world::{Side, Thing, World};
use crate::support::{
    goods::{appointment, invoice, receipt, reversal},
    order,
};

/// Fields that take an id: (field, document, thing, whose it is to use).
pub(super) const BY_NAME: &[(&str, &str, Thing, Side)] = &[
    ("node", "query($id: ID!) { node(id: $id) { id } }", Thing::Receipt, Side::Both),
    ("node", "query($id: ID!) { node(id: $id) { id } }", Thing::Discrepancy, Side::Both),
    ("node", "query($id: ID!) { node(id: $id) { id } }", Thing::Appointment, Side::Both),
    (
        "receipt",
        "query($id: ID!) { receipt(id: $id) { id number lines { line } } }",
        Thing::Receipt,
        Side::Both,
    ),
    (
        "receipts",
        "query($id: ID!) { receipts(first: 5, orderId: $id) { nodes { id } pageInfo { hasNextPage } } }",
        Thing::Order,
        Side::Both,
    ),
    (
        "receipts",
        "query($id: ID!) { receipts(first: 5, shipmentId: $id) { nodes { id } pageInfo { hasNextPage } } }",
        Thing::Shipment,
        Side::Both,
    ),
    ("discrepancy", "query($id: ID!) { discrepancy(id: $id) { id kind } }", Thing::Discrepancy, Side::Both),
    (
        "discrepancies",
        "query($id: ID!) { discrepancies(first: 5, filter: { orderId: $id }) { nodes { id } } }",
        Thing::Order,
        Side::Both,
    ),
    (
        "discrepancies",
        "query($id: ID!) { discrepancies(first: 5, filter: { shipmentId: $id }) { nodes { id } } }",
        Thing::Shipment,
        Side::Both,
    ),
    (
        "discrepancies",
        "query($id: ID!) { discrepancies(first: 5, filter: { supplierId: $id }) { nodes { id } } }",
        Thing::Supplier,
        Side::Both,
    ),
    ("appointment", "query($id: ID!) { appointment(id: $id) { id dock } }", Thing::Appointment, Side::Both),
    (
        "invoiceStatusCounts",
        "query($id: ID!) { invoiceStatusCounts(supplierId: $id) { status count } }",
        Thing::Supplier,
        Side::Both,
    ),
    (
        "contestDiscrepancy",
        "mutation($id: ID!) { contestDiscrepancy(input: { id: $id, statement: \"s\", validateOnly: true }) { discrepancy { id } userErrors { code field message } } }",
        Thing::Discrepancy,
        Side::Supplier,
    ),
    (
        "contestDiscrepancy",
        "mutation($id: ID!) { contestDiscrepancy(input: { id: $id, statement: \"s\", idempotencyKey: \"k\" }) { discrepancy { id } userErrors { code field message } } }",
        Thing::Discrepancy,
        Side::Supplier,
    ),
    (
        "resolveDiscrepancy",
        "mutation($id: ID!) { resolveDiscrepancy(input: { id: $id, resolution: ACCEPT, validateOnly: true }) { discrepancy { id } userErrors { code field message } } }",
        Thing::Discrepancy,
        Side::Buyer,
    ),
];

/// Fields that list things.
pub(super) const LISTS: &[(&str, &str)] = &[
    (
        "receipts",
        "{ receipts(first: 100) { nodes { id number shipmentId lines { purchaseOrderId orderNumber } } } }",
    ),
    (
        "discrepancies",
        "{ discrepancies(first: 100) { nodes { id purchaseOrderId orderNumber shipmentId } } }",
    ),
    ("appointments", "{ appointments(first: 100) { nodes { id shipmentId number } } }"),
];

#[tokio::test]
async fn what_warehouses_state_touches_their_own_tenants_orders_only() {
    let world = World::start().await;
    let (app, theirs) = (&world.app, &world.other_tenant);
    let before = world.everything_about_the_order().await;
    for shipment in ["", "ASN-W"] {
        let line = (world.number.as_str(), "00010", "5");
        let reply = app.receive(theirs, &receipt("S-1", "INCREMENT", shipment, line, "GOOD")).await;
        assert_eq!(reply.body["problems"][0]["code"], "UNKNOWN_ORDER", "{}", reply.body);
    }
    let nothing = json!({ "number": "S-2", "kind": "FINAL", "shipment": "ASN-W", "receivedAt": "2026-11-24T09:00:00Z" });
    assert_eq!(app.receive(theirs, &nothing).await.body["problems"][0]["code"], "UNKNOWN_SHIPMENT");
    let mut named = nothing.clone();
    named["supplier"] = json!(world.supplier.number);
    assert_eq!(app.receive(theirs, &named).await.body["problems"][0]["code"], "UNKNOWN_SUPPLIER");
    let reply = app.slot(theirs, &appointment("ASN-W", 9, "ARRIVED")).await;
    assert_eq!(reply.body["problems"][0]["code"], "UNKNOWN_SHIPMENT");
    let reply = app.invoice(theirs, &invoice(&world.number, 9, "PAID")).await;
    assert_eq!(reply.body["problems"][0]["code"], "UNKNOWN_ORDER");

    // A statement's number is its source's own: their reversal of `R-W` takes back nothing of ours.
    assert_eq!(app.receive(theirs, &reversal("S-3", "R-W")).await.body["outcome"], "RECORDED");
    let query = "query($id: ID!) { receipt(id: $id) { replacedBy } }";
    let shown = world.ask(Some(&world.owner), query, &world.receipt).await;
    assert!(shown.contains("\"replacedBy\":null"), "{shown}");
    assert_eq!(world.everything_about_the_order().await, before);

    app.ingest(theirs, &order(&world.foreigner, &world.number)).await;
    let line = (world.number.as_str(), "00010", "5");
    let reply = app.receive(theirs, &receipt("R-W", "INCREMENT", "ASN-W", line, "GOOD")).await;
    assert_eq!(reply.body["outcome"], "RECORDED", "numbers are each tenant's own: {}", reply.body);
    assert_eq!(reply.body["warnings"][0]["code"], "UNKNOWN_SHIPMENT");
    assert_eq!(world.everything_about_the_order().await, before);
}
