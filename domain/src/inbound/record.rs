//! Writing down what a poll brought: what became of each document, and how far the feed is read now.
use std::time::Duration;

use quayside_canonical::{
    Actor, Channel, InboundMessageId, Timestamp,
    states::{DocumentOutcome, ExceptionKind, Severity},
};
use quayside_entity::inbound_message;
use sea_orm::{ConnectionTrait, EntityTrait, Set, Statement, Value, sea_query::OnConflict};
use sha2::{Digest, Sha256};

use super::{
    Claimed, Outcome, PAGE,
    outcome::{shown, status, tell},
    waits::{after_failure, seed, until_next},
};
use crate::{
    Failure, Scope, SystemScope, deliveries,
    exceptions::{self, NewException},
    scope::Origin,
    store::Tx,
};

/// After how many failures in a row a person is told.
const TOLD_AFTER: i32 = 5;
/// How long until a feed is looked at again that its connection is not set up to read.
const NOT_READ_FOR: Duration = Duration::from_secs(10 * 60);

/// How a poll ended.
#[derive(Clone, Debug)]
pub enum PollResult {
    /// It was answered, and each document was dealt with.
    Read(Read),
    /// It was not answered, or with nothing that can be used.
    Failed {
        /// Why, in words.
        reason: String,
        /// The system asked for so much time.
        after: Option<Duration>,
    },
    /// The system does not accept our credentials: nothing more is asked until a person resumes.
    Unauthorized,
    /// The connection is not set up to read this feed.
    NotRead,
}

/// What a poll brought.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// Where to go on.
    pub cursor: Option<String>,
    /// Whether there is more at once.
    pub more: bool,
    /// What became of each document.
    pub outcomes: Vec<Outcome>,
    /// The documents as JSON, to be kept when something was new about them.
    pub page: Vec<u8>,
}

/// Where a poll leaves its feed.
struct Next {
    cursor: Option<String>,
    offered: bool,
    at: Timestamp,
    polled: bool,
    succeeded: bool,
    failures: i32,
    error: Option<String>,
}

/// Records a poll. False when another worker has the feed by now, or a person sent it back to the start: nothing was
/// changed then.
///
/// `every` is how often a feed is polled that does not say so itself.
///
/// # Errors
/// The database failed; nothing was recorded.
#[tracing::instrument(skip_all, fields(connection.id = %claimed.connection.id, feed = claimed.feed))]
pub async fn record(
    system: &SystemScope,
    claimed: &Claimed,
    result: &PollResult,
    every: Duration,
) -> Result<bool, Failure> {
    let next = next(claimed, result, every, system.now());
    let tx = system.write().await?;
    if !advance(&tx, system, claimed, &next).await? {
        return Ok(false);
    }
    let scope = system.in_tenant(claimed.tenant, Actor::System, &Origin::new(Channel::System));
    let connection = (claimed.connection.id, claimed.connection.name.as_str());
    match result {
        PollResult::Read(read) => {
            file(&tx, &scope, claimed, read).await?;
            tell(&tx, &scope, connection, &claimed.feed, &read.outcomes).await?;
            if claimed.row.failures >= TOLD_AFTER {
                let words = "It was read again.";
                let subject = subject(claimed);
                exceptions::resolve(&tx, &scope, ExceptionKind::FeedFailing, &subject, words).await?;
            }
        }
        PollResult::Failed { .. } if next.failures == TOLD_AFTER => {
            exceptions::open(&tx, &scope, failing(claimed, &next)).await?;
        }
        PollResult::Unauthorized => {
            deliveries::pause_refused(&tx, &scope, connection.0, connection.1).await?;
        }
        PollResult::Failed { .. } | PollResult::NotRead => {}
    }
    tx.commit().await?;
    Ok(true)
}

