//! Reading shipments. A draft is its supplier's alone.
use std::collections::HashMap;

use quayside_canonical::{
    Date, PurchaseOrderId, ShipmentId, SupplierId, Timestamp, gs1::Sscc, shipment::ShipNotice,
    states::ShipmentStatus,
};
use quayside_entity::{appointment, shipment, shipment_line, shipment_version, sscc_use};
use sea_orm::{ColumnTrait, Condition, ExprTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::{Failure, Scope, store::Tx};

/// Which shipments are wanted.
#[derive(Clone, Debug, Default)]
pub struct ShipmentFilter {
    /// Only in one of these states; all when empty.
    pub statuses: Vec<ShipmentStatus>,
    /// Only with this number.
    pub number: Option<String>,
    /// Only of this supplier.
    pub supplier: Option<SupplierId>,
    /// Only with goods of this order.
    pub order: Option<PurchaseOrderId>,
    /// Only with this handling unit.
    pub sscc: Option<Sscc>,
    /// Only those expected on or after this day.
    pub arrives_from: Option<Date>,
}

/// A place in the list of shipments: the newest is first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShipmentKey {
    /// When the shipment was begun.
    pub created_at: Timestamp,
    /// The shipment.
    pub id: ShipmentId,
}

/// A shipment with what it holds.
#[derive(Clone, Debug)]
pub struct ShipmentView {
    /// The shipment itself.
    pub row: shipment::Model,
    /// All that the supplier said.
    pub notice: ShipNotice,
    /// What it holds of which order line, once it is announced.
    pub lines: Vec<shipment_line::Model>,
    /// Its slot at a dock.
    pub appointment: Option<appointment::Model>,
}

/// Shipments the caller may see.
fn visible(scope: &Scope) -> Select<shipment::Entity> {
    let rows = scope.find::<shipment::Entity>();
    if scope.supplier.is_some() {
        rows
    } else {
        rows.filter(shipment::Column::Status.ne(ShipmentStatus::Draft))
    }
}

/// A stretch of the list, the newest first. Whoever asks for a page asks for one more than it shows.
///
/// # Errors
/// The database failed.
pub async fn list(
    tx: &Tx,
    scope: &Scope,
    filter: &ShipmentFilter,
    after: Option<ShipmentKey>,
    limit: u64,
) -> Result<Vec<shipment::Model>, Failure> {
    use shipment::Column;
    let older = |key: ShipmentKey| {
        Column::CreatedAt
            .lt(key.created_at)
            .or(Column::CreatedAt.eq(key.created_at).and(Column::Id.lt(key.id)))
    };
    let mut rows = visible(scope)
        .filter(Condition::all().add_option(after.map(older)))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(limit);
    if !filter.statuses.is_empty() {
        rows = rows.filter(Column::Status.is_in(filter.statuses.iter().copied()));
    }
    if let Some(number) = &filter.number {
        rows = rows.filter(Column::Number.eq(number));
    }
    if let Some(supplier) = filter.supplier {
        rows = rows.filter(Column::SupplierId.eq(supplier));
    }
    if let Some(day) = filter.arrives_from {
        rows = rows.filter(Column::ArrivesAt.gte(Timestamp::at_midnight(day)));
    }
    if let Some(order) = filter.order {
        let ids = shipment_ids(tx, scope, order).await?;
        rows = rows.filter(Column::Id.is_in(ids));
    }
    if let Some(sscc) = filter.sscc {
        let ids: Vec<ShipmentId> = scope
            .find::<sscc_use::Entity>()
            .filter(sscc_use::Column::Sscc.eq(sscc.to_string()))
            .select_only()
            .column(sscc_use::Column::ShipmentId)
            .into_tuple()
            .all(&**tx)
            .await?;
        rows = rows.filter(Column::Id.is_in(ids));
    }
    Ok(rows.all(&**tx).await?)
}

