//! Notifications that an order changed. They name it and say no more; the poll brings it.
use quayside_canonical::{Field, Problems};

use crate::sap_s4hana::ORDERS;
use crate::sap_s4hana::wire::Notification;
use crate::{Inbound, Message};

const TYPES: &str = "sap.s4.beh.purchaseorder.v1.PurchaseOrder.";

/// Reads a CloudEvent of `CE_PURCHASEORDEREVENTS`.
///
/// # Errors
/// It is not JSON, not such an event, or names no order.
pub(in crate::sap_s4hana) fn changed(message: &Message<'_>) -> Result<Vec<Inbound>, Problems> {
    let read: Notification = serde_json::from_slice(message.body).map_err(|error| {
        let words = format!("this is no CloudEvent of a purchase order: {error}");
        Problems::one("INVALID_MESSAGE", &Field::root(), words)
    })?;
    if !read.event_type.starts_with(TYPES) {
        let words = format!("expected a type that begins with {TYPES}");
        return Err(Problems::one("INVALID_VALUE", &Field::root().at("type"), words));
    }
    let key = read.data.purchase_order;
    if key.trim().is_empty() || key.len() > 10 {
        let field = Field::root().at("data").at("PurchaseOrder");
        return Err(Problems::one("INVALID_VALUE", &field, "expected 1 to 10 characters"));
    }
    Ok(vec![Inbound::Changed { feed: ORDERS, key }])
}
