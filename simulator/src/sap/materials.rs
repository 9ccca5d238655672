//! The material document service (V2). What is posted is never changed: a cancellation is another document.
use axum::http::StatusCode;
use axum::response::Response;
use chrono::DateTime;
use serde_json::{Value, json};

use super::answer::{self, Refusal, Version};
use super::books::{State, below, quantity, same_unit, text};
use super::contract::MATERIAL;
use super::filter::Filter;
use super::routes::Asked;

const ITEMS: &str = "to_MaterialDocumentItem";

pub(super) fn list(state: &State, asked: &Asked) -> Result<Response, Refusal> {
    let mut found = state.books.materials.clone();
    if let Some(filter) = asked.option("$filter") {
        let filter = Filter::parse(filter)?;
        found.retain(|document| filter.holds(document));
    }
    if !asked.option("$expand").unwrap_or_default().contains(ITEMS) {
        for document in &mut found {
            document[ITEMS] = json!({ "__deferred": {} });
        }
    }
    Ok(answer::list(Version::V2, &found, None))
}

/// A goods receipt for orders.
pub(super) fn create(state: &mut State, asked: &Asked, opens: Option<&str>) -> Result<Response, Refusal> {
    let body = asked.json()?;
    MATERIAL.created(&body)?;
    if text(&body, "GoodsMovementCode") != "01" {
        return Err(Refusal::rule("M7/001", "Check the goods movement code"));
    }
    in_period(&posting_day(text(&body, "PostingDate")), opens)?;
    for item in below(&body, ITEMS) {
        check_item(state, &item)?;
    }
    Ok(post(state, body, false))
}

fn check_item(state: &State, item: &Value) -> Result<(), Refusal> {
    if text(item, "GoodsMovementType") != "101" || text(item, "GoodsMovementRefDocType") != "B" {
        return Err(Refusal::rule("M7/018", "Purchase order data is not allowed for this movement"));
    }
    let ordered = state.item(text(item, "PurchaseOrder"), text(item, "PurchaseOrderItem"))?;
    for (name, code) in [("Material", "M7/360"), ("Plant", "M7/361")] {
        if text(item, name) != text(ordered, name) {
            let message =
                format!("{name} {} differs from {} in the order", text(item, name), text(ordered, name));
            return Err(Refusal::rule(code, message));
        }
    }
    same_unit(ordered, text(item, "EntryUnit"))?;
    if quantity(item, "QuantityInEntryUnit").is_zero() {
        return Err(Refusal::rule("M7/003", "Enter a quantity"));
    }
    Ok(())
}

/// `Cancel?MaterialDocumentYear='2026'&MaterialDocument='5000000001'`.
pub(super) fn cancel(state: &mut State, asked: &Asked, opens: Option<&str>) -> Result<Response, Refusal> {
    let literal = |name: &str| asked.option(name).map(|text| text.trim_matches('\'').to_owned());
    let (Some(year), Some(number)) = (literal("MaterialDocumentYear"), literal("MaterialDocument")) else {
        return Err(Refusal::contract("Parameters of 'Cancel' are missing"));
    };
    if let Some(on) = asked.option("PostingDate") {
        let day = on.strip_prefix("datetime'").and_then(|on| on.split('T').next());
        in_period(day.ok_or_else(|| Refusal::contract("Invalid value of parameter 'PostingDate'"))?, opens)?;
    }
    let is_it = |known: &&mut Value| {
        text(known, "MaterialDocumentYear") == year && text(known, "MaterialDocument") == number
    };
    let Some(found) = state.books.materials.iter_mut().find(is_it) else {
        return Err(Refusal::rule("M7/104", format!("Material document {number} does not exist")));
    };
    let Some(items) = found.pointer_mut("/to_MaterialDocumentItem/results").and_then(Value::as_array_mut)
    else {
        return Err(Refusal::not_found());
    };
    if items.iter().any(|item| item["GoodsMovementIsCancelled"] == true) {
        return Err(Refusal::rule("M7/122", format!("Document {number} is cancelled already")));
    }
    let mut reversed = Vec::new();
    for item in items.iter_mut() {
        item["GoodsMovementIsCancelled"] = json!(true);
        let mut back = item.clone();
        back["GoodsMovementType"] = json!("102");
        back["GoodsMovementIsCancelled"] = json!(false);
        back["ReversedMaterialDocument"] = json!(number);
        back["ReversedMaterialDocumentYear"] = json!(year);
        reversed.push(back);
    }
    let mut body = found.clone();
    body[ITEMS] = json!({ "results": reversed });
    Ok(post(state, body, true))
}

fn post(state: &mut State, mut document: Value, reversal: bool) -> Response {
    let number = state.number(5_000_000_000);
    let day = posting_day(text(&document, "PostingDate"));
    document["MaterialDocument"] = json!(number);
    document["MaterialDocumentYear"] = json!(day.get(..4).unwrap_or("2026"));
    let mut items = below(&document, ITEMS);
    for (index, item) in items.iter_mut().enumerate() {
        item["MaterialDocumentItem"] = json!((index + 1).to_string());
        if !reversal {
            item["GoodsMovementIsCancelled"] = json!(false);
            item["ReversedMaterialDocument"] = json!("");
        }
    }
    document[ITEMS] = json!({ "results": items });
    state.books.materials.push(document.clone());
    answer::entity(StatusCode::CREATED, Version::V2, document)
}

fn posting_day(written: &str) -> String {
    let millis = written.strip_prefix("/Date(").and_then(|text| text.strip_suffix(")/"));
    let time = millis.and_then(|millis| millis.parse().ok()).and_then(DateTime::from_timestamp_millis);
    time.map(|time| time.date_naive().to_string()).unwrap_or_default()
}

fn in_period(day: &str, opens: Option<&str>) -> Result<(), Refusal> {
    match opens {
        Some(opens) if day < opens => Err(Refusal::rule(
            "M7/053",
            format!("Posting only possible in periods from {opens} in company code 1710"),
        )),
        _ => Ok(()),
    }
}
