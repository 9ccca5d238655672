//! The inbound delivery service (V2). Head and items share one version.
use axum::http::StatusCode;
use axum::response::Response;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::answer::{self, Refusal, Version};
use super::books::{State, bare, below, quantity, same_unit, text};
use super::contract::{DELIVERY, DELIVERY_ITEM};
use super::filter::Filter;
use super::routes::Asked;

const ITEMS: &str = "to_DeliveryDocumentItem";

pub(super) fn list(state: &State, asked: &Asked) -> Result<Response, Refusal> {
    let mut found = state.books.deliveries.clone();
    if let Some(filter) = asked.option("$filter") {
        let filter = Filter::parse(filter)?;
        found.retain(|delivery| filter.holds(delivery));
    }
    for delivery in &mut found {
        shown(delivery, asked.option("$expand").unwrap_or_default().contains(ITEMS));
    }
    Ok(answer::list(Version::V2, &found, None))
}

pub(super) fn create(state: &mut State, asked: &Asked) -> Result<Response, Refusal> {
    if asked.path != "A_InbDeliveryHeader" {
        return Err(Refusal::not_found()); // items cannot be added
    }
    let body = asked.json()?;
    DELIVERY.created(&body)?;
    let supplier = text(&body, "Supplier");
    let mut wanted: Vec<(String, String, Decimal)> = Vec::new();
    for item in below(&body, ITEMS) {
        let (order, line) = (text(&item, "ReferenceSDDocument"), text(&item, "ReferenceSDDocumentItem"));
        let ordered = state.item(order, line)?;
        same_unit(ordered, text(&item, "DeliveryQuantityUnit"))?;
        if bare(&state.supplier(order)) != bare(supplier) {
            return Err(Refusal::rule("VL/561", format!("Order {order} is not of supplier {supplier}")));
        }
        wanted.push((order.to_owned(), bare(line).to_owned(), quantity(&item, "ActualDeliveryQuantity")));
    }
    for (order, line, _) in &wanted {
        let sum: Decimal = wanted.iter().filter(|w| (&w.0, &w.1) == (order, line)).map(|w| w.2).sum();
        check_open(state, order, line, sum, None)?;
    }
    let number = state.number(180_000_000);
    let made = numbered(body, &number);
    state.books.deliveries.push(made.clone());
    let mut shown_now = made;
    shown(&mut shown_now, true);
    Ok(answer::entity(StatusCode::CREATED, Version::V2, shown_now))
}

pub(super) fn change(state: &mut State, asked: &Asked) -> Result<Response, Refusal> {
    let body = asked.json()?;
    let index = position(state, asked)?;
    asked.matches(&etag(&state.books.deliveries[index]))?;
    match asked.key("DeliveryDocumentItem") {
        None => {
            let changes = DELIVERY.changed(&body)?;
            for (name, value) in changes {
                state.books.deliveries[index][name] = value.clone();
            }
        }
        Some(item) => {
            let changes = DELIVERY_ITEM.changed(&body)?;
            let there = below(&state.books.deliveries[index], ITEMS);
            let Some(found) = there.iter().find(|known| text(known, "DeliveryDocumentItem") == item) else {
                return Err(Refusal::not_found());
            };
            if changes.contains_key("ActualDeliveryQuantity") {
                let (order, line) =
                    (text(found, "ReferenceSDDocument"), text(found, "ReferenceSDDocumentItem"));
                let wanted = quantity(&body, "ActualDeliveryQuantity");
                check_open(state, order, bare(line), wanted, Some((index, &item)))?;
            }
            for known in items_mut(&mut state.books.deliveries[index]) {
                if text(known, "DeliveryDocumentItem") == item {
                    for (name, value) in changes {
                        known[name] = value.clone();
                    }
                }
            }
        }
    }
    Ok(answer::done(Some(newer(&mut state.books.deliveries[index]))))
}

pub(super) fn delete(state: &mut State, asked: &Asked) -> Result<Response, Refusal> {
    let index = position(state, asked)?;
    asked.matches(&etag(&state.books.deliveries[index]))?;
    let Some(item) = asked.key("DeliveryDocumentItem") else {
        state.books.deliveries.remove(index);
        return Ok(answer::done(None));
    };
    let delivery = &mut state.books.deliveries[index];
    if let Some(items) =
        delivery.pointer_mut("/to_DeliveryDocumentItem/results").and_then(Value::as_array_mut)
    {
        items.retain(|known| text(known, "DeliveryDocumentItem") != item);
    }
    Ok(answer::done(Some(newer(delivery))))
}

/// All deliveries of a line together are at most what was ordered.
fn check_open(
    state: &State,
    order: &str,
    line: &str,
    added: Decimal,
    instead_of: Option<(usize, &str)>,
) -> Result<(), Refusal> {
    let mut sum = added;
    for (index, delivery) in state.books.deliveries.iter().enumerate() {
        for item in below(delivery, ITEMS) {
            let is_it = instead_of == Some((index, text(&item, "DeliveryDocumentItem")));
            let same = text(&item, "ReferenceSDDocument") == order
                && bare(text(&item, "ReferenceSDDocumentItem")) == line;
            if same && !is_it {
                sum += quantity(&item, "ActualDeliveryQuantity");
            }
        }
    }
    let most = quantity(state.item(order, line)?, "OrderQuantity");
    if sum > most {
        let message =
            format!("Delivered quantity {sum} exceeds the quantity {most} of item {line} of order {order}");
        return Err(Refusal::rule("VL/367", message));
    }
    Ok(())
}

fn numbered(mut delivery: Value, number: &str) -> Value {
    delivery["DeliveryDocument"] = json!(number);
    delivery["DeliveryVersion"] = json!("0001");
    let mut items = below(&delivery, ITEMS);
    for (index, item) in items.iter_mut().enumerate() {
        item["DeliveryDocument"] = json!(number);
        item["DeliveryDocumentItem"] = json!(((index + 1) * 10).to_string());
    }
    delivery[ITEMS] = json!({ "results": items });
    delivery
}

/// With what OData V2 says about each entity.
fn shown(delivery: &mut Value, with_items: bool) {
    let version = etag(delivery);
    delivery["__metadata"] = json!({ "etag": version });
    if !with_items {
        delivery[ITEMS] = json!({ "__deferred": {} });
        return;
    }
    for item in items_mut(delivery) {
        item["__metadata"] = json!({ "etag": version });
    }
}

fn items_mut(delivery: &mut Value) -> &mut [Value] {
    let items = delivery.pointer_mut("/to_DeliveryDocumentItem/results").and_then(Value::as_array_mut);
    items.map(Vec::as_mut_slice).unwrap_or_default()
}

fn position(state: &State, asked: &Asked) -> Result<usize, Refusal> {
    let number = asked.key("DeliveryDocument").ok_or_else(Refusal::not_found)?;
    let found = state.books.deliveries.iter().position(|known| text(known, "DeliveryDocument") == number);
    found.ok_or_else(Refusal::not_found)
}

fn etag(delivery: &Value) -> String {
    format!("W/\"'{}'\"", text(delivery, "DeliveryVersion"))
}

fn newer(delivery: &mut Value) -> String {
    let version = text(delivery, "DeliveryVersion").parse::<u32>().unwrap_or(0) + 1;
    delivery["DeliveryVersion"] = json!(format!("{version:04}"));
    etag(delivery)
}
