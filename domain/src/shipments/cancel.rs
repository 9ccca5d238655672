//! Taking a shipment back.
use std::collections::BTreeSet;

use quayside_canonical::{
    Field, Micro, Problems, PurchaseOrderId,
    events::ShipmentCancelled,
    shipment::CancelShipment,
    states::{ExceptionKind, ShipmentAction, ShipmentStatus},
};
use quayside_entity::{purchase_order, shipment, shipment_line};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::{Handled, ShipmentError, appointment, submit, write};
use crate::{
    Failure, SupplierScope,
    exceptions::{self, Cure},
    idempotency::{self, Claim, IdempotencyKey},
    ledger,
    outbox::{self, Fact},
    scope::update_in_tenant,
    store::Tx,
};

/// Takes a shipment back. Its number stays used. Without a key it only validates.
///
/// # Errors
/// See [`ShipmentError`].
pub async fn cancel(
    scope: &SupplierScope,
    request: &CancelShipment,
    key: Option<&IdempotencyKey>,
) -> Result<Handled, ShipmentError> {
    write::may(scope)?;
    let done = |replayed| Handled { shipment: Some(request.shipment), replayed };
    let tx = if key.is_some() { scope.write().await? } else { scope.read().await? };
    if let Some(key) = key {
        let claim =
            idempotency::claim(&tx, scope, "shipments.cancel", key, request, &request.shipment).await?;
        if claim != Claim::First {
            return Ok(done(true));
        }
    }
    write::peek(&tx, scope, request.shipment).await?;
    let orders = lock_orders(&tx, scope, request).await?;
    let row = write::lock(&tx, scope, request.shipment, None).await?;
    check(request, &row)?;
    if key.is_some() {
        record(&tx, scope, request, row, &orders).await?;
        tx.commit().await?;
    }
    Ok(done(false))
}

fn check(request: &CancelShipment, row: &shipment::Model) -> Result<(), ShipmentError> {
    let mut problems = Problems::new();
    let field = Field::root().at("id");
    if row.status == ShipmentStatus::Cancelled {
        problems.add("CANCELLED", &field, "the shipment is cancelled already");
    } else if row.status != ShipmentStatus::Draft && !write::may_change(row.status) {
        let words =
            "the warehouse has begun to receive it; it can be cancelled when every receipt is taken back";
        problems.add("RECEIVING_BEGAN", &field, words);
    }
    if request.reason.as_ref().is_some_and(|reason| reason.chars().count() > 2_000) {
        problems.add("TOO_LONG", &Field::root().at("reason"), "at most 2000 characters");
    }
    problems.into_result().map_err(ShipmentError::Refused)
}

async fn record(
    tx: &Tx,
    scope: &SupplierScope,
    request: &CancelShipment,
    row: shipment::Model,
    orders: &BTreeSet<PurchaseOrderId>,
) -> Result<(), ShipmentError> {
    let announced = row.status != ShipmentStatus::Draft;
    let row = shipment::Model {
        status: ShipmentStatus::Cancelled,
        version: row.version + 1,
        finished_at: Some(scope.now),
        updated_at: scope.now,
        ..row
    };
    write::save(tx, &row).await?;
    write::file(tx, scope, &row, ShipmentAction::Cancelled, request.reason.as_ref()).await?;
    // Nobody knew of a draft.
    if !announced {
        return Ok(());
    }
    update_in_tenant::<shipment_line::Entity>(scope)
        .col_expr(shipment_line::Column::InTransit, Expr::value(Micro::ZERO))
        .col_expr(shipment_line::Column::Received, Expr::value(Micro::ZERO))
        .filter(shipment_line::Column::ShipmentId.eq(row.id))
        .exec(&**tx)
        .await?;
    let event = ShipmentCancelled {
        shipment: row.id,
        supplier: scope.supplier,
        supplier_number: Some(submit::supplier_number(tx, scope).await?),
        number: row.number.clone(),
        version: row.version,
        orders: orders.iter().copied().collect(),
        location: write::notice(&row)?.ship_to.and_then(|party| party.code),
        reason: request.reason.clone(),
    };
    let fact = Fact::new(write::about(&row), &event)?;
    let cause = fact.id;
    outbox::append(tx, scope, vec![fact]).await?;
    appointment::close(tx, scope, &row, cause).await?;
    let cancelled = Cure { words: "the shipment was cancelled", event: Some(cause) };
    let subject = [row.id.to_string()];
    exceptions::cure(tx, scope, ExceptionKind::ShipmentLate, &subject, &cancelled).await?;
    ledger::settle(tx, scope, orders, Some(cause)).await?;
    Ok(())
}

/// Locks the orders that the shipment holds goods of, in the order of their ids.
async fn lock_orders(
    tx: &Tx,
    scope: &SupplierScope,
    request: &CancelShipment,
) -> Result<BTreeSet<PurchaseOrderId>, Failure> {
    let orders: Vec<PurchaseOrderId> = scope
        .find::<shipment_line::Entity>()
        .filter(shipment_line::Column::ShipmentId.eq(request.shipment))
        .select_only()
        .column(shipment_line::Column::OrderId)
        .distinct()
        .into_tuple()
        .all(&**tx)
        .await?;
    scope
        .find::<purchase_order::Entity>()
        .filter(purchase_order::Column::Id.is_in(orders.iter().copied()))
        .order_by_asc(purchase_order::Column::Id)
        .lock_exclusive()
        .all(&**tx)
        .await?;
    Ok(orders.into_iter().collect())
}
