//! Nobody sees another tenant's or another supplier's anything: not yours reads exactly as not there.
//!
//! Every root field is in one of the tables below, and every address in another: a new one without a place there
//! fails the build.

mod connections;
mod interchanges;
mod postgres;
mod webhooks;
mod work;
mod world;

use std::collections::BTreeSet;

use async_graphql::parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};
use serde_json::json;

use crate::support::{Reply, Source, Supplier, documents, goods::receipt, order};
use world::{Side, Thing, World, nothing_like};

const ORDER: &str = "query($id: ID!) { purchaseOrder(id: $id) { id } }";

/// Fields that take an id, or another name of a thing: (field, document, thing, whose it is to use).
/// Asked for a stranger's thing they answer as for one that is not there.
const BY_NAME: &[(&str, &str, Thing, Side)] = &[
    ("node", "query($id: ID!) { node(id: $id) { id } }", Thing::Order, Side::Both),
    (
        "node",
        "query($id: ID!) { node(id: $id) { id ... on Acknowledgment { deliveries { id } } } }",
        Thing::Answer,
        Side::Both,
    ),
    ("nodes", "query($id: ID!) { nodes(ids: [$id]) { id } }", Thing::Order, Side::Both),
    ("nodes", "query($id: ID!) { nodes(ids: [$id]) { id } }", Thing::Answer, Side::Both),
    ("purchaseOrder", ORDER, Thing::Order, Side::Both),
    ("purchaseOrder", "query($id: String!) { purchaseOrder(number: $id) { id } }", Thing::Number, Side::Both),
    (
        "purchaseOrders",
        "query($id: String!) { purchaseOrders(first: 5, filter: { number: $id }) { totalCount nodes { id } pageInfo { hasNextPage } } }",
        Thing::Number,
        Side::Both,
    ),
    (
        "purchaseOrders",
        "query($id: ID!) { purchaseOrders(first: 5, filter: { supplierId: $id }) { totalCount nodes { id } } }",
        Thing::Supplier,
        Side::Both,
    ),
    (
        "events",
        "query($id: ID!) { events(first: 5, orderId: $id) { nodes { id } pageInfo { endCursor hasNextPage } } }",
        Thing::Order,
        Side::Both,
    ),
    (
        "submitAcknowledgment",
        "mutation($id: ID!) { submitAcknowledgment(input: { purchaseOrderId: $id, revision: 1, lines: [], idempotencyKey: \"k\" }) { acknowledgment { id } changes { fields { line } } userErrors { code field message } } }",
        Thing::Order,
        Side::Supplier,
    ),
    (
        "submitAcknowledgment",
        "mutation($id: ID!) { submitAcknowledgment(input: { purchaseOrderId: $id, revision: 9, lines: [], validateOnly: true }) { changes { fields { line } } userErrors { code field message } } }",
        Thing::Order,
        Side::Supplier,
    ),
    (
        "acceptPurchaseOrder",
        "mutation($id: ID!) { acceptPurchaseOrder(input: { purchaseOrderId: $id, revision: 1, idempotencyKey: \"k\" }) { acknowledgment { id } userErrors { code field message } } }",
        Thing::Order,
        Side::Supplier,
    ),
    ("node", "query($id: ID!) { node(id: $id) { id } }", Thing::Shipment, Side::Both),
    ("nodes", "query($id: ID!) { nodes(ids: [$id]) { id } }", Thing::Shipment, Side::Both),
    (
        "shipment",
        "query($id: ID!) { shipment(id: $id) { id versions { version } } }",
        Thing::Shipment,
        Side::Both,
    ),
    ("shipment", "query($id: String!) { shipment(number: $id) { id } }", Thing::ShipmentNumber, Side::Both),
    (
        "shipments",
        "query($id: String!) { shipments(first: 5, filter: { number: $id }) { nodes { id } pageInfo { hasNextPage } } }",
        Thing::ShipmentNumber,
        Side::Both,
    ),
    (
        "shipments",
        "query($id: String!) { shipments(first: 5, filter: { sscc: $id }) { nodes { id } } }",
        Thing::Sscc,
        Side::Both,
    ),
    (
        "shipments",
        "query($id: ID!) { shipments(first: 5, filter: { purchaseOrderId: $id }) { nodes { id } } }",
        Thing::Order,
        Side::Both,
    ),
    (
        "shipments",
        "query($id: ID!) { shipments(first: 5, filter: { supplierId: $id }) { nodes { id } } }",
        Thing::Supplier,
        Side::Both,
    ),
    (
        "createShipment",
        "mutation($id: ID!) { createShipment(input: { number: \"X\", validateOnly: true, submit: true, lines: [{ purchaseOrderId: $id, line: \"00010\", quantity: \"1\" }] }) { shipment { id } userErrors { code field message } } }",
        Thing::Order,
        Side::Supplier,
    ),
    (
        "createShipment",
        "mutation($id: String!) { createShipment(input: { number: \"X\", validateOnly: true, lines: [{ orderNumber: $id, line: \"00010\", quantity: \"1\" }] }) { shipment { id } userErrors { code field message } } }",
        Thing::Number,
        Side::Supplier,
    ),
    (
        "createShipment",
        "mutation($id: ID!) { createShipment(input: { number: \"X\", validateOnly: true, fromOrders: [$id] }) { shipment { id } userErrors { code field message } } }",
        Thing::Order,
        Side::Supplier,
    ),
    (
        "updateShipment",
        "mutation($id: ID!) { updateShipment(input: { id: $id, version: 1, idempotencyKey: \"k\" }) { shipment { id } userErrors { code field message } } }",
        Thing::Shipment,
        Side::Supplier,
    ),
    (
        "amendShipment",
        "mutation($id: ID!) { amendShipment(input: { id: $id, version: 9, idempotencyKey: \"k\" }) { shipment { id } userErrors { code field message } } }",
        Thing::Shipment,
        Side::Supplier,
    ),
    (
        "submitShipment",
        "mutation($id: ID!) { submitShipment(input: { id: $id, version: 1, idempotencyKey: \"k\" }) { shipment { id } userErrors { code field message } } }",
        Thing::Shipment,
        Side::Supplier,
    ),
    (
        "requestAppointment",
        "mutation($id: ID!) { requestAppointment(input: { shipmentId: $id, from: \"2026-11-24T08:00:00Z\", until: \"2026-11-24T09:00:00Z\", idempotencyKey: \"k\" }) { shipment { id } userErrors { code field message } } }",
        Thing::Shipment,
        Side::Supplier,
    ),
    (
        "cancelAppointment",
        "mutation($id: ID!) { cancelAppointment(input: { shipmentId: $id, validateOnly: true }) { shipment { id } userErrors { code field message } } }",
        Thing::Shipment,
        Side::Supplier,
    ),
    (
        "cancelShipment",
        "mutation($id: ID!) { cancelShipment(input: { id: $id, validateOnly: true }) { shipment { id } userErrors { code field message } } }",
        Thing::Shipment,
        Side::Supplier,
    ),
    ("node", "query($id: ID!) { node(id: $id) { id } }", Thing::Receipt, Side::Both),
    ("node", "query($id: ID!) { node(id: $id) { id } }", Thing::Discrepancy, Side::Both),
    ("node", "query($id: ID!) { node(id: $id) { id } }", Thing::Appointment, Side::Both),
    ("receipt", "query($id: ID!) { receipt(id: $id) { id } }", Thing::Receipt, Side::Both),
    (
        "receipts",
        "query($id: ID!) { receipts(first: 5, orderId: $id) { nodes { id } } }",
        Thing::Order,
        Side::Both,
    ),
    (
        "receipts",
        "query($id: ID!) { receipts(first: 5, shipmentId: $id) { nodes { id } } }",
        Thing::Shipment,
        Side::Both,
    ),
    ("discrepancy", "query($id: ID!) { discrepancy(id: $id) { id } }", Thing::Discrepancy, Side::Both),
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
    (
        "contestDiscrepancy",
        "mutation($id: ID!) { contestDiscrepancy(input: { id: $id, statement: \"no\", validateOnly: true }) { discrepancy { id } userErrors { code field message } } }",
        Thing::Discrepancy,
        Side::Supplier,
    ),
    (
        "resolveDiscrepancy",
        "mutation($id: ID!) { resolveDiscrepancy(input: { id: $id, resolution: CREDIT, validateOnly: true }) { discrepancy { id } userErrors { code field message } } }",
        Thing::Discrepancy,
        Side::Buyer,
    ),
    ("appointment", "query($id: ID!) { appointment(id: $id) { id } }", Thing::Appointment, Side::Both),
    (
        "invoiceStatusCounts",
        "query($id: ID!) { invoiceStatusCounts(supplierId: $id) { status count } }",
        Thing::Supplier,
        Side::Both,
    ),
    (
        "acceptChangeProposal",
        "mutation($id: ID!) { acceptChangeProposal(input: { id: $id, idempotencyKey: \"k\" }) { decided purchaseOrder { id } userErrors { code field message } } }",
        Thing::Proposal,
        Side::Buyer,
    ),
    (
        "declineChangeProposal",
        "mutation($id: ID!) { declineChangeProposal(input: { id: $id, validateOnly: true }) { decided purchaseOrder { id } userErrors { code field message } } }",
        Thing::Proposal,
        Side::Buyer,
    ),
    ("node", "query($id: ID!) { node(id: $id) { id } }", Thing::Delivery, Side::Buyer),
    (
        "delivery",
        "query($id: ID!) { delivery(id: $id) { id status attemptLog { request answer } } }",
        Thing::Delivery,
        Side::Buyer,
    ),
    (
        "deliveries",
        "query($id: ID!) { deliveries(first: 5, filter: { purchaseOrderId: $id }) { nodes { id } pageInfo { hasNextPage endCursor } } }",
        Thing::Order,
        Side::Buyer,
    ),
    (
        "deliveries",
        "query($id: ID!) { deliveries(first: 5, filter: { connectionId: $id }) { nodes { id } pageInfo { hasNextPage endCursor } } }",
        Thing::Connection,
        Side::Buyer,
    ),
    (
        "deliveries",
        "query($id: String!) { deliveries(first: 5, filter: { subject: $id }) { nodes { id } } }",
        Thing::Answer,
        Side::Buyer,
    ),
    (
        "redriveDeliveries",
        "mutation($id: ID!) { redriveDeliveries(input: { filter: { purchaseOrderId: $id }, limit: 5, reason: \"r\", validateOnly: true }) { count deliveryIds more userErrors { code field message } } }",
        Thing::Order,
        Side::Buyer,
    ),
    (
        "redriveDeliveries",
        "mutation($id: ID!) { redriveDeliveries(input: { filter: { connectionId: $id }, limit: 5, reason: \"r\", validateOnly: true }) { count deliveryIds more userErrors { code field message } } }",
        Thing::Connection,
        Side::Buyer,
    ),
    (
        "setConnectionReadBack",
        "mutation($id: ID!) { setConnectionReadBack(input: { connectionId: $id, afterMinutes: 5, validateOnly: true }) { percent userErrors { code field message } } }",
        Thing::Connection,
        Side::Buyer,
    ),
    (
        "redriveDelivery",
        "mutation($id: ID!) { redriveDelivery(input: { id: $id, idempotencyKey: \"k\" }) { status userErrors { code field message } } }",
        Thing::Delivery,
        Side::Buyer,
    ),
    (
        "skipDelivery",
        "mutation($id: ID!) { skipDelivery(input: { id: $id, reason: \"r\", idempotencyKey: \"k\" }) { status userErrors { code field message } } }",
        Thing::Delivery,
        Side::Buyer,
    ),
    (
        "inboundFeeds",
        "query($id: ID!) { inboundFeeds(connectionId: $id) { name } }",
        Thing::Connection,
        Side::Buyer,
    ),
    (
        "inboundMessages",
        "query($id: ID!) { inboundMessages(first: 5, connectionId: $id) { nodes { id } pageInfo { hasNextPage } } }",
        Thing::Connection,
        Side::Buyer,
    ),
    (
        "inboundMessage",
        "query($id: ID!) { inboundMessage(id: $id) { id documents { key } } }",
        Thing::InboundMessage,
        Side::Buyer,
    ),
    (
        "pollConnectionNow",
        "mutation($id: ID!) { pollConnectionNow(input: { connectionId: $id, idempotencyKey: \"k\" }) { feeds { name } userErrors { code field message } } }",
        Thing::Connection,
        Side::Buyer,
    ),
    (
        "retryInboundMessage",
        "mutation($id: ID!) { retryInboundMessage(input: { id: $id, idempotencyKey: \"k\" }) { inboundMessage { id } userErrors { code field message } } }",
        Thing::InboundMessage,
        Side::Buyer,
    ),
    (
        "revokeApiToken",
        "mutation($id: ID!) { revokeApiToken(input: { id: $id, idempotencyKey: \"k\" }) { apiToken { id } userErrors { code field message } } }",
        Thing::Token,
        Side::Supplier,
    ),
    (
        "switchMembership",
        "mutation($id: ID!) { switchMembership(input: { membershipId: $id }) { memberships { id } userErrors { code field message } } }",
        Thing::Membership,
        Side::Supplier,
    ),
];

