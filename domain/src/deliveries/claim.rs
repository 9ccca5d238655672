//! Taking deliveries that are due, for one worker and a limited time.
//!
//! A claim first looks at the line: which connections have something waiting, and which of those may be called. It
//! steps from one connection to the next in the index, so that however much waits for one that is paused or open
//! costs it one step. Then it takes from those that are left, from each at most so many.
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use quayside_canonical::{
    ConnectionId, DeliveryId, SupplierId, TenantId, Timestamp,
    states::{CircuitState, Environment},
};
use quayside_entity::{circuit, connection, delivery, event, tenant};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, FromQueryResult, IntoActiveModel, QueryFilter,
    QuerySelect, Set, Statement, Value,
};
use uuid::Uuid;

use super::{UNCONFIRMED, circuit as circuits, envelope, pace::Pace};
use crate::{
    Failure, SystemScope,
    connections::{Traits, visible_to},
    planted,
    store::Tx,
    webhooks,
    writes::{self, among},
};

/// How long a claim holds unless it is renewed: so long a lost worker's deliveries wait for another.
pub const LEASE: Duration = Duration::from_secs(12);

/// How long before its end a lease is as good as over: clocks of two machines may differ by so much.
pub const LEASE_MARGIN: Duration = Duration::from_secs(2);

/// The most deliveries of one claim.
pub const BATCH: usize = 200;

/// The most deliveries of one connection that a worker claims at once: when it holds less than half of that.
pub const MOST_OF_ONE: usize = BATCH;

/// Connections that one statement takes from.
const AT_ONCE: usize = 100;

/// What a worker has in its hands already, and how much more it can take.
#[derive(Clone, Debug, Default)]
pub struct Hands {
    /// How many deliveries it can take.
    pub room: usize,
    /// How many calls to one connection it has in flight at most.
    pub share: usize,
    /// How many deliveries of each connection it holds, in flight or waiting for their turn.
    pub held: HashMap<ConnectionId, usize>,
}

impl Hands {
    /// Empty hands with room for `room`.
    #[must_use]
    pub fn empty(room: usize) -> Self {
        Self { room, share: room, held: HashMap::new() }
    }
}

/// Until when a delivery is its worker's. Clones share it: whoever renews it tells whoever sends.
#[derive(Clone, Debug)]
pub struct Lease(Arc<AtomicI64>);

impl Lease {
    fn until(until: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(until.micros())))
    }

    /// How long it still holds, the margin for other machines' clocks taken off.
    #[must_use]
    pub fn left(&self, now: Timestamp) -> Duration {
        Timestamp::from_micros(self.0.load(Ordering::Acquire)).minus(LEASE_MARGIN).since(now)
    }

    pub(super) fn renew(&self, until: Timestamp) {
        self.0.store(until.micros(), Ordering::Release);
    }

    pub(super) fn lose(&self) {
        self.0.store(0, Ordering::Release);
    }
}

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
    /// Why it must not be sent to whom it was for: then it is recorded as this, without a call.
    pub withheld: Option<super::AttemptResult>,
    /// Until when it is this worker's. What is in flight after that is broken off.
    pub lease: Lease,
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
    /// The supplier whose webhook endpoint it is; none for the buyer's own.
    pub supplier: Option<SupplierId>,
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
    /// How many calls to it may be in flight in one process, where it says so.
    pub concurrency: Option<usize>,
    /// After how many minutes what it took is read back, where it is.
    pub(super) confirm_after: Option<Duration>,
    /// How much of that, of a hundred.
    pub(super) confirm_percent: i32,
}

