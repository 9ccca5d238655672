//! Reading back: whether the receiver still has what it said it had.
//!
//! An ERP may answer 200 and drop the document. Where a connection says so, what it took is looked for a while later
//! with the connector's own question. What is not there becomes an exception: it is never sent again by itself.
//!
//! ```text
//!   DUE ──┬─ it is there ───────→ FOUND
//!         ├─ it is not there ───→ MISSING ── asked again a few times: it is there after all → FOUND
//!         └─ no answer, again and again, or nothing to ask with → UNKNOWN
//! ```
use std::time::Duration;

use quayside_canonical::{
    Actor, Channel, ConnectionId, DeliveryId, Timestamp,
    events::{DeliveryFound, DeliveryMissed},
    states::{CheckState, DeliveryStatus, ExceptionKind, Severity},
};
use quayside_entity::{delivery, delivery_check};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, FromQueryResult, IntoActiveModel, QueryFilter,
    QuerySelect, Set, Statement,
};

use super::{Claimed, claim::load, outcome::shortened, record::pause_refused};
use crate::{
    Failure, Scope, SystemScope,
    exceptions::{self, Cure, NewException},
    outbox::{self, About, Fact},
    scope::{Origin, update_in_tenant},
    store::Tx,
    writes::Writes,
};

/// The most that one connection is asked at once. A worker looks every few seconds.
const MOST_OF_ONE: i64 = 10;
/// How long a question that was taken is left to its worker.
const LEASE: Duration = Duration::from_secs(2 * 60);
/// How long to wait before asking again what was not answered, times the number of tries.
const AGAIN: Duration = Duration::from_secs(5 * 60);
/// How often a question is asked that is not answered.
const TRIES: i32 = 6;
/// When what is missing is looked for again.
const LATER: [Duration; 3] =
    [Duration::from_secs(60 * 60), Duration::from_secs(6 * 60 * 60), Duration::from_secs(24 * 60 * 60)];

/// `error_code` of a delivery that the receiver does not have any more.
pub(super) const MISSING: &str = "MISSING";

/// A question to a receiver, in a worker's hands.
#[derive(Clone, Debug)]
pub struct Check {
    /// What to ask for, as it was claimed to be sent.
    pub claimed: Claimed,
    row: delivery_check::Model,
}

/// What the receiver said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It has it.
    There {
        /// Its document number.
        reference: Option<String>,
    },
    /// It does not have it.
    NotThere,
    /// It did not say.
    Unclear {
        /// What was seen.
        reason: String,
    },
    /// It does not accept our credentials.
    Unauthorized,
    /// There is no way to ask this kind of receiver.
    CannotBeAsked,
}

impl Finding {
    /// One stable word for metrics.
    const fn word(&self) -> &'static str {
        match self {
            Self::There { .. } => "there",
            Self::NotThere => "not_there",
            Self::Unclear { .. } => "unclear",
            Self::Unauthorized => "unauthorized",
            Self::CannotBeAsked => "cannot_be_asked",
        }
    }
}

/// Plans to read back what was delivered just now, where the connection wants it.
pub(super) fn plan(writes: &mut Writes, delivered: &[&Claimed], now: Timestamp) -> Result<(), Failure> {
    let wanted = delivered.iter().filter(|claimed| is_wanted(claimed.id, claimed.receiver.confirm_percent));
    let rows = wanted.filter_map(|claimed| {
        let row = delivery_check::Model {
            delivery_id: claimed.id,
            tenant_id: claimed.tenant,
            connection_id: claimed.receiver.id,
            state: CheckState::Due,
            tries: 0,
            next_at: now.plus(claimed.receiver.confirm_after?),
            checked_at: None,
            said: None,
        };
        Some(row.into_active_model().reset_all())
    });
    let anew = "on conflict (delivery_id) do update set state = excluded.state, tries = 0, \
        next_at = excluded.next_at, checked_at = null, said = null";
    writes.insert_or(rows.collect(), anew)
}

