//! How endpoints fare: since when nothing arrived, who is told of it, and when it is enough.
//!
//! A streak of failures begins with the first failure after a success and ends with the next success. A failure that
//! comes two days after the one before begins another: an endpoint that nobody sent to did not fail meanwhile. While
//! something waits the schedule tries at least every 29 hours, so that an endpoint with work to do has no such gap.
use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use quayside_canonical::{
    ConnectionId, SupplierId, Timestamp,
    events::{WebhookEndpointDisabled, WebhookEndpointWarned},
    states::{ConnectionStatus, DeliveryStatus, DisabledReason, EndpointWarning},
};
use quayside_entity::{connection, delivery, event_head, membership, webhook_endpoint};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect, Statement, sea_query::Expr,
};

use super::endpoint::{about, write_connection, write_endpoint};
use crate::{
    Failure, Scope, SystemScope,
    notifications::{Audience, News, Topic, tell},
    outbox::{self, Fact},
    scope::{in_tenant, update_in_tenant},
    store::Tx,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// After so long a streak an endpoint is disabled.
const ENOUGH: Duration = DAY.saturating_mul(5);

/// After so long without a failure another streak begins.
const SILENCE: Duration = DAY.saturating_mul(2);

/// What became of one delivery to an endpoint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard {
    pub(crate) endpoint: ConnectionId,
    pub(crate) sign: Sign,
}

/// What that says of the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// It took it.
    Taken,
    /// It did not, and is tried again unless it was tried often enough.
    Failed {
        /// Whether it was.
        exhausted: bool,
    },
    /// Nothing is to be sent there any more.
    Over(DisabledReason),
}

/// What a batch says of one endpoint.
#[derive(Clone, Copy, Debug, Default)]
struct Signs {
    taken: bool,
    exhausted: bool,
    over: Option<DisabledReason>,
}

/// Where a failure leaves an endpoint.
#[derive(Debug, PartialEq, Eq)]
struct Streak {
    since: Timestamp,
    /// Whether it goes on from an earlier failure.
    goes_on: bool,
    enough: bool,
    warnings: Vec<EndpointWarning>,
}

/// Notes what became of deliveries to endpoints of one tenant: warns, or disables.
pub(crate) async fn heed(tx: &Tx, scope: &Scope, heard: &[Heard]) -> Result<(), Failure> {
    let mut signs: BTreeMap<ConnectionId, Signs> = BTreeMap::new();
    for one in heard {
        let signs = signs.entry(one.endpoint).or_default();
        match one.sign {
            Sign::Taken => signs.taken = true,
            Sign::Failed { exhausted } => signs.exhausted |= exhausted,
            Sign::Over(reason) => signs.over = Some(reason),
        }
    }
    let well = |signs: &Signs| signs.taken && signs.over.is_none();
    end_streaks(tx, scope, signs.iter().filter(|(_, signs)| well(signs)).map(|(id, _)| *id).collect())
        .await?;
    signs.retain(|_, signs| !well(signs));
    if signs.is_empty() {
        return Ok(());
    }
    // In one order for all, so that no two wait for each other.
    let rows = in_tenant::<webhook_endpoint::Entity>(scope)
        .filter(webhook_endpoint::Column::ConnectionId.is_in(signs.keys().copied()))
        .filter(webhook_endpoint::Column::DisabledAt.is_null())
        .filter(webhook_endpoint::Column::DeletedAt.is_null())
        .order_by_asc(webhook_endpoint::Column::ConnectionId)
        .lock_exclusive()
        .all(&**tx)
        .await?;
    for row in rows {
        let Some(signs) = signs.get(&row.connection_id) else { continue };
        fail(tx, scope, row, *signs).await?;
    }
    Ok(())
}

/// Something arrived. Writes only where something had failed before.
async fn end_streaks(tx: &Tx, scope: &Scope, endpoints: Vec<ConnectionId>) -> Result<(), Failure> {
    use webhook_endpoint::Column;
    if endpoints.is_empty() {
        return Ok(());
    }
    update_in_tenant::<webhook_endpoint::Entity>(scope)
        .col_expr(Column::FailingSince, Expr::value(None::<i64>))
        .col_expr(Column::LastFailureAt, Expr::value(None::<i64>))
        .col_expr(Column::ToldOfDayAt, Expr::value(None::<i64>))
        .col_expr(Column::ToldOfExhaustionAt, Expr::value(None::<i64>))
        .filter(Column::ConnectionId.is_in(endpoints))
        .filter(Column::FailingSince.is_not_null())
        .filter(Column::DisabledAt.is_null())
        .exec(&**tx)
        .await?;
    Ok(())
}

