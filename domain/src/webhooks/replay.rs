//! Sending again: one delivery, or everything behind a place in the log.
//!
//! What is sent again keeps its id, so that a receiver that has it already may let it be. Nothing is sent that the
//! owner may not see now, whatever was sent before.
use std::collections::HashMap;

use quayside_canonical::{
    ConnectionId, DeliveryId, EventId, Field, Problems, Timestamp,
    events::WebhookEndpointReplayed,
    states::{ConnectionStatus, DeliveryStatus},
};
use quayside_entity::{delivery, event, event_head, event_log};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect, sea_query::Expr};
use serde::{Deserialize, Serialize};

use super::{
    Record, WebhookError,
    endpoint::{Rows, check_permission, find, lock_own},
    goes_to,
    history::{load, reload},
};
use crate::{
    Failure, Scope, dispatch,
    feed::{self, Filter},
    idempotency::{self, Claim, IdempotencyKey},
    outbox::{self, Fact},
    scope::{in_tenant, update_in_tenant},
    store::{Tx, insert},
};

/// The most events of one replay.
pub const MAX_REPLAY: u64 = 1_000;

/// Where a replay begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Start {
    /// Behind this position of the log.
    After(i64),
    /// With what was logged at this time.
    Since(Timestamp),
}

/// What is asked for.
#[derive(Clone, Debug, Serialize)]
pub struct Replay {
    /// The endpoint.
    pub endpoint: ConnectionId,
    /// Where to begin.
    pub start: Start,
    /// Where to stop: only what was logged before.
    pub until: Option<Timestamp>,
    /// Only these types, of those the endpoint gets.
    pub event_types: Option<Vec<String>>,
    /// Whether also what arrived is sent again.
    pub delivered_too: bool,
    /// The most events, up to [`MAX_REPLAY`].
    pub limit: u64,
}

/// What came of it, or would.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replayed {
    /// How many events are sent.
    pub events: u64,
    /// The position up to which the log was looked through.
    pub end: i64,
    /// Whether there is more behind that.
    pub more: bool,
    /// Whether this is the result of an earlier request with the same key.
    #[serde(skip)]
    pub replayed: bool,
}

/// Sends an event to an endpoint of the caller's once more, however it ended before.
///
/// # Errors
/// The caller may not, there is no such delivery, it is still on its way, or the endpoint is disabled.
#[tracing::instrument(skip_all, fields(delivery.id = %id))]
pub async fn replay_delivery(
    scope: &Scope,
    id: DeliveryId,
    key: &IdempotencyKey,
) -> Result<(Record, bool), WebhookError> {
    check_permission(scope)?;
    let tx = scope.write().await?;
    let row = load(&tx, scope, id).await?;
    let rows = lock_own(&tx, scope, row.connection_id).await?;
    let claim = idempotency::claim(&tx, scope, "replayWebhookDelivery", key, &id, &id).await?;
    if let Claim::Repeat(_) = claim {
        return Ok((reload(&tx, scope, id).await?, true));
    }
    check_active(&rows)?;
    // It may have come to its end between our look and our lock.
    let row = load(&tx, scope, id).await?;
    if !is_finished(row.status) {
        return Err(WebhookError::InvalidState("the event is still on its way"));
    }
    revive(&tx, scope, &[id]).await?;
    let event = WebhookEndpointReplayed { endpoint: rows.id(), events: 1, delivery: Some(id) };
    outbox::append(&tx, scope, vec![Fact::new(rows.about(), &event)?]).await?;
    let record = reload(&tx, scope, id).await?;
    tx.commit().await?;
    scope.store().wake().deliveries_due();
    Ok((record, false))
}

