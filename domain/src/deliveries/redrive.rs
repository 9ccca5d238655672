//! Trying again what was given up.
use std::collections::HashMap;

use quayside_canonical::{
    Actor, Channel, ConnectionId, DeliveryId, PurchaseOrderId, TenantId,
    events::DeliveryRedriven,
    states::{DeliveryStatus, ExceptionKind},
};
use quayside_entity::{delivery, event};
use sea_orm::{
    ColumnTrait, Condition, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde::Serialize;

use super::{
    BATCH, DeliveryFilter, Intervened, InterventionError, UNCONFIRMED,
    intervention::{check_permission, check_reason, lock},
};
use crate::{
    BuyerScope, Failure, Scope, SystemScope, dispatch,
    exceptions::{self, Cure},
    idempotency::{self, Claim, IdempotencyKey},
    outbox::{self, About, Fact},
    scope::{Origin, in_tenant, update_in_tenant},
    store::{self, Tx},
};

/// The most deliveries that one request puts back in line.
pub const MOST_REDRIVEN: usize = BATCH;

/// A delivery that is to be tried again.
#[derive(Clone, Debug, Serialize)]
pub struct Redrive {
    /// The delivery.
    pub delivery: DeliveryId,
    /// Why, where a reason is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Say whether it could be, and change nothing.
    #[serde(skip)]
    pub validate_only: bool,
}

/// Puts a delivery that is dead or missing back in line, with all its attempts before it again.
///
/// # Errors
/// The caller may not, there is no such delivery, it stands elsewhere, or the reason does not do.
#[tracing::instrument(skip_all, fields(delivery.id = %cmd.delivery))]
pub async fn redrive(
    scope: &BuyerScope,
    cmd: &Redrive,
    key: Option<&IdempotencyKey>,
) -> Result<Intervened, InterventionError> {
    check_permission(scope)?;
    let reason = cmd.reason.as_deref().map(check_reason).transpose()?;
    let tx = scope.write().await?;
    if let Some(key) = key.filter(|_| !cmd.validate_only) {
        // Without a reason the request is what it was when there were none.
        let claim = match reason {
            None => idempotency::claim(&tx, scope, OPERATION, key, &cmd.delivery, &cmd.delivery).await?,
            Some(_) => idempotency::claim(&tx, scope, OPERATION, key, cmd, &cmd.delivery).await?,
        };
        if let Claim::Repeat(_) = claim {
            return Ok(Intervened { delivery: lock(&tx, scope, cmd.delivery).await?, replayed: true });
        }
    }
    let row = lock(&tx, scope, cmd.delivery).await?;
    if !REDRIVEN.contains(&row.status) {
        return Err(InterventionError::WrongStatus(row.status));
    }
    if cmd.validate_only {
        return Ok(Intervened { delivery: row, replayed: false });
    }
    revive(&tx, scope, vec![row], reason).await?;
    let row = lock(&tx, scope, cmd.delivery).await?;
    tx.commit().await?;
    scope.store().wake().deliveries_due();
    Ok(Intervened { delivery: row, replayed: false })
}

const OPERATION: &str = "redriveDelivery";

/// What a delivery may be, to be tried again.
const REDRIVEN: [DeliveryStatus; 2] = [DeliveryStatus::Dead, DeliveryStatus::Missing];

/// Deliveries that are to be tried again.
#[derive(Clone, Debug, Serialize)]
pub struct RedriveMany {
    /// Which: only what is dead or missing, unless the filter says which of the two.
    pub filter: DeliveryFilter,
    /// At most so many, the oldest first.
    pub limit: usize,
    /// Why.
    pub reason: String,
    /// Say how many there are, and change nothing.
    #[serde(skip)]
    pub validate_only: bool,
}

/// What became of redriving many.
#[derive(Clone, Debug, Default)]
pub struct Redriven {
    /// Those that are in line again, or would be.
    pub deliveries: Vec<DeliveryId>,
    /// Whether there are more that fit.
    pub more: bool,
    /// Whether this is the result of an earlier request with the same key.
    pub replayed: bool,
}

/// Puts many deliveries back in line, all or none.
///
/// # Errors
/// The caller may not, the reason, the limit or the filter does not do.
#[tracing::instrument(skip_all)]
pub async fn redrive_many(
    scope: &BuyerScope,
    cmd: &RedriveMany,
    key: Option<&IdempotencyKey>,
) -> Result<Redriven, InterventionError> {
    check_permission(scope)?;
    let reason = check_reason(&cmd.reason)?;
    if !(1..=MOST_REDRIVEN).contains(&cmd.limit) {
        return Err(InterventionError::InvalidLimit);
    }
    if cmd.filter.statuses.iter().any(|status| !REDRIVEN.contains(status)) {
        return Err(InterventionError::InvalidStatuses);
    }
    let filter = DeliveryFilter {
        statuses: if cmd.filter.statuses.is_empty() {
            REDRIVEN.to_vec()
        } else {
            cmd.filter.statuses.clone()
        },
        ..cmd.filter.clone()
    };
    let tx = scope.write().await?;
    let mut rows = scope
        .find_own::<delivery::Entity>()
        .filter(filter.condition(scope))
        .order_by_asc(delivery::Column::Position)
        .order_by_asc(delivery::Column::Id)
        .limit(cmd.limit as u64 + 1)
        .lock_exclusive()
        .all(&*tx)
        .await?;
    let more = rows.len() > cmd.limit;
    rows.truncate(cmd.limit);
    let deliveries: Vec<DeliveryId> = rows.iter().map(|row| row.id).collect();
    if cmd.validate_only {
        return Ok(Redriven { deliveries, more, replayed: false });
    }
    if let Some(key) = key {
        let result = (&deliveries, more);
        let claim: Claim<(Vec<DeliveryId>, bool)> =
            idempotency::claim(&tx, scope, "redriveDeliveries", key, cmd, &(result.0.clone(), more)).await?;
        if let Claim::Repeat((deliveries, more)) = claim {
            return Ok(Redriven { deliveries, more, replayed: true });
        }
    }
    revive(&tx, scope, rows, Some(reason)).await?;
    tx.commit().await?;
    scope.store().wake().deliveries_due();
    Ok(Redriven { deliveries, more, replayed: false })
}

/// Puts the oldest dead deliveries of a tenant back in line, up to [`BATCH`], and says how many: again and
/// again until there are none. Killed half-way, it is simply done again.
///
/// # Errors
/// The database failed.
#[tracing::instrument(skip_all, fields(tenant.id = %tenant))]
pub async fn redrive_all(
    system: &SystemScope,
    tenant: TenantId,
    which: &Which,
    reason: Option<&str>,
) -> Result<usize, Failure> {
    let scope = system.in_tenant(tenant, Actor::Operator, &Origin::new(Channel::Cli));
    let tx = system.write().await?;
    let rows = in_tenant::<delivery::Entity>(&scope)
        .filter(which.condition())
        .order_by_asc(delivery::Column::Position)
        .limit(BATCH as u64)
        .lock_exclusive()
        .all(&*tx)
        .await?;
    let redriven = rows.len();
    revive(&tx, &scope, rows, reason).await?;
    tx.commit().await?;
    system.store().wake().deliveries_due();
    Ok(redriven)
}

/// Which deliveries the command line puts back in line.
#[derive(Clone, Debug, Default)]
pub struct Which {
    /// Only those of this connection.
    pub connection: Option<ConnectionId>,
    /// Those that are missing instead of those that are dead.
    pub missing: bool,
}

impl Which {
    fn condition(&self) -> Condition {
        let status = if self.missing { DeliveryStatus::Missing } else { DeliveryStatus::Dead };
        Condition::all()
            .add(delivery::Column::Status.eq(status))
            .add_option(self.connection.map(|connection| delivery::Column::ConnectionId.eq(connection)))
    }
}

/// How many there are.
///
/// # Errors
/// The database failed.
pub async fn count_redrivable(system: &SystemScope, tenant: TenantId, which: &Which) -> Result<u64, Failure> {
    let scope = system.in_tenant(tenant, Actor::Operator, &Origin::new(Channel::Cli));
    let tx = system.read().await?;
    Ok(in_tenant::<delivery::Entity>(&scope).filter(which.condition()).count(&*tx).await?)
}

/// Rows, locked, back in line. Of one that is not known to have failed, the receiver is asked first; so it is of
/// one that is missing, for it may have turned up.
async fn revive(
    tx: &Tx,
    scope: &Scope,
    rows: Vec<delivery::Model>,
    reason: Option<&str>,
) -> Result<(), Failure> {
    let ids = rows.iter().map(|row| row.id);
    let is_missing = || delivery::Column::Status.eq(DeliveryStatus::Missing);
    let unclear = delivery::Column::ErrorCode.eq(UNCONFIRMED).or(is_missing());
    let status = Expr::case(unclear, DeliveryStatus::Unconfirmed).finally(DeliveryStatus::Waiting);
    let code = Expr::case(is_missing(), UNCONFIRMED).finally(Expr::col(delivery::Column::ErrorCode));
    update_in_tenant::<delivery::Entity>(scope)
        .col_expr(delivery::Column::Status, status.into())
        .col_expr(delivery::Column::ErrorCode, code.into())
        .col_expr(delivery::Column::Attempts, Expr::value(0))
        .col_expr(delivery::Column::NextAt, Expr::value(scope.now))
        .col_expr(delivery::Column::FinishedAt, Expr::value(None::<i64>))
        .filter(delivery::Column::Id.is_in(ids))
        .filter(delivery::Column::Status.is_in(REDRIVEN))
        .exec(&**tx)
        .await?;
    let mut cured = Vec::with_capacity(rows.len());
    let mut facts = Vec::with_capacity(rows.len());
    let mut ties = Vec::new();
    for (row, event) in with_events(tx, scope, rows).await? {
        if row.status == DeliveryStatus::Missing {
            let (id, connection) = (row.id, row.connection_id);
            ties.extend(dispatch::ties(id, connection, row.tenant_id, &dispatch::keys(&event), row.position));
        }
        let redriven = DeliveryRedriven {
            delivery: row.id,
            connection: row.connection_id,
            event: row.event_id,
            subject: row.subject.clone(),
            reason: reason.map(str::to_owned),
        };
        let fact = Fact::new(about(&row, event.order_id), &redriven)?.caused_by(row.event_id);
        cured.push((row.status, row.id.to_string(), fact.id));
        facts.push(fact);
    }
    store::upsert(tx, ties, OnConflict::new().do_nothing()).await?;
    outbox::append(tx, scope, facts).await?;
    for (status, subject, event) in cured {
        let cure = Cure { words: "It is tried again.", event: Some(event) };
        let missing = status == DeliveryStatus::Missing;
        let kind = if missing { ExceptionKind::DeliveryMissing } else { ExceptionKind::DeliveryFailed };
        exceptions::cure(tx, scope, kind, &[subject], &cure).await?;
    }
    Ok(())
}

/// Puts a delivery back in line, delivered ones too: for what is sent once more on purpose.
pub(crate) async fn send_again(
    tx: &Tx,
    scope: &Scope,
    row: delivery::Model,
    reason: &str,
) -> Result<(), Failure> {
    if REDRIVEN.contains(&row.status) {
        return revive(tx, scope, vec![row], Some(reason)).await;
    }
    update_in_tenant::<delivery::Entity>(scope)
        .col_expr(delivery::Column::Status, Expr::value(DeliveryStatus::Waiting))
        .col_expr(delivery::Column::Attempts, Expr::value(0))
        .col_expr(delivery::Column::NextAt, Expr::value(scope.now))
        .col_expr(delivery::Column::FinishedAt, Expr::value(None::<i64>))
        .filter(delivery::Column::Id.eq(row.id))
        .exec(&**tx)
        .await?;
    let redriven = DeliveryRedriven {
        delivery: row.id,
        connection: row.connection_id,
        event: row.event_id,
        subject: row.subject.clone(),
        reason: Some(reason.to_owned()),
    };
    let fact = Fact::new(about(&row, None), &redriven)?.caused_by(row.event_id);
    outbox::append(tx, scope, vec![fact]).await
}

/// What an event about a delivery is about.
pub(super) fn about(row: &delivery::Model, order: Option<PurchaseOrderId>) -> About {
    About { subject: row.id.to_string(), supplier: row.supplier_id, order }
}

/// Deliveries with the event each carries.
pub(super) async fn with_events(
    tx: &Tx,
    scope: &Scope,
    rows: Vec<delivery::Model>,
) -> Result<Vec<(delivery::Model, event::Model)>, Failure> {
    let events = in_tenant::<event::Entity>(scope)
        .filter(event::Column::Id.is_in(rows.iter().map(|row| row.event_id)))
        .all(&**tx)
        .await?;
    let events: HashMap<_, _> = events.into_iter().map(|event| (event.id, event)).collect();
    rows.into_iter()
        .map(|row| {
            let event = events.get(&row.event_id).cloned();
            event
                .map(|event| (row, event))
                .ok_or_else(|| Failure::Corrupt("a delivery's event is gone".to_owned()))
        })
        .collect()
}
