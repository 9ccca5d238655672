//! Writing where lines, orders and shipments stand, in the transaction that changed a fact.
use std::collections::{BTreeMap, BTreeSet};

use quayside_canonical::{
    EventId, PurchaseOrderId, ShipmentId,
    events::ShipmentProgressed,
    ledger::of_lines,
    states::{DiscrepancyStatus, ExceptionKind, FulfillmentStatus, ShipmentStatus},
};
use quayside_entity::{line_state, purchase_order, shipment, shipment_line};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, QueryFilter, QueryOrder, QuerySelect, Set, sea_query::OnConflict,
};

use super::{
    differences,
    load::{self, Key, Loaded},
    position::{Position, position},
};
use crate::{
    Failure, Scope, exceptions,
    outbox::{self, About, Fact},
    scope::in_tenant,
    store::{Tx, upsert},
};

/// Brings the ledger of `orders`, the progress of their shipments and what differs up to date.
///
/// It locks the orders, in the order of their ids, before it reads: whoever changes a fact of the same order waits
/// here, and then sees what the other wrote. `cause` is the event that changed a fact.
///
/// # Errors
/// The database failed.
pub async fn settle(
    tx: &Tx,
    scope: &Scope,
    orders: &BTreeSet<PurchaseOrderId>,
    cause: Option<EventId>,
) -> Result<(), Failure> {
    if orders.is_empty() {
        return Ok(());
    }
    let rows = lock(tx, scope, orders).await?;
    let mut loaded = load::load(tx, scope, orders).await?;
    let positions: BTreeMap<Key, Position> =
        loaded.facts.iter().map(|(key, facts)| (key.clone(), position(facts))).collect();
    write_lines(tx, &loaded, &positions).await?;
    write_orders(tx, scope, &rows, &positions).await?;
    write_shipped(tx, &mut loaded, &positions).await?;
    differences::write(tx, scope, &rows, &mut loaded, &positions, cause).await?;
    write_shipments(tx, scope, &loaded, cause).await
}

type Orders = BTreeMap<PurchaseOrderId, purchase_order::Model>;