/// Sends what lies behind a place in the log to an endpoint of the caller's, bounded: what did not arrive, or never
/// was for it, or everything. Without a key nothing is sent, and the answer says what would be.
///
/// # Errors
/// The caller may not, there is no such endpoint, it is disabled, or the bounds do not do.
#[tracing::instrument(skip_all, fields(connection.id = %cmd.endpoint))]
pub async fn replay(
    scope: &Scope,
    cmd: &Replay,
    key: Option<&IdempotencyKey>,
) -> Result<Replayed, WebhookError> {
    check_permission(scope)?;
    if !(1..=MAX_REPLAY).contains(&cmd.limit) {
        let problems =
            Problems::one("INVALID_VALUE", &Field::root().at("limit"), format!("expected 1 to {MAX_REPLAY}"));
        return Err(problems.into());
    }
    let Some(key) = key else {
        let tx = scope.read().await?;
        let rows = find(&tx, scope, cmd.endpoint).await?;
        if rows.endpoint.supplier_id != scope.supplier {
            return Err(WebhookError::Forbidden);
        }
        return Ok(plan(&tx, scope, &rows, cmd).await?.result);
    };
    let tx = scope.write().await?;
    let rows = lock_own(&tx, scope, cmd.endpoint).await?;
    let plan = plan(&tx, scope, &rows, cmd).await?;
    let claim = idempotency::claim(&tx, scope, "replayWebhooks", key, cmd, &plan.result).await?;
    if let Claim::Repeat(earlier) = claim {
        return Ok(Replayed { replayed: true, ..earlier });
    }
    check_active(&rows)?;
    revive(&tx, scope, &plan.again).await?;
    let new = plan
        .new
        .iter()
        .map(|(event, position)| dispatch::delivery_to_endpoint(rows.id(), event, *position, scope.now));
    insert(&tx, new.collect()).await?;
    if plan.result.events > 0 {
        let event =
            WebhookEndpointReplayed { endpoint: rows.id(), events: plan.result.events, delivery: None };
        outbox::append(&tx, scope, vec![Fact::new(rows.about(), &event)?]).await?;
    }
    tx.commit().await?;
    scope.store().wake().deliveries_due();
    Ok(plan.result)
}

/// What a replay sends.
struct Plan {
    /// Deliveries that came to an end.
    again: Vec<DeliveryId>,
    /// Events that never were for the endpoint, with their positions.
    new: Vec<(event::Model, i64)>,
    result: Replayed,
}

async fn plan(tx: &Tx, scope: &Scope, rows: &Rows, cmd: &Replay) -> Result<Plan, Failure> {
    let after = match cmd.start {
        Start::After(position) => position,
        Start::Since(time) => position_before(tx, scope, time).await?,
    };
    let mut log = feed::rows(scope, after, &wanted(rows, cmd)?);
    if let Some(until) = cmd.until {
        log = log.filter(event_log::Column::LoggedAt.lt(until));
    }
    let mut log = log.limit(cmd.limit + 1).all(&**tx).await?;
    let more = log.len() as u64 > cmd.limit;
    log.truncate(usize::try_from(cmd.limit).unwrap_or(usize::MAX));
    let end = log.last().map_or(after, |row| row.position);
    let sent = sent(tx, scope, rows.id(), &log).await?;
    let mut events = events(tx, scope, log.iter().map(|row| row.event_id).collect()).await?;
    let (mut again, mut new) = (Vec::new(), Vec::new());
    for row in log {
        let Some(event) = events.remove(&row.event_id) else { continue };
        if !goes_to(rows.id(), &event.event_type, &event.subject) {
            continue;
        }
        match sent.get(&row.event_id) {
            None => new.push((event, row.position)),
            Some((id, status)) if again_too(*status, cmd.delivered_too) => again.push(*id),
            Some(_) => {}
        }
    }
    let count = (again.len() + new.len()) as u64;
    Ok(Plan { again, new, result: Replayed { events: count, end, more, replayed: false } })
}

/// The types that the endpoint gets, and of those the ones that were asked for.
fn wanted(rows: &Rows, cmd: &Replay) -> Result<Filter, Failure> {
    let of_endpoint = rows.receives()?.event_types;
    let types = match (of_endpoint, cmd.event_types.clone()) {
        (Some(own), Some(asked)) => Some(own.into_iter().filter(|own| asked.contains(own)).collect()),
        (own, asked) => own.or(asked),
    };
    Ok(Filter { types, order: None })
}

