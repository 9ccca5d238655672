//! Writing down what became of attempts.
use std::collections::{BTreeMap, BTreeSet, HashSet};

use quayside_canonical::{
    Actor, Channel, ConnectionId, DeliveryId, EventId, TenantId,
    events::{DeliveryFailed, DeliverySucceeded, Event},
    states::{DeliveryStatus, DisabledReason, ExceptionKind, Severity},
};
use quayside_entity::{delivery_attempt, delivery_tie};
use sea_orm::{ConnectionTrait, QueryFilter, Set, Statement, Value};

use super::{
    BATCH, Claimed, Manner, checks, circuit,
    connections::pause,
    outcome::{Attempt, AttemptResult, Next, next, shortened},
};
use crate::{
    Failure, Scope, SystemScope,
    dispatch::keys,
    exceptions::{self, Cure, NewException},
    exchange,
    outbox::{self, About, Fact},
    scope::Origin,
    store::Tx,
    webhooks::{self, Heard, Sign},
    writes::{self, Writes},
};

/// The longest request or answer the attempt log keeps, in characters.
const MAX_TEXT: usize = 8 * 1024;

/// A claimed delivery, its attempt, and where that leaves it.
struct Recorded<'a> {
    claimed: &'a Claimed,
    attempt: &'a Attempt,
    next: Next,
}

impl Recorded<'_> {
    /// Whether this is the first claim of all: nothing can have been told about the delivery before.
    const fn is_first(&self) -> bool {
        self.claimed.row.fence == 1
    }

    /// The news, as part of what the delivery's event brought about.
    fn fact<E: Event>(&self, event: &E) -> Result<Fact, Failure> {
        let fact = Fact::new(about(self.claimed), event)?.following(&self.claimed.event);
        Ok(if self.is_first() { fact.first_of_its_subject() } else { fact })
    }
}

/// What became of recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// How many attempts were still the worker's to record.
    pub recorded: usize,
    /// Connections that nothing is sent to for now: what a worker holds of theirs it gives back.
    pub resting: Vec<ConnectionId>,
}

/// Records one attempt. False when the worker's lease was taken over: nothing was changed then.
///
/// # Errors
/// The database failed; nothing was recorded.
pub async fn record(system: &SystemScope, claimed: &Claimed, attempt: &Attempt) -> Result<bool, Failure> {
    Ok(record_many(system, &[(claimed, attempt)]).await?.recorded > 0)
}

/// Records many attempts in the order they ended, [`BATCH`] in one transaction.
///
/// # Errors
/// The database failed; what was not recorded yet is not. Recording the same again is safe.
#[tracing::instrument(skip_all, fields(attempts = attempts.len()))]
pub async fn record_many(system: &SystemScope, attempts: &[(&Claimed, &Attempt)]) -> Result<Kept, Failure> {
    let mut kept = Kept::default();
    for batch in attempts.chunks(BATCH) {
        let more = record_batch(system, batch).await?;
        kept.recorded += more.recorded;
        kept.resting.extend(more.resting);
    }
    Ok(kept)
}

async fn record_batch(system: &SystemScope, attempts: &[(&Claimed, &Attempt)]) -> Result<Kept, Failure> {
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
    let mut writes = Writes::new(system.store());
    writes.insert(attempt_rows(&recorded))?;
    checks::plan(&mut writes, &delivered(&recorded), now)?;
    let mut by_tenant: BTreeMap<TenantId, Vec<&Recorded<'_>>> = BTreeMap::new();
    for one in &recorded {
        by_tenant.entry(one.claimed.tenant).or_default().push(one);
    }
    let mut troubles = Vec::with_capacity(by_tenant.len());
    for (tenant, recorded) in by_tenant {
        let scope = system.in_tenant(tenant, Actor::System, &Origin::new(Channel::System));
        let (facts, trouble) = follow_up(&recorded)?;
        outbox::add(&mut writes, &tx, &scope, facts).await?;
        troubles.push((scope, trouble));
    }
    writes.run(&tx).await?;
    untie(&tx, system, &recorded).await?;
    let events = delivered(&recorded);
    exchange::note_sent(&tx, system, events.iter().map(|claimed| &claimed.event), now).await?;
    let turned = turn_circuits(&tx, system, &recorded).await?;
    let mut resting = turned.resting.clone();
    for (scope, mut trouble) in troubles {
        trouble.hear(scope.tenant, &turned, &recorded);
        resting.extend(trouble.to_pause.iter().map(|(connection, _)| *connection));
        trouble.handle(&tx, &scope).await?;
    }
    tx.commit().await?;
    system.store().wake().deliveries_due(); // the next of a key may go
    count(&recorded);
    Ok(Kept { recorded: recorded.len(), resting })
}

