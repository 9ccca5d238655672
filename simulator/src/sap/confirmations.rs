//! The confirmation service (V4). What is confirmed of an item adds up, over all confirmations.
use axum::http::StatusCode;
use axum::response::Response;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::answer::{self, Refusal, Version};
use super::books::{State, bare, below, quantity, same_unit, text};
use super::contract::{CONFIRMATION, CONFIRMATION_ITEM, CONFIRMATION_LINE};
use super::filter::Filter;
use super::routes::Asked;

const ITEMS: &str = "_SupplierConfirmationItemTP";
const LINES: &str = "_SupplierConfirmationLineTP";

pub(super) fn list(state: &State, asked: &Asked) -> Result<Response, Refusal> {
    let mut found = state.books.confirmations.clone();
    if let Some(filter) = asked.option("$filter") {
        let filter = Filter::parse(filter)?;
        found.retain(|confirmation| filter.holds(confirmation));
    }
    if !asked.option("$expand").unwrap_or_default().contains(LINES) {
        found.iter_mut().filter_map(Value::as_object_mut).for_each(|confirmation| {
            confirmation.remove(ITEMS);
        });
    }
    Ok(answer::list(Version::V4, &found, None))
}

/// A confirmation with its items and lines, or a line below an item.
pub(super) fn create(state: &mut State, asked: &Asked) -> Result<Response, Refusal> {
    let keys: Vec<&str> = asked.path.split('/').collect();
    let body = asked.json()?;
    match keys.as_slice() {
        ["Confirmation"] => {
            CONFIRMATION.created(&body)?;
            let order = text(&body, "SuplrConfRefPurchaseOrder").to_owned();
            for item in below(&body, ITEMS) {
                check_item(state, &order, &item)?;
            }
            let number = state.number(5_900_000_000);
            let made = numbered(body, &number);
            state.books.confirmations.push(made.clone());
            Ok(answer::entity(StatusCode::CREATED, Version::V4, made))
        }
        ["ConfirmationItem", number, item, navigation] if *navigation == LINES => {
            CONFIRMATION_LINE.created(&body)?;
            let (order, ordered) = {
                let found = find(state, number)?;
                let order = text(found, "SuplrConfRefPurchaseOrder").to_owned();
                let entry = found_item(found, item)?;
                (order, text(entry, "SuplrConfRefPurchaseOrderItem").to_owned())
            };
            check_lines(state, &order, &ordered, std::slice::from_ref(&body))?;
            let line = add_line(find(state, number)?, item, body)?;
            Ok(answer::entity(StatusCode::CREATED, Version::V4, line))
        }
        _ => Err(Refusal::not_found()),
    }
}

pub(super) fn change(state: &mut State, asked: &Asked) -> Result<Response, Refusal> {
    let keys: Vec<&str> = asked.path.split('/').collect();
    let ["ConfirmationItem", number, item] = keys.as_slice() else { return Err(Refusal::not_found()) };
    let body = asked.json()?;
    let changes = CONFIRMATION_ITEM.changed(&body)?;
    let found = found_item(find(state, number)?, item)?;
    asked.matches(text(found, "@odata.etag"))?;
    for (name, value) in changes {
        found[name] = value.clone();
    }
    Ok(answer::done(Some(newer(found))))
}

pub(super) fn delete(state: &mut State, asked: &Asked) -> Result<Response, Refusal> {
    let keys: Vec<&str> = asked.path.split('/').collect();
    let ["ConfirmationLine", number, item, line] = keys.as_slice() else { return Err(Refusal::not_found()) };
    let found = found_item(find(state, number)?, item)?;
    let lines = found.get_mut(LINES).and_then(Value::as_array_mut).ok_or_else(Refusal::not_found)?;
    let index = lines.iter().position(|known| text(known, "SupplierConfirmationLine") == *line);
    let index = index.ok_or_else(Refusal::not_found)?;
    asked.matches(text(&lines[index], "@odata.etag"))?;
    lines.remove(index);
    Ok(answer::done(None))
}

