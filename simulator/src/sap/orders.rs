//! The order service (V4): read with a filter, in pages; a few fields may be changed.
use axum::response::Response;
use serde_json::Value;

use super::answer::{self, Refusal, Version};
use super::books::{State, bare, text};
use super::contract::{ORDER_ITEM, SCHEDULE_LINE};
use super::filter::Filter;
use super::routes::Asked;

const NAVIGATIONS: &[&str] = &["_PurchaseOrderItem", "_PurchaseOrderNote"];

/// A page of orders, in the order that was asked for.
pub(super) fn list(state: &State, asked: &Asked, limit: usize) -> Result<Response, Refusal> {
    let mut found: Vec<Value> = state.books.orders.clone();
    if let Some(filter) = asked.option("$filter") {
        let filter = Filter::parse(filter)?;
        found.retain(|order| filter.holds(order));
    }
    let by: Vec<&str> = asked.option("$orderby").unwrap_or("PurchaseOrder").split(',').collect();
    let key = |order: &Value| by.iter().map(|name| text(order, name).to_owned()).collect::<Vec<_>>();
    found.sort_by_key(key);
    let skipped: usize = asked.option("$skiptoken").and_then(|token| token.parse().ok()).unwrap_or(0);
    let wanted = asked.option("$top").and_then(|top| top.parse().ok()).unwrap_or(usize::MAX);
    let mut page: Vec<Value> = found.iter().skip(skipped).take(wanted.min(limit)).cloned().collect();
    let rest = found.len().saturating_sub(skipped + page.len());
    let next =
        (rest > 0 && page.len() < wanted).then(|| format!("PurchaseOrder?$skiptoken={}", skipped + limit));
    let expand = asked.option("$expand").unwrap_or_default();
    for order in &mut page {
        for navigation in NAVIGATIONS.iter().filter(|navigation| !expand.contains(**navigation)) {
            if let Some(order) = order.as_object_mut() {
                order.remove(*navigation);
            }
        }
    }
    Ok(answer::list(Version::V4, &page, next))
}

/// Changes an item or a schedule line: `PurchaseOrderItem/4500000001/10`.
pub(super) fn change(state: &mut State, asked: &Asked, now: &str) -> Result<Response, Refusal> {
    let keys: Vec<&str> = asked.path.split('/').collect();
    let (entity, order, item, schedule) = match keys.as_slice() {
        ["PurchaseOrderItem", order, item] => (&ORDER_ITEM, *order, *item, None),
        ["PurchaseOrderScheduleLine", order, item, line] => (&SCHEDULE_LINE, *order, *item, Some(*line)),
        _ => return Err(Refusal::not_found()),
    };
    let body = asked.json()?;
    let changes = entity.changed(&body)?;
    let order = state.books.orders.iter_mut().find(|known| text(known, "PurchaseOrder") == order);
    let order = order.ok_or_else(Refusal::not_found)?;
    let found = below(order, "_PurchaseOrderItem", "PurchaseOrderItem", item);
    let found = match schedule {
        Some(line) => {
            found.and_then(|item| below(item, "_PurchaseOrderScheduleLineTP", "ScheduleLine", line))
        }
        None => found,
    };
    let found = found.ok_or_else(Refusal::not_found)?;
    asked.matches(text(found, "@odata.etag"))?;
    for (name, value) in changes {
        found[name] = value.clone();
    }
    let etag = format!("W/\"{now}\"");
    found["@odata.etag"] = Value::from(etag.clone());
    order["LastChangeDateTime"] = Value::from(now);
    Ok(answer::done(Some(etag)))
}

fn below<'a>(entity: &'a mut Value, navigation: &str, key: &str, wanted: &str) -> Option<&'a mut Value> {
    let items = entity.get_mut(navigation)?.as_array_mut()?;
    items.iter_mut().find(|known| bare(text(known, key)) == bare(wanted))
}
