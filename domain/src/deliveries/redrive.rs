//! Trying again what was given up.
use quayside_canonical::{
    Actor, Channel, DeliveryId, PurchaseOrderId, TenantId,
    events::DeliveryRedriven,
    states::{DeliveryStatus, ExceptionKind},
};
use quayside_entity::{delivery, event};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::{
    BATCH, Intervened, InterventionError, UNCONFIRMED,
    intervention::{check_permission, lock},
};
use crate::{
    BuyerScope, Failure, Scope, SystemScope,
    exceptions::{self, Cure},
    idempotency::{self, Claim, IdempotencyKey},
    outbox::{self, About, Fact},
    scope::{Origin, in_tenant, update_in_tenant},
    store::Tx,
};

/// Puts a dead delivery back in line, with all its attempts before it again.
///
/// # Errors
/// The caller may not, there is no such delivery, or it is not dead.
#[tracing::instrument(skip_all, fields(delivery.id = %delivery))]
pub async fn redrive(
    scope: &BuyerScope,
    delivery: DeliveryId,
    key: &IdempotencyKey,
) -> Result<Intervened, InterventionError> {
    check_permission(scope)?;
    let tx = scope.write().await?;
    let claim = idempotency::claim(&tx, scope, "redriveDelivery", key, &delivery, &delivery).await?;
    let row = lock(&tx, scope, delivery).await?;
    if let Claim::Repeat(_) = claim {
        return Ok(Intervened { delivery: row, replayed: true });
    }
    if row.status != DeliveryStatus::Dead {
        return Err(InterventionError::WrongStatus(row.status));
    }
    revive(&tx, scope, vec![row]).await?;
    let row = lock(&tx, scope, delivery).await?;
    tx.commit().await?;
    scope.store().wake().deliveries_due();
    Ok(Intervened { delivery: row, replayed: false })
}

/// Puts the oldest dead deliveries of a tenant back in line, up to [`BATCH`], and says how many: again and
/// again until there are none. Killed half-way, it is simply done again.
///
/// # Errors
/// The database failed.
#[tracing::instrument(skip_all, fields(tenant.id = %tenant))]
pub async fn redrive_all(system: &SystemScope, tenant: TenantId) -> Result<usize, Failure> {
    let scope = system.in_tenant(tenant, Actor::Operator, &Origin::new(Channel::Cli));
    let tx = system.write().await?;
    let dead = in_tenant::<delivery::Entity>(&scope)
        .filter(delivery::Column::Status.eq(DeliveryStatus::Dead))
        .order_by_asc(delivery::Column::Position)
        .limit(BATCH as u64)
        .lock_exclusive()
        .all(&*tx)
        .await?;
    let redriven = dead.len();
    revive(&tx, &scope, dead).await?;
    tx.commit().await?;
    system.store().wake().deliveries_due();
    Ok(redriven)
}

/// Dead rows, locked, back in line. Of one that is not known to have failed, the receiver is asked first.
async fn revive(tx: &Tx, scope: &Scope, dead: Vec<delivery::Model>) -> Result<(), Failure> {
    let ids = dead.iter().map(|row| row.id);
    let unclear = delivery::Column::ErrorCode.eq(UNCONFIRMED);
    let status = Expr::case(unclear, DeliveryStatus::Unconfirmed).finally(DeliveryStatus::Waiting);
    update_in_tenant::<delivery::Entity>(scope)
        .col_expr(delivery::Column::Status, status.into())
        .col_expr(delivery::Column::Attempts, Expr::value(0))
        .col_expr(delivery::Column::NextAt, Expr::value(scope.now))
        .col_expr(delivery::Column::FinishedAt, Expr::value(None::<i64>))
        .filter(delivery::Column::Id.is_in(ids))
        .filter(delivery::Column::Status.eq(DeliveryStatus::Dead))
        .exec(&**tx)
        .await?;
    let mut cured = Vec::with_capacity(dead.len());
    let mut facts = Vec::with_capacity(dead.len());
    for (row, order) in with_orders(tx, scope, dead).await? {
        let event = DeliveryRedriven {
            delivery: row.id,
            connection: row.connection_id,
            event: row.event_id,
            subject: row.subject.clone(),
        };
        let fact = Fact::new(about(&row, order), &event)?.caused_by(row.event_id);
        cured.push((row.id.to_string(), fact.id));
        facts.push(fact);
    }
    outbox::append(tx, scope, facts).await?;
    for (subject, event) in cured {
        let cure = Cure { words: "It is tried again.", event: Some(event) };
        exceptions::cure(tx, scope, ExceptionKind::DeliveryFailed, &[subject], &cure).await?;
    }
    Ok(())
}

/// What an event about a delivery is about.
pub(super) fn about(row: &delivery::Model, order: Option<PurchaseOrderId>) -> About {
    About { subject: row.id.to_string(), supplier: row.supplier_id, order }
}

/// Deliveries with the order of the event each carries.
pub(super) async fn with_orders(
    tx: &Tx,
    scope: &Scope,
    rows: Vec<delivery::Model>,
) -> Result<Vec<(delivery::Model, Option<PurchaseOrderId>)>, Failure> {
    let orders = in_tenant::<event::Entity>(scope)
        .filter(event::Column::Id.is_in(rows.iter().map(|row| row.event_id)))
        .select_only()
        .columns([event::Column::Id, event::Column::OrderId])
        .into_tuple::<(quayside_canonical::EventId, Option<PurchaseOrderId>)>()
        .all(&**tx)
        .await?;
    let orders: std::collections::HashMap<_, _> = orders.into_iter().collect();
    let with = rows.into_iter().map(|row| {
        let order = orders.get(&row.event_id).copied().flatten();
        (row, order)
    });
    Ok(with.collect())
}