/// Whether a delivery is among those that are read back: the same answer each time.
fn is_wanted(delivery: DeliveryId, percent: i32) -> bool {
    let bytes = delivery.0.as_bytes();
    let drawn = u32::from(u16::from_be_bytes([bytes[14], bytes[15]])) * 100 / 65_536;
    i64::from(drawn) < i64::from(percent)
}

/// A connection with something to ask for.
#[derive(FromQueryResult)]
struct InLine {
    id: ConnectionId,
    rate_per_minute: Option<i32>,
}

/// Takes the questions that are due, a few of each connection: those that are paused or do not answer are left out.
///
/// # Errors
/// The database failed; nothing was taken.
#[tracing::instrument(skip_all)]
pub async fn due(system: &SystemScope) -> Result<Vec<Check>, Failure> {
    let line = line(system).await?;
    if line.is_empty() {
        return Ok(Vec::new());
    }
    let tx = system.write().await?;
    let mut checks = Vec::new();
    for one in &line {
        checks.extend(take(&tx, system, one).await?);
    }
    let ids = checks.iter().map(|check| check.delivery_id);
    let rows = system.find::<delivery::Entity>().filter(delivery::Column::Id.is_in(ids)).all(&*tx).await?;
    let claimed = load(&tx, system, rows).await?;
    tx.commit().await?;
    let mut checks: std::collections::HashMap<_, _> =
        checks.into_iter().map(|check| (check.delivery_id, check)).collect();
    let with = claimed.into_iter().filter_map(|claimed| {
        let row = checks.remove(&claimed.id)?;
        Some(Check { claimed, row })
    });
    Ok(with.collect())
}

async fn line(system: &SystemScope) -> Result<Vec<InLine>, Failure> {
    let sql = "with recursive line(id) as (
            select (select connection_id from delivery_check where state in ('DUE', 'MISSING')
                order by connection_id limit 1)
            union all
            select (select d.connection_id from delivery_check d
                where d.state in ('DUE', 'MISSING') and d.connection_id > line.id order by d.connection_id limit 1)
            from line where line.id is not null)
        select c.id, c.rate_per_minute
        from line join connection c on c.id = line.id left join circuit o on o.connection_id = c.id
        where c.status = 'ACTIVE' and c.confirm_after_minutes is not null
          and (o.state is null or (o.state = 'CLOSED' and o.not_before <= $1))
          and exists (select 1 from delivery_check d
            where d.connection_id = c.id and d.state in ('DUE', 'MISSING') and d.next_at <= $1)
        order by c.id";
    let statement = Statement::from_sql_and_values(system.store().backend(), sql, [system.now().into()]);
    let rows = system.store().worker().query_all_raw(statement).await?;
    Ok(rows.iter().map(|row| InLine::from_query_result(row, "")).collect::<Result<_, _>>()?)
}

async fn take(tx: &Tx, system: &SystemScope, of: &InLine) -> Result<Vec<delivery_check::Model>, Failure> {
    let backend = system.store().backend();
    let skip_locked = if backend == DbBackend::Postgres { "for update skip locked" } else { "" };
    let sql = format!(
        "update delivery_check set next_at = $3, tries = tries + 1
        where delivery_id in (
            select delivery_id from delivery_check
            where connection_id = $1 and state in ('DUE', 'MISSING') and next_at <= $2
            order by next_at limit $4 {skip_locked}) returning *"
    );
    let now = system.now();
    // Reading back takes at most half of what the connection may be called.
    let most = of.rate_per_minute.map_or(MOST_OF_ONE, |rate| i64::from(rate / 24).clamp(1, MOST_OF_ONE));
    let values = [of.id.into(), now.into(), now.plus(LEASE).into(), most.into()];
    let rows = tx.query_all_raw(Statement::from_sql_and_values(backend, &sql, values)).await?;
    Ok(rows.iter().map(|row| delivery_check::Model::from_query_result(row, "")).collect::<Result<_, _>>()?)
}