impl From<connection::Model> for Receiver {
    fn from(row: connection::Model) -> Self {
        Self {
            id: row.id,
            tenant: row.tenant_id,
            kind: row.kind,
            supplier: row.supplier_id,
            name: row.name,
            environment: row.environment,
            config: row.config,
            sealed_secret: row.sealed_secret,
            revision: row.revision,
            code_system: row.code_system,
            codes_revision: row.codes_revision,
            filter: row.filter,
            concurrency: row.concurrency.and_then(|it| usize::try_from(it).ok()).filter(|&it| it > 0),
            confirm_after: row.confirm_after_minutes.and_then(minutes),
            confirm_percent: row.confirm_percent,
        }
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("id", &self.id).field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Claimed {
    /// Which claim of the delivery this is: a later one has a higher number.
    #[must_use]
    pub const fn fence(&self) -> i64 {
        self.row.fence
    }
}

/// Claims deliveries that are due for `worker`, as many as fit its hands: at most one for each key, those of the
/// connection that has waited longest first.
///
/// # Errors
/// The database failed; nothing was claimed.
#[tracing::instrument(skip_all, fields(worker = worker))]
pub async fn claim(system: &SystemScope, worker: &str, hands: &Hands) -> Result<Vec<Claimed>, Failure> {
    let started = Instant::now();
    let now = system.now();
    let line = line(system, now).await?;
    let wanted: Vec<Wanted> = line.iter().filter_map(|one| wanted(one, hands)).collect();
    if wanted.is_empty() || hands.room == 0 {
        return Ok(Vec::new());
    }
    let tx = system.write().await?;
    let guarded = Guarded::lock(&tx, system, &wanted).await?;
    let shares = wanted.iter().filter_map(|one| guarded.share(one, now));
    let shares: Vec<(ConnectionId, usize)> = shares.collect();
    let (mut rows, mut room) = (Vec::new(), hands.room.min(BATCH));
    for shares in shares.chunks(AT_ONCE) {
        if room > 0 {
            let taken = take(&tx, system, room, shares).await?;
            room -= taken.len().min(room);
            rows.extend(taken);
        }
    }
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    guarded.note(&tx, &rows, now).await?;
    rows.sort_by_key(|row| (row.tenant_id, row.position));
    let claimed = load(&tx, system, rows).await?;
    tx.commit().await?;
    metrics::histogram!("quayside_delivery_claim_seconds").record(started.elapsed().as_secs_f64());
    tracing::debug!(deliveries = claimed.len(), "claimed");
    Ok(claimed)
}

/// A connection that has something due and may be called.
#[derive(FromQueryResult)]
struct InLine {
    id: ConnectionId,
    tenant_id: TenantId,
    rate_per_minute: Option<i32>,
    concurrency: Option<i32>,
    state: Option<CircuitState>,
}

/// The connections that have something due and may be called, the one that has waited longest first.
async fn line(system: &SystemScope, now: Timestamp) -> Result<Vec<InLine>, Failure> {
    let sql = "with recursive line(id) as (
            select (select connection_id from delivery where status in ('WAITING', 'UNCONFIRMED', 'SENDING')
                order by connection_id limit 1)
            union all
            select (select d.connection_id from delivery d
                where d.status in ('WAITING', 'UNCONFIRMED', 'SENDING') and d.connection_id > line.id
                order by d.connection_id limit 1)
            from line where line.id is not null),
        open as (
            select c.id, c.tenant_id, c.rate_per_minute, c.concurrency, o.state,
                (select d.next_at from delivery d
                    where d.connection_id = c.id and d.status in ('WAITING', 'UNCONFIRMED', 'SENDING')
                    order by d.connection_id, d.next_at limit 1) as due
            from line join connection c on c.id = line.id left join circuit o on o.connection_id = c.id
            where c.status = 'ACTIVE' and (o.not_before is null or o.not_before <= $1))
        select * from open where due <= $1 order by due, id";
    let statement = Statement::from_sql_and_values(system.store().backend(), sql, [now.into()]);
    let rows = system.store().worker().query_all_raw(statement).await?;
    Ok(rows.iter().map(|row| InLine::from_query_result(row, "")).collect::<Result<_, _>>()?)
}

/// How much a worker wants of one connection.
struct Wanted {
    id: ConnectionId,
    tenant: TenantId,
    most: usize,
    pace: Option<Pace>,
    open: bool,
}

/// What is wanted of a connection in line; nothing when the hands are full of it.
fn wanted(one: &InLine, hands: &Hands) -> Option<Wanted> {
    let held = hands.held.get(&one.id).copied().unwrap_or_default();
    let positive =
        |value: Option<i32>| value.and_then(|value| u32::try_from(value).ok()).filter(|&it| it > 0);
    let pace = positive(one.rate_per_minute).map(Pace::new);
    let at_once = positive(one.concurrency).map_or(hands.share, |at_once| hands.share.min(at_once as usize));
    // What has to keep a pace is taken when it can go at once: its moment is the moment it is taken.
    let open = one.state == Some(CircuitState::Open);
    let most = match (open, pace.is_some()) {
        (true, _) => 1,
        (false, true) => at_once.saturating_sub(held),
        // Many at once, rather than one each time that one is done.
        (false, false) if held < MOST_OF_ONE / 2 => MOST_OF_ONE,
        (false, false) => 0,
    };
    (most > 0).then_some(Wanted { id: one.id, tenant: one.tenant_id, most, pace, open })
}

/// Connections of which only one worker may take at a time: they are open, or have a pace to keep.
struct Guarded(BTreeMap<ConnectionId, (circuit::Model, Option<Pace>)>);

impl Guarded {
    async fn lock(tx: &Tx, system: &SystemScope, wanted: &[Wanted]) -> Result<Self, Failure> {
        let guarded: Vec<&Wanted> = wanted.iter().filter(|one| one.open || one.pace.is_some()).collect();
        let mut paced: Vec<_> =
            guarded.iter().filter(|one| !one.open).map(|one| (one.tenant, one.id)).collect();
        paced.sort_unstable();
        circuits::ensure(tx, system, &paced).await?;
        let ids: Vec<ConnectionId> = guarded.iter().map(|one| one.id).collect();
        let paces: HashMap<ConnectionId, Option<Pace>> =
            guarded.iter().map(|one| (one.id, one.pace)).collect();
        let rows = circuits::take(tx, system, &ids).await?;
        let rows = rows.into_iter().map(|row| {
            let pace = paces.get(&row.connection_id).copied().flatten();
            (row.connection_id, (row, pace))
        });
        Ok(Self(rows.collect()))
    }

