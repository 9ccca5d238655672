//! Announcing a draft.
use std::collections::BTreeSet;

use quayside_canonical::{
    Field, PurchaseOrderId,
    events::{ShipmentAmended, ShipmentSubmitted, ShippedQuantity},
    shipment::{ShipNotice, SubmitShipment},
    states::{ExceptionKind, Severity, ShipmentAction, ShipmentStatus},
};
use quayside_entity::{shipment, supplier};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

use super::{
    Handled, ShipmentError,
    check::{self, Shipped},
    ground, sscc, write,
};
use crate::{
    Failure, SupplierScope,
    exceptions::{self, NewException},
    idempotency::{self, Claim, IdempotencyKey},
    ledger,
    outbox::{self, Fact},
    store::Tx,
};

/// Announces a draft as it stands. Without a key it only validates.
///
/// # Errors
/// See [`ShipmentError`].
pub async fn submit(
    scope: &SupplierScope,
    request: &SubmitShipment,
    key: Option<&IdempotencyKey>,
) -> Result<Handled, ShipmentError> {
    write::may(scope)?;
    let done = |replayed| Handled { shipment: Some(request.shipment), replayed };
    let tx = if key.is_some() { scope.write().await? } else { scope.read().await? };
    if let Some(key) = key {
        let claim =
            idempotency::claim(&tx, scope, "shipments.submit", key, request, &request.shipment).await?;
        if claim != Claim::First {
            return Ok(done(true));
        }
    }
    let seen = write::peek(&tx, scope, request.shipment).await?;
    let notice = write::notice(&seen)?;
    let ground = ground::load(&tx, scope, &notice, None).await?;
    let row = write::lock(&tx, scope, request.shipment, Some(request.version)).await?;
    if row.status != ShipmentStatus::Draft {
        let words = format!("the shipment is {} already", row.status);
        return Err(ShipmentError::refused("NOT_A_DRAFT", &Field::root().at("id"), words));
    }
    let (lines, mut problems) = check::announced(&notice, &ground);
    sscc::check(&tx, scope, &notice, Some(row.id), false, &mut problems).await?;
    problems.into_result().map_err(ShipmentError::Refused)?;
    if key.is_some() {
        let row = shipment::Model { version: row.version + 1, ..row };
        announce(&tx, scope, row, &notice, &lines).await?;
        tx.commit().await?;
    }
    Ok(done(false))
}

/// Writes an announced shipment, its lines and its event, and brings the ledger up to date.
pub(super) async fn announce(
    tx: &Tx,
    scope: &SupplierScope,
    row: shipment::Model,
    notice: &ShipNotice,
    lines: &[Shipped],
) -> Result<(), ShipmentError> {
    let orders = write::orders(lines);
    let row = shipment::Model {
        status: ShipmentStatus::Submitted,
        order_id: write::only(&orders),
        ships_at: notice.ships_at.or(Some(scope.now)),
        submitted_at: Some(scope.now),
        updated_at: scope.now,
        ..row
    };
    let event = ShipmentSubmitted {
        shipment: row.id,
        supplier: scope.supplier,
        supplier_number: supplier_number(tx, scope).await?,
        number: row.number.clone(),
        version: row.version,
        lines: quantities(lines),
        notice: notice.clone(),
    };
    let fact = Fact::new(write::about(&row), &event)?.first_of_its_subject();
    put(tx, scope, &row, notice, lines, (ShipmentAction::Submitted, fact, orders)).await
}

/// Writes an announced shipment that changed.
pub(super) async fn amend(
    tx: &Tx,
    scope: &SupplierScope,
    row: shipment::Model,
    notice: &ShipNotice,
    lines: &[Shipped],
    before: BTreeSet<PurchaseOrderId>,
) -> Result<(), ShipmentError> {
    let orders = write::orders(lines);
    let row = shipment::Model { order_id: write::only(&orders), updated_at: scope.now, ..row };
    let row = no_longer_late(tx, scope, row).await?;
    let event = ShipmentAmended {
        shipment: row.id,
        supplier: scope.supplier,
        supplier_number: supplier_number(tx, scope).await?,
        number: row.number.clone(),
        version: row.version,
        lines: quantities(lines),
        notice: notice.clone(),
    };
    let fact = Fact::new(write::about(&row), &event)?;
    let touched = &orders | &before;
    put(tx, scope, &row, notice, lines, (ShipmentAction::Amended, fact, touched)).await
}

/// Goods that are expected later now are not late any more.
async fn no_longer_late(
    tx: &Tx,
    scope: &SupplierScope,
    row: shipment::Model,
) -> Result<shipment::Model, Failure> {
    if row.late_at.is_none() || row.arrives_at.is_some_and(|at| at < scope.now) {
        return Ok(row);
    }
    let (kind, words) = (ExceptionKind::ShipmentLate, "the supplier expects the goods to arrive later");
    exceptions::resolve(tx, scope, kind, &row.id.to_string(), words).await?;
    Ok(shipment::Model { late_at: None, ..row })
}

async fn put(
    tx: &Tx,
    scope: &SupplierScope,
    row: &shipment::Model,
    notice: &ShipNotice,
    lines: &[Shipped],
    (action, fact, orders): (ShipmentAction, Fact, BTreeSet<PurchaseOrderId>),
) -> Result<(), ShipmentError> {
    write::save(tx, row).await?;
    write::file(tx, scope, row, action, None).await?;
    write::lines(tx, scope, row.id, lines).await?;
    sscc::register(tx, scope, row.id, notice).await?;
    let cause = fact.id;
    outbox::append(tx, scope, vec![fact]).await?;
    ledger::settle(tx, scope, &orders, Some(cause)).await?;
    exceptions::open_many(tx, scope, unacknowledged(scope, row, lines)).await?;
    Ok(())
}

fn quantities(lines: &[Shipped]) -> Vec<ShippedQuantity> {
    let quantity = |line: &Shipped| ShippedQuantity {
        order: line.order,
        order_number: line.order_number.clone(),
        line: line.line.clone(),
        buyer_part: line.item.clone(),
        quantity: line.quantity,
        unit: line.unit.clone(),
    };
    lines.iter().map(quantity).collect()
}

pub(super) async fn supplier_number(tx: &Tx, scope: &SupplierScope) -> Result<String, Failure> {
    let number = scope.find::<supplier::Entity>().filter(supplier::Column::Id.eq(scope.supplier));
    let number: Option<String> =
        number.select_only().column(supplier::Column::Number).into_tuple().one(&**tx).await?;
    number.ok_or_else(|| Failure::Corrupt(format!("{} is gone", scope.supplier)))
}

/// Goods of a line nobody agreed about: taken, where the tenant's rules allow it, and told. The answer cures it.
fn unacknowledged(scope: &SupplierScope, row: &shipment::Model, lines: &[Shipped]) -> Vec<NewException> {
    let mut cases: Vec<NewException> = Vec::new();
    for line in lines.iter().filter(|line| !line.agreed) {
        let subject = line.order.to_string();
        if cases.iter().any(|case| case.subject == subject) {
            continue;
        }
        cases.push(NewException {
            kind: ExceptionKind::ShipmentUnacknowledged,
            subject,
            supplier: Some(scope.supplier),
            order: Some(line.order),
            severity: Severity::Warning,
            summary: format!(
                "Shipment {} holds goods of order {}, line {}, which is not answered and agreed",
                row.number, line.order_number, line.line
            ),
            detail: serde_json::json!({ "shipment": row.id, "line": line.line }),
        });
    }
    cases
}