async fn lock(tx: &Tx, scope: &Scope, orders: &BTreeSet<PurchaseOrderId>) -> Result<Orders, Failure> {
    let rows = in_tenant::<purchase_order::Entity>(scope)
        .filter(purchase_order::Column::Id.is_in(orders.iter().copied()))
        .order_by_asc(purchase_order::Column::Id)
        .lock_exclusive()
        .all(&**tx)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Writes the lines whose position changed.
async fn write_lines(tx: &Tx, loaded: &Loaded, positions: &BTreeMap<Key, Position>) -> Result<(), Failure> {
    use line_state::Column;
    let changed = positions.iter().filter_map(|(key, position)| {
        let before = &loaded.lines[key];
        let after = with(before, position);
        (after != *before).then(|| sea_orm::IntoActiveModel::into_active_model(after).reset_all())
    });
    let again = OnConflict::columns([Column::OrderId, Column::Line])
        .update_columns([
            Column::Cancelled,
            Column::Shipped,
            Column::InTransit,
            Column::Received,
            Column::Accepted,
            Column::Held,
            Column::Rejected,
            Column::Returned,
            Column::ShortClosed,
            Column::Invoiced,
            Column::Fulfillment,
        ])
        .to_owned();
    upsert(tx, changed.collect(), &again).await
}

fn with(before: &line_state::Model, position: &Position) -> line_state::Model {
    let now = &position.quantities;
    line_state::Model {
        cancelled: now.cancelled,
        shipped: now.shipped,
        in_transit: now.in_transit,
        received: now.received,
        accepted: now.accepted,
        held: now.held,
        rejected: now.rejected,
        returned: now.returned,
        short_closed: now.short_closed,
        invoiced: now.invoiced,
        fulfillment: now.fulfillment(),
        ..before.clone()
    }
}

async fn write_orders(
    tx: &Tx,
    scope: &Scope,
    orders: &Orders,
    positions: &BTreeMap<Key, Position>,
) -> Result<(), Failure> {
    for (id, order) in orders {
        let lines = positions.iter().filter(|(key, _)| key.0 == *id);
        let fulfillment: FulfillmentStatus =
            of_lines(lines.map(|(_, position)| position.quantities.fulfillment()));
        if fulfillment != order.fulfillment {
            let row = purchase_order::ActiveModel {
                id: Set(*id),
                fulfillment: Set(fulfillment),
                updated_at: Set(scope.now),
                ..Default::default()
            };
            row.update(&**tx).await?;
        }
    }
    Ok(())
}

/// Writes what arrived of each shipment, and keeps it for what follows.
async fn write_shipped(
    tx: &Tx,
    loaded: &mut Loaded,
    positions: &BTreeMap<Key, Position>,
) -> Result<(), Failure> {
    use shipment_line::Column;
    let mut changed = Vec::new();
    for row in &mut loaded.shipped {
        let Some(position) = positions.get(&(row.order_id, row.line.clone())) else { continue };
        let Some(now) = position.shipments.iter().find(|now| now.id == row.shipment_id) else { continue };
        if (row.received, row.in_transit) != (now.received, now.in_transit) {
            (row.received, row.in_transit) = (now.received, now.in_transit);
            changed.push(sea_orm::IntoActiveModel::into_active_model(row.clone()).reset_all());
        }
    }
    let again = OnConflict::columns([Column::ShipmentId, Column::OrderId, Column::Line])
        .update_columns([Column::Received, Column::InTransit])
        .to_owned();
    upsert(tx, changed, &again).await
}

async fn write_shipments(
    tx: &Tx,
    scope: &Scope,
    loaded: &Loaded,
    cause: Option<EventId>,
) -> Result<(), Failure> {
    let mut facts = Vec::new();
    for row in loaded.shipments.values() {
        let after = status(row, loaded, scope.now);
        if after == row.status {
            continue;
        }
        let finished = matches!(after, ShipmentStatus::Received | ShipmentStatus::Closed);
        let began = matches!(after, ShipmentStatus::PartiallyReceived) || finished;
        let update = shipment::ActiveModel {
            id: Set(row.id),
            status: Set(after),
            arrived_at: Set(row.arrived_at.or(began.then_some(scope.now))),
            finished_at: Set(finished.then(|| row.finished_at.unwrap_or(scope.now))),
            updated_at: Set(scope.now),
            ..Default::default()
        };
        update.update(&**tx).await?;
        if row.late_at.is_some() && (began || after == ShipmentStatus::Arrived) {
            let (kind, words) = (ExceptionKind::ShipmentLate, "the goods arrived");
            exceptions::resolve(tx, scope, kind, &row.id.to_string(), words).await?;
        }
        let event =
            ShipmentProgressed { shipment: row.id, number: row.number.clone(), from: row.status, to: after };
        let about =
            About { subject: row.id.to_string(), supplier: Some(row.supplier_id), order: row.order_id };
        let fact = Fact::new(about, &event)?;
        facts.push(match cause {
            Some(cause) => fact.caused_by(cause),
            None => fact,
        });
    }
    outbox::append(tx, scope, facts).await
}

/// Where a shipment stands: as far as what arrived of it says, else as far as its times say.
fn status(row: &shipment::Model, loaded: &Loaded, now: quayside_canonical::Timestamp) -> ShipmentStatus {
    let lines: Vec<&shipment_line::Model> =
        loaded.shipped.iter().filter(|line| line.shipment_id == row.id).collect();
    let some = lines.iter().any(|line| line.received.is_positive());
    let all = !lines.is_empty() && lines.iter().all(|line| line.received >= line.quantity);
    if loaded.complete.contains(&row.id) || all {
        return if has_open_difference(row.id, loaded) {
            ShipmentStatus::Received
        } else {
            ShipmentStatus::Closed
        };
    }
    match () {
        () if some => ShipmentStatus::PartiallyReceived,
        () if row.arrived_at.is_some() => ShipmentStatus::Arrived,
        () if row.ships_at.is_none_or(|at| at <= now) => ShipmentStatus::InTransit,
        () => ShipmentStatus::Submitted,
    }
}

fn has_open_difference(shipment: ShipmentId, loaded: &Loaded) -> bool {
    loaded.discrepancies.iter().any(|row| {
        row.shipment_id == Some(shipment)
            && matches!(row.status, DiscrepancyStatus::Open | DiscrepancyStatus::Contested)
    })
}