    /// How many deliveries of `one` may be taken; nothing when another worker is at it.
    fn share(&self, one: &Wanted, now: Timestamp) -> Option<(ConnectionId, usize)> {
        if !one.open && one.pace.is_none() {
            return Some((one.id, one.most));
        }
        let (row, pace) = self.0.get(&one.id)?;
        let most = if row.state == CircuitState::Open { 1 } else { one.most };
        let most = pace.map_or(most, |pace| most.min(pace.room(row.paced_until, now)));
        (most > 0).then_some((one.id, most))
    }

    /// Writes down which delivery goes to see, and how far the pace has come.
    async fn note(self, tx: &Tx, taken: &[delivery::Model], now: Timestamp) -> Result<(), Failure> {
        for (connection, (row, pace)) in self.0 {
            let mine: Vec<_> = taken.iter().filter(|taken| taken.connection_id == connection).collect();
            let Some(first) = mine.first() else { continue };
            // Asking and sending are two calls.
            let calls: usize = mine.iter().map(|row| 1 + usize::from(must_confirm(row))).sum();
            let paced_until = pace.map_or(row.paced_until, |pace| pace.after(row.paced_until, now, calls));
            let probe = (row.state == CircuitState::Open).then_some(first.id);
            let mut row = row.into_active_model();
            row.paced_until = Set(paced_until);
            row.probe_id = Set(probe);
            row.update(&**tx).await?;
        }
        Ok(())
    }
}

fn must_confirm(row: &delivery::Model) -> bool {
    row.error_code.as_deref() == Some(UNCONFIRMED)
}

/// The one statement that takes. `next_at` moves with the lease, so that one index finds what is due and what was
/// lost; a row taken from a lost worker is marked as unconfirmed.
///
/// Whether an earlier delivery of a key is unfinished is read from the statement's snapshot. That is safe: none is
/// ever added before another, and one that is finished becomes unfinished only when a person redrives what the
/// receiver lost, long after those behind it went.
async fn take(
    tx: &Tx,
    system: &SystemScope,
    room: usize,
    shares: &[(ConnectionId, usize)],
) -> Result<Vec<delivery::Model>, Failure> {
    let backend = system.store().backend();
    let now = system.now();
    let number = |number: usize| Value::from(i64::try_from(number).unwrap_or(i64::MAX));
    let mut values: Vec<Value> = vec![
        now.into(),
        now.plus(LEASE).into(),
        number(room),
        UNCONFIRMED.into(),
        "The worker was lost while it was sending.".into(),
    ];
    let order = if planted::no_order() { "" } else { IN_ORDER };
    let due = if backend == DbBackend::Postgres {
        let shares = shares.iter().map(|&(connection, most)| vec![connection.into(), number(most)]);
        let shares = writes::rows(backend, &mut values, shares)?;
        format!(
            "select one.id from ({shares}) as share cross join lateral (
                select d.id from delivery d
                where d.connection_id = share.column1 and d.status in ('WAITING', 'UNCONFIRMED', 'SENDING')
                  and d.next_at <= $1 {order}
                order by d.next_at, d.position limit share.column2 for update of d skip locked) as one
            limit $3"
        )
    } else {
        let arms: Vec<_> = shares
            .iter()
            .map(|&(connection, most)| {
                values.extend([connection.into(), number(most)]);
                let (connection, most) = (values.len() - 1, values.len());
                format!(
                    "select id from (select d.id from delivery d
                        where d.connection_id = ${connection} and d.status in ('WAITING', 'UNCONFIRMED', 'SENDING')
                          and d.next_at <= $1 {order}
                        order by d.next_at, d.position limit ${most})"
                )
            })
            .collect();
        format!("select id from ({}) limit $3", arms.join(" union all "))
    };
    let sql = format!(
        "with due as materialized ({due})
        update delivery set
            status = 'SENDING', attempts = attempts + 1, fence = fence + 1, lease_until = $2, next_at = $2,
            error_code = case when status = 'SENDING' then $4 else error_code end,
            error_message = case when status = 'SENDING' then $5 else error_message end
        where id in (select id from due) returning *"
    );
    let rows = tx.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(rows.iter().map(|row| delivery::Model::from_query_result(row, "")).collect::<Result<_, _>>()?)
}

