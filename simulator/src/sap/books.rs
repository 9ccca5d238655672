//! The documents, and what the fake remembers of its callers.
use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, SecondsFormat, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Value, json};

use super::answer::Refusal;
use super::faults::SapFault;

/// All documents, in the shape of their services.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SapBooks {
    /// Purchase orders, with items and schedule lines.
    pub orders: Vec<Value>,
    /// Supplier confirmations, with items and lines.
    pub confirmations: Vec<Value>,
    /// Inbound deliveries, with items.
    pub deliveries: Vec<Value>,
    /// Material documents, with items: cancellations are documents of their own.
    pub materials: Vec<Value>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) books: SapBooks,
    pub(super) faults: VecDeque<SapFault>,
    /// The token of each session.
    pub(super) sessions: HashMap<String, String>,
    /// When each token ends.
    pub(super) bearers: HashMap<String, DateTime<Utc>>,
    pub(super) calls: Vec<String>,
    sequence: u64,
}

impl State {
    pub(super) fn books(&self) -> SapBooks {
        self.books.clone()
    }

    /// The next number of a range.
    pub(super) fn number(&mut self, first: u64) -> String {
        self.sequence += 1;
        (first + self.sequence).to_string()
    }

    /// A text nobody guesses from the last one.
    pub(super) fn ticket(&mut self, kind: &str) -> String {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
        use sha2::{Digest as _, Sha256};
        self.sequence += 1;
        URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{kind} {}", self.sequence)))
    }

    pub(super) fn put_order(&mut self, mut order: Value, now: DateTime<Utc>) {
        if order["LastChangeDateTime"].is_null() {
            order["LastChangeDateTime"] = json!(now.to_rfc3339_opts(SecondsFormat::Millis, true));
        }
        self.books.orders.retain(|known| known["PurchaseOrder"] != order["PurchaseOrder"]);
        self.books.orders.push(order);
    }

    /// An item of an order, as the services name it: with leading zeros or without.
    pub(super) fn item(&self, order: &str, item: &str) -> Result<&Value, Refusal> {
        let order_there = self.books.orders.iter().find(|known| known["PurchaseOrder"] == order);
        let Some(found) = order_there else {
            return Err(Refusal::rule("06/019", format!("Purchasing document {order} does not exist")));
        };
        let items = found["_PurchaseOrderItem"].as_array().map_or(&[] as &[Value], Vec::as_slice);
        let same = |known: &&Value| bare(text(known, "PurchaseOrderItem")) == bare(item);
        let Some(found) = items.iter().find(same) else {
            return Err(Refusal::rule(
                "06/024",
                format!("Item {item} of purchasing document {order} does not exist"),
            ));
        };
        if !text(found, "PurchasingDocumentDeletionCode").is_empty() {
            return Err(Refusal::rule("06/115", format!("Item {item} is deleted or blocked")));
        }
        Ok(found)
    }

    /// The supplier of an order.
    pub(super) fn supplier(&self, order: &str) -> String {
        let found = self.books.orders.iter().find(|known| known["PurchaseOrder"] == order);
        found.map_or("", |order| text(order, "Supplier")).to_owned()
    }
}

/// A text member, or nothing.
pub(super) fn text<'a>(entity: &'a Value, name: &str) -> &'a str {
    entity.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A quantity, however it is written.
pub(super) fn quantity(entity: &Value, name: &str) -> Decimal {
    let written = match entity.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    written.parse().unwrap_or_default()
}

/// An item number without its zeros.
pub(super) fn bare(item: &str) -> &str {
    item.trim_start_matches('0')
}

/// The list below a navigation, whether it was sent in the way of V2 or of V4.
pub(super) fn below(entity: &Value, navigation: &str) -> Vec<Value> {
    let found = entity.get(navigation).map(|found| found.get("results").unwrap_or(found));
    found.and_then(Value::as_array).cloned().unwrap_or_default()
}

/// The unit has to be that of the order's item.
pub(super) fn same_unit(item: &Value, unit: &str) -> Result<(), Refusal> {
    let ordered = text(item, "PurchaseOrderQuantityUnit");
    if ordered == unit {
        return Ok(());
    }
    Err(Refusal::rule("BM/302", format!("Unit {unit} is not allowed here: the order is in {ordered}")))
}