async fn fail(tx: &Tx, scope: &Scope, row: webhook_endpoint::Model, signs: Signs) -> Result<(), Failure> {
    if let Some(reason) = signs.over {
        return disable(tx, scope, &row, reason, None).await.map(drop);
    }
    let streak = streak(&row, signs.exhausted, scope.now);
    let row = webhook_endpoint::Model { failing_since: Some(streak.since), ..row };
    if streak.enough {
        return disable(tx, scope, &row, DisabledReason::Failing, None).await.map(drop);
    }
    use webhook_endpoint::Column;
    let told = |warning, before: Option<Timestamp>| {
        let told = streak.warnings.contains(&warning).then_some(scope.now);
        told.or(before.filter(|_| streak.goes_on))
    };
    let values = vec![
        (Column::FailingSince, row.failing_since.into()),
        (Column::LastFailureAt, Some(scope.now).into()),
        (Column::ToldOfDayAt, told(EndpointWarning::FailingForADay, row.told_of_day_at).into()),
        (Column::ToldOfExhaustionAt, told(EndpointWarning::Exhausted, row.told_of_exhaustion_at).into()),
    ];
    write_endpoint(tx, scope, row.connection_id, values).await?;
    for warning in streak.warnings {
        warn(tx, scope, &row, warning, streak.since).await?;
    }
    Ok(())
}

/// Where a failure at `now` leaves the endpoint. No I/O.
fn streak(row: &webhook_endpoint::Model, exhausted: bool, now: Timestamp) -> Streak {
    let goes_on = row.last_failure_at.is_some_and(|last| now.since(last) <= SILENCE);
    let since = row.failing_since.filter(|_| goes_on).unwrap_or(now);
    let untold = |told: Option<Timestamp>| told.is_none() || !goes_on;
    let mut warnings = Vec::new();
    if now.since(since) >= DAY && untold(row.told_of_day_at) {
        warnings.push(EndpointWarning::FailingForADay);
    }
    if exhausted && untold(row.told_of_exhaustion_at) {
        warnings.push(EndpointWarning::Exhausted);
    }
    Streak { since, goes_on, enough: now.since(since) >= ENOUGH, warnings }
}

/// Tells the owner, by event and by mail, while the endpoint is still tried.
async fn warn(
    tx: &Tx,
    scope: &Scope,
    row: &webhook_endpoint::Model,
    warning: EndpointWarning,
    since: Timestamp,
) -> Result<(), Failure> {
    let event = WebhookEndpointWarned { endpoint: row.connection_id, warning, failing_since: since };
    let fact = Fact::new(about(row), &event)?;
    let (line, body) = match warning {
        EndpointWarning::FailingForADay => (
            "A webhook endpoint has failed for a day",
            "Nothing that was sent to it has arrived since then. It is tried on, less and less often.",
        ),
        EndpointWarning::Exhausted => (
            "A webhook endpoint did not take an event",
            "An event was tried ten times in three days and is not tried any more. It can be replayed.",
        ),
    };
    let body = format!(
        "{body}\nFailing since: {since}\nAfter five days of nothing but failures the endpoint is disabled."
    );
    let news = news(row, fact.id, line, &body);
    outbox::append(tx, scope, vec![fact]).await?;
    tell(tx, scope, vec![news]).await
}