/// Fields that list things: a stranger's list holds none of them.
const LISTS: &[(&str, &str)] = &[
    (
        "purchaseOrders",
        "{ purchaseOrders(first: 100) { totalCount nodes { id number supplier { id } revisions { number } acknowledgments { id changeProposals { id } deliveries { id } } } } }",
    ),
    (
        "shipments",
        "{ shipments(first: 100) { nodes { id number lines { purchaseOrderId } supplier { id } purchaseOrders { id shipments { id } ledger { line } } versions { notice } deliveries { id } } } }",
    ),
    ("receipts", "{ receipts(first: 100) { nodes { id shipmentId lines { purchaseOrderId } } } }"),
    ("discrepancies", "{ discrepancies(first: 100) { nodes { id purchaseOrderId shipmentId } } }"),
    ("appointments", "{ appointments(first: 100) { nodes { id shipmentId } } }"),
    ("changeProposals", "{ changeProposals(first: 100) { nodes { id purchaseOrderId acknowledgmentId } } }"),
    ("exceptions", "{ exceptions(first: 100) { nodes { id subject purchaseOrderId summary detail } } }"),
    ("inboundMessages", "{ inboundMessages(first: 100) { nodes { id connectionId documents { key } } } }"),
    ("events", "{ events(first: 100) { nodes { id subject purchaseOrderId data } } }"),
    (
        "deliveries",
        "{ deliveries(first: 100) { nodes { id subject purchaseOrderId supplierId errorMessage attemptLog { request } } } }",
    ),
    ("connectionHealth", "{ connectionHealth { connectionId name waiting dead } }"),
    ("viewer", "{ viewer { user { id email } memberships { id tenant supplierId } } }"),
];