/// What was sent holds back nothing any more.
async fn untie(tx: &Tx, system: &SystemScope, recorded: &[Recorded<'_>]) -> Result<(), Failure> {
    let mut tied = delivered(recorded);
    tied.retain(|claimed| !keys(&claimed.event).ties.is_empty());
    if !tied.is_empty() {
        let ids = tied.iter().map(|claimed| claimed.id);
        let tied = writes::among(tx.get_database_backend(), delivery_tie::Column::DeliveryId, ids)?;
        system.delete::<delivery_tie::Entity>().filter(tied).exec(&**tx).await?;
    }
    Ok(())
}

/// What was delivered just now.
fn delivered<'a>(recorded: &[Recorded<'a>]) -> Vec<&'a Claimed> {
    let done = recorded.iter().filter(|one| one.next.status == DeliveryStatus::Delivered);
    done.map(|one| one.claimed).collect()
}

async fn turn_circuits(
    tx: &Tx,
    system: &SystemScope,
    recorded: &[Recorded<'_>],
) -> Result<circuit::Turned, Failure> {
    let mut verdicts: BTreeMap<(TenantId, ConnectionId), circuit::Verdict> = BTreeMap::new();
    for Recorded { claimed, attempt, .. } in recorded {
        verdicts.entry((claimed.tenant, claimed.receiver.id)).or_default().hear(claimed.id, attempt);
    }
    circuit::turn(tx, system, verdicts).await
}

/// Moves every row that is still held under the fence it was claimed with, in one statement, and says which.
async fn update(
    tx: &Tx,
    system: &SystemScope,
    recorded: &[Recorded<'_>],
) -> Result<HashSet<DeliveryId>, Failure> {
    let backend = system.store().backend();
    let mut values = Vec::new();
    let moves = recorded.iter().map(|Recorded { claimed, next, .. }| -> Vec<Value> {
        let (code, message) = next.error.clone().unzip();
        vec![
            claimed.id.into(),
            claimed.row.fence.into(),
            next.status.into(),
            next.attempts.into(),
            next.next_at.into(),
            next.reference.clone().into(),
            code.into(),
            message.into(),
            next.finished_at.into(),
        ]
    });
    let moves = writes::rows(backend, &mut values, moves)?;
    let sql = format!(
        "update delivery set status = v.column3, attempts = v.column4, next_at = v.column5, \
            reference = v.column6, error_code = v.column7, error_message = v.column8, finished_at = v.column9 \
        from ({moves}) as v \
        where delivery.id = v.column1 and delivery.fence = v.column2 and delivery.status = 'SENDING' \
        returning delivery.id"
    );
    let statement = Statement::from_sql_and_values(backend, sql, values);
    let rows = tx.query_all_raw(statement).await?;
    Ok(rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?)
}

/// The attempt's number is its fence: it rises with every claim, redriven or not, so that it is never used
/// twice. A gap is an attempt that was released, or whose worker was lost.
fn attempt_rows(recorded: &[Recorded<'_>]) -> Vec<delivery_attempt::ActiveModel> {
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
    rows.collect()
}

/// What makes work for people, or ends it. Rare.
#[derive(Default)]
struct Trouble<'a> {
    failures: Vec<NewException>,
    /// Deliveries, with the event that says they arrived.
    cured: Vec<(String, EventId)>,
    to_pause: BTreeSet<(ConnectionId, &'a str)>,
    /// Connections whose systems answer again.
    back: Vec<String>,
    /// What became of deliveries to webhook endpoints.
    heard: Vec<Heard>,
}

/// What there is to tell of deliveries of one tenant.
fn follow_up<'a>(recorded: &[&'a Recorded<'_>]) -> Result<(Vec<Fact>, Trouble<'a>), Failure> {
    let (mut facts, mut trouble) = (Vec::with_capacity(recorded.len()), Trouble::default());
    for one in recorded {
        if !Manner::of(&one.claimed.receiver.kind).told {
            trouble.heard.extend(heard(one));
            continue;
        }
        match (one.next.status, &one.attempt.result) {
            (DeliveryStatus::Delivered, _) => {
                let fact = succeeded(one)?;
                if !one.is_first() {
                    trouble.cured.push((one.claimed.id.to_string(), fact.id));
                }
                facts.push(fact);
            }
            (DeliveryStatus::Dead, _) => {
                facts.push(failed(one)?);
                trouble.failures.push(exception(one.claimed, &one.next));
            }
            (_, AttemptResult::Unauthorized) => {
                let receiver = &one.claimed.receiver;
                trouble.to_pause.insert((receiver.id, receiver.name.as_str()));
            }
            _ => {}
        }
    }
    Ok((facts, trouble))
}

impl<'a> Trouble<'a> {
    /// What the circuits of `tenant` say.
    fn hear(&mut self, tenant: TenantId, turned: &circuit::Turned, recorded: &[Recorded<'a>]) {
        let back = turned.back.iter().filter(|(of, _)| *of == tenant);
        self.back = back.map(|(_, connection)| connection.to_string()).collect();
        for (_, connection, since, error) in turned.unreachable.iter().filter(|one| one.0 == tenant) {
            let receiver = recorded.iter().find(|one| one.claimed.receiver.id == *connection);
            let receiver = receiver.map(|one| &one.claimed.receiver);
            if receiver.is_some_and(|receiver| !Manner::of(&receiver.kind).told) {
                continue;
            }
            let name = receiver.map_or("", |receiver| receiver.name.as_str());
            self.failures.push(circuit::unreachable(*connection, name, *since, error.as_deref()));
        }
    }

    async fn handle(self, tx: &Tx, scope: &Scope) -> Result<(), Failure> {
        for (connection, name) in self.to_pause {
            pause_refused(tx, scope, connection, name).await?;
        }
        exceptions::open_many(tx, scope, self.failures).await?;
        for (subject, event) in self.cured {
            let cure = Cure { words: "It was delivered.", event: Some(event) };
            let subject = [subject];
            exceptions::cure(tx, scope, ExceptionKind::DeliveryFailed, &subject, &cure).await?;
            exceptions::cure(tx, scope, ExceptionKind::DeliveryMissing, &subject, &cure).await?;
        }
        let cure = Cure { words: "It answers again.", event: None };
        exceptions::cure(tx, scope, ExceptionKind::ConnectionUnreachable, &self.back, &cure).await?;
        webhooks::heed(tx, scope, &self.heard).await
    }
}

/// What an attempt says of the endpoint it was made at. A test says nothing bad: somebody is looking at it.
fn heard(one: &Recorded<'_>) -> Option<Heard> {
    let sign = match &one.attempt.result {
        AttemptResult::Delivered { .. } => Sign::Taken,
        AttemptResult::Refused { code, .. } if code == webhooks::OWNER_GONE => {
            Sign::Over(DisabledReason::OwnerGone)
        }
        // The only answer by which an endpoint refuses is 410.
        AttemptResult::Refused { .. } => Sign::Over(DisabledReason::Gone),
        AttemptResult::Retry { .. } | AttemptResult::Unconfirmed { .. } | AttemptResult::Unauthorized => {
            Sign::Failed { exhausted: one.next.status == DeliveryStatus::Dead }
        }
        AttemptResult::Unmappable { .. } | AttemptResult::Released => return None,
    };
    let test = one.claimed.event_type == webhooks::TEST && matches!(sign, Sign::Failed { .. });
    (!test).then_some(Heard { endpoint: one.claimed.receiver.id, sign })
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
    one.fact(&event)
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
    one.fact(&event)
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
pub(crate) async fn pause_refused(
    tx: &Tx,
    scope: &Scope,
    connection: ConnectionId,
    name: &str,
) -> Result<(), Failure> {
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
