//! Taking feeds that are due, for one worker and a limited time.
use std::{collections::HashMap, time::Duration};

use quayside_canonical::{ConnectionId, TenantId};
use quayside_entity::{connection, inbound_feed};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, FromQueryResult, QueryFilter, Statement, Value};

use super::LEASE;
use crate::{Failure, SystemScope};

/// A feed in a worker's hands.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Whose it is.
    pub tenant: TenantId,
    /// The connection it is a feed of.
    pub connection: connection::Model,
    /// Its name.
    pub feed: String,
    /// How far it was read.
    pub cursor: Option<String>,
    pub(super) row: inbound_feed::Model,
}

/// Claims up to `limit` feeds that are due, of connections that are used.
///
/// # Errors
/// The database failed; nothing was claimed.
pub async fn claim(system: &SystemScope, limit: usize) -> Result<Vec<Claimed>, Failure> {
    let backend = system.store().backend();
    let skip_locked = if backend == DbBackend::Postgres { "for update of f skip locked" } else { "" };
    let now = system.now();
    let sql = format!(
        "with due as materialized (
            select f.connection_id, f.name from inbound_feed f
            where f.way = 'POLL' and f.next_at <= $1 and f.lease_until <= $1
              and exists (select 1 from connection c where c.id = f.connection_id and c.status = 'ACTIVE')
            order by f.next_at limit $3 {skip_locked})
        update inbound_feed set fence = fence + 1, lease_until = $2
        where (connection_id, name) in (select connection_id, name from due) returning *"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values: Vec<Value> = vec![now.into(), now.plus(LEASE).into(), limit.into()];
    let tx = system.write().await?;
    let rows = tx.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<_> =
        rows.iter().map(|row| inbound_feed::Model::from_query_result(row, "")).collect::<Result<_, _>>()?;
    let ids: std::collections::BTreeSet<_> = rows.iter().map(|row| row.connection_id).collect();
    let found =
        system.find::<connection::Entity>().filter(connection::Column::Id.is_in(ids)).all(&*tx).await?;
    let connections: HashMap<ConnectionId, _> = found.into_iter().map(|row| (row.id, row)).collect();
    let mut claimed = Vec::with_capacity(rows.len());
    for row in rows {
        let connection = connections.get(&row.connection_id).cloned();
        claimed.push(Claimed {
            tenant: row.tenant_id,
            connection: connection
                .ok_or_else(|| Failure::Corrupt("a feed's connection is gone".to_owned()))?,
            feed: row.name.clone(),
            cursor: row.cursor.clone(),
            row,
        });
    }
    tx.commit().await?;
    Ok(claimed)
}

/// Says that the worker is still at it. False when somebody else has the feed by now: stop.
///
/// # Errors
/// The database failed.
pub async fn renew(system: &SystemScope, claimed: &Claimed) -> Result<bool, Failure> {
    let sql =
        "update inbound_feed set lease_until = $1 where connection_id = $2 and name = $3 and fence = $4";
    let until = system.now().plus(LEASE);
    let row = &claimed.row;
    let values: Vec<Value> =
        vec![until.into(), row.connection_id.into(), row.name.as_str().into(), row.fence.into()];
    let tx = system.write().await?;
    let statement = Statement::from_sql_and_values(system.store().backend(), sql, values);
    let held = tx.execute_raw(statement).await?.rows_affected() > 0;
    tx.commit().await?;
    Ok(held)
}

/// How often a worker says so.
pub const RENEW_EVERY: Duration = Duration::from_secs(LEASE.as_secs() / 4);