/// Fields that name nothing and list nothing: they concern the caller. `identity.rs` tests them.
const OF_THE_CALLER: &[&str] = &["signIn", "signOut", "createApiToken"];

/// Every address, and what keeps strangers out of it.
const ADDRESSES: &[(&str, &str)] = &[
    ("/", "tells nothing of anybody"),
    ("/livez", "tells nothing of anybody"),
    ("/readyz", "tells nothing of anybody"),
    ("/metrics", "counts without naming anybody"),
    ("/graphql", "the tables above"),
    ("/graphql/schema.graphql", "tells nothing of anybody"),
    ("/ingest/v1/openapi.json", "tells nothing of anybody"),
    ("/ingest/v1/purchase-orders", "what_the_erp_hands_in_stays_with_its_tenant"),
    ("/ingest/v1/items", "what_codes_mean_is_each_tenants_own"),
    ("/ingest/v1/locations", "what_codes_mean_is_each_tenants_own"),
    ("/ingest/v1/suppliers", "what_codes_mean_is_each_tenants_own"),
    ("/ingest/v1/cross-references", "what_codes_mean_is_each_tenants_own"),
    ("/files/attachments", "files_of_exceptions_stay_with_whom_they_concern"),
    ("/files/attachments/{id}", "files_of_exceptions_stay_with_whom_they_concern"),
    ("/ingest/v1/receipts", "what_warehouses_state_is_about_their_own_tenants_goods"),
    ("/ingest/v1/appointments", "what_warehouses_state_is_about_their_own_tenants_goods"),
    ("/ingest/v1/invoice-statuses", "what_warehouses_state_is_about_their_own_tenants_goods"),
    ("/files/labels/{file}", "labels_are_for_the_supplier_and_once_announced_for_its_buyer"),
    ("/files/labels/{shipment}/{file}", "labels_are_for_the_supplier_and_once_announced_for_its_buyer"),
    ("/ingest/v1/connections/{connection}/{feed}", "a_systems_own_entrance_opens_to_its_own_token_only"),
    ("/edi/v1/interchanges", "an_interchange_touches_its_own_suppliers_orders_only"),
    ("/files/interchanges/{id}", "the_bytes_of_interchanges_stay_with_whom_they_concern"),
];