/// Disables an endpoint, locked and active, and tells its owner. What waits for it is skipped; its number.
pub(super) async fn disable(
    tx: &Tx,
    scope: &Scope,
    row: &webhook_endpoint::Model,
    reason: DisabledReason,
    note: Option<&str>,
) -> Result<u64, Failure> {
    use webhook_endpoint::Column;
    let id = row.connection_id;
    let missed_after = missed_after(tx, scope, row).await?;
    let skipped = skip_waiting(tx, scope, id, "ENDPOINT_DISABLED", "The endpoint is disabled.").await?;
    let values = vec![
        (Column::FailingSince, row.failing_since.into()),
        (Column::DisabledAt, Some(scope.now).into()),
        (Column::DisabledReason, Some(reason).into()),
        (Column::DisabledNote, note.map(str::to_owned).into()),
        (Column::MissedAfter, Some(missed_after).into()),
    ];
    write_endpoint(tx, scope, id, values).await?;
    let words = in_words(reason);
    let values = vec![
        (connection::Column::Status, ConnectionStatus::Disabled.into()),
        (connection::Column::PausedReason, Some(words.to_owned()).into()),
    ];
    write_connection(tx, scope, id, values).await?;
    let event = WebhookEndpointDisabled {
        endpoint: id,
        reason,
        note: note.map(str::to_owned),
        failing_since: row.failing_since,
        skipped,
    };
    let fact = Fact::new(about(row), &event)?;
    let note = note.map(|note| format!("\nIn their words: {note}")).unwrap_or_default();
    let body = format!(
        "{words}{note}\nEvents that were waiting for it: {skipped}. Once it is enabled, what it missed can be replayed."
    );
    let mut news = news(row, fact.id, "A webhook endpoint was disabled", &body);
    if reason == DisabledReason::OwnerGone {
        news.audience = Audience::Admins;
    }
    outbox::append(tx, scope, vec![fact]).await?;
    // Who does it himself knows it.
    if reason != DisabledReason::Owner {
        tell(tx, scope, vec![news]).await?;
    }
    Ok(skipped)
}

const fn in_words(reason: DisabledReason) -> &'static str {
    match reason {
        DisabledReason::Owner => "Its owner disabled it.",
        DisabledReason::Buyer => "The buyer disabled it.",
        DisabledReason::Gone => "It answered 410: it wants nothing more.",
        DisabledReason::Failing => "For five days nothing arrived.",
        DisabledReason::OwnerGone => "Nobody of the supplier's has a place any more.",
    }
}

fn news(row: &webhook_endpoint::Model, event: quayside_canonical::EventId, line: &str, body: &str) -> News {
    let name = row.description.as_deref().map(|name| format!(": {name}")).unwrap_or_default();
    News {
        event,
        audience: row.supplier_id.map_or(Audience::Admins, Audience::SupplierAdmins),
        topic: Topic::Endpoint,
        line: format!("{line}{name}"),
        body: body.to_owned(),
        link: format!("/webhooks/{}", row.connection_id),
    }
}

/// The position behind which something does not arrive, should the endpoint be disabled now.
async fn missed_after(tx: &Tx, scope: &Scope, row: &webhook_endpoint::Model) -> Result<i64, Failure> {
    use delivery::Column;
    let unfinished = [DeliveryStatus::Waiting, DeliveryStatus::Unconfirmed, DeliveryStatus::Sending]
        .map(sea_orm::Value::from);
    let mut missed = Condition::any().add(Column::Status.is_in(unfinished));
    if let Some(since) = row.failing_since {
        let dead = Column::Status.eq(DeliveryStatus::Dead);
        missed = missed.add(Condition::all().add(dead).add(Column::FinishedAt.gte(since)));
    }
    let first: Option<Option<i64>> = in_tenant::<delivery::Entity>(scope)
        .filter(Column::ConnectionId.eq(row.connection_id))
        .filter(missed)
        .select_only()
        .column_as(Column::Position.min(), "first")
        .into_tuple()
        .one(&**tx)
        .await?;
    if let Some(first) = first.flatten() {
        return Ok(first - 1);
    }
    let head = in_tenant::<event_head::Entity>(scope).one(&**tx).await?;
    Ok(head.map_or(0, |head| head.position))
}

/// Takes what waits for an endpoint out of the line.
pub(super) async fn skip_waiting(
    tx: &Tx,
    scope: &Scope,
    endpoint: ConnectionId,
    code: &str,
    words: &str,
) -> Result<u64, Failure> {
    use delivery::Column;
    let waiting = [DeliveryStatus::Waiting, DeliveryStatus::Unconfirmed].map(sea_orm::Value::from);
    let skipped = update_in_tenant::<delivery::Entity>(scope)
        .col_expr(Column::Status, Expr::value(DeliveryStatus::Skipped))
        .col_expr(Column::FinishedAt, Expr::value(Some(scope.now)))
        .col_expr(Column::ErrorCode, Expr::value(Some(code)))
        .col_expr(Column::ErrorMessage, Expr::value(Some(words)))
        .filter(Column::ConnectionId.eq(endpoint))
        .filter(Column::Status.is_in(waiting))
        .exec(&**tx)
        .await?;
    Ok(skipped.rows_affected)
}

