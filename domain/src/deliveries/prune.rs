//! What is not kept for ever: the words of attempts, and after a longer time finished deliveries.
//!
//! Nothing of an unfinished delivery is touched, nor of one that is missing. The event log stays whole.
use std::time::Duration;

use quayside_canonical::{ConnectionId, DeliveryId, Timestamp};
use quayside_entity::{connection, delivery, delivery_attempt, delivery_check};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect, Statement};

use crate::{Failure, SystemScope, writes::among};

/// Rows of one transaction: short enough that nobody waits for it.
const BATCH: u64 = 1_000;
/// Transactions of one call: the rest is for the next.
const BATCHES: u32 = 20;

/// How long things are kept.
#[derive(Clone, Copy, Debug)]
pub struct Keep {
    /// What was sent and what came back, from the attempt on.
    pub texts: Duration,
    /// A finished delivery with its attempts, from its end on.
    pub deliveries: Duration,
}

/// What was thrown away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Attempts that lost their words.
    pub texts: u64,
    /// Deliveries that are gone.
    pub deliveries: u64,
}

/// Throws away a bounded number of things whose time is over.
///
/// # Errors
/// The database failed. Batches before that are done.
#[tracing::instrument(skip_all)]
pub async fn prune(system: &SystemScope, keep: Keep) -> Result<Pruned, Failure> {
    let now = system.now();
    let texts = forget_texts(system, now.minus(keep.texts)).await?;
    let deliveries = forget_deliveries(system, now.minus(keep.deliveries)).await?;
    if texts + deliveries > 0 {
        tracing::info!(texts, deliveries, "pruned");
    }
    Ok(Pruned { texts, deliveries })
}

async fn forget_texts(system: &SystemScope, before: Timestamp) -> Result<u64, Failure> {
    let sql = "update delivery_attempt set request = null, answer = null where (delivery_id, number) in (
        select a.delivery_id, a.number from delivery_attempt a
        where a.started_at < $1 and (a.request is not null or a.answer is not null)
          and exists (select 1 from delivery d
            where d.id = a.delivery_id and d.status in ('DELIVERED', 'SKIPPED'))
        order by a.started_at limit $2)";
    let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
    let mut forgotten = 0;
    for _ in 0..BATCHES {
        let statement =
            Statement::from_sql_and_values(system.store().backend(), sql, [before.into(), limit.into()]);
        let tx = system.write().await?;
        let batch = tx.execute_raw(statement).await?.rows_affected();
        tx.commit().await?;
        forgotten += batch;
        if batch < BATCH {
            break;
        }
    }
    Ok(forgotten)
}

/// Looks at the oldest finished deliveries of each connection, in the order of their events: the index that keeps
/// an event from being delivered twice gives them, so that none is kept for this alone.
async fn forget_deliveries(system: &SystemScope, before: Timestamp) -> Result<u64, Failure> {
    let connections: Vec<ConnectionId> = system
        .find::<connection::Entity>()
        .select_only()
        .column(connection::Column::Id)
        .into_tuple()
        .all(system.store().worker())
        .await?;
    let (mut gone, mut batches) = (0, 0);
    for connection in connections {
        while batches < BATCHES {
            let batch = forget_of(system, connection, before).await?;
            gone += batch;
            if batch < BATCH {
                break;
            }
            batches += 1;
        }
    }
    Ok(gone)
}

async fn forget_of(
    system: &SystemScope,
    connection: ConnectionId,
    before: Timestamp,
) -> Result<u64, Failure> {
    let sql = "select id from (
            select id, finished_at from delivery
            where connection_id = $1 and status in ('DELIVERED', 'SKIPPED') order by event_id limit $2) as oldest
        where finished_at < $3";
    let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
    let values = [connection.into(), limit.into(), before.into()];
    let statement = Statement::from_sql_and_values(system.store().backend(), sql, values);
    let rows = system.store().worker().query_all_raw(statement).await?;
    let old: Vec<DeliveryId> = rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?;
    if old.is_empty() {
        return Ok(0);
    }
    let tx = system.write().await?;
    let backend = tx.get_database_backend();
    // Somebody may have put one back in line meanwhile.
    let old: Vec<DeliveryId> = system
        .find::<delivery::Entity>()
        .filter(among(backend, delivery::Column::Id, old)?)
        .filter(delivery::Column::FinishedAt.lt(before))
        .select_only()
        .column(delivery::Column::Id)
        .order_by_asc(delivery::Column::Id)
        .lock_exclusive()
        .into_tuple()
        .all(&*tx)
        .await?;
    if old.is_empty() {
        return Ok(0);
    }
    let attempts = among(backend, delivery_attempt::Column::DeliveryId, old.iter().copied())?;
    system.delete::<delivery_attempt::Entity>().filter(attempts).exec(&*tx).await?;
    let checks = among(backend, delivery_check::Column::DeliveryId, old.iter().copied())?;
    system.delete::<delivery_check::Entity>().filter(checks).exec(&*tx).await?;
    let rows = among(backend, delivery::Column::Id, old.iter().copied())?;
    let gone = system.delete::<delivery::Entity>().filter(rows).exec(&*tx).await?.rows_affected;
    tx.commit().await?;
    Ok(gone)
}