/// Every row of the tables of fields that take a name.
fn by_name() -> impl Iterator<Item = &'static (&'static str, &'static str, Thing, Side)> {
    let others = work::BY_NAME.iter().chain(connections::BY_NAME).chain(webhooks::BY_NAME);
    others.chain(interchanges::BY_NAME).chain(BY_NAME) // the last of these end the session
}

#[tokio::test]
async fn what_is_not_yours_reads_as_what_is_not_there() {
    let world = World::start().await;
    for (field, document, thing, _) in by_name() {
        let name = world.name_of(*thing);
        for (who, session) in &world.strangers {
            let theirs = world.ask(session.as_ref(), document, &name).await;
            let nothing = world.ask(session.as_ref(), document, &nothing_like(&name)).await;
            assert_eq!(theirs, nothing, "{who} can tell {thing:?} apart by {field}");
        }
    }
    // The comparison would notice: to whom it belongs, it does not read so.
    for (field, document, thing, side) in by_name() {
        let name = world.name_of(*thing);
        for (session, own) in [(&world.owner, Side::Supplier), (&world.buyer, Side::Buyer)] {
            if *side == Side::Both || *side == own {
                let nothing = world.ask(Some(session), document, &nothing_like(&name)).await;
                let mine = world.ask(Some(session), document, &name).await;
                assert_ne!(mine, nothing, "{field} does not work on {thing:?}");
            }
        }
    }
}

