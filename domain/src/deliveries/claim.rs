//! Taking deliveries that are due, for one worker and a limited time.
use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use quayside_canonical::{ConnectionId, DeliveryId, TenantId, Timestamp, states::Environment};
use quayside_entity::{connection, delivery, event, tenant};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, FromQueryResult, QueryFilter, QuerySelect, Statement, Value,
};
use uuid::Uuid;

use super::{UNCONFIRMED, envelope};
use crate::{Failure, SystemScope, planted, store::Tx, writes::among};

/// How long a claim holds.
pub const LEASE: Duration = Duration::from_secs(60);

/// The most deliveries of one claim.
pub const BATCH: usize = 200;

/// One delivery in a worker's hands.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The delivery. Stays the same for every attempt: the receiver's idempotency key.
    pub id: DeliveryId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Where it goes.
    pub receiver: Arc<Receiver>,
    /// The event's type.
    pub event_type: String,
    /// What must stay in order: the order's id, or one made of the event's subject.
    pub order_key: Uuid,
    /// The event as CloudEvents JSON.
    pub envelope: String,
    /// What ties it to the request that caused the event.
    pub correlation: String,
    /// W3C trace context of that request.
    pub trace_parent: Option<String>,
    /// Which attempt this is, from 1.
    pub attempt: i32,
    /// Whether an earlier attempt may have arrived: ask the receiver before sending. As long as it does not
    /// answer, the result is [`super::AttemptResult::Unconfirmed`].
    pub must_confirm: bool,
    /// Until when it is this worker's. Not to be sent after that.
    pub lease_until: Timestamp,
    pub(super) row: delivery::Model,
    pub(super) event: event::Model,
}

/// A connection, as a worker needs it.
#[derive(Clone)]
pub struct Receiver {
    /// The connection.
    pub id: ConnectionId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Which connector.
    pub kind: String,
    /// What the tenant calls it.
    pub name: String,
    /// Real data or trial data.
    pub environment: Environment,
    /// Its configuration: JSON.
    pub config: String,
    /// Its credentials, sealed.
    pub sealed_secret: Vec<u8>,
    /// Counts its changes: what was made of another revision is out of date.
    pub revision: i64,
    /// The system of cross-references that holds its codes.
    pub code_system: String,
    /// Counts the changes of those codes.
    pub codes_revision: i64,
    /// The tenant's change to outgoing JSON, in jq.
    pub filter: Option<String>,
}