/// That no earlier delivery of any key of `d` is unfinished: its own against others' own and against their ties,
/// and its ties against both.
const IN_ORDER: &str = "
    and not exists (
        select 1 from delivery e
        where e.connection_id = d.connection_id and e.order_key = d.order_key and e.position < d.position
          and e.status in ('WAITING', 'UNCONFIRMED', 'SENDING', 'DEAD'))
    and not exists (
        select 1 from delivery_tie e
        where e.connection_id = d.connection_id and e.tie = d.order_key and e.position < d.position)
    and not exists (
        select 1 from delivery_tie t join delivery e
            on e.connection_id = t.connection_id and e.order_key = t.tie and e.position < t.position
              and e.status in ('WAITING', 'UNCONFIRMED', 'SENDING', 'DEAD')
        where t.delivery_id = d.id)
    and not exists (
        select 1 from delivery_tie t join delivery_tie e
            on e.connection_id = t.connection_id and e.tie = t.tie and e.position < t.position
        where t.delivery_id = d.id)";

/// Holds on to what is not recorded yet, for another [`LEASE`], and says which of `held` (a delivery, its fence and
/// its lease) were lost: another worker has them, or they are recorded.
///
/// # Errors
/// The database failed; the leases run out as they would have.
pub async fn renew(
    system: &SystemScope,
    held: &[(DeliveryId, i64, Lease)],
) -> Result<Vec<DeliveryId>, Failure> {
    let backend = system.store().backend();
    let mut lost = Vec::new();
    for held in held.chunks(BATCH) {
        let until = system.now().plus(LEASE);
        let mut values: Vec<Value> = vec![until.into()];
        let rows = held.iter().map(|(id, fence, _)| vec![(*id).into(), (*fence).into()]);
        let rows = writes::rows(backend, &mut values, rows)?;
        let sql = format!(
            "update delivery set lease_until = $1, next_at = $1 from ({rows}) as v \
             where delivery.id = v.column1 and delivery.fence = v.column2 and delivery.status = 'SENDING' \
             returning delivery.id"
        );
        let tx = system.write().await?;
        let renewed = tx.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        tx.commit().await?;
        let renewed: std::collections::HashSet<DeliveryId> =
            renewed.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?;
        for (id, _, lease) in held {
            if renewed.contains(id) {
                lease.renew(until);
            } else {
                lease.lose();
                lost.push(*id);
            }
        }
    }
    Ok(lost)
}

