//! The feeds that connections have: a row each, from the moment somebody works.
use quayside_canonical::{ConnectionId, TenantId, states::FeedWay};
use quayside_entity::inbound_feed;
use sea_orm::{ConnectionTrait, EntityTrait, Set, Statement, Value, sea_query::OnConflict};

use crate::{Failure, SystemScope};

/// What a kind of connection reads.
#[derive(Clone, Debug)]
pub struct Offered {
    /// The kind, as connections name it.
    pub kind: &'static str,
    /// Its feeds and how each comes.
    pub feeds: Vec<(&'static str, FeedWay)>,
}

/// Gives every connection of these kinds a row for each feed that has none yet, and says how many were missing.
///
/// # Errors
/// The database failed.
pub async fn offer(system: &SystemScope, offered: &[Offered]) -> Result<usize, Failure> {
    let missing = missing(system, offered).await?;
    if missing.is_empty() {
        return Ok(0);
    }
    let now = system.now();
    let mut rows = Vec::new();
    for (connection, tenant, kind) in missing {
        let feeds = offered.iter().filter(|one| one.kind == kind).flat_map(|one| &one.feeds);
        rows.extend(feeds.map(|(name, way)| inbound_feed::ActiveModel {
            connection_id: Set(connection),
            name: Set((*name).to_owned()),
            tenant_id: Set(tenant),
            way: Set(*way),
            offered: Set(true),
            cursor: Set(None),
            every_seconds: Set(None),
            next_at: Set(now),
            asked: Set(0),
            lease_until: Set(now),
            fence: Set(0),
            polled_at: Set(None),
            succeeded_at: Set(None),
            failures: Set(0),
            error: Set(None),
            created_at: Set(now),
        }));
    }
    let tx = system.write().await?;
    let insert =
        inbound_feed::Entity::insert_many(rows).on_conflict(OnConflict::new().do_nothing().to_owned());
    let added = insert.exec_without_returning(&*tx).await?;
    tx.commit().await?;
    Ok(usize::try_from(added).unwrap_or(usize::MAX))
}

async fn missing(
    system: &SystemScope,
    offered: &[Offered],
) -> Result<Vec<(ConnectionId, TenantId, String)>, Failure> {
    let mut values: Vec<Value> = Vec::new();
    let mut any = Vec::new();
    for Offered { kind, feeds } in offered.iter().filter(|one| !one.feeds.is_empty()) {
        values.push((*kind).into());
        values.push(i64::try_from(feeds.len()).unwrap_or(i64::MAX).into());
        let (kind, count) = (values.len() - 1, values.len());
        any.push(format!(
            "(c.kind = ${kind} and (select count(*) from inbound_feed f where f.connection_id = c.id) < ${count})"
        ));
    }
    if any.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "select c.id, c.tenant_id, c.kind from connection c where c.supplier_id is null and ({}) limit 200",
        any.join(" or ")
    );
    let tx = system.read().await?;
    let rows =
        tx.query_all_raw(Statement::from_sql_and_values(system.store().backend(), sql, values)).await?;
    let read = rows
        .iter()
        .map(|row| Ok((row.try_get("", "id")?, row.try_get("", "tenant_id")?, row.try_get("", "kind")?)));
    read.collect()
}