async fn shipment_ids(tx: &Tx, scope: &Scope, order: PurchaseOrderId) -> Result<Vec<ShipmentId>, Failure> {
    let ids = scope
        .find::<shipment_line::Entity>()
        .filter(shipment_line::Column::OrderId.eq(order))
        .select_only()
        .column(shipment_line::Column::ShipmentId)
        .distinct();
    Ok(ids.into_tuple().all(&**tx).await?)
}

/// Shipments by id. Three statements, however many there are.
///
/// # Errors
/// The database failed, or what is stored is not what we wrote.
pub async fn by_ids(
    tx: &Tx,
    scope: &Scope,
    ids: &[ShipmentId],
) -> Result<HashMap<ShipmentId, ShipmentView>, Failure> {
    let rows = visible(scope).filter(shipment::Column::Id.is_in(ids.iter().copied())).all(&**tx).await?;
    views(tx, scope, rows).await.map(|views| views.into_iter().map(|view| (view.row.id, view)).collect())
}

/// The same for rows that are at hand, in their order.
///
/// # Errors
/// The database failed, or what is stored is not what we wrote.
pub async fn views(tx: &Tx, scope: &Scope, rows: Vec<shipment::Model>) -> Result<Vec<ShipmentView>, Failure> {
    let ids = || rows.iter().map(|row| row.id);
    let lines = scope.find::<shipment_line::Entity>().filter(shipment_line::Column::ShipmentId.is_in(ids()));
    let lines = lines.order_by_asc(shipment_line::Column::Place).all(&**tx).await?;
    let slots = scope.find::<appointment::Entity>().filter(appointment::Column::ShipmentId.is_in(ids()));
    let mut slots: HashMap<ShipmentId, appointment::Model> =
        slots.all(&**tx).await?.into_iter().map(|slot| (slot.shipment_id, slot)).collect();
    let mut held: HashMap<ShipmentId, Vec<shipment_line::Model>> = HashMap::new();
    for line in lines {
        held.entry(line.shipment_id).or_default().push(line);
    }
    rows.into_iter()
        .map(|row| {
            let notice = serde_json::from_str(&row.document)?;
            let (lines, appointment) = (held.remove(&row.id).unwrap_or_default(), slots.remove(&row.id));
            Ok(ShipmentView { row, notice, lines, appointment })
        })
        .collect()
}

/// Shipments with goods of each of these orders, the newest first.
///
/// # Errors
/// The database failed.
pub async fn of_orders(
    tx: &Tx,
    scope: &Scope,
    orders: &[PurchaseOrderId],
) -> Result<HashMap<PurchaseOrderId, Vec<ShipmentId>>, Failure> {
    let pairs: Vec<(PurchaseOrderId, ShipmentId)> = scope
        .find::<shipment_line::Entity>()
        .filter(shipment_line::Column::OrderId.is_in(orders.iter().copied()))
        .select_only()
        .columns([shipment_line::Column::OrderId, shipment_line::Column::ShipmentId])
        .distinct()
        .into_tuple()
        .all(&**tx)
        .await?;
    let mut shipments: HashMap<PurchaseOrderId, Vec<ShipmentId>> = HashMap::new();
    for (order, shipment) in pairs {
        shipments.entry(order).or_default().push(shipment);
    }
    for ids in shipments.values_mut() {
        ids.sort_unstable_by(|a, b| b.cmp(a));
    }
    Ok(shipments)
}

/// Every version of a shipment that the caller may see, the first in front: a buyer sees no drafts.
///
/// # Errors
/// The database failed.
pub async fn versions(
    tx: &Tx,
    scope: &Scope,
    shipment: ShipmentId,
) -> Result<Vec<shipment_version::Model>, Failure> {
    let rows =
        scope.find::<shipment_version::Entity>().filter(shipment_version::Column::ShipmentId.eq(shipment));
    let rows = rows.order_by_asc(shipment_version::Column::Version);
    let rows = match scope.supplier {
        Some(_) => rows,
        None => rows.filter(shipment_version::Column::Action.ne(super::write::Action::Drafted.code())),
    };
    Ok(rows.all(&**tx).await?)
}
