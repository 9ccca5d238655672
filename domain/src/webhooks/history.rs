//! What was sent to an endpoint, and what came back.
use std::collections::HashMap;

use quayside_canonical::{ConnectionId, DeliveryId, EventId, Timestamp, states::DeliveryStatus};
use quayside_entity::{delivery, delivery_attempt};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    WebhookError,
    endpoint::{check_reading, find},
};
use crate::{Failure, Scope, scope::in_tenant, store::Tx};

/// Which deliveries.
#[derive(Clone, Debug, Default)]
pub struct RecordFilter {
    /// Only those that stand there.
    pub status: Option<DeliveryStatus>,
    /// Only those of these types.
    pub event_types: Option<Vec<String>>,
}

/// An event on its way to an endpoint, or there.
#[derive(Clone, Debug)]
pub struct Record {
    /// The delivery: what the endpoint gets as `webhook-id`.
    pub id: DeliveryId,
    /// The endpoint.
    pub endpoint: ConnectionId,
    /// The event.
    pub event: EventId,
    /// Its type.
    pub event_type: String,
    /// What it is about.
    pub subject: String,
    /// Its place in the log.
    pub position: i64,
    /// Where the delivery stands.
    pub status: DeliveryStatus,
    /// What the last attempt ran into: code and words.
    pub error: Option<(String, String)>,
    /// Attempts since it was sent, or replayed.
    pub attempts: i32,
    /// When it is tried next, while it waits.
    pub next_at: Timestamp,
    /// When it was first put in line.
    pub created_at: Timestamp,
    /// When it ended, well or not.
    pub finished_at: Option<Timestamp>,
    /// What was tried, the oldest first, if it was asked for.
    pub log: Vec<AttemptRecord>,
}

/// One attempt.
#[derive(Clone, Debug)]
pub struct AttemptRecord {
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// How it ended, in one word.
    pub outcome: String,
    /// The status of the answer, where there was one.
    pub http_status: Option<i32>,
    /// What was sent, redacted.
    pub request: Option<String>,
    /// What came back, redacted.
    pub answer: Option<String>,
    /// What went wrong, for people.
    pub error: Option<String>,
}

/// At most `limit` deliveries to an endpoint that the caller may see, the newest event first, of events before
/// `before`; with what was tried if `with_log`.
///
/// # Errors
/// The caller may not, or there is no such endpoint for it.
pub async fn records(
    scope: &Scope,
    endpoint: ConnectionId,
    filter: &RecordFilter,
    before: Option<EventId>,
    (limit, with_log): (u64, bool),
) -> Result<Vec<Record>, WebhookError> {
    use delivery::Column;
    check_reading(scope)?;
    let tx = scope.read().await?;
    find(&tx, scope, endpoint).await?;
    let mut rows = in_tenant::<delivery::Entity>(scope)
        .filter(Column::ConnectionId.eq(endpoint))
        .order_by_desc(Column::EventId)
        .limit(limit.min(500));
    if let Some(status) = filter.status {
        rows = rows.filter(Column::Status.eq(status));
    }
    if let Some(types) = &filter.event_types {
        rows = rows.filter(Column::EventType.is_in(types));
    }
    if let Some(before) = before {
        rows = rows.filter(Column::EventId.lt(before));
    }
    let rows = rows.all(&*tx).await?;
    let mut logs = if with_log { logs(&tx, scope, &rows).await? } else { HashMap::new() };
    Ok(rows.into_iter().map(|row| shown(row, &mut logs)).collect())
}

/// One delivery to an endpoint that the caller may see, with what was tried.
///
/// # Errors
/// The caller may not, or there is no such delivery for it.
pub async fn record(scope: &Scope, id: DeliveryId) -> Result<Record, WebhookError> {
    check_reading(scope)?;
    let tx = scope.read().await?;
    let row = load(&tx, scope, id).await?;
    find(&tx, scope, row.connection_id).await?;
    let mut logs = logs(&tx, scope, std::slice::from_ref(&row)).await?;
    Ok(shown(row, &mut logs))
}

/// The delivery, whoever's endpoint it goes to.
pub(super) async fn load(tx: &Tx, scope: &Scope, id: DeliveryId) -> Result<delivery::Model, WebhookError> {
    let row = in_tenant::<delivery::Entity>(scope).filter(delivery::Column::Id.eq(id));
    row.one(&**tx).await?.ok_or(WebhookError::NotFound)
}

/// The delivery as it stands in `tx`, without what was tried.
pub(super) async fn reload(tx: &Tx, scope: &Scope, id: DeliveryId) -> Result<Record, WebhookError> {
    Ok(shown(load(tx, scope, id).await?, &mut HashMap::new()))
}

async fn logs(
    tx: &Tx,
    scope: &Scope,
    rows: &[delivery::Model],
) -> Result<HashMap<DeliveryId, Vec<AttemptRecord>>, Failure> {
    let attempts = in_tenant::<delivery_attempt::Entity>(scope)
        .filter(delivery_attempt::Column::DeliveryId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(delivery_attempt::Column::Number)
        .all(&**tx)
        .await?;
    let mut logs: HashMap<_, Vec<_>> = HashMap::new();
    for row in attempts {
        logs.entry(row.delivery_id).or_default().push(AttemptRecord {
            started_at: row.started_at,
            duration_ms: row.duration_ms,
            outcome: row.outcome,
            http_status: row.http_status,
            request: row.request,
            answer: row.answer,
            error: row.error,
        });
    }
    Ok(logs)
}

fn shown(row: delivery::Model, logs: &mut HashMap<DeliveryId, Vec<AttemptRecord>>) -> Record {
    Record {
        log: logs.remove(&row.id).unwrap_or_default(),
        id: row.id,
        endpoint: row.connection_id,
        event: row.event_id,
        event_type: row.event_type,
        subject: row.subject,
        position: row.position,
        status: row.status,
        error: row.error_code.zip(row.error_message),
        attempts: row.attempts,
        next_at: row.next_at,
        created_at: row.created_at,
        finished_at: row.finished_at,
    }
}
