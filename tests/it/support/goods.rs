//! Goods on their way and what warehouses and ERPs say about them.
use quayside_canonical::ShipmentId;
use serde_json::{Value, json};

use super::{Reply, Supplier, Tenant, TestApp, shipment};

impl TestApp {
    /// A shipment announced by its number: `lines` are order number, line and quantity.
    pub(crate) async fn on_its_way(
        &self,
        supplier: &Supplier,
        number: &str,
        lines: &[(&str, &str, &str)],
    ) -> ShipmentId {
        let line = |(order, line, quantity): &(&str, &str, &str)| json!({ "orderNumber": order, "line": line, "quantity": quantity });
        let lines: Vec<Value> = lines.iter().map(line).collect();
        let input = json!({ "number": number, "submit": true, "lines": lines });
        let shipment = shipment(&self.ship(&supplier.token, "createShipment", input).await);
        shipment["id"].as_str().unwrap().parse().unwrap()
    }

    /// A receipt from the WMS.
    pub(crate) async fn receive(&self, tenant: &Tenant, receipt: &Value) -> Reply {
        self.ingest_at(tenant, "/ingest/v1/receipts", receipt, &[]).await
    }

    /// What the warehouse says about an appointment.
    pub(crate) async fn slot(&self, tenant: &Tenant, appointment: &Value) -> Reply {
        self.ingest_at(tenant, "/ingest/v1/appointments", appointment, &[]).await
    }

    /// What the ERP says about an invoice.
    pub(crate) async fn invoice(&self, tenant: &Tenant, status: &Value) -> Reply {
        self.ingest_at(tenant, "/ingest/v1/invoice-statuses", status, &[]).await
    }
}

/// A receipt of one line; without a shipment when `shipment` is empty.
pub(crate) fn receipt(
    number: &str,
    kind: &str,
    shipment: &str,
    (order, line, quantity): (&str, &str, &str),
    condition: &str,
) -> Value {
    let mut receipt = json!({
        "number": number, "kind": kind, "receivedAt": "2026-11-24T09:00:00Z",
        "lines": [{ "order": order, "line": line, "quantity": quantity, "condition": condition }]
    });
    if !shipment.is_empty() {
        receipt["shipment"] = json!(shipment);
    }
    receipt
}

/// A reversal of the receipt `of`.
pub(crate) fn reversal(number: &str, of: &str) -> Value {
    json!({ "number": number, "kind": "REVERSAL", "replaces": of, "receivedAt": "2026-11-24T10:00:00Z" })
}

/// A statement about the slot of a shipment.
pub(crate) fn appointment(shipment: &str, revision: i64, status: &str) -> Value {
    json!({
        "number": "A-1", "shipment": shipment, "status": status, "dock": "D4",
        "revision": { "id": revision, "issuedAt": "2026-11-24T07:00:00Z" },
        "slotFrom": "2026-11-24T08:00:00Z", "slotUntil": "2026-11-24T09:00:00Z"
    })
}

/// A statement about the first line of an invoice.
pub(crate) fn invoice(order: &str, revision: i64, status: &str) -> Value {
    json!({
        "invoice": "INV-1", "order": order, "line": "00010", "status": status, "quantity": "100",
        "amount": "310", "currency": "EUR", "revision": { "id": revision, "issuedAt": "2026-12-10T08:00:00Z" }
    })
}
