//! Reading discrepancies. Both sides see the same object; a supplier its own.
use std::collections::{BTreeSet, HashMap};

use quayside_canonical::{
    DiscrepancyId, PurchaseOrderId, ShipmentId, SupplierId, Timestamp,
    states::{DiscrepancyKind, DiscrepancyStatus},
};
use quayside_entity::{discrepancy, purchase_order};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    Failure, Scope,
    store::{Tx, older},
};

/// The most discrepancies shown with their orders.
const MOST: u64 = 2_000;

/// A discrepancy, with the buyer's number of its order.
#[derive(Clone, Debug)]
pub struct Discrepancy {
    /// The row.
    pub row: discrepancy::Model,
    /// The order's number.
    pub order_number: String,
}

/// Which discrepancies are wanted.
#[derive(Clone, Debug, Default)]
pub struct DiscrepancyFilter {
    /// Only in one of these statuses; all when empty.
    pub statuses: Vec<DiscrepancyStatus>,
    /// Only of this kind.
    pub kind: Option<DiscrepancyKind>,
    /// Only of this order.
    pub order: Option<PurchaseOrderId>,
    /// Only of this shipment.
    pub shipment: Option<ShipmentId>,
    /// Only of this supplier.
    pub supplier: Option<SupplierId>,
}

/// Discrepancies, the newest first; those after `after`: its time and id. Two statements.
///
/// # Errors
/// The database failed.
pub async fn list(
    tx: &Tx,
    scope: &Scope,
    filter: &DiscrepancyFilter,
    after: Option<(Timestamp, DiscrepancyId)>,
    limit: u64,
) -> Result<Vec<Discrepancy>, Failure> {
    use discrepancy::Column;
    let statuses = (!filter.statuses.is_empty()).then(|| match filter.statuses.as_slice() {
        [one] => Column::Status.eq(*one),
        many => Column::Status.is_in(many.iter().copied()),
    });
    let condition = Condition::all()
        .add_option(statuses)
        .add_option(filter.kind.map(|kind| Column::Kind.eq(kind)))
        .add_option(filter.order.map(|order| Column::OrderId.eq(order)))
        .add_option(filter.shipment.map(|shipment| Column::ShipmentId.eq(shipment)))
        .add_option(filter.supplier.map(|supplier| Column::SupplierId.eq(supplier)))
        .add_option(after.map(|after| older(Column::OpenedAt, Column::Id, after)));
    let rows = scope.find::<discrepancy::Entity>().filter(condition).limit(limit);
    let rows = rows.order_by_desc(Column::OpenedAt).order_by_desc(Column::Id).all(&**tx).await?;
    complete(tx, scope, rows).await
}

/// Discrepancies by id.
///
/// # Errors
/// The database failed.
pub async fn by_ids(tx: &Tx, scope: &Scope, ids: &[DiscrepancyId]) -> Result<Vec<Discrepancy>, Failure> {
    let rows = scope.find::<discrepancy::Entity>();
    let rows = rows.filter(discrepancy::Column::Id.is_in(ids.iter().copied())).all(&**tx).await?;
    complete(tx, scope, rows).await
}

/// The discrepancies of orders, oldest first.
///
/// # Errors
/// The database failed.
pub async fn of_orders(
    tx: &Tx,
    scope: &Scope,
    orders: &[PurchaseOrderId],
) -> Result<Vec<Discrepancy>, Failure> {
    let about = discrepancy::Column::OrderId.is_in(orders.iter().copied());
    oldest_first(tx, scope, Condition::all().add(about)).await
}

/// The discrepancies of shipments, oldest first.
///
/// # Errors
/// The database failed.
pub async fn of_shipments(
    tx: &Tx,
    scope: &Scope,
    shipments: &[ShipmentId],
) -> Result<Vec<Discrepancy>, Failure> {
    let about = discrepancy::Column::ShipmentId.is_in(shipments.iter().copied());
    oldest_first(tx, scope, Condition::all().add(about)).await
}

async fn oldest_first(tx: &Tx, scope: &Scope, which: Condition) -> Result<Vec<Discrepancy>, Failure> {
    use discrepancy::Column;
    let rows = scope.find::<discrepancy::Entity>().filter(which).limit(MOST);
    let rows = rows.order_by_asc(Column::OpenedAt).order_by_asc(Column::Id).all(&**tx).await?;
    complete(tx, scope, rows).await
}

async fn complete(
    tx: &Tx,
    scope: &Scope,
    rows: Vec<discrepancy::Model>,
) -> Result<Vec<Discrepancy>, Failure> {
    let orders: BTreeSet<PurchaseOrderId> = rows.iter().map(|row| row.order_id).collect();
    let numbers = order_numbers(tx, scope, orders).await?;
    let named = |row: discrepancy::Model| {
        let order_number = numbers.get(&row.order_id).cloned().unwrap_or_default();
        Discrepancy { row, order_number }
    };
    Ok(rows.into_iter().map(named).collect())
}

/// The buyer's numbers of orders.
pub(crate) async fn order_numbers(
    tx: &Tx,
    scope: &Scope,
    orders: BTreeSet<PurchaseOrderId>,
) -> Result<HashMap<PurchaseOrderId, String>, Failure> {
    if orders.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(PurchaseOrderId, String)> = scope
        .find::<purchase_order::Entity>()
        .filter(purchase_order::Column::Id.is_in(orders))
        .select_only()
        .columns([purchase_order::Column::Id, purchase_order::Column::Number])
        .into_tuple()
        .all(&**tx)
        .await?;
    Ok(rows.into_iter().collect())
}
