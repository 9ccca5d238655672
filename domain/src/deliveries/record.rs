//! Writing down what became of attempts.
use std::collections::{BTreeMap, BTreeSet, HashSet};

use quayside_canonical::{
    Actor, Channel, ConnectionId, DeliveryId, TenantId,
    events::{DeliveryFailed, DeliverySucceeded},
    states::{DeliveryStatus, ExceptionKind, Severity},
};
use quayside_entity::delivery_attempt;
use sea_orm::{ConnectionTrait, EntityTrait, Set, Statement, Value};

use super::{
    BATCH, Claimed,
    connections::pause,
    outcome::{Attempt, AttemptResult, Next, next, shortened},
};
use crate::{
    Failure, Scope, SystemScope,
    exceptions::{self, NewException},
    outbox::{self, About, Fact},
    scope::Origin,
    store::Tx,
};

/// The longest request or answer the attempt log keeps, in characters.
const MAX_TEXT: usize = 8 * 1024;

/// A claimed delivery, its attempt, and where that leaves it.
struct Recorded<'a> {
    claimed: &'a Claimed,
    attempt: &'a Attempt,
    next: Next,
}

/// Records one attempt. False when the worker's lease was taken over: nothing was changed then.
///
/// # Errors
/// The database failed; nothing was recorded.
pub async fn record(system: &SystemScope, claimed: &Claimed, attempt: &Attempt) -> Result<bool, Failure> {
    Ok(record_many(system, &[(claimed, attempt)]).await? > 0)
}

/// Records many attempts, [`BATCH`] in one transaction, and says how many still were the worker's to record.
///
/// # Errors
/// The database failed; what was not recorded yet is not. Recording the same again is safe.
#[tracing::instrument(skip_all, fields(attempts = attempts.len()))]
pub async fn record_many(system: &SystemScope, attempts: &[(&Claimed, &Attempt)]) -> Result<usize, Failure> {
    let mut recorded = 0;
    for batch in attempts.chunks(BATCH) {
        recorded += record_batch(system, batch).await?;
    }
    Ok(recorded)
}

async fn record_batch(system: &SystemScope, attempts: &[(&Claimed, &Attempt)]) -> Result<usize, Failure> {
    let now = system.now();
    let tx = system.write().await?;
    let recorded = attempts.iter().map(|&(claimed, attempt)| Recorded {
        claimed,
        attempt,
        next: next(claimed, &attempt.result, now),
    });
    let mut recorded: Vec<_> = recorded.collect();
    let ours = update(&tx, system, &recorded).await?;
    recorded.retain(|one| ours.contains(&one.claimed.id));
    log_attempts(&tx, &recorded).await?;
    let mut by_tenant: BTreeMap<TenantId, Vec<&Recorded<'_>>> = BTreeMap::new();
    for one in &recorded {
        by_tenant.entry(one.claimed.tenant).or_default().push(one);
    }
    for (tenant, recorded) in by_tenant {
        let scope = system.in_tenant(tenant, Actor::System, &Origin::new(Channel::System));
        follow_up(&tx, &scope, &recorded).await?;
    }
    tx.commit().await?;
    system.store().wake().deliveries_due(); // the next of a key may go
    count(&recorded);
    Ok(recorded.len())
}