fn next(claimed: &Claimed, result: &PollResult, every: Duration, now: Timestamp) -> Next {
    let row = &claimed.row;
    let seed = seed(row.connection_id, &row.name, row.fence);
    let same = Next {
        cursor: row.cursor.clone(),
        offered: true,
        at: now,
        polled: true,
        succeeded: false,
        failures: row.failures,
        error: row.error.clone(),
    };
    match result {
        PollResult::Read(read) => {
            // Who says "more" and stays where it is would be asked for ever.
            let more = read.more && read.cursor != row.cursor;
            let every = row
                .every_seconds
                .and_then(|seconds| u64::try_from(seconds).ok())
                .map_or(every, Duration::from_secs);
            let at = if more { now } else { now.plus(until_next(&seed, every)) };
            Next { cursor: read.cursor.clone(), at, succeeded: true, failures: 0, error: None, ..same }
        }
        PollResult::Failed { reason, after } => {
            let failures = row.failures.saturating_add(1);
            let at = now.plus(after_failure(&seed, failures, *after));
            Next { at, failures, error: Some(shown(reason, 1_000)), ..same }
        }
        // Due at once when the connection is resumed.
        PollResult::Unauthorized => {
            Next { error: Some("The system rejected our credentials.".to_owned()), ..same }
        }
        PollResult::NotRead => Next { offered: false, at: now.plus(NOT_READ_FOR), polled: false, ..same },
    }
}

/// Moves the feed if the fence it was claimed with still holds. One that was asked for meanwhile is due at once.
async fn advance(tx: &Tx, system: &SystemScope, claimed: &Claimed, next: &Next) -> Result<bool, Failure> {
    let sql = "update inbound_feed set cursor = $1, offered = $2, failures = $3, error = $4, lease_until = $5, \
            polled_at = case when $6 then $5 else polled_at end, \
            succeeded_at = case when $7 then $5 else succeeded_at end, \
            next_at = case when asked > $8 then $5 else $9 end \
        where connection_id = $10 and name = $11 and fence = $12";
    let row = &claimed.row;
    let values: Vec<Value> = vec![
        next.cursor.clone().into(),
        next.offered.into(),
        next.failures.into(),
        next.error.clone().into(),
        system.now().into(),
        next.polled.into(),
        next.succeeded.into(),
        row.asked.into(),
        next.at.into(),
        row.connection_id.into(),
        row.name.as_str().into(),
        row.fence.into(),
    ];
    let statement = Statement::from_sql_and_values(system.store().backend(), sql, values);
    Ok(tx.execute_raw(statement).await?.rows_affected() > 0)
}

/// Keeps the page when something in it was new. The same page again has the newer outcome.
async fn file(tx: &Tx, scope: &Scope, claimed: &Claimed, read: &Read) -> Result<(), Failure> {
    use inbound_message::Column;
    if read.outcomes.iter().all(|outcome| outcome.outcome == DocumentOutcome::Unchanged) {
        return Ok(());
    }
    let row = inbound_message::ActiveModel {
        id: Set(InboundMessageId::generate()),
        tenant_id: Set(scope.tenant),
        connection_id: Set(claimed.connection.id),
        feed: Set(claimed.feed.clone()),
        content_hash: Set(Sha256::digest(&read.page).to_vec()),
        media_type: Set(PAGE.to_owned()),
        raw: Set(Some(read.page.clone())),
        received_at: Set(scope.now),
        status: Set(status(&read.outcomes, &[])),
        outcomes: Set(serde_json::to_string(&read.outcomes)?),
        problems: Set("[]".to_owned()),
        attempts: Set(1),
        next_at: Set(scope.now),
        fence: Set(0),
        error: Set(None),
        finished_at: Set(Some(scope.now)),
    };
    let again = OnConflict::columns([Column::ConnectionId, Column::Feed, Column::ContentHash])
        .update_columns([Column::Status, Column::Outcomes, Column::FinishedAt, Column::Raw])
        .to_owned();
    inbound_message::Entity::insert(row).on_conflict(again).exec_without_returning(&**tx).await?;
    Ok(())
}

fn subject(claimed: &Claimed) -> String {
    format!("{} of {}", claimed.feed, claimed.connection.id)
}

fn failing(claimed: &Claimed, next: &Next) -> NewException {
    let reason = next.error.as_deref().unwrap_or_default();
    let name = &claimed.connection.name;
    NewException {
        kind: ExceptionKind::FeedFailing,
        subject: subject(claimed),
        supplier: None,
        order: None,
        severity: Severity::Error,
        summary: format!(
            "{name} could not be asked for `{}` {TOLD_AFTER} times in a row: {reason}",
            claimed.feed
        ),
        detail: serde_json::json!({ "connection": claimed.connection.id, "feed": claimed.feed, "reason": reason }),
    }
}