/// Writes down what the receiver said. False when it is no longer of interest: somebody else asked, or a person
/// stepped in.
///
/// # Errors
/// The database failed; it is asked again.
#[tracing::instrument(skip_all, fields(delivery.id = %check.claimed.id))]
pub async fn conclude(system: &SystemScope, check: &Check, finding: &Finding) -> Result<bool, Failure> {
    let claimed = &check.claimed;
    let tx = system.write().await?;
    let Some(row) = lock(&tx, system, claimed.id).await? else { return Ok(false) };
    let same = system
        .find::<delivery_check::Entity>()
        .filter(delivery_check::Column::DeliveryId.eq(claimed.id))
        .filter(delivery_check::Column::NextAt.eq(check.row.next_at))
        .filter(delivery_check::Column::Tries.eq(check.row.tries))
        .one(&*tx)
        .await?;
    let stands = matches!(row.status, DeliveryStatus::Delivered | DeliveryStatus::Missing);
    let Some(same) = same.filter(|_| stands) else { return Ok(false) };
    let scope = system.in_tenant(claimed.tenant, Actor::System, &Origin::new(Channel::System));
    match finding {
        Finding::There { reference } if row.status == DeliveryStatus::Missing => {
            found(&tx, &scope, claimed, reference.as_deref()).await?;
        }
        Finding::NotThere if row.status == DeliveryStatus::Delivered => {
            missed(&tx, &scope, claimed, &row).await?;
        }
        Finding::Unauthorized => {
            pause_refused(&tx, &scope, claimed.receiver.id, &claimed.receiver.name).await?;
        }
        _ => {}
    }
    move_on(&tx, same, finding, system.now()).await?;
    tx.commit().await?;
    let (kind, outcome) = (claimed.receiver.kind.clone(), finding.word());
    metrics::counter!("quayside_delivery_checks_total", "outcome" => outcome, "kind" => kind).increment(1);
    Ok(true)
}

async fn lock(tx: &Tx, system: &SystemScope, id: DeliveryId) -> Result<Option<delivery::Model>, Failure> {
    let row = system.find::<delivery::Entity>().filter(delivery::Column::Id.eq(id));
    Ok(row.lock_exclusive().one(&**tx).await?)
}

/// Where `finding` leaves the question.
async fn move_on(
    tx: &Tx,
    row: delivery_check::Model,
    finding: &Finding,
    now: Timestamp,
) -> Result<(), Failure> {
    let (was, tries) = (row.state, row.tries);
    let mut row = row.into_active_model();
    let later = |tries: i32| usize::try_from(tries).ok().and_then(|tries| LATER.get(tries)).copied();
    let (state, tries, wait, said) = match finding {
        Finding::There { reference } => (CheckState::Found, tries, None, reference.clone()),
        Finding::NotThere if was == CheckState::Missing => (was, tries, later(tries), None),
        Finding::NotThere => (CheckState::Missing, 0, later(0), None),
        Finding::CannotBeAsked => (CheckState::Unknown, tries, None, Some("it cannot be asked".to_owned())),
        Finding::Unauthorized => (was, tries - 1, Some(AGAIN), None),
        Finding::Unclear { reason } if tries >= TRIES && was == CheckState::Due => {
            (CheckState::Unknown, tries, None, Some(reason.clone()))
        }
        Finding::Unclear { reason } => {
            let times = u32::try_from(tries).unwrap_or(1).clamp(1, 12);
            (was, tries, Some(AGAIN * times), Some(reason.clone()))
        }
    };
    row.state = Set(state);
    row.tries = Set(tries);
    row.next_at = Set(wait.map_or(Timestamp::from_micros(i64::MAX), |wait| now.plus(wait)));
    row.checked_at = Set(Some(now));
    row.said = Set(said.map(|said| shortened(&said, 500)));
    row.update(&**tx).await?;
    Ok(())
}

