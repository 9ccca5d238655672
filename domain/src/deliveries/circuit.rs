//! Whether a connection's system answers, shared by all workers.
//!
//! ```text
//!            FAILURES in a row                    the wait is over: one delivery goes
//!   CLOSED ────────────────────→ OPEN, a wait ──────────────────────────────┐
//!     ↑                            ↑                                        │
//!     │                            └──── it failed too: a longer wait ──────┤
//!     └──────────────────────────────── the system answered ────────────────┘
//! ```
//!
//! A failure is what says that the system is not there: no connection, no answer, a 5xx. An answer of any other
//! kind, a refusal included, says that it is. The row is written when something is wrong and when it is over, so a
//! connection that works has a row nobody writes, or none.
use std::{collections::BTreeMap, time::Duration};

use quayside_canonical::{
    ConnectionId, DeliveryId, TenantId, Timestamp,
    states::{CircuitState, ExceptionKind, Severity},
};
use quayside_entity::circuit;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, FromQueryResult,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Statement, sea_query::OnConflict,
};
use sha2::{Digest, Sha256};

use super::outcome::{Attempt, AttemptResult, shortened};
use crate::{Failure, SystemScope, exceptions::NewException, store::Tx};

/// How many failures in a row open the circuit.
pub const FAILURES: i32 = 5;

/// How long it stays open the first time, before jitter; twice as long each further time.
pub const FIRST_WAIT: Duration = Duration::from_secs(10);

/// The longest it stays open before one delivery is tried.
pub const LONGEST_WAIT: Duration = Duration::from_secs(10 * 60);

/// After so long without an answer a person is told.
pub const UNREACHABLE_AFTER: Duration = Duration::from_secs(15 * 60);

/// The longest that a receiver which asks for time holds up all that goes to it. The delivery itself waits as long
/// as was asked for.
const LONGEST_HOLD: Duration = Duration::from_secs(5 * 60);

/// What one attempt says about the system it went to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// It answered.
    Alive,
    /// It is not there.
    Failed,
    /// Nothing: there was no call.
    None,
}

/// What `attempt` says about the system.
pub(super) fn sign(attempt: &Attempt) -> Sign {
    match &attempt.result {
        AttemptResult::Delivered { .. } | AttemptResult::Refused { .. } | AttemptResult::Unauthorized => {
            Sign::Alive
        }
        AttemptResult::Unconfirmed { .. } => Sign::Failed,
        AttemptResult::Retry { .. } => match attempt.http_status {
            Some(status) if status < 500 && status != 408 => Sign::Alive,
            _ => Sign::Failed,
        },
        AttemptResult::Unmappable { .. } | AttemptResult::Released => Sign::None,
    }
}

/// What a batch of attempts, in the order they ended, says about one connection.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// The system answered at least once.
    answered: bool,
    /// How often it failed since it answered last.
    failures: i32,
    /// Which deliveries failed.
    failed: Vec<DeliveryId>,
    /// What the last failure was.
    error: Option<String>,
    /// How long it asked to be left alone.
    hold: Option<Duration>,
}

impl Verdict {
    /// Whether the circuit is the worse for it.
    const fn is_bad(&self) -> bool {
        self.failures > 0 || self.hold.is_some()
    }

    /// Takes in one more attempt.
    pub(super) fn hear(&mut self, delivery: DeliveryId, attempt: &Attempt) {
        match sign(attempt) {
            Sign::Alive => {
                self.answered = true;
                self.failures = 0;
            }
            Sign::Failed => {
                self.failures += 1;
                self.failed.push(delivery);
            }
            Sign::None => {}
        }
        match &attempt.result {
            AttemptResult::Retry { reason, after } => {
                self.error = Some(reason.clone());
                let asked = matches!(attempt.http_status, Some(429 | 503)).then_some(*after).flatten();
                self.hold = Ord::max(self.hold, asked.map(|asked| Ord::min(asked, LONGEST_HOLD)));
            }
            AttemptResult::Unconfirmed { reason } => self.error = Some(reason.clone()),
            _ => {}
        }
    }
}

/// What came of the verdicts.
#[derive(Debug, Default)]
pub(super) struct Turned {
    /// Connections that nothing is sent to for now.
    pub(super) resting: Vec<ConnectionId>,
    /// Connections whose system answers again.
    pub(super) back: Vec<(TenantId, ConnectionId)>,
    /// Connections whose system has not answered for a while: since when, and what was seen last.
    pub(super) unreachable: Vec<(TenantId, ConnectionId, Timestamp, Option<String>)>,
}

