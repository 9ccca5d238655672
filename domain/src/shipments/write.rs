//! The rows of a shipment, and finding the one that is to be changed.
use std::collections::BTreeSet;

use quayside_canonical::{
    PurchaseOrderId, ShipmentId,
    identity::Permission,
    shipment::ShipNotice,
    states::{ShipmentAction, ShipmentStatus},
};
use quayside_entity::{shipment, shipment_line, shipment_version};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Set};

use super::{ShipmentError, check::Shipped};
use crate::{
    Failure, SupplierScope,
    outbox::About,
    scope::delete_in_tenant,
    store::{Tx, insert},
};

/// Whether the caller may work on shipments.
pub(super) fn may(scope: &SupplierScope) -> Result<(), ShipmentError> {
    if scope.may(Permission::ShipmentsManage) { Ok(()) } else { Err(ShipmentError::Forbidden) }
}

/// The shipment, unlocked: its orders are locked before it is.
pub(super) async fn peek(
    tx: &Tx,
    scope: &SupplierScope,
    id: ShipmentId,
) -> Result<shipment::Model, ShipmentError> {
    let row = scope.find::<shipment::Entity>().filter(shipment::Column::Id.eq(id)).one(&**tx).await?;
    row.ok_or(ShipmentError::NotFound)
}

/// The shipment, locked, when it still is at `version`.
pub(super) async fn lock(
    tx: &Tx,
    scope: &SupplierScope,
    id: ShipmentId,
    version: Option<i32>,
) -> Result<shipment::Model, ShipmentError> {
    let row = scope.find::<shipment::Entity>().filter(shipment::Column::Id.eq(id)).lock_exclusive();
    let row = row.one(&**tx).await?.ok_or(ShipmentError::NotFound)?;
    match version {
        Some(given) if given != row.version => {
            Err(ShipmentError::StaleVersion { given, current: row.version })
        }
        _ => Ok(row),
    }
}

/// Files what the supplier said as a version of its own.
pub(super) async fn file(
    tx: &Tx,
    scope: &SupplierScope,
    shipment: &shipment::Model,
    action: ShipmentAction,
    reason: Option<&String>,
) -> Result<(), Failure> {
    let row = shipment_version::ActiveModel {
        shipment_id: Set(shipment.id),
        version: Set(shipment.version),
        tenant_id: Set(scope.tenant),
        supplier_id: Set(scope.supplier),
        action: Set(action.code().to_owned()),
        document: Set(shipment.document.clone()),
        reason: Set(reason.cloned()),
        actor: Set(scope.actor.to_string()),
        channel: Set(scope.channel),
        created_at: Set(scope.now),
    };
    shipment_version::Entity::insert(row).exec_without_returning(&**tx).await?;
    Ok(())
}

/// Replaces the lines of a shipment.
pub(super) async fn lines(
    tx: &Tx,
    scope: &SupplierScope,
    shipment: ShipmentId,
    lines: &[Shipped],
) -> Result<(), Failure> {
    delete_in_tenant::<shipment_line::Entity>(scope)
        .filter(shipment_line::Column::ShipmentId.eq(shipment))
        .exec(&**tx)
        .await?;
    let rows = lines.iter().zip(0..).map(|(line, place)| shipment_line::ActiveModel {
        shipment_id: Set(shipment),
        order_id: Set(line.order),
        line: Set(line.line.clone()),
        tenant_id: Set(scope.tenant),
        supplier_id: Set(scope.supplier),
        place: Set(place),
        quantity: Set(line.quantity),
        unit: Set(line.unit.clone()),
        received: Set(quayside_canonical::Micro::ZERO),
        in_transit: Set(quayside_canonical::Micro::ZERO),
    });
    insert(tx, rows.collect()).await
}

/// Writes what the row became.
pub(super) async fn save(tx: &Tx, row: &shipment::Model) -> Result<(), Failure> {
    use sea_orm::IntoActiveModel;
    let id = row.id;
    let mut changed = row.clone().into_active_model().reset_all();
    changed.id = Set(id);
    changed.update(&**tx).await?;
    Ok(())
}

/// The orders of some lines, each once.
pub(super) fn orders(lines: &[Shipped]) -> BTreeSet<PurchaseOrderId> {
    lines.iter().map(|line| line.order).collect()
}

/// The only order of a shipment, when it has only one: its events then belong to that order.
pub(super) fn only(orders: &BTreeSet<PurchaseOrderId>) -> Option<PurchaseOrderId> {
    if orders.len() == 1 { orders.first().copied() } else { None }
}

/// What events of a shipment are about.
pub(super) fn about(row: &shipment::Model) -> About {
    About { subject: row.id.to_string(), supplier: Some(row.supplier_id), order: row.order_id }
}

/// What a stored shipment says.
pub(super) fn notice(row: &shipment::Model) -> Result<ShipNotice, Failure> {
    Ok(serde_json::from_str(&row.document)?)
}

/// Whether the supplier may still change or cancel an announced shipment.
pub(super) const fn may_change(status: ShipmentStatus) -> bool {
    matches!(status, ShipmentStatus::Submitted | ShipmentStatus::InTransit | ShipmentStatus::Arrived)
}
