//! Reading shipments. A draft is its supplier's alone.
use std::collections::{BTreeSet, HashMap};

use quayside_canonical::{
    Date, Micro, PurchaseOrderId, ShipmentId, SupplierId, Timestamp,
    gs1::Sscc,
    shipment::ShipNotice,
    states::{ShipmentAction, ShipmentStatus},
};
use quayside_entity::{
    appointment, line_state, purchase_order, shipment, shipment_line, shipment_version, sscc_use,
};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::{
    Failure, Scope,
    store::{Tx, older},
};

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
    /// What it holds of which order line; of what was never announced, what it would hold, as it was written.
    pub lines: Vec<shipment_line::Model>,
    /// Its slot at a dock.
    pub appointment: Option<appointment::Model>,
}

/// Shipments the caller may see. A buyer never learns of a draft, not even of one that was cancelled.
fn visible(scope: &Scope) -> Select<shipment::Entity> {
    let rows = scope.find::<shipment::Entity>();
    if scope.supplier.is_some() { rows } else { rows.filter(shipment::Column::SubmittedAt.is_not_null()) }
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
    let older = |key: ShipmentKey| older(Column::CreatedAt, Column::Id, (key.created_at, key.id));
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

/// Shipments by id. Few statements, however many there are.
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
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let notice = serde_json::from_str(&row.document)?;
        let (lines, appointment) = (held.remove(&row.id).unwrap_or_default(), slots.remove(&row.id));
        views.push(ShipmentView { row, notice, lines, appointment });
    }
    add_drafted(tx, scope, &mut views).await?;
    Ok(views)
}

/// Adds the lines that drafts would hold: in the order line's unit unless the draft says another.
async fn add_drafted(tx: &Tx, scope: &Scope, views: &mut [ShipmentView]) -> Result<(), Failure> {
    let drafts = || views.iter().filter(|view| view.row.submitted_at.is_none());
    let numbers: BTreeSet<&str> =
        drafts().flat_map(|view| &view.notice.lines).map(|line| line.order.as_str()).collect();
    if numbers.is_empty() {
        return Ok(());
    }
    let orders: Vec<(String, PurchaseOrderId)> = scope
        .find::<purchase_order::Entity>()
        .filter(purchase_order::Column::Number.is_in(numbers))
        .select_only()
        .columns([purchase_order::Column::Number, purchase_order::Column::Id])
        .into_tuple()
        .all(&**tx)
        .await?;
    let orders: HashMap<String, PurchaseOrderId> = orders.into_iter().collect();
    let units: Vec<(PurchaseOrderId, String, String)> = scope
        .find::<line_state::Entity>()
        .filter(line_state::Column::OrderId.is_in(orders.values().copied()))
        .select_only()
        .columns([line_state::Column::OrderId, line_state::Column::Line, line_state::Column::Unit])
        .into_tuple()
        .all(&**tx)
        .await?;
    let units: HashMap<(PurchaseOrderId, String), String> =
        units.into_iter().map(|(order, line, unit)| ((order, line), unit)).collect();
    for view in views.iter_mut().filter(|view| view.row.submitted_at.is_none()) {
        view.lines = drafted(&view.row, &view.notice, &orders, &units);
    }
    Ok(())
}

fn drafted(
    row: &shipment::Model,
    notice: &ShipNotice,
    orders: &HashMap<String, PurchaseOrderId>,
    units: &HashMap<(PurchaseOrderId, String), String>,
) -> Vec<shipment_line::Model> {
    let line = |(line, place): (&quayside_canonical::shipment::ShippedLine, i32)| {
        let order_id = *orders.get(&line.order)?;
        let unit = line.unit.as_ref().or_else(|| units.get(&(order_id, line.line.clone())));
        Some(shipment_line::Model {
            shipment_id: row.id,
            order_id,
            line: line.line.clone(),
            tenant_id: row.tenant_id,
            supplier_id: row.supplier_id,
            place,
            quantity: line.quantity,
            unit: unit.cloned().unwrap_or_default(),
            received: Micro::ZERO,
            in_transit: Micro::ZERO,
        })
    };
    notice.lines.iter().zip(0..).filter_map(line).collect()
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

/// Every version of shipments that the caller may see, the first in front: a buyer sees no drafts.
///
/// # Errors
/// The database failed.
pub async fn versions(
    tx: &Tx,
    scope: &Scope,
    shipments: &[ShipmentId],
) -> Result<HashMap<ShipmentId, Vec<shipment_version::Model>>, Failure> {
    use shipment_version::Column;
    let ids = shipments.iter().copied();
    let rows = scope.find::<shipment_version::Entity>().filter(Column::ShipmentId.is_in(ids));
    let rows = rows.order_by_asc(Column::ShipmentId).order_by_asc(Column::Version);
    let rows = match scope.supplier {
        Some(_) => rows,
        None => rows.filter(Column::Action.ne(ShipmentAction::Drafted.code())),
    };
    let mut versions: HashMap<ShipmentId, Vec<shipment_version::Model>> = HashMap::new();
    for row in rows.all(&**tx).await? {
        versions.entry(row.shipment_id).or_default().push(row);
    }
    Ok(versions)
}
