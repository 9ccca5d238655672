//! What time does to shipments and to the lines they are for.
use std::collections::BTreeSet;

use quayside_canonical::{
    Actor, Channel, Date,
    events::ShipmentProgressed,
    states::{ExceptionKind, FulfillmentStatus, Severity, ShipmentStatus},
};
use quayside_entity::{line_state, purchase_order, shipment};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{LockBehavior, LockType},
};

use crate::{
    Failure, SystemScope,
    exceptions::{self, NewException},
    outbox::{self, Fact},
    scope::Origin,
};

/// How many rows one call looks at.
const BATCH: u64 = 200;

/// Lets announced goods leave whose time has come. Returns how many did.
///
/// # Errors
/// The database failed; nothing was written.
pub async fn leave(system: &SystemScope) -> Result<usize, Failure> {
    use shipment::Column;
    let tx = system.write().await?;
    let leaving = system
        .find::<shipment::Entity>()
        .filter(Column::Status.eq(ShipmentStatus::Submitted))
        .filter(Column::ShipsAt.lte(system.now()))
        .order_by_asc(Column::ShipsAt)
        .limit(BATCH)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(&*tx)
        .await?;
    for row in &leaving {
        let scope = system.in_tenant(row.tenant_id, Actor::System, &Origin::new(Channel::System));
        let to = ShipmentStatus::InTransit;
        let update = shipment::ActiveModel {
            id: Set(row.id),
            status: Set(to),
            updated_at: Set(scope.now),
            ..Default::default()
        };
        update.update(&*tx).await?;
        let event = ShipmentProgressed { shipment: row.id, number: row.number.clone(), from: row.status, to };
        outbox::append(&tx, &scope, vec![Fact::new(super::write::about(row), &event)?]).await?;
    }
    tx.commit().await?;
    Ok(leaving.len())
}

/// Finds goods that are late: shipments that have not arrived when they were expected, and lines that are not on
/// their way when they should be here. Says so once for each. Returns how much it found.
///
/// # Errors
/// The database failed.
pub async fn find_late(system: &SystemScope) -> Result<usize, Failure> {
    Ok(late_shipments(system).await? + late_lines(system).await? + no_longer_late(system).await?)
}

async fn late_shipments(system: &SystemScope) -> Result<usize, Failure> {
    use shipment::Column;
    let tx = system.write().await?;
    let late = system
        .find::<shipment::Entity>()
        .filter(Column::ArrivesAt.lt(system.now()))
        .filter(Column::LateAt.is_null())
        .filter(Column::Status.is_in([ShipmentStatus::Submitted, ShipmentStatus::InTransit]))
        .order_by_asc(Column::ArrivesAt)
        .limit(BATCH)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(&*tx)
        .await?;
    for row in &late {
        let scope = system.in_tenant(row.tenant_id, Actor::System, &Origin::new(Channel::System));
        let update =
            shipment::ActiveModel { id: Set(row.id), late_at: Set(Some(scope.now)), ..Default::default() };
        update.update(&*tx).await?;
        let expected = row.arrives_at.map(|at| at.to_string()).unwrap_or_default();
        let case = NewException {
            kind: ExceptionKind::ShipmentLate,
            subject: row.id.to_string(),
            supplier: Some(row.supplier_id),
            order: row.order_id,
            severity: Severity::Warning,
            summary: format!("Shipment {} was expected by {expected} and has not arrived", row.number),
            detail: serde_json::json!({ "shipment": row.id, "arrivesAt": row.arrives_at }),
        };
        exceptions::open(&tx, &scope, case).await?;
    }
    tx.commit().await?;
    Ok(late.len())
}

/// Lines due before `today` of which something is still to leave.
fn due_before(today: Date) -> sea_orm::Condition {
    use line_state::Column;
    sea_orm::Condition::all()
        .add(Column::DueOn.lt(today))
        .add(Column::LateAt.is_null())
        .add(Column::Fulfillment.is_in([FulfillmentStatus::NotShipped, FulfillmentStatus::PartiallyShipped]))
}

async fn late_lines(system: &SystemScope) -> Result<usize, Failure> {
    let tx = system.write().await?;
    let late = system
        .find::<line_state::Entity>()
        .filter(due_before(system.now().date()))
        .order_by_asc(line_state::Column::DueOn)
        .limit(BATCH)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(&*tx)
        .await?;
    let orders: BTreeSet<_> = late.iter().map(|line| line.order_id).collect();
    let orders = system.find::<purchase_order::Entity>().filter(purchase_order::Column::Id.is_in(orders));
    let orders = orders.all(&*tx).await?;
    for line in &late {
        let Some(order) = orders.iter().find(|order| order.id == line.order_id) else { continue };
        let scope = system.in_tenant(line.tenant_id, Actor::System, &Origin::new(Channel::System));
        mark(&tx, line, Some(scope.now)).await?;
        exceptions::open(&tx, &scope, case(order, line)).await?;
    }
    tx.commit().await?;
    Ok(late.len())
}

fn case(order: &purchase_order::Model, line: &line_state::Model) -> NewException {
    let due = line.due_on.map(|day| day.to_string()).unwrap_or_default();
    let (kind, what) = if line.shipped.is_positive() {
        let missing = line.ordered - line.cancelled - line.short_closed - line.shipped;
        (ExceptionKind::ShortShip, format!("{missing} {} are not on their way", line.unit))
    } else {
        (ExceptionKind::ShipmentLate, "nothing is on its way".to_owned())
    };
    NewException {
        kind,
        subject: subject(line),
        supplier: Some(line.supplier_id),
        order: Some(line.order_id),
        severity: Severity::Warning,
        summary: format!("Order {}, line {}, was due on {due}: {what}", order.number, line.line),
        detail: serde_json::json!({ "line": line.line, "dueOn": line.due_on }),
    }
}

/// How an exception about a line names it.
pub(crate) fn subject(line: &line_state::Model) -> String {
    format!("{}/{}", line.order_id, line.line)
}

async fn mark(
    tx: &crate::store::Tx,
    line: &line_state::Model,
    late_at: Option<quayside_canonical::Timestamp>,
) -> Result<(), Failure> {
    let update = line_state::ActiveModel {
        order_id: Set(line.order_id),
        line: Set(line.line.clone()),
        late_at: Set(late_at),
        ..Default::default()
    };
    update.update(&**tx).await?;
    Ok(())
}

/// Cures lateness of lines that are on their way by now, are wanted later, or are not wanted any more.
async fn no_longer_late(system: &SystemScope) -> Result<usize, Failure> {
    use line_state::Column;
    let tx = system.write().await?;
    let moved = sea_orm::Condition::any()
        .add(Column::DueOn.is_null())
        .add(Column::DueOn.gte(system.now().date()))
        .add(
            Column::Fulfillment
                .is_not_in([FulfillmentStatus::NotShipped, FulfillmentStatus::PartiallyShipped]),
        );
    let cured = system
        .find::<line_state::Entity>()
        .filter(Column::LateAt.is_not_null())
        .filter(moved)
        .limit(BATCH)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(&*tx)
        .await?;
    for line in &cured {
        let scope = system.in_tenant(line.tenant_id, Actor::System, &Origin::new(Channel::System));
        mark(&tx, line, None).await?;
        for kind in [ExceptionKind::ShipmentLate, ExceptionKind::ShortShip] {
            exceptions::resolve(
                &tx,
                &scope,
                kind,
                &subject(line),
                "the goods are on their way, or wanted later",
            )
            .await?;
        }
    }
    tx.commit().await?;
    Ok(cured.len())
}