impl From<connection::Model> for Receiver {
    fn from(row: connection::Model) -> Self {
        Self {
            id: row.id,
            tenant: row.tenant_id,
            kind: row.kind,
            name: row.name,
            environment: row.environment,
            config: row.config,
            sealed_secret: row.sealed_secret,
            revision: row.revision,
            code_system: row.code_system,
            codes_revision: row.codes_revision,
            filter: row.filter,
        }
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("id", &self.id).field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Claimed {
    /// Whether a call that takes `time` would end within the lease. If not, another worker may be sending it
    /// by then: give it back with [`super::AttemptResult::Released`].
    #[must_use]
    pub fn has_time_for(&self, time: Duration, now: Timestamp) -> bool {
        now.plus(time) < self.lease_until
    }
}

/// Claims up to `limit` deliveries that are due for `worker`, none of them to a connection in `busy`: at most
/// one for each key, earliest first.
///
/// # Errors
/// The database failed; nothing was claimed.
#[tracing::instrument(skip_all, fields(worker = worker))]
pub async fn claim(
    system: &SystemScope,
    worker: &str,
    limit: usize,
    busy: &[ConnectionId],
) -> Result<Vec<Claimed>, Failure> {
    let tx = system.write().await?;
    let mut rows = take(&tx, system, limit.min(BATCH), busy).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    rows.sort_by_key(|row| (row.tenant_id, row.position));
    let claimed = load(&tx, system, rows).await?;
    tx.commit().await?;
    tracing::debug!(deliveries = claimed.len(), "claimed");
    Ok(claimed)
}

/// The one statement, for both databases. `next_at` moves with the lease, so that one index finds what is due
/// and what was lost; a row taken from a lost worker is marked as unconfirmed.
///
/// Whether an earlier delivery of the key is unfinished is read from the statement's snapshot. That is safe:
/// a finished delivery never becomes unfinished, and none is ever added before another.
async fn take(
    tx: &Tx,
    system: &SystemScope,
    limit: usize,
    busy: &[ConnectionId],
) -> Result<Vec<delivery::Model>, Failure> {
    let backend = system.store().backend();
    let skip_locked = if backend == DbBackend::Postgres { "for update of d skip locked" } else { "" };
    let now = system.now();
    let mut values: Vec<Value> = vec![
        now.into(),
        now.plus(LEASE).into(),
        i64::try_from(limit).unwrap_or(i64::MAX).into(),
        UNCONFIRMED.into(),
        "The worker was lost while it was sending.".into(),
    ];
    let mut not_busy = String::new();
    for connection in busy {
        values.push((*connection).into());
        not_busy.push_str(&format!(" and d.connection_id <> ${}", values.len()));
    }
    // What an earlier delivery may be for a later one to wait.
    let unfinished =
        if planted::no_order() { "'NONE'" } else { "'WAITING', 'UNCONFIRMED', 'SENDING', 'DEAD'" };
    let sql = format!(
        "with due as materialized (
            select d.id from delivery d
            where d.status in ('WAITING', 'UNCONFIRMED', 'SENDING') and d.next_at <= $1{not_busy}
              and exists (select 1 from connection c where c.id = d.connection_id and c.status = 'ACTIVE')
              and not exists (
                select 1 from delivery e
                where e.connection_id = d.connection_id and e.order_key = d.order_key
                  and e.position < d.position
                  and e.status in ({unfinished}))
            order by d.next_at, d.position limit $3 {skip_locked})
        update delivery set
            status = 'SENDING', attempts = attempts + 1, fence = fence + 1, lease_until = $2, next_at = $2,
            error_code = case when status = 'SENDING' then $4 else error_code end,
            error_message = case when status = 'SENDING' then $5 else error_message end
        where id in (select id from due) returning *"
    );
    let rows = tx.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(rows.iter().map(|row| delivery::Model::from_query_result(row, "")).collect::<Result<_, _>>()?)
}

/// Loads what the worker needs: three statements, however many deliveries.
async fn load(tx: &Tx, system: &SystemScope, rows: Vec<delivery::Model>) -> Result<Vec<Claimed>, Failure> {
    let events = system
        .find::<event::Entity>()
        .filter(among(tx.get_database_backend(), event::Column::Id, rows.iter().map(|row| row.event_id))?)
        .all(&**tx)
        .await?;
    let events: HashMap<_, _> = events.into_iter().map(|event| (event.id, event)).collect();
    let receivers = receivers(tx, system, &rows).await?;
    let slugs = slugs(tx, system, &rows).await?;
    let mut claimed = Vec::with_capacity(rows.len());
    for row in rows {
        let event = events.get(&row.event_id).cloned().ok_or_else(|| missing("event"))?;
        let slug = slugs.get(&row.tenant_id).ok_or_else(|| missing("tenant"))?;
        claimed.push(Claimed {
            id: row.id,
            tenant: row.tenant_id,
            receiver: receivers.get(&row.connection_id).cloned().ok_or_else(|| missing("connection"))?,
            event_type: event.event_type.clone(),
            order_key: row.order_key,
            envelope: envelope(&event, row.position, slug)?,
            correlation: event.correlation_id.clone(),
            trace_parent: event.trace_parent.clone(),
            attempt: row.attempts,
            must_confirm: row.error_code.as_deref() == Some(UNCONFIRMED),
            lease_until: row.lease_until,
            row,
            event,
        });
    }
    Ok(claimed)
}

async fn receivers(
    tx: &Tx,
    system: &SystemScope,
    rows: &[delivery::Model],
) -> Result<HashMap<ConnectionId, Arc<Receiver>>, Failure> {
    let ids: std::collections::BTreeSet<_> = rows.iter().map(|row| row.connection_id).collect();
    let found =
        system.find::<connection::Entity>().filter(connection::Column::Id.is_in(ids)).all(&**tx).await?;
    Ok(found.into_iter().map(|row| (row.id, Arc::new(Receiver::from(row)))).collect())
}

async fn slugs(
    tx: &Tx,
    system: &SystemScope,
    rows: &[delivery::Model],
) -> Result<HashMap<TenantId, String>, Failure> {
    let ids: std::collections::BTreeSet<_> = rows.iter().map(|row| row.tenant_id).collect();
    let found = system
        .find::<tenant::Entity>()
        .filter(tenant::Column::Id.is_in(ids))
        .select_only()
        .columns([tenant::Column::Id, tenant::Column::Slug])
        .into_tuple::<(TenantId, String)>()
        .all(&**tx)
        .await?;
    Ok(found.into_iter().collect())
}

fn missing(what: &str) -> Failure {
    Failure::Corrupt(format!("a delivery's {what} is gone"))
}