/// The receiver does not have what it said it had.
async fn missed(tx: &Tx, scope: &Scope, claimed: &Claimed, row: &delivery::Model) -> Result<(), Failure> {
    let words = "The receiver said that it had it, and does not.";
    stand(tx, scope, claimed.id, DeliveryStatus::Missing, Some((MISSING, words)), row.reference.as_deref())
        .await?;
    let event = DeliveryMissed {
        delivery: claimed.id,
        connection: claimed.receiver.id,
        event: claimed.event.id,
        subject: claimed.event.subject.clone(),
        reference: row.reference.clone(),
    };
    outbox::append(tx, scope, vec![Fact::new(about(claimed), &event)?.following(&claimed.event)]).await?;
    let name = &claimed.receiver.name;
    let said = row.reference.as_deref().map_or_else(String::new, |number| format!(" as {number}"));
    let new = NewException {
        kind: ExceptionKind::DeliveryMissing,
        subject: claimed.id.to_string(),
        supplier: claimed.event.supplier_id,
        order: claimed.event.order_id,
        severity: Severity::Error,
        summary: format!("{name} took {}{said} and does not have it.", claimed.event_type),
        detail: serde_json::json!({
            "connection": claimed.receiver.id,
            "event": claimed.event.id,
            "about": claimed.event.subject,
            "reference": row.reference,
            "deliveredAt": row.finished_at,
        }),
    };
    exceptions::open(tx, scope, new).await.map(drop)
}

/// What was missing is there after all.
async fn found(tx: &Tx, scope: &Scope, claimed: &Claimed, reference: Option<&str>) -> Result<(), Failure> {
    let reference = reference.map(|text| shortened(text, 255));
    stand(tx, scope, claimed.id, DeliveryStatus::Delivered, None, reference.as_deref()).await?;
    let event = DeliveryFound {
        delivery: claimed.id,
        connection: claimed.receiver.id,
        event: claimed.event.id,
        subject: claimed.event.subject.clone(),
        reference,
    };
    let fact = Fact::new(about(claimed), &event)?.following(&claimed.event);
    let cure = Cure { words: "The receiver has it.", event: Some(fact.id) };
    outbox::append(tx, scope, vec![fact]).await?;
    let subject = [claimed.id.to_string()];
    exceptions::cure(tx, scope, ExceptionKind::DeliveryMissing, &subject, &cure).await.map(drop)
}

async fn stand(
    tx: &Tx,
    scope: &Scope,
    id: DeliveryId,
    status: DeliveryStatus,
    error: Option<(&str, &str)>,
    reference: Option<&str>,
) -> Result<(), Failure> {
    use sea_orm::sea_query::Expr;
    let (code, message) = error.unzip();
    update_in_tenant::<delivery::Entity>(scope)
        .col_expr(delivery::Column::Status, Expr::value(status))
        .col_expr(delivery::Column::ErrorCode, Expr::value(code))
        .col_expr(delivery::Column::ErrorMessage, Expr::value(message))
        .col_expr(delivery::Column::Reference, Expr::value(reference))
        .filter(delivery::Column::Id.eq(id))
        .exec(&**tx)
        .await?;
    Ok(())
}

fn about(claimed: &Claimed) -> About {
    let event = &claimed.event;
    About { subject: claimed.id.to_string(), supplier: event.supplier_id, order: event.order_id }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_about_as_large_as_wanted_and_always_the_same() {
        let ids: Vec<_> = (0..2_000).map(|_| DeliveryId::generate()).collect();
        let sample = |percent| ids.iter().filter(|id| is_wanted(**id, percent)).count();
        assert_eq!((sample(0), sample(100)), (0, 2_000));
        assert!((300..500).contains(&sample(20)), "{}", sample(20));
        assert_eq!(sample(20), sample(20));
    }
}
