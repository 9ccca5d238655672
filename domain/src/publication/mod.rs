//! The log as it is published on a message bus, for the tenants' other systems.
//!
//! A cursor for each stream and tenant says how far the log is published; it moves after the bus has confirmed. So what
//! could not be published is published later, and what was published while the cursor could not be moved is published
//! again: an event's id tells the two apart. One process publishes at a time.
use std::{collections::HashMap, time::Duration};

use quayside_canonical::{EventId, TenantId, Timestamp};
use quayside_entity::{bus_cursor, event, event_head, event_log, tenant};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect, Statement};

use crate::{Failure, SystemScope, deliveries::envelope, lease};

/// How many events [`next`] gives at most.
pub const BATCH: u64 = 200;

const LEASE: &str = "publication";
/// For so long nothing is published after a publisher was killed. Longer than the bus may take to confirm a batch.
const TERM: Duration = Duration::from_secs(10);

/// A stream of the bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Its name.
    pub name: String,
    /// When the bus made it. One that was lost and made anew is another stream.
    pub made: Timestamp,
    /// How long it keeps what is published. A new stream begins with what the log has of that time.
    pub keeps: Duration,
}

/// Where a tenant's log is not published to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behind {
    /// The tenant.
    pub tenant: TenantId,
    /// The last position that is published.
    pub published: i64,
    /// The last position there is.
    pub last: i64,
}

/// An event as it is published.
#[derive(Clone, Debug)]
pub struct Publishable {
    /// Its place in its tenant's log.
    pub position: i64,
    /// Its id.
    pub id: EventId,
    /// Its type.
    pub event_type: String,
    /// The CloudEvent as JSON, as connections get it.
    pub envelope: String,
}

/// Takes or renews the place of the publisher. False while another process has it.
///
/// # Errors
/// The database failed.
pub async fn hold(system: &SystemScope) -> Result<bool, Failure> {
    lease::take(system, LEASE, TERM).await
}

/// Lets another process publish at once, when this one stops.
///
/// # Errors
/// The database failed; the lease runs out by itself.
pub async fn hand_over(system: &SystemScope) -> Result<(), Failure> {
    lease::give_back(system, LEASE).await
}

/// The tenants whose log is not published to its end on `stream`.
///
/// # Errors
/// The database failed.
pub async fn behind(system: &SystemScope, stream: &Stream) -> Result<Vec<Behind>, Failure> {
    let db = system.store().worker();
    let cursors = system
        .find::<bus_cursor::Entity>()
        .filter(bus_cursor::Column::Stream.eq(stream.name.as_str()))
        .filter(bus_cursor::Column::StreamMade.eq(stream.made))
        .all(db)
        .await?;
    let cursors: HashMap<TenantId, i64> = cursors.into_iter().map(|it| (it.tenant_id, it.position)).collect();
    let heads =
        system.find::<event_head::Entity>().order_by_asc(event_head::Column::TenantId).all(db).await?;
    let mut behind = Vec::new();
    for event_head::Model { tenant_id: tenant, position: last, .. } in heads {
        let published = match cursors.get(&tenant) {
            Some(&published) => published,
            None => begin(system, stream, tenant, last).await?,
        };
        if published < last {
            behind.push(Behind { tenant, published, last });
        }
    }
    Ok(behind)
}

/// Where a stream begins that has nothing of a tenant yet: behind what it would not keep anyway.
async fn begin(system: &SystemScope, stream: &Stream, tenant: TenantId, last: i64) -> Result<i64, Failure> {
    let kept = system.now().minus(stream.keeps);
    let first: Option<i64> = system
        .find::<event_log::Entity>()
        .filter(event_log::Column::TenantId.eq(tenant))
        .filter(event_log::Column::LoggedAt.gte(kept))
        .order_by_asc(event_log::Column::Position)
        .select_only()
        .column(event_log::Column::Position)
        .into_tuple()
        .one(system.store().worker())
        .await?;
    let position = first.map_or(last, |first| first - 1);
    published(system, stream, tenant, position).await?;
    Ok(position)
}

/// The tenant's next events behind position `after`, at most [`BATCH`], in their order.
///
/// # Errors
/// The database failed.
pub async fn next(system: &SystemScope, tenant: TenantId, after: i64) -> Result<Vec<Publishable>, Failure> {
    let db = system.store().worker();
    let owner = system.find::<tenant::Entity>().filter(tenant::Column::Id.eq(tenant)).one(db).await?;
    let owner = owner.ok_or_else(|| Failure::Corrupt("a log's tenant is gone".to_owned()))?;
    let rows = system
        .find::<event_log::Entity>()
        .filter(event_log::Column::TenantId.eq(tenant))
        .filter(event_log::Column::Position.gt(after))
        .order_by_asc(event_log::Column::Position)
        .limit(BATCH)
        .all(db)
        .await?;
    let events = system
        .find::<event::Entity>()
        .filter(event::Column::Id.is_in(rows.iter().map(|row| row.event_id)))
        .all(db)
        .await?;
    let mut events: HashMap<EventId, event::Model> =
        events.into_iter().map(|event| (event.id, event)).collect();
    let publishable = |row: event_log::Model| {
        let event = events.remove(&row.event_id);
        let event = event.ok_or_else(|| Failure::Corrupt("a logged event is gone".to_owned()))?;
        let envelope = envelope(&event, row.position, &owner.slug)?;
        Ok(Publishable { position: row.position, id: event.id, event_type: event.event_type, envelope })
    };
    rows.into_iter().map(publishable).collect()
}

/// Notes that the tenant's log is published on `stream` up to `position`. The note never goes back on the same stream.
///
/// # Errors
/// The database failed; what was published is published again.
pub async fn published(
    system: &SystemScope,
    stream: &Stream,
    tenant: TenantId,
    position: i64,
) -> Result<(), Failure> {
    let sql = "insert into bus_cursor (stream, tenant_id, stream_made, position) values ($1, $2, $3, $4) \
        on conflict (stream, tenant_id) do update set stream_made = excluded.stream_made, \
        position = excluded.position \
        where bus_cursor.stream_made <> excluded.stream_made or bus_cursor.position < excluded.position";
    let values = [stream.name.as_str().into(), tenant.into(), stream.made.into(), position.into()];
    let tx = system.write().await?;
    tx.execute_raw(Statement::from_sql_and_values(system.store().backend(), sql, values)).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests;