/// Moves every row that is still held under the fence it was claimed with, in one statement, and says which.
async fn update(
    tx: &Tx,
    system: &SystemScope,
    recorded: &[Recorded<'_>],
) -> Result<HashSet<DeliveryId>, Failure> {
    let mut values: Vec<Value> = Vec::with_capacity(recorded.len() * 9);
    let mut rows = Vec::with_capacity(recorded.len());
    for Recorded { claimed, next, .. } in recorded {
        let first = values.len() + 1;
        let (code, message) = next.error.clone().unzip();
        values.extend::<[Value; 9]>([
            claimed.id.into(),
            claimed.row.fence.into(),
            next.status.into(),
            next.attempts.into(),
            next.next_at.into(),
            next.reference.clone().into(),
            code.into(),
            message.into(),
            next.finished_at.into(),
        ]);
        let places: Vec<_> = (first..first + 9).map(|place| format!("${place}")).collect();
        rows.push(format!("({})", places.join(", ")));
    }
    // Both databases name the columns of a bare VALUES list column1, column2, …
    let sql = format!(
        "update delivery set status = v.column3, attempts = v.column4, next_at = v.column5, \
            reference = v.column6, error_code = v.column7, error_message = v.column8, finished_at = v.column9 \
        from (values {}) as v \
        where delivery.id = v.column1 and delivery.fence = v.column2 and delivery.status = 'SENDING' \
        returning delivery.id",
        rows.join(", ")
    );
    let statement = Statement::from_sql_and_values(system.store().backend(), sql, values);
    let rows = tx.query_all_raw(statement).await?;
    Ok(rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?)
}

/// The attempt's number is its fence: it rises with every claim, redriven or not, so that it is never used
/// twice. A gap is an attempt that was released, or whose worker was lost.
async fn log_attempts(tx: &Tx, recorded: &[Recorded<'_>]) -> Result<(), Failure> {
    let made = recorded.iter().filter(|one| one.attempt.result != AttemptResult::Released);
    let rows = made.map(|Recorded { claimed, attempt, next }| delivery_attempt::ActiveModel {
        delivery_id: Set(claimed.id),
        number: Set(i32::try_from(claimed.row.fence).unwrap_or(i32::MAX)),
        tenant_id: Set(claimed.tenant),
        started_at: Set(attempt.started_at),
        duration_ms: Set(i64::try_from(attempt.duration.as_millis()).unwrap_or(i64::MAX)),
        outcome: Set(attempt.result.word().to_owned()),
        http_status: Set(attempt.http_status.map(i32::from)),
        request: Set(attempt.request.as_deref().map(|text| shortened(text, MAX_TEXT))),
        answer: Set(attempt.answer.as_deref().map(|text| shortened(text, MAX_TEXT))),
        error: Set(next.error.as_ref().map(|(_, message)| message.clone())),
    });
    delivery_attempt::Entity::insert_many(rows).exec_without_returning(&**tx).await?;
    Ok(())
}

/// Tells what happened: events, exceptions, a paused connection. All of one tenant.
async fn follow_up(tx: &Tx, scope: &Scope, recorded: &[&Recorded<'_>]) -> Result<(), Failure> {
    let (mut facts, mut failures, mut cured, mut to_pause) = (vec![], vec![], vec![], BTreeSet::new());
    for one in recorded {
        match (one.next.status, &one.attempt.result) {
            (DeliveryStatus::Delivered, _) => {
                facts.push(succeeded(one)?);
                // The first claim of all cannot have failed before.
                if one.claimed.row.fence > 1 {
                    cured.push(one.claimed.id.to_string());
                }
            }
            (DeliveryStatus::Dead, _) => {
                facts.push(failed(one)?);
                failures.push(exception(one.claimed, &one.next));
            }
            (_, AttemptResult::Unauthorized) => {
                to_pause.insert((one.claimed.receiver.id, one.claimed.receiver.name.as_str()));
            }
            _ => {}
        }
    }
    outbox::append(tx, scope, facts).await?;
    for (connection, name) in to_pause {
        pause_refused(tx, scope, connection, name).await?;
    }
    exceptions::open_many(tx, scope, failures).await?;
    exceptions::resolve_many(tx, scope, ExceptionKind::DeliveryFailed, &cured, "It was delivered.").await?;
    Ok(())
}

/// Events about a delivery count under the delivery's own id: its row is locked, and the document it carries
/// is not.
fn about(claimed: &Claimed) -> About {
    let event = &claimed.event;
    About { subject: claimed.id.to_string(), supplier: event.supplier_id, order: event.order_id }
}

fn succeeded(one: &Recorded<'_>) -> Result<Fact, Failure> {
    let claimed = one.claimed;
    let event = DeliverySucceeded {
        delivery: claimed.id,
        connection: claimed.receiver.id,
        event: claimed.event.id,
        subject: claimed.event.subject.clone(),
        reference: one.next.reference.clone(),
    };
    Ok(Fact::new(about(claimed), &event)?.following(&claimed.event))
}

fn failed(one: &Recorded<'_>) -> Result<Fact, Failure> {
    let claimed = one.claimed;
    let (code, message) = one.next.error.clone().unwrap_or_default();
    let event = DeliveryFailed {
        delivery: claimed.id,
        connection: claimed.receiver.id,
        event: claimed.event.id,
        subject: claimed.event.subject.clone(),
        code,
        message,
    };
    Ok(Fact::new(about(claimed), &event)?.following(&claimed.event))
}

fn exception(claimed: &Claimed, next: &Next) -> NewException {
    let (code, message) = next.error.clone().unwrap_or_default();
    let name = &claimed.receiver.name;
    NewException {
        kind: ExceptionKind::DeliveryFailed,
        subject: claimed.id.to_string(),
        supplier: claimed.event.supplier_id,
        order: claimed.event.order_id,
        severity: Severity::Error,
        summary: format!("{} could not be delivered to {name}: {message}", claimed.event_type),
        detail: serde_json::json!({
            "connection": claimed.receiver.id,
            "event": claimed.event.id,
            "about": claimed.event.subject,
            "attempts": claimed.attempt,
            "code": code,
            "message": message,
        }),
    }
}

/// The receiver rejected the credentials: trying on could lock the account.
async fn pause_refused(tx: &Tx, scope: &Scope, connection: ConnectionId, name: &str) -> Result<(), Failure> {
    let reason = "The receiver rejected the credentials.";
    pause(tx, scope, connection, reason).await?;
    let new = NewException {
        kind: ExceptionKind::ConnectionPaused,
        subject: connection.to_string(),
        supplier: None,
        order: None,
        severity: Severity::Error,
        summary: format!("{name} rejected our credentials; nothing is sent until it is resumed."),
        detail: serde_json::json!({ "connection": connection }),
    };
    exceptions::open(tx, scope, new).await.map(drop)
}

fn count(recorded: &[Recorded<'_>]) {
    for Recorded { claimed, attempt, next } in recorded {
        let kind = claimed.receiver.kind.clone();
        let dead = next.status == DeliveryStatus::Dead;
        let outcome = if dead { "dead" } else { attempt.result.word() };
        metrics::counter!("quayside_deliveries_total", "outcome" => outcome, "kind" => kind.clone())
            .increment(1);
        if attempt.result != AttemptResult::Released {
            metrics::histogram!("quayside_delivery_attempt_seconds", "kind" => kind)
                .record(attempt.duration.as_secs_f64());
        }
    }
}
