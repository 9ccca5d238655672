//! What is open of orders, as the lines of a shipment: a supplier ships what it promised, without typing it again.
use std::collections::BTreeSet;

use quayside_canonical::{
    Field, Problems, PurchaseOrderId,
    order::{Party, PurchaseOrder},
    shipment::{CreateShipment, ShipNotice, ShippedLine},
};
use quayside_entity::{line_state, purchase_order, purchase_order_revision};
use sea_orm::{ColumnTrait, Condition, ExprTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{Failure, SupplierScope, ledger, store::Tx};

/// The notice of a request, with the open lines of the orders it names where it has no lines of its own, and their
/// place to ship to where they agree about it. And what is wrong with the orders it names.
pub(super) async fn filled(
    tx: &Tx,
    scope: &SupplierScope,
    request: &CreateShipment,
) -> Result<(ShipNotice, Problems), Failure> {
    let (mut notice, mut problems) = (request.notice.clone(), Problems::new());
    if request.from_orders.is_empty() || !notice.lines.is_empty() {
        return Ok((notice, problems));
    }
    let ids: Vec<PurchaseOrderId> = request.from_orders.iter().filter_map(|name| name.parse().ok()).collect();
    let named = Condition::any()
        .add(purchase_order::Column::Number.is_in(request.from_orders.iter().map(String::as_str)))
        .add(purchase_order::Column::Id.is_in(ids));
    let orders = scope.find::<purchase_order::Entity>().filter(named);
    let orders = orders.order_by_asc(purchase_order::Column::Number).all(&**tx).await?;
    for order in &orders {
        notice.lines.extend(open_lines(tx, scope, order).await?);
    }
    let field = Field::root().at("fromOrders");
    for (place, name) in request.from_orders.iter().enumerate() {
        if !orders.iter().any(|order| order.number == *name || order.id.to_string() == *name) {
            problems.add("UNKNOWN_ORDER", &field.at(place), format!("there is no order {name}"));
        }
    }
    if notice.lines.is_empty() && problems.is_empty() {
        problems.add("NOTHING_OPEN", &field, "nothing of these orders is still to be shipped");
    }
    if notice.ship_to.is_none() {
        notice.ship_to = ship_to(tx, scope, &orders).await?;
    }
    Ok((notice, problems))
}

/// What may still be shipped of each line: what was promised, or what is wanted where nothing was, without what is
/// here or on its way.
async fn open_lines(
    tx: &Tx,
    scope: &SupplierScope,
    order: &purchase_order::Model,
) -> Result<Vec<ShippedLine>, Failure> {
    let rows = scope.find::<line_state::Entity>().filter(line_state::Column::OrderId.eq(order.id));
    let rows = rows.order_by_asc(line_state::Column::Line).all(&**tx).await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let numbers = ledger::quantities(&row);
        let promised =
            if numbers.acknowledged.is_positive() { numbers.acknowledged } else { numbers.wanted() };
        let quantity =
            Ord::min(promised, numbers.wanted()) - numbers.accepted - numbers.held - numbers.in_transit;
        if quantity.is_positive() {
            let (order, unit) = (order.number.clone(), Some(row.unit));
            lines.push(ShippedLine { order, line: row.line, quantity, unit, batches: Vec::new() });
        }
    }
    Ok(lines)
}

/// Where the orders want their goods, when all say the same.
async fn ship_to(
    tx: &Tx,
    scope: &SupplierScope,
    orders: &[purchase_order::Model],
) -> Result<Option<Party>, Failure> {
    use purchase_order_revision::Column;
    if orders.is_empty() {
        return Ok(None);
    }
    let current = orders.iter().fold(Condition::any(), |any, order| {
        any.add(Column::OrderId.eq(order.id).and(Column::Number.eq(order.revision)))
    });
    let documents: Vec<String> = scope
        .find::<purchase_order_revision::Entity>()
        .filter(current)
        .select_only()
        .column(Column::Document)
        .into_tuple()
        .all(&**tx)
        .await?;
    let mut places = Vec::new();
    for document in documents {
        let order: PurchaseOrder = serde_json::from_str(&document)?;
        places.push(order.ship_to);
    }
    let different: BTreeSet<String> =
        places.iter().map(|place| serde_json::json!(place).to_string()).collect();
    Ok(if different.len() == 1 { places.pop().flatten() } else { None })
}