fn again_too(status: DeliveryStatus, delivered_too: bool) -> bool {
    match status {
        DeliveryStatus::Dead | DeliveryStatus::Skipped | DeliveryStatus::Missing => true,
        DeliveryStatus::Delivered => delivered_too,
        DeliveryStatus::Waiting | DeliveryStatus::Unconfirmed | DeliveryStatus::Sending => false,
    }
}

fn is_finished(status: DeliveryStatus) -> bool {
    again_too(status, true)
}

fn check_active(rows: &Rows) -> Result<(), WebhookError> {
    if rows.connection.status == ConnectionStatus::Active {
        return Ok(());
    }
    Err(WebhookError::InvalidState("the endpoint is disabled: enable it first"))
}

/// The last position before `time`. Positions are given in the order of time, so half of the rest is ruled out with
/// each look.
async fn position_before(tx: &Tx, scope: &Scope, time: Timestamp) -> Result<i64, Failure> {
    let head = in_tenant::<event_head::Entity>(scope).one(&**tx).await?;
    let (mut before, mut from) = (0, head.map_or(0, |head| head.position) + 1);
    while from - before > 1 {
        let middle = before + (from - before) / 2;
        let logged_at: Option<Timestamp> = in_tenant::<event_log::Entity>(scope)
            .filter(event_log::Column::Position.eq(middle))
            .select_only()
            .column(event_log::Column::LoggedAt)
            .into_tuple()
            .one(&**tx)
            .await?;
        match logged_at {
            Some(logged_at) if logged_at < time => before = middle,
            _ => from = middle,
        }
    }
    Ok(before)
}

async fn sent(
    tx: &Tx,
    scope: &Scope,
    endpoint: ConnectionId,
    log: &[event_log::Model],
) -> Result<HashMap<EventId, (DeliveryId, DeliveryStatus)>, Failure> {
    use delivery::Column;
    let rows = in_tenant::<delivery::Entity>(scope)
        .filter(Column::ConnectionId.eq(endpoint))
        .filter(Column::EventId.is_in(log.iter().map(|row| row.event_id)))
        .select_only()
        .columns([Column::EventId, Column::Id, Column::Status])
        .into_tuple::<(EventId, DeliveryId, DeliveryStatus)>()
        .all(&**tx)
        .await?;
    Ok(rows.into_iter().map(|(event, id, status)| (event, (id, status))).collect())
}

async fn events(
    tx: &Tx,
    scope: &Scope,
    ids: Vec<EventId>,
) -> Result<HashMap<EventId, event::Model>, Failure> {
    let rows = in_tenant::<event::Entity>(scope).filter(event::Column::Id.is_in(ids)).all(&**tx).await?;
    Ok(rows.into_iter().map(|event| (event.id, event)).collect())
}

/// Puts deliveries that came to an end back in line, with all their attempts before them. What is on its way by
/// now stays as it is.
async fn revive(tx: &Tx, scope: &Scope, ids: &[DeliveryId]) -> Result<(), Failure> {
    use delivery::Column;
    if ids.is_empty() {
        return Ok(());
    }
    let finished = [DeliveryStatus::Dead, DeliveryStatus::Skipped, DeliveryStatus::Delivered];
    update_in_tenant::<delivery::Entity>(scope)
        .col_expr(Column::Status, Expr::value(DeliveryStatus::Waiting))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::NextAt, Expr::value(scope.now))
        .col_expr(Column::ErrorCode, Expr::value(None::<String>))
        .col_expr(Column::ErrorMessage, Expr::value(None::<String>))
        .col_expr(Column::FinishedAt, Expr::value(None::<i64>))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::Status.is_in(finished.map(sea_orm::Value::from)))
        .exec(&**tx)
        .await?;
    Ok(())
}