/// Writes down what `verdicts` mean. The rows are locked in one order for all who do it at once; nearly always there
/// are none, for nothing was wrong and nothing is.
pub(super) async fn turn(
    tx: &Tx,
    system: &SystemScope,
    verdicts: BTreeMap<(TenantId, ConnectionId), Verdict>,
) -> Result<Turned, Failure> {
    use circuit::Column;
    let mut worse: Vec<(TenantId, ConnectionId)> =
        verdicts.iter().filter(|(_, verdict)| verdict.is_bad()).map(|(&of, _)| of).collect();
    worse.sort_unstable_by_key(|(_, connection)| *connection);
    ensure(tx, system, &worse).await?;
    let bad = worse.iter().map(|(_, connection)| *connection);
    let was_bad = Column::Failures.gt(0).or(Column::State.eq(CircuitState::Open));
    let rows = system
        .find::<circuit::Entity>()
        .filter(Column::ConnectionId.is_in(verdicts.keys().map(|(_, connection)| *connection)))
        .filter(Column::ConnectionId.is_in(bad).or(was_bad))
        .order_by_asc(Column::ConnectionId)
        .lock_exclusive()
        .all(&**tx)
        .await?;
    let mut turned = Turned::default();
    for row in rows {
        let of = (row.tenant_id, row.connection_id);
        let Some(verdict) = verdicts.get(&of) else { continue };
        let next = after(row.clone(), verdict, system.now());
        if row.state == CircuitState::Open && next.state == CircuitState::Closed {
            turned.back.push(of);
        }
        if next.not_before > system.now() {
            turned.resting.push(next.connection_id);
        }
        if let Some(since) = next.opened_at
            && verdict.failures > 0
            && system.now().since(since) >= UNREACHABLE_AFTER
        {
            turned.unreachable.push((next.tenant_id, next.connection_id, since, next.last_error.clone()));
        }
        if next != row {
            next.into_active_model().reset_all().update(&**tx).await?;
        }
    }
    Ok(turned)
}

/// Where `verdict` leaves a circuit: closed by an answer, counted up by failures, open when there are too many, and
/// open for longer when the one that went to see failed.
fn after(row: circuit::Model, verdict: &Verdict, now: Timestamp) -> circuit::Model {
    let was_probing = row.probe_id;
    let mut next = row;
    if verdict.answered && (next.failures > 0 || next.state == CircuitState::Open) {
        next = circuit::Model {
            state: CircuitState::Closed,
            failures: 0,
            rounds: 0,
            opened_at: None,
            not_before: Timestamp::from_micros(0),
            probe_id: None,
            last_error: None,
            updated_at: now,
            ..next
        };
    }
    if !verdict.is_bad() {
        return next;
    }
    next.updated_at = now;
    next.failures = next.failures.saturating_add(verdict.failures);
    if let Some(error) = &verdict.error {
        next.last_error = Some(shortened(error, 500));
    }
    let probe_failed = was_probing.is_some_and(|probe| verdict.failed.contains(&probe));
    let opens = next.state == CircuitState::Closed && next.failures >= FAILURES;
    if opens || (next.state == CircuitState::Open && probe_failed) {
        next.state = CircuitState::Open;
        next.rounds = next.rounds.saturating_add(1);
        let opened_at = *next.opened_at.get_or_insert(now);
        next.not_before = now.plus(wait(next.connection_id, opened_at, next.rounds));
        next.probe_id = None;
    }
    if let Some(hold) = verdict.hold {
        next.not_before = Ord::max(next.not_before, now.plus(hold));
    }
    next
}

/// Makes sure that each has a row.
pub(super) async fn ensure(
    tx: &Tx,
    system: &SystemScope,
    connections: &[(TenantId, ConnectionId)],
) -> Result<(), Failure> {
    if connections.is_empty() {
        return Ok(());
    }
    let zero = Timestamp::from_micros(0);
    let rows = connections.iter().map(|&(tenant_id, connection_id)| {
        let row = circuit::Model {
            connection_id,
            tenant_id,
            state: CircuitState::Closed,
            failures: 0,
            rounds: 0,
            opened_at: None,
            not_before: zero,
            probe_id: None,
            last_error: None,
            paced_until: zero,
            updated_at: system.now(),
        };
        row.into_active_model().reset_all()
    });
    let insert = circuit::Entity::insert_many(rows);
    insert.on_conflict(OnConflict::new().do_nothing().to_owned()).exec_without_returning(&**tx).await?;
    Ok(())
}

