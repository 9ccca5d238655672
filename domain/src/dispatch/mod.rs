//! Dispatch: gives each committed event its place in its tenant's log, and makes deliveries of it.
//!
//! Events commit in any order, so a reader that followed their ids could skip one that committed late. A
//! position is given after commit, under a lock on the tenant's head, without gaps: who has read up to a
//! position has read everything before it. Events of one subject keep their order, because the operation that
//! wrote them held the subject's row; events of different subjects may be placed in either order.
//!
//! One transaction places up to [`BATCH`] events: log, chain of hashes, deliveries and the end of their
//! waiting happen together or not at all. Killed on any line, it is simply done again.

pub(crate) mod chain;
mod keys;
mod routing;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use quayside_canonical::TenantId;
use quayside_entity::{event, event_head, event_log, outbox};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::OnConflict,
};

pub use crate::connections::DEFAULT_EVENT_TYPES;
pub(crate) use keys::keys;
pub(crate) use routing::ties;

use crate::{
    Failure, SystemScope, lease, planted,
    store::Tx,
    writes::{Writes, among},
};
pub(crate) use routing::delivery_to_endpoint;
use routing::{Made, Routes};

/// How many events one transaction places.
pub const BATCH: u64 = 500;

const LEASE: &str = "dispatch";
/// As short as a dispatcher needs, because for so long nothing is dispatched after one was killed.
const TERM: Duration = Duration::from_secs(2);

/// Places the next events, and says how many. While that is [`BATCH`], more are likely waiting.
///
/// Nothing is done while another process holds the dispatcher's lease.
///
/// # Errors
/// The database failed; nothing was placed.
#[tracing::instrument(skip_all)]
pub async fn dispatch_once(system: &SystemScope) -> Result<usize, Failure> {
    let waiting = system.find::<outbox::Entity>().one(system.store().worker()).await?;
    if waiting.is_none() {
        return Ok(0); // idle: no write, no lock
    }
    let mut tx = system.write().await?;
    if !lease::hold(&tx, system, LEASE, TERM).await? {
        return Ok(0);
    }
    let events = take(&tx, system).await?;
    if planted::forget_before_placing() {
        tx.commit().await?;
        tokio::time::sleep(Duration::from_millis(30)).await;
        tx = system.write().await?;
    }
    let placed = place(&tx, system, events).await?;
    tx.commit().await?;
    if placed > 0 {
        system.store().wake().log_grew();
        system.store().wake().deliveries_due();
    }
    Ok(placed)
}

/// Lets another process dispatch at once, when this one stops.
///
/// # Errors
/// The database failed; the lease runs out by itself.
pub async fn hand_over(system: &SystemScope) -> Result<(), Failure> {
    lease::give_back(system, LEASE).await?;
    // Events that came in meanwhile wait for nobody's nap.
    system.store().wake().events_committed();
    Ok(())
}

/// Places the events that were taken inside `tx`. Correct with any number of others doing the same.
async fn place(tx: &Tx, system: &SystemScope, events: Vec<event::Model>) -> Result<usize, Failure> {
    if events.is_empty() {
        return Ok(0);
    }
    let tenants: BTreeSet<TenantId> = events.iter().map(|event| event.tenant_id).collect();
    let tenants: Vec<TenantId> = tenants.into_iter().collect();
    let mut heads = lock_heads(tx, system, &tenants).await?;
    let routes = Routes::load(tx, system, &tenants).await?;
    let now = system.now();
    let (mut log, mut made) = (Vec::with_capacity(events.len()), Made::default());
    for event in &events {
        let head = heads.get_mut(&event.tenant_id).ok_or_else(|| missing("a tenant's head"))?;
        head.position += 1;
        head.hash = chain::link(&head.hash, head.position, event).to_vec();
        routes.deliver(event, head.position, now, &mut made);
        log.push(event_log::ActiveModel {
            tenant_id: Set(event.tenant_id),
            position: Set(head.position),
            event_id: Set(event.id),
            supplier_id: Set(event.supplier_id),
            order_id: Set(event.order_id),
            event_type: Set(event.event_type.clone()),
            hash: Set(head.hash.clone()),
            logged_at: Set(now),
        });
    }
    let mut writes = Writes::new(system.store());
    writes.insert(log)?;
    writes.insert(made.deliveries)?;
    writes.insert(made.ties)?;
    move_heads(&mut writes, heads)?;
    writes.run(tx).await?;
    Ok(events.len())
}

/// Takes the next events off the outbox, in the order they were put there. Another dispatcher that takes at
/// the same time waits here, and then finds what is left.
async fn take(tx: &Tx, system: &SystemScope) -> Result<Vec<event::Model>, Failure> {
    let rows = system
        .find::<outbox::Entity>()
        .order_by_asc(outbox::Column::Id)
        .limit(BATCH)
        .lock_exclusive()
        .all(&**tx)
        .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = rows.iter().map(|row| row.id);
    let backend = tx.get_database_backend();
    system.delete::<outbox::Entity>().filter(among(backend, outbox::Column::Id, ids)?).exec(&**tx).await?;
    let events = system
        .find::<event::Entity>()
        .filter(among(backend, event::Column::Id, rows.iter().map(|row| row.event_id))?)
        .all(&**tx)
        .await?;
    let mut events: HashMap<_, _> = events.into_iter().map(|event| (event.id, event)).collect();
    rows.iter().map(|row| events.remove(&row.event_id).ok_or_else(|| missing("an event"))).collect()
}

/// Locks the tenants' heads, in one order for all, so that nobody else gives positions now.
async fn lock_heads(
    tx: &Tx,
    system: &SystemScope,
    tenants: &[TenantId],
) -> Result<BTreeMap<TenantId, event_head::Model>, Failure> {
    let first = tenants.iter().map(|&tenant| event_head::ActiveModel {
        tenant_id: Set(tenant),
        position: Set(0),
        hash: Set(chain::START.to_vec()),
    });
    event_head::Entity::insert_many(first)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(&**tx)
        .await?;
    let heads = system
        .find::<event_head::Entity>()
        .filter(event_head::Column::TenantId.is_in(tenants.iter().copied()))
        .order_by_asc(event_head::Column::TenantId)
        .lock_exclusive()
        .all(&**tx)
        .await?;
    Ok(heads.into_iter().map(|head| (head.tenant_id, head)).collect())
}

fn move_heads(writes: &mut Writes, heads: BTreeMap<TenantId, event_head::Model>) -> Result<(), Failure> {
    let rows = heads.into_values().map(|head| event_head::ActiveModel {
        tenant_id: Set(head.tenant_id),
        position: Set(head.position),
        hash: Set(head.hash),
    });
    let replace = "on conflict (tenant_id) do update set position = excluded.position, hash = excluded.hash";
    writes.insert_or(rows.collect(), replace)
}

fn missing(what: &str) -> Failure {
    Failure::Corrupt(format!("{what} is gone while the outbox still names it"))
}