fn check_item(state: &State, order: &str, item: &Value) -> Result<(), Refusal> {
    let number = text(item, "SuplrConfRefPurchaseOrderItem");
    let ordered = state.item(order, number)?;
    if text(ordered, "SupplierConfirmationControlKey").is_empty() {
        return Err(Refusal::rule("ME/671", format!("Item {number} has no confirmation control key")));
    }
    check_lines(state, order, number, &below(item, LINES))
}

fn check_lines(state: &State, order: &str, number: &str, lines: &[Value]) -> Result<(), Refusal> {
    let ordered = state.item(order, number)?;
    for line in lines {
        same_unit(ordered, text(line, "PurchaseOrderQuantityUnit"))?;
    }
    let before: Decimal = state
        .books
        .confirmations
        .iter()
        .filter(|known| text(known, "SuplrConfRefPurchaseOrder") == order)
        .flat_map(|known| below(known, ITEMS))
        .filter(|known| bare(text(known, "SuplrConfRefPurchaseOrderItem")) == bare(number))
        .flat_map(|known| below(&known, LINES))
        .map(|line| quantity(&line, "ConfirmedQuantity"))
        .sum();
    let added: Decimal = lines.iter().map(|line| quantity(line, "ConfirmedQuantity")).sum();
    let most = quantity(ordered, "OrderQuantity");
    if before + added > most {
        let message = format!("Confirmed quantity {} exceeds ordered quantity {most}", before + added);
        return Err(Refusal::rule("ME/672", message));
    }
    Ok(())
}

/// Keys and versions, as SAP gives them.
fn numbered(mut confirmation: Value, number: &str) -> Value {
    confirmation["SupplierConfirmation"] = json!(number);
    confirmation["SuplrConfProcessingStatus"] = json!("01");
    for (index, item) in items_mut(&mut confirmation, ITEMS).iter_mut().enumerate() {
        item["SupplierConfirmationItem"] = json!(((index + 1) * 10).to_string());
        item["@odata.etag"] = json!("W/\"1\"");
        for (index, line) in items_mut(item, LINES).iter_mut().enumerate() {
            line["SupplierConfirmationLine"] = json!((index + 1).to_string());
            line["@odata.etag"] = json!("W/\"1\"");
        }
    }
    confirmation
}

fn items_mut<'a>(entity: &'a mut Value, navigation: &str) -> &'a mut [Value] {
    entity.get_mut(navigation).and_then(Value::as_array_mut).map(Vec::as_mut_slice).unwrap_or_default()
}

fn find<'a>(state: &'a mut State, number: &str) -> Result<&'a mut Value, Refusal> {
    let found =
        state.books.confirmations.iter_mut().find(|known| text(known, "SupplierConfirmation") == number);
    found.ok_or_else(Refusal::not_found)
}

fn found_item<'a>(confirmation: &'a mut Value, item: &str) -> Result<&'a mut Value, Refusal> {
    let items = items_mut(confirmation, ITEMS).iter_mut();
    let mut same = items.filter(|known| bare(text(known, "SupplierConfirmationItem")) == bare(item));
    same.next().ok_or_else(Refusal::not_found)
}

fn add_line(confirmation: &mut Value, item: &str, mut line: Value) -> Result<Value, Refusal> {
    let item = found_item(confirmation, item)?;
    if item.get(LINES).is_none() {
        item[LINES] = json!([]);
    }
    let lines = item.get_mut(LINES).and_then(Value::as_array_mut).ok_or_else(Refusal::not_found)?;
    let last =
        lines.iter().filter_map(|line| text(line, "SupplierConfirmationLine").parse::<u32>().ok()).max();
    line["SupplierConfirmationLine"] = json!((last.unwrap_or(0) + 1).to_string());
    line["@odata.etag"] = json!("W/\"1\"");
    lines.push(line.clone());
    Ok(line)
}

fn newer(entity: &mut Value) -> String {
    let version = text(entity, "@odata.etag").trim_start_matches("W/").trim_matches('"').parse::<u64>();
    let etag = format!("W/\"{}\"", version.unwrap_or(0) + 1);
    entity["@odata.etag"] = json!(etag);
    etag
}