/// The rows of `connections` that no other worker looks at now, locked, those that are open only while none of
/// theirs is on its way to see.
pub(super) async fn take(
    tx: &Tx,
    system: &SystemScope,
    connections: &[ConnectionId],
) -> Result<Vec<circuit::Model>, Failure> {
    if connections.is_empty() {
        return Ok(Vec::new());
    }
    let backend = system.store().backend();
    let mut values = vec![system.now().into()];
    let places: Vec<_> = connections
        .iter()
        .map(|&connection| {
            values.push(connection.into());
            format!("${}", values.len())
        })
        .collect();
    let skip_locked = if backend == DbBackend::Postgres { "for update of o skip locked" } else { "" };
    let sql = format!(
        "select o.* from circuit o where o.connection_id in ({}) and o.not_before <= $1
            and (o.state = 'CLOSED' or o.probe_id is null or not exists (
                select 1 from delivery p where p.id = o.probe_id and p.status = 'SENDING' and p.next_at > $1))
            order by o.connection_id {skip_locked}",
        places.join(", ")
    );
    let rows = tx.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(rows.iter().map(|row| circuit::Model::from_query_result(row, "")).collect::<Result<_, _>>()?)
}

/// How long the circuit stays open the `round`th time: the same for the same opening, so that it can be foretold.
pub(super) fn wait(connection: ConnectionId, opened_at: Timestamp, round: i32) -> Duration {
    let doubled = Ord::min(u32::try_from(round - 1).unwrap_or(0), 16);
    let wait = Ord::min(FIRST_WAIT.saturating_mul(1 << doubled), LONGEST_WAIT);
    let digest = Sha256::new()
        .chain_update(connection.0.as_bytes())
        .chain_update(opened_at.micros().to_be_bytes())
        .chain_update(round.to_be_bytes())
        .finalize();
    let drawn = u16::from_be_bytes([digest[0], digest[1]]);
    wait.mul_f64(0.8 + 0.4 * f64::from(drawn) / f64::from(u16::MAX))
}

/// What people are told when a system has been away for a while.
pub(super) fn unreachable(
    connection: ConnectionId,
    name: &str,
    since: Timestamp,
    error: Option<&str>,
) -> NewException {
    let seen = error.unwrap_or("it does not answer");
    NewException {
        kind: ExceptionKind::ConnectionUnreachable,
        subject: connection.to_string(),
        supplier: None,
        order: None,
        severity: Severity::Error,
        summary: format!("{name} has not answered since {since}: {seen}"),
        detail: serde_json::json!({ "connection": connection, "since": since, "lastError": error }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(result: AttemptResult, status: Option<u16>) -> Attempt {
        Attempt { http_status: status, ..Attempt::without_call(result, Timestamp::from_micros(0)) }
    }

    fn retry(status: Option<u16>, after: Option<u64>) -> Attempt {
        let after = after.map(Duration::from_secs);
        attempt(AttemptResult::Retry { reason: "r".to_owned(), after }, status)
    }

    #[test]
    fn only_what_says_that_the_system_is_away_is_a_failure() {
        let unconfirmed = AttemptResult::Unconfirmed { reason: String::new() };
        for (attempt, expected) in [
            (retry(None, None), Sign::Failed),
            (retry(Some(503), None), Sign::Failed),
            (retry(Some(408), None), Sign::Failed),
            (retry(Some(429), Some(9)), Sign::Alive),
            (retry(Some(425), None), Sign::Alive),
            (attempt(unconfirmed.clone(), None), Sign::Failed),
            (attempt(unconfirmed, Some(500)), Sign::Failed),
            (attempt(AttemptResult::Delivered { reference: None }, Some(200)), Sign::Alive),
            (attempt(AttemptResult::Unauthorized, Some(401)), Sign::Alive),
            (attempt(AttemptResult::Unmappable { message: String::new() }, None), Sign::None),
            (attempt(AttemptResult::Released, None), Sign::None),
        ] {
            assert_eq!(sign(&attempt), expected, "{attempt:?}");
        }
    }

    #[test]
    fn an_answer_ends_the_count_and_a_wish_for_time_is_bounded() {
        let id = DeliveryId::generate();
        let mut verdict = Verdict::default();
        verdict.hear(id, &retry(None, None));
        verdict.hear(id, &retry(Some(429), Some(86_400)));
        verdict.hear(id, &retry(Some(500), Some(86_400)));
        assert!(verdict.answered);
        assert_eq!((verdict.failures, verdict.hold), (1, Some(LONGEST_HOLD)));
    }

    #[test]
    fn the_wait_doubles_up_to_ten_minutes_and_is_spread_by_a_fifth() {
        let opened = Timestamp::from_micros(7);
        for (round, base) in [(1, 10), (2, 20), (3, 40), (6, 320), (7, 600), (40, 600), (i32::MAX, 600)] {
            let waits: Vec<_> =
                (0..50).map(|_| wait(ConnectionId::generate(), opened, round).as_secs_f64()).collect();
            let base = f64::from(base);
            assert!(waits.iter().all(|wait| (base * 0.8..=base * 1.2).contains(wait)), "{round}: {waits:?}");
            assert!(waits.windows(2).any(|pair| pair[0] != pair[1]));
        }
    }
}