/// Loads what the worker needs: three statements, however many deliveries.
pub(super) async fn load(
    tx: &Tx,
    system: &SystemScope,
    rows: Vec<delivery::Model>,
) -> Result<Vec<Claimed>, Failure> {
    let events = system
        .find::<event::Entity>()
        .filter(among(tx.get_database_backend(), event::Column::Id, rows.iter().map(|row| row.event_id))?)
        .all(&**tx)
        .await?;
    let events: HashMap<_, _> = events.into_iter().map(|event| (event.id, event)).collect();
    let receivers = receivers(tx, system, &rows).await?;
    let slugs = slugs(tx, system, &rows).await?;
    let owners = receivers.values().filter_map(|receiver| receiver.supplier).collect();
    let gone = webhooks::owners_gone(tx, system, owners).await?;
    let mut claimed = Vec::with_capacity(rows.len());
    for row in rows {
        let event = events.get(&row.event_id).cloned().ok_or_else(|| missing("event"))?;
        let slug = slugs.get(&row.tenant_id).ok_or_else(|| missing("tenant"))?;
        let receiver = receivers.get(&row.connection_id).cloned().ok_or_else(|| missing("connection"))?;
        claimed.push(Claimed {
            id: row.id,
            tenant: row.tenant_id,
            withheld: receiver.supplier.and_then(|owner| withheld(owner, &gone, &event)),
            receiver,
            event_type: event.event_type.clone(),
            order_key: row.order_key,
            envelope: envelope(&event, row.position, slug)?,
            correlation: event.correlation_id.clone(),
            trace_parent: event.trace_parent.clone(),
            attempt: row.attempts,
            must_confirm: must_confirm(&row),
            lease: Lease::until(row.lease_until),
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

fn minutes(minutes: i32) -> Option<Duration> {
    Some(Duration::from_secs(u64::try_from(minutes).ok()?.checked_mul(60)?))
}

/// Why a supplier's endpoint does not get an event that was meant for it: nobody of the supplier's is left, or it is
/// not for the supplier to see.
fn withheld(
    owner: SupplierId,
    gone: &HashSet<SupplierId>,
    event: &event::Model,
) -> Option<super::AttemptResult> {
    if gone.contains(&owner) {
        let message = "Nobody of the supplier's has a place any more.".to_owned();
        return Some(super::AttemptResult::Refused { code: webhooks::OWNER_GONE.to_owned(), message });
    }
    let traits = Traits { event_type: &event.event_type, supplier: event.supplier_id, location: None };
    let visible = visible_to(Some(owner), traits);
    let message = || "The event is not for the endpoint's owner to see.".to_owned();
    (!visible).then(|| super::AttemptResult::Unmappable { message: message() })
}

fn missing(what: &str) -> Failure {
    Failure::Corrupt(format!("a delivery's {what} is gone"))
}
