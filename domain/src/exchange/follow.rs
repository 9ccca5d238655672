//! Following each tenant's log: what happened that partners are to be told of.
use std::{collections::HashMap, time::Duration};

use quayside_canonical::{
    EventId, TenantId,
    events::{Event, InterchangeReceived, PurchaseOrderReleased, PurchaseOrderRevised, ReceiptRecorded},
};
use quayside_entity::{event, event_head, event_log, exchange_cursor};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect, Statement};

use crate::{Failure, SystemScope, lease};

/// The types of event that bring something about.
pub const FOLLOWED: [&str; 4] = [
    PurchaseOrderReleased::TYPE,
    PurchaseOrderRevised::TYPE,
    ReceiptRecorded::TYPE,
    InterchangeReceived::TYPE,
];

/// How many events [`next`] gives at most.
const BATCH: u64 = 100;

const LEASE: &str = "exchange";
/// For so long nothing is composed after the one who did was killed.
const TERM: Duration = Duration::from_secs(10);

/// Where a tenant's log is not looked through to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behind {
    /// The tenant.
    pub tenant: TenantId,
    /// Up to where it was looked through.
    pub followed: i64,
    /// The last position there is.
    pub last: i64,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Occasion {
    /// The event.
    pub event: event::Model,
    /// Its place in the log.
    pub position: i64,
}

/// Takes or renews the place of the one who composes. False while another process has it: a courtesy, for two that do
/// it at once make nothing twice.
///
/// # Errors
/// The database failed.
pub async fn hold(system: &SystemScope) -> Result<bool, Failure> {
    lease::take(system, LEASE, TERM).await
}

/// Lets another process go on at once, when this one stops.
///
/// # Errors
/// The database failed; the lease runs out by itself.
pub async fn hand_over(system: &SystemScope) -> Result<(), Failure> {
    lease::give_back(system, LEASE).await
}

/// The tenants whose log is not looked through to its end.
///
/// # Errors
/// The database failed.
pub async fn behind(system: &SystemScope) -> Result<Vec<Behind>, Failure> {
    let db = system.store().worker();
    let cursors = system.find::<exchange_cursor::Entity>().all(db).await?;
    let cursors: HashMap<TenantId, i64> = cursors.into_iter().map(|it| (it.tenant_id, it.position)).collect();
    let heads =
        system.find::<event_head::Entity>().order_by_asc(event_head::Column::TenantId).all(db).await?;
    let behind = heads.into_iter().map(|head| Behind {
        tenant: head.tenant_id,
        followed: cursors.get(&head.tenant_id).copied().unwrap_or_default(),
        last: head.position,
    });
    Ok(behind.filter(|tenant| tenant.followed < tenant.last).collect())
}

/// What happened behind the place up to which a tenant's log was looked through, in its order, and up to where that
/// is all.
///
/// # Errors
/// The database failed.
pub async fn next(system: &SystemScope, behind: Behind) -> Result<(Vec<Occasion>, i64), Failure> {
    use event_log::Column;
    let db = system.store().worker();
    let rows = system
        .find::<event_log::Entity>()
        .filter(Column::TenantId.eq(behind.tenant))
        .filter(Column::Position.gt(behind.followed))
        .filter(Column::Position.lte(behind.last))
        .filter(Column::EventType.is_in(FOLLOWED))
        .order_by_asc(Column::Position)
        .limit(BATCH)
        .all(db)
        .await?;
    let is_full = rows.len() as u64 == BATCH;
    let upto = rows.last().filter(|_| is_full).map_or(behind.last, |row| row.position);
    let places = rows.into_iter().map(|row| (row.event_id, row.position)).collect();
    Ok((occasions(system, places).await?, upto))
}

/// Events by their places, in the order of the log.
pub(super) async fn occasions(
    system: &SystemScope,
    mut places: Vec<(EventId, i64)>,
) -> Result<Vec<Occasion>, Failure> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let events = system
        .find::<event::Entity>()
        .filter(event::Column::Id.is_in(places.iter().map(|(id, _)| *id)))
        .all(system.store().worker())
        .await?;
    let mut events: HashMap<EventId, event::Model> =
        events.into_iter().map(|event| (event.id, event)).collect();
    places.sort_by_key(|(_, position)| *position);
    let occasion = |(id, position)| {
        let event = events.remove(&id);
        let event = event.ok_or_else(|| Failure::Corrupt("a logged event is gone".to_owned()))?;
        Ok(Occasion { event, position })
    };
    places.into_iter().map(occasion).collect()
}

/// Notes that a tenant's log was looked through up to `position`. The note never goes back.
///
/// # Errors
/// The database failed; what was looked through is looked through again.
pub async fn followed(system: &SystemScope, tenant: TenantId, position: i64) -> Result<(), Failure> {
    let sql = "insert into exchange_cursor (tenant_id, position) values ($1, $2) \
        on conflict (tenant_id) do update set position = excluded.position \
        where exchange_cursor.position < excluded.position";
    let tx = system.write().await?;
    let values = [tenant.into(), position.into()];
    tx.execute_raw(Statement::from_sql_and_values(system.store().backend(), sql, values)).await?;
    tx.commit().await
}