/// Takes out of the line what came to wait for a disabled endpoint at the moment it was disabled: dispatched, or
/// given back by a worker. Says how much that was.
///
/// # Errors
/// The database failed.
pub async fn clear(system: &SystemScope) -> Result<u64, Failure> {
    let stranded = "from delivery where status in ('WAITING', 'UNCONFIRMED') and connection_id in \
        (select connection_id from webhook_endpoint where disabled_at is not null or deleted_at is not null)";
    let backend = system.store().backend();
    let look = Statement::from_string(backend, format!("select id {stranded} limit 1"));
    if system.store().worker().query_one_raw(look).await?.is_none() {
        return Ok(0);
    }
    let sql = format!(
        "update delivery set status = 'SKIPPED', finished_at = $1, error_code = 'ENDPOINT_DISABLED', \
            error_message = 'The endpoint is disabled.' where id in (select id {stranded})"
    );
    let tx = system.write().await?;
    let statement = Statement::from_sql_and_values(backend, sql, [Some(system.now()).into()]);
    let cleared = tx.execute_raw(statement).await?.rows_affected();
    tx.commit().await?;
    Ok(cleared)
}

/// Which of these suppliers have nobody left who could read what they are sent.
pub(crate) async fn owners_gone(
    tx: &Tx,
    system: &SystemScope,
    suppliers: HashSet<SupplierId>,
) -> Result<HashSet<SupplierId>, Failure> {
    if suppliers.is_empty() {
        return Ok(suppliers);
    }
    let there = system
        .find::<membership::Entity>()
        .filter(membership::Column::SupplierId.is_in(suppliers.iter().copied()))
        .filter(membership::Column::EndedAt.is_null())
        .select_only()
        .column(membership::Column::SupplierId)
        .distinct()
        .into_tuple::<SupplierId>()
        .all(&**tx)
        .await?;
    Ok(suppliers.into_iter().filter(|supplier| !there.contains(supplier)).collect())
}

#[cfg(test)]
mod tests {
    use quayside_canonical::TenantId;

    use super::*;

    const HOUR: Duration = Duration::from_secs(60 * 60);

    fn at(hours: u32) -> Timestamp {
        let start: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
        start.plus(HOUR * hours)
    }

    fn row(failing_since: Option<u32>, last_failure: Option<u32>) -> webhook_endpoint::Model {
        webhook_endpoint::Model {
            connection_id: ConnectionId::generate(),
            tenant_id: TenantId::generate(),
            supplier_id: None,
            description: None,
            failing_since: failing_since.map(at),
            last_failure_at: last_failure.map(at),
            told_of_day_at: None,
            told_of_exhaustion_at: None,
            disabled_at: None,
            disabled_reason: None,
            disabled_note: None,
            missed_after: None,
            last_test_id: None,
            deleted_at: None,
            created_at: at(0),
        }
    }

    #[test]
    fn a_streak_begins_with_a_failure_and_is_enough_after_five_days() {
        let first = streak(&row(None, None), false, at(3));
        assert_eq!(first, Streak { since: at(3), goes_on: false, enough: false, warnings: vec![] });
        for (now, enough) in [(119, false), (120, true), (130, true)] {
            assert_eq!(streak(&row(Some(0), Some(now - 10)), false, at(now)).enough, enough, "{now}");
        }
    }

    #[test]
    fn who_was_not_sent_to_did_not_fail_meanwhile() {
        assert!(streak(&row(Some(0), Some(100)), false, at(148)).enough);
        let after_silence = streak(&row(Some(0), Some(100)), true, at(149));
        assert_eq!(after_silence.since, at(149));
        assert!(!after_silence.enough && !after_silence.goes_on);
    }

    #[test]
    fn each_warning_comes_once_a_streak() {
        use EndpointWarning::{Exhausted, FailingForADay};
        let failing = row(Some(0), Some(20));
        assert_eq!(streak(&failing, false, at(23)).warnings, []);
        assert_eq!(streak(&failing, false, at(24)).warnings, [FailingForADay]);
        let told = webhook_endpoint::Model { told_of_day_at: Some(at(24)), ..failing };
        assert_eq!(streak(&told, true, at(60)).warnings, [Exhausted]);
        let told = webhook_endpoint::Model { told_of_exhaustion_at: Some(at(60)), ..told };
        assert_eq!(streak(&told, true, at(61)).warnings, []);
        assert_eq!(streak(&told, true, at(99)).warnings, [Exhausted], "another streak");
    }
}
