//! Shipments, and what the ledger and procurement make of them.
use quayside_canonical::identity::Role;
use quayside_domain::suppliers::{self, SetGs1Prefix};
use serde_json::{Value, json};

use super::{Reply, Supplier, Tenant, TestApp, mutation};

/// What most tests want to know of a shipment.
const SHIPMENT: &str = "shipment { id number status version shipsAt submittedAt
    lines { purchaseOrderId purchaseOrderNumber line quantity { value unit } received inTransit }
    handlingUnits { key parent packageType sscc contents { line quantity lot } labels { pdfUrl } }
    appointment { status requestedFrom requestedUntil } }";

/// The codes and the paths of the `userErrors` of a mutation, such as `OVER_SHIPPED lines.0.quantity`.
#[track_caller]
pub(crate) fn refusals(reply: &Reply) -> Vec<String> {
    let payload = reply.data().as_object().unwrap().values().next().unwrap();
    let errors = payload["userErrors"].as_array().unwrap();
    let path = |error: &Value| {
        let steps: Vec<_> =
            error["field"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
        steps.join(".").trim_start_matches("input.").to_owned()
    };
    errors.iter().map(|error| format!("{} {}", error["code"].as_str().unwrap(), path(error))).collect()
}

/// The shipment of a reply without refusals.
#[track_caller]
pub(crate) fn shipment(reply: &Reply) -> Value {
    let payload = reply.data().as_object().unwrap().values().next().unwrap();
    assert_eq!(payload["userErrors"], json!([]), "{}", reply.body);
    payload["shipment"].clone()
}

/// A line of a shipment, of an order by its id.
pub(crate) fn of_order(order: &str, line: &str, quantity: &str) -> Value {
    json!({ "purchaseOrderId": order, "line": line, "quantity": quantity })
}

impl TestApp {
    /// A mutation about shipments; its input gets a key of its own where it has none.
    pub(crate) async fn ship(&self, token: &str, name: &str, mut input: Value) -> Reply {
        let input_type = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
        if input.get("idempotencyKey").is_none() {
            input["idempotencyKey"] = json!(format!("ship-{}", self.number()));
        }
        let query = mutation(name, &input_type, SHIPMENT);
        self.graphql(token, &query, json!({ "input": input })).await
    }

    /// Goods announced: the shipment.
    pub(crate) async fn announced(&self, supplier: &Supplier, lines: &[Value]) -> Value {
        let number = format!("S-{}", self.number());
        let input = json!({ "number": number, "submit": true, "lines": lines });
        shipment(&self.ship(&supplier.token, "createShipment", input).await)
    }

    /// The ledger of an order, line by line, without what is zero.
    pub(crate) async fn ledger(&self, token: &str, order: &str) -> Vec<Value> {
        let query = "query($id: ID!) { purchaseOrder(id: $id) { ledger { line unit fulfillment ordered cancelled
            acknowledged backordered shipped inTransit received accepted held rejected returned shortClosed invoiced
            open } } }";
        let reply = self.graphql(token, query, json!({ "id": order })).await;
        let lines = reply.data()["purchaseOrder"]["ledger"].as_array().unwrap().clone();
        let plain = |line: Value| {
            let Value::Object(mut line) = line else { panic!("{line}") };
            line.retain(|_, value| value != "0");
            Value::Object(line)
        };
        lines.into_iter().map(plain).collect()
    }

    /// Kind, subject and status of the exceptions of these kinds, the newest first.
    pub(crate) async fn exceptions_of(&self, token: &str, kind: &str) -> Vec<(String, String)> {
        let query =
            "query($kind: ExceptionKind) { exceptions(first: 50, kind: $kind) { nodes { subject status } } }";
        let reply = self.graphql(token, query, json!({ "kind": kind })).await;
        let nodes = reply.data()["exceptions"]["nodes"].as_array().unwrap().clone();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        nodes.iter().map(|node| (text(&node["subject"]), text(&node["status"]))).collect()
    }

    /// Lets codes be given out for a supplier.
    pub(crate) async fn gs1_prefix(&self, tenant: &Tenant, supplier: &Supplier, prefix: &str) {
        let cmd = SetGs1Prefix { tenant: tenant.id, supplier: supplier.id, prefix: Some(prefix.to_owned()) };
        suppliers::set_gs1_prefix(self.app.system(), cmd).await.unwrap();
    }

    /// A token for the same supplier that has not run out yet.
    pub(crate) async fn new_token(&self, tenant: &Tenant, supplier: &Supplier) -> String {
        self.person(tenant, Some(supplier.id), Role::SupplierEditor).await.1
    }
}