#[tokio::test]
async fn another_answer_cannot_be_replaced_or_probed_for() {
    let world = World::start().await;
    let order = world.app.placed(&world.tenant, &world.neighbour).await;
    let session = world.strangers[0].1.as_ref();
    let document = format!(
        "mutation($id: ID!) {{ submitAcknowledgment(input: {{ purchaseOrderId: \"{order}\", revision: 1, validateOnly: true,
            lines: [{{ line: \"00010\", replaces: $id, parts: [{{ kind: ACCEPTED, quantity: \"100\" }}] }}] }}) {{ userErrors {{ code field message }} }} }}"
    );
    let theirs = world.ask(session, &document, &world.answer).await;
    let nothing = world.ask(session, &document, &nothing_like(&world.answer)).await;
    assert_eq!(theirs, nothing);
    assert!(theirs.contains("STALE_ANSWER"), "{theirs}");
}

#[tokio::test]
async fn no_list_holds_what_is_not_yours() {
    let world = World::start().await;
    let mine = [
        &world.order,
        &world.answer,
        &world.proposal,
        &world.delivery,
        &world.connection,
        &world.token,
        &world.number,
        &world.shipment,
        &world.sscc,
        &world.receipt,
        &world.discrepancy,
        &world.appointment,
        &world.membership,
        &world.message,
        &world.exception,
        &world.buyers_person,
        &world.endpoint,
        &world.endpoint_delivery,
        &world.interchange,
        &world.supplier.email,
        &world.supplier.id.to_string(),
    ];
    let lists = LISTS.iter().chain(work::LISTS).chain(connections::LISTS).chain(webhooks::LISTS);
    for (field, document) in lists.chain(interchanges::LISTS) {
        for (who, session) in &world.strangers {
            let seen = world.ask(session.as_ref(), document, "no name").await;
            let leaked: Vec<_> = mine.iter().filter(|name| seen.contains(name.as_str())).collect();
            assert!(leaked.is_empty(), "{who} finds {leaked:?} in {field}");
        }
        let seen = [
            world.ask(Some(&world.owner), document, "no name").await,
            world.ask(Some(&world.buyer), document, "no name").await,
        ];
        let found = |name: &&&String| seen.iter().any(|seen| seen.contains(name.as_str()));
        assert!(mine.iter().find(found).is_some(), "{field} does not work");
    }
}

#[tokio::test]
async fn no_stream_tells_of_what_is_not_yours() {
    let world = World::start().await;
    let app = &world.app;
    let foreign_buyer = app.buyer(&world.other_tenant).await;
    let query = "subscription { events { type subject purchaseOrderId } }";
    let mut streams = Vec::new();
    for token in [&world.neighbour.token, &world.foreigner.token, &foreign_buyer.token] {
        app.settle().await;
        streams.push(app.listen(token, query, json!({})).await);
    }
    app.answer_line(&world.supplier, &world.order, "00020").await;
    app.settle().await;
    let neighbours = app.placed(&world.tenant, &world.neighbour).await;
    let foreigners = app.placed(&world.other_tenant, &world.foreigner).await;
    app.settle().await;
    for (stream, own) in streams.iter_mut().zip([&neighbours, &foreigners, &foreigners]) {
        let event = stream.next().await.unwrap()["data"]["events"].clone();
        let expected = json!({ "type": "purchase_order.released", "subject": own, "purchaseOrderId": own });
        assert_eq!(event, expected, "the first that is heard is one's own");
    }
}

#[tokio::test]
async fn what_the_erp_hands_in_stays_with_its_tenant() {
    let world = World::start().await;
    let app = &world.app;
    let mut replies = Vec::new();
    for supplier in [world.supplier.number.as_str(), "V-nobody"] {
        let mut document = order(&world.foreigner, "4500000001");
        document["supplier"] = json!(supplier);
        let reply = app.ingest(&world.other_tenant, &document).await;
        assert_eq!(reply.body["problems"][0]["code"], "UNKNOWN_SUPPLIER");
        replies.push(reply.text().replace(supplier, "NAME"));
    }
    assert_eq!(replies[0], replies[1]);

    let same_number = app.ingest(&world.other_tenant, &order(&world.foreigner, &world.number)).await;
    assert_eq!(
        (same_number.status, &same_number.body["outcome"]),
        (201, &json!("CREATED")),
        "numbers are each tenant's own"
    );
    assert_ne!(same_number.body["order"], world.order.as_str());
    let seen = world.ask(Some(&world.owner), ORDER, &world.order).await;
    assert!(seen.contains("NAME"), "{seen}");

    let moved = app.ingest(&world.tenant, &order(&world.neighbour, &world.number)).await;
    assert_ne!(moved.body["outcome"], "REVISED", "an order does not change hands: {}", moved.body);
    let seen = world.ask(world.strangers[0].1.as_ref(), ORDER, &world.order).await;
    assert!(!seen.contains("NAME"), "{seen}");
}

#[tokio::test]
async fn what_warehouses_state_is_about_their_own_tenants_goods() {
    let world = World::start().await;
    let before = world.everything_about_the_order().await;
    let receipt = |name: &str| {
        json!({ "number": "GR", "kind": "FINAL", "receivedAt": "2026-11-23T08:00:00Z",
            "lines": [{ "order": name, "line": "00010", "quantity": "1" }] })
    };
    let slot = |name: &str| {
        json!({ "number": "AP", "revision": { "id": "1", "issuedAt": "2026-11-23T08:00:00Z" }, "shipment": name,
            "status": "CONFIRMED" })
    };
    let invoice = |name: &str| {
        json!({ "invoice": "IN", "revision": { "id": "1", "issuedAt": "2026-11-23T08:00:00Z" }, "order": name,
            "line": "00010", "status": "PAID", "quantity": "1" })
    };
    let attempts = [
        ("receipts", [receipt(&world.number), receipt(&nothing_like(&world.number))], &world.number),
        ("invoice-statuses", [invoice(&world.number), invoice(&nothing_like(&world.number))], &world.number),
        (
            "appointments",
            [slot(&world.shipment_number), slot(&nothing_like(&world.shipment_number))],
            &world.shipment_number,
        ),
    ];
    for (kind, documents, name) in attempts {
        let mut replies = Vec::new();
        for document in documents {
            let path = format!("/ingest/v1/{kind}");
            let reply = world.app.ingest_at(&world.other_tenant, &path, &document, &[]).await;
            assert_eq!(reply.status, 422, "{kind}: {}", reply.body);
            replies.push(reply.text().replace(name, "NAME").replace(&nothing_like(name), "NAME"));
        }
        assert_eq!(replies[0], replies[1], "another tenant can tell by {kind}");
    }
    assert_eq!(world.everything_about_the_order().await, before);
}

#[tokio::test]
async fn what_codes_mean_is_each_tenants_own() {
    let world = World::start().await;
    let app = &world.app;
    let path = |kind: &str| format!("/ingest/v1/{kind}");
    let mut replies = Vec::new();
    for supplier in [world.supplier.number.as_str(), "V-nobody"] {
        let item = json!({ "number": "B-1", "unit": "EA", "suppliers": [{ "supplier": supplier, "supplierPart": "S" }] });
        let reply = app.ingest_at(&world.other_tenant, &path("items"), &item, &[]).await;
        assert_eq!(reply.status, 422, "{}", reply.body);
        replies.push(reply.text().replace(supplier, "NAME"));
    }
    assert_eq!(replies[0], replies[1], "the supplier of another tenant is nobody");

    let documents = [
        ("items", json!({ "number": "B-1", "unit": "EA", "description": "ours" })),
        ("locations", json!({ "code": "DC-1", "name": "Ours", "address": ["Quay 1"] })),
        ("suppliers", json!({ "number": world.foreigner.number, "name": "Ours" })),
        ("cross-references", json!({ "system": "ERP", "kind": "UNIT", "externalCode": "EA", "code": "KGM" })),
    ];
    for (kind, document) in &documents {
        for tenant in [&world.tenant, &world.other_tenant] {
            let reply = app.ingest_at(tenant, &path(kind), document, &[]).await;
            let known = *kind == "suppliers" && tenant.id == world.other_tenant.id;
            let expected = if known { "REVISED" } else { "CREATED" };
            assert_eq!(reply.body["outcome"], expected, "{kind}: {}", reply.body);
            if *kind == "suppliers" {
                break;
            }
        }
    }
    let query = "{ viewer { memberships { supplierName } } }";
    let seen = app.graphql(&world.foreigner.token, query, json!({})).await;
    assert_ne!(seen.data()["viewer"]["memberships"][0]["supplierName"], "Ours");
}

#[tokio::test]
async fn an_interchange_touches_its_own_suppliers_orders_only() {
    let world = World::start().await;
    let before = world.everything_about_the_order().await;
    for (who, supplier) in [("neighbour", &world.neighbour), ("foreigner", &world.foreigner)] {
        for kind in ["855", "860"] {
            let mut replies = Vec::new();
            let first = if kind == "855" { 1 } else { 5 };
            for (control, number) in [(first, world.number.clone()), (first + 1, nothing_like(&world.number))]
            {
                let file = interchange(supplier, control, kind, &number);
                let reply = world.app.edi(supplier, file.into_bytes()).await;
                let message = &reply.body["interchanges"][0]["messages"][0];
                // An answer is refused; a change waits for the order.
                let why = if kind == "855" { &message["problems"] } else { &message["warnings"] };
                assert_eq!(why[0]["code"], "UNKNOWN_ORDER", "{}", reply.body);
                let told =
                    [&message["outcome"], &message["problems"], &message["warnings"], &message["subject"]];
                replies.push(json!(told).to_string().replace(&number, "NUMBER"));
            }
            assert_eq!(replies[0], replies[1], "the {who} can tell by an {kind}");
        }
        world.app.edi(supplier, interchange(supplier, 3, "850", &world.number).into_bytes()).await;
    }
    world.app.settle().await;
    assert_eq!(world.everything_about_the_order().await, before);
    let own = interchange(&world.supplier, 1, "855", &world.number);
    let accepted = world.app.edi(&world.supplier, own.into_bytes()).await;
    assert!(
        !accepted.body.to_string().contains("UNKNOWN_ORDER"),
        "its own order it knows: {}",
        accepted.body
    );
}

#[tokio::test]
async fn a_systems_own_entrance_opens_to_its_own_token_only() {
    let world = World::start().await;
    let app = &world.app;
    let before = world.everything_about_the_order().await;
    let own = world.tenant.erp.to_string();
    let body = documents(&[("purchaseOrder", order(&world.supplier, &world.number))]);
    let send = async |connection: &str, token: &str| {
        let request = app.entrance(connection, "messages").header("x-request-id", "r").bearer_auth(token);
        Reply::read(request.json(&body).send().await.unwrap()).await
    };
    let sibling = app.source(&world.tenant, "WMS").await;
    for token in [&sibling.token, &world.other_tenant.ingest_token] {
        let theirs = send(&own, token).await;
        let nothing = send(&nothing_like(&own), token).await;
        assert_eq!((theirs.status, theirs.text()), (404, nothing.text()));
    }
    for token in [&world.supplier.token, &world.supplier.edi_token] {
        assert_eq!(send(&own, token).await.status, 403);
    }
    assert_eq!(send(&own, "qyc_live_nobody").await.status, 401);
    // Another tenant's system says what it likes about its own orders only.
    let foreign = Source { id: world.other_tenant.erp, token: world.other_tenant.ingest_token.clone() };
    let about = receipt("GR", "FINAL", "", (&world.number, "00010", "1"), "GOOD");
    let reply = app.push(&foreign, &documents(&[("receipt", about)])).await;
    assert_eq!(reply.body["documents"][0]["outcome"], "REFUSED", "{}", reply.body);
    assert_eq!(world.everything_about_the_order().await, before);
}

/// An interchange of a supplier's with one message about the order of this number.
fn interchange(supplier: &Supplier, control: u32, kind: &str, number: &str) -> String {
    let (group, segments) = match kind {
        "855" => ("PR", vec![format!("BAK*00*AT*{number}*20260901")]),
        "860" => ("PC", vec![format!("BCH*01*SA*{number}***20260901")]),
        _ => (
            "PO",
            vec![
                format!("BEG*00*SA*{number}**20260901"),
                "PO1*1*7*EA*12.50**VP*S-1".to_owned(),
                "CTT*1".to_owned(),
            ],
        ),
    };
    let count = segments.len() + 2;
    let body: String = segments.into_iter().map(|segment| segment + "~").collect();
    let sender = &supplier.edi_id;
    format!(
        "ISA*00*          *00*          *ZZ*{sender:<15}*ZZ*NORTHDIST      *260901*0900*U*00401*{control:09}*0*T*>~\
         GS*{group}*{sender}*NORTHDIST*20260901*0900*{control}*X*004010~\
         ST*{kind}*0001~{body}SE*{count}*0001~GE*1*{control}~IEA*1*{control:09}~"
    )
}

#[tokio::test]
async fn each_entrance_takes_its_own_tokens_only() {
    let world = World::start().await;
    let app = &world.app;
    let (ingest, edi) = ("/ingest/v1/purchase-orders", "/edi/v1/interchanges");
    let attempts = [
        (ingest, &world.supplier.token),
        (ingest, &world.supplier.edi_token),
        (edi, &world.supplier.token),
        (edi, &world.tenant.ingest_token),
    ];
    for (path, token) in attempts {
        let request = app.http.post(app.url(path)).bearer_auth(token).json(&order(&world.supplier, "1"));
        let reply = Reply::read(request.send().await.unwrap()).await;
        assert_eq!((reply.status, &reply.body["code"]), (403, &json!("FORBIDDEN")), "{path}");
    }
    for token in [&world.tenant.ingest_token, &world.supplier.edi_token] {
        let reply = app.graphql(token, "{ viewer { permissions } }", json!({})).await;
        assert_eq!((reply.status, reply.error_code()), (401, "UNAUTHENTICATED"));
    }
}

#[test]
fn every_root_field_has_its_place_in_the_tables() {
    let schema = parse_schema(quayside_graphql::sdl()).unwrap();
    let roots = ["Query", "Mutation", "EventSubscription"];
    let mut fields = BTreeSet::new();
    for definition in schema.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let definition = definition.node;
        if let (true, TypeKind::Object(object)) =
            (roots.contains(&definition.name.node.as_str()), definition.kind)
        {
            fields.extend(object.fields.into_iter().map(|field| field.node.name.node.to_string()));
        }
    }
    assert!(fields.contains("submitAcknowledgment") && fields.contains("events"));
    let lists = LISTS.iter().chain(work::LISTS).chain(connections::LISTS).chain(webhooks::LISTS);
    let lists = lists.chain(interchanges::LISTS);
    let named = by_name().map(|(field, ..)| *field).chain(lists.map(|(field, _)| *field));
    let of_the_caller = OF_THE_CALLER
        .iter()
        .chain(work::OF_THE_CALLER)
        .chain(connections::OF_THE_CALLER)
        .chain(webhooks::OF_THE_CALLER)
        .copied();
    let covered: BTreeSet<String> = named.chain(of_the_caller).map(str::to_owned).collect();
    assert_eq!(fields, covered, "left: the schema; right: the tables of this module");
}

#[test]
fn every_address_has_its_place_in_the_table() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut addresses = BTreeSet::new();
    for file in ["app/routes.rs", "web/graphql/mod.rs"] {
        let source = std::fs::read_to_string(root.join(file)).unwrap();
        let routes = source.split(".route(").skip(1);
        let routes = routes.map(|rest| rest.trim_start().split('"').nth(1).unwrap().to_owned());
        addresses.extend(routes);
    }
    let covered: BTreeSet<String> = ADDRESSES.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(addresses, covered, "left: the routes; right: the table of this module");
}
