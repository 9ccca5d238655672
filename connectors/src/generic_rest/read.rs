//! From what the receiver says to documents. Pure.
use quayside_canonical::{
    Field, Problems,
    document::{read_appointment, read_invoice_status, read_purchase_order, read_receipt},
};
use serde_json::Value;

use super::map::signed;
use super::wire::{Config, Documents};
use crate::http::{Call, Reply};
use crate::text::one_line;
use crate::{DeliveryError, Errand, Inbound, Message, Page, Stated};

/// The feed that is polled.
pub(super) const POLLED: &str = "documents";
/// The feed that is pushed to.
pub(super) const PUSHED: &str = "messages";

/// How many documents are asked for at once.
const LIMIT: usize = 100;
/// How many are taken at once.
const MOST: usize = 1_000;
/// Longer than this a cursor is not one.
const LONGEST_CURSOR: usize = 2_000;

/// "What came after this?" The errand's id is the call's own, and what is signed.
pub(super) fn question(
    config: &Config,
    errand: &Errand,
    feed: &str,
    cursor: Option<&str>,
) -> Result<Call, DeliveryError> {
    let endpoint = config.documents_endpoint.as_ref().filter(|_| feed == POLLED);
    let mut url =
        endpoint.cloned().ok_or_else(|| DeliveryError::Unmappable(format!("`{feed}` is not polled here")))?;
    url.query_pairs_mut().append_pair("limit", &LIMIT.to_string());
    if let Some(cursor) = cursor {
        url.query_pairs_mut().append_pair("after", cursor);
    }
    signed(Call::get(url, errand), config, &errand.correlation_id, errand)
}

/// Reads the answer. What is no page at all may come from a proxy or a sign-in page: nothing is taken of it.
pub(super) fn page(reply: &Reply, before: Option<&str>) -> Result<Page, DeliveryError> {
    if !reply.is_success() {
        return Err(reply.refusal());
    }
    let unusable = |what: &str| DeliveryError::unconfirmed(format!("answer {}, but {what}", reply.status));
    let object: Value =
        serde_json::from_slice(&reply.body).map_err(|_| unusable("its body is not what was agreed"))?;
    if object.get("documents").is_none_or(|documents| !documents.is_array()) {
        return Err(unusable("it holds no list of documents"));
    }
    let page: Documents =
        serde_json::from_value(object).map_err(|_| unusable("its body is not what was agreed"))?;
    if page.documents.len() > MOST {
        return Err(unusable("it holds more than 1000 documents"));
    }
    if page.cursor.as_deref().is_some_and(|cursor| !is_cursor(cursor)) {
        return Err(unusable("its cursor is none"));
    }
    Ok(Page {
        documents: documents(&page),
        cursor: page.cursor.or_else(|| before.map(str::to_owned)),
        more: page.more,
    })
}

fn is_cursor(text: &str) -> bool {
    (1..=LONGEST_CURSOR).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// Reads what was pushed: the same JSON, bare or as the `data` of a CloudEvent.
pub(super) fn message(message: &Message<'_>) -> Result<Vec<Inbound>, Problems> {
    let root = Field::root();
    let body: Value = serde_json::from_slice(message.body)
        .map_err(|error| Problems::one("NOT_JSON", &root, format!("the body is not JSON: {error}")))?;
    let (data, field) = match message.media_type {
        "application/json" => (body, root),
        "application/cloudevents+json" => (body.get("data").cloned().unwrap_or_default(), root.at("data")),
        _ => {
            let words = "send application/json or application/cloudevents+json";
            return Err(Problems::one("UNSUPPORTED_MEDIA_TYPE", &root, words));
        }
    };
    let known = data.get("documents").is_some() || data.get("changed").is_some();
    let pushed = if known { serde_json::from_value::<Documents>(data).ok() } else { None };
    let Some(pushed) = pushed else {
        let words = "expected an object with `documents`, a list, or `changed`, a list of keys";
        return Err(Problems::one("INVALID_VALUE", &field, words));
    };
    if pushed.documents.len() + pushed.changed.len() > MOST {
        return Err(Problems::one("TOO_MANY", &field, format!("at most {MOST} documents in one message")));
    }
    Ok(documents(&pushed))
}

fn documents(page: &Documents) -> Vec<Inbound> {
    let read = page.documents.iter().enumerate().map(|(place, entry)| document(place, entry));
    let changed = page.changed.iter().map(|key| Inbound::Changed { feed: POLLED, key: one_line(key, 200) });
    read.chain(changed).collect()
}

/// One entry: `{ "type": …, "document": { … } }`.
fn document(place: usize, entry: &Value) -> Inbound {
    let body = entry.get("document").unwrap_or(&Value::Null);
    let named = |member: &str| match body.get(member) {
        Some(Value::String(key)) if !key.trim().is_empty() => one_line(key, 200),
        _ => format!("documents[{place}]"),
    };
    match entry.get("type").and_then(Value::as_str) {
        Some("purchaseOrder") => {
            Inbound::PurchaseOrder(Stated { key: named("number"), document: read_purchase_order(body) })
        }
        Some("receipt") => Inbound::Receipt(Stated { key: named("number"), document: read_receipt(body) }),
        Some("appointment") => {
            Inbound::Appointment(Stated { key: named("number"), document: read_appointment(body) })
        }
        Some("invoiceStatus") => {
            Inbound::InvoiceStatus(Stated { key: named("invoice"), document: read_invoice_status(body) })
        }
        _ => {
            let words = "expected `purchaseOrder`, `receipt`, `appointment` or `invoiceStatus`";
            Inbound::Unreadable {
                key: named("number"),
                problems: Problems::one("UNKNOWN_TYPE", &Field::root().at("type"), words),
            }
        }
    }
}
