//! What a system sends: filed as it came, then dealt with, once.
use std::collections::{BTreeSet, HashMap};

use quayside_canonical::{
    Actor, Channel, ConnectionId, InboundMessageId, Problem, TenantId,
    states::{ExceptionKind, FeedWay, InboundStatus, Severity},
};
use quayside_entity::{connection, inbound_feed, inbound_message};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, IntoActiveModel,
    QueryFilter, QuerySelect, Statement, Value,
    sea_query::{Expr, OnConflict},
};
use sha2::{Digest, Sha256};

use super::{
    InboundMessage, LEASE, Outcome,
    outcome::{fit, shown, status, tell},
    waits::{after_failure, seed},
};
use crate::{
    BuyerScope, Failure, Scope, SystemScope,
    exceptions::{self, NewException},
    scope::{Origin, update_in_tenant},
    store::Tx,
};

/// A message in a worker's hands.
#[derive(Clone, Debug)]
pub struct ClaimedMessage {
    /// The message.
    pub id: InboundMessageId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Who sent it.
    pub connection: connection::Model,
    /// By what feed.
    pub feed: String,
    /// What the sender said that it is.
    pub media_type: String,
    /// As it came.
    pub raw: Vec<u8>,
    /// What became of it before, when a person had it tried again.
    pub earlier: Vec<Outcome>,
    pub(super) row: inbound_message::Model,
}

/// What filing found.
#[derive(Clone, Debug)]
pub enum Filed {
    /// These bytes are new, and in the caller's hands for [`LEASE`].
    New(Box<ClaimedMessage>),
    /// They came before: what became of them so far.
    Earlier(Box<InboundMessage>),
}

/// What became of a message.
#[derive(Clone, Debug)]
pub enum MessageResult {
    /// It was dealt with to its end.
    Done {
        /// What became of each document, in their order.
        outcomes: Vec<Outcome>,
        /// What is wrong with the message as a whole.
        problems: Vec<Problem>,
    },
    /// Something of ours was in the way: it is tried again.
    Later {
        /// What.
        reason: String,
    },
}

/// Files what `connection` sent by `feed`, or finds it on file.
///
/// # Errors
/// The database failed; sending it again is safe.
pub async fn file(
    scope: &BuyerScope,
    connection: &connection::Model,
    feed: &str,
    media_type: &str,
    bytes: &[u8],
) -> Result<Filed, Failure> {
    let content_hash = Sha256::digest(bytes).to_vec();
    if let Some(earlier) = on_file(scope, connection.id, feed, &content_hash).await? {
        return Ok(Filed::Earlier(Box::new(earlier)));
    }
    let row = inbound_message::Model {
        id: InboundMessageId::generate(),
        tenant_id: scope.tenant,
        connection_id: connection.id,
        feed: feed.to_owned(),
        content_hash: content_hash.clone(),
        media_type: shown(media_type, 200),
        raw: Some(bytes.to_vec()),
        received_at: scope.now,
        status: InboundStatus::Received,
        outcomes: "[]".to_owned(),
        problems: "[]".to_owned(),
        attempts: 1,
        next_at: scope.now.plus(LEASE),
        fence: 1,
        error: None,
        finished_at: None,
    };
    let insert = inbound_message::Entity::insert(row.clone().into_active_model().reset_all())
        .on_conflict(OnConflict::new().do_nothing().to_owned());
    let tx = scope.write().await?;
    if insert.exec_without_returning(&*tx).await? > 0 {
        tx.commit().await?;
        return Ok(Filed::New(Box::new(held(row, connection.clone())?)));
    }
    drop(tx);
    // Somebody filed the same bytes meanwhile.
    let earlier = on_file(scope, connection.id, feed, &content_hash).await?;
    let earlier =
        earlier.ok_or_else(|| Failure::Corrupt("a message is on file and cannot be found".to_owned()))?;
    Ok(Filed::Earlier(Box::new(earlier)))
}

async fn on_file(
    scope: &BuyerScope,
    connection: ConnectionId,
    feed: &str,
    content_hash: &[u8],
) -> Result<Option<InboundMessage>, Failure> {
    use inbound_message::Column;
    let tx = scope.read().await?;
    let row = scope
        .find_own::<inbound_message::Entity>()
        .filter(Column::ConnectionId.eq(connection))
        .filter(Column::Feed.eq(feed))
        .filter(Column::ContentHash.eq(content_hash))
        .one(&*tx)
        .await?;
    row.map(InboundMessage::try_from).transpose()
}

fn held(row: inbound_message::Model, connection: connection::Model) -> Result<ClaimedMessage, Failure> {
    Ok(ClaimedMessage {
        id: row.id,
        tenant: row.tenant_id,
        connection,
        feed: row.feed.clone(),
        media_type: row.media_type.clone(),
        raw: row.raw.clone().unwrap_or_default(),
        earlier: serde_json::from_str(&row.outcomes)?,
        row: inbound_message::Model { raw: None, ..row },
    })
}

/// Claims up to `limit` messages that wait: their process was lost, something was in the way, or a person had them
/// tried again.
///
/// # Errors
/// The database failed; nothing was claimed.
pub async fn claim_messages(system: &SystemScope, limit: usize) -> Result<Vec<ClaimedMessage>, Failure> {
    let backend = system.store().backend();
    let skip_locked = if backend == DbBackend::Postgres { "for update skip locked" } else { "" };
    let now = system.now();
    let sql = format!(
        "with due as materialized (
            select id from inbound_message where status = 'RECEIVED' and next_at <= $1
            order by next_at limit $3 {skip_locked})
        update inbound_message set fence = fence + 1, attempts = attempts + 1, next_at = $2
        where id in (select id from due) returning *"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values: Vec<Value> = vec![now.into(), now.plus(LEASE).into(), limit.into()];
    let tx = system.write().await?;
    let rows = tx.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows: Vec<_> = rows
        .iter()
        .map(|row| inbound_message::Model::from_query_result(row, ""))
        .collect::<Result<_, _>>()?;
    rows.sort_by_key(|row| (row.received_at, row.id));
    let ids: BTreeSet<_> = rows.iter().map(|row| row.connection_id).collect();
    let found =
        system.find::<connection::Entity>().filter(connection::Column::Id.is_in(ids)).all(&*tx).await?;
    let connections: HashMap<ConnectionId, _> = found.into_iter().map(|row| (row.id, row)).collect();
    let mut claimed = Vec::with_capacity(rows.len());
    for row in rows {
        let connection = connections.get(&row.connection_id).cloned();
        let gone = || Failure::Corrupt("a message's connection is gone".to_owned());
        claimed.push(held(row, connection.ok_or_else(gone)?)?);
    }
    tx.commit().await?;
    Ok(claimed)
}

/// Records what became of a message. None when another worker has it by now: nothing was changed then.
///
/// # Errors
/// The database failed; nothing was recorded. Repeating it is safe.
#[tracing::instrument(skip_all, fields(message.id = %claimed.id))]
pub async fn finish(
    system: &SystemScope,
    claimed: &ClaimedMessage,
    result: &MessageResult,
) -> Result<Option<InboundMessage>, Failure> {
    let scope = system.in_tenant(claimed.tenant, Actor::System, &Origin::new(Channel::System));
    let tx = system.write().await?;
    let row = match result {
        MessageResult::Later { reason } => {
            let seed = seed(claimed.connection.id, &claimed.feed, claimed.row.fence);
            let wait = after_failure(&seed, claimed.row.attempts, None);
            inbound_message::Model {
                next_at: scope.now.plus(wait),
                error: Some(shown(reason, 1_000)),
                ..claimed.row.clone()
            }
        }
        MessageResult::Done { outcomes, problems } => {
            let problems: Vec<_> = problems.iter().map(fit).collect();
            inbound_message::Model {
                status: status(outcomes, &problems),
                outcomes: serde_json::to_string(outcomes)?,
                problems: serde_json::to_string(&problems)?,
                error: None,
                finished_at: Some(scope.now),
                ..claimed.row.clone()
            }
        }
    };
    if !update(&tx, &scope, &row).await? {
        return Ok(None);
    }
    if let MessageResult::Done { outcomes, problems } = result {
        let connection = (claimed.connection.id, claimed.connection.name.as_str());
        tell(&tx, &scope, connection, &claimed.feed, outcomes).await?;
        tell_of_the_whole(&tx, &scope, claimed, problems).await?;
        note_success(&tx, &scope, claimed).await?;
    }
    tx.commit().await?;
    InboundMessage::try_from(row).map(Some)
}

async fn update(tx: &Tx, scope: &Scope, row: &inbound_message::Model) -> Result<bool, Failure> {
    use inbound_message::Column;
    let changed = update_in_tenant::<inbound_message::Entity>(scope)
        .col_expr(Column::Status, Expr::value(row.status))
        .col_expr(Column::Outcomes, Expr::value(row.outcomes.as_str()))
        .col_expr(Column::Problems, Expr::value(row.problems.as_str()))
        .col_expr(Column::NextAt, Expr::value(row.next_at))
        .col_expr(Column::Error, Expr::value(row.error.as_deref()))
        .col_expr(Column::FinishedAt, Expr::value(row.finished_at))
        .filter(Column::Id.eq(row.id))
        .filter(Column::Fence.eq(row.fence))
        .filter(Column::Status.eq(InboundStatus::Received))
        .exec(&**tx)
        .await?;
    Ok(changed.rows_affected > 0)
}

/// Opens or closes the work about a message that could not be read at all.
async fn tell_of_the_whole(
    tx: &Tx,
    scope: &Scope,
    claimed: &ClaimedMessage,
    problems: &[Problem],
) -> Result<(), Failure> {
    let subject = claimed.id.to_string();
    let Some(first) = problems.first() else {
        let words = "It could be read when it was tried again.";
        exceptions::resolve(tx, scope, ExceptionKind::DocumentRefused, &subject, words).await?;
        return Ok(());
    };
    let name = &claimed.connection.name;
    let (feed, why) = (&claimed.feed, shown(&first.message, 300));
    let case = NewException {
        kind: ExceptionKind::DocumentRefused,
        subject,
        supplier: None,
        order: None,
        severity: Severity::Error,
        summary: format!("{name} sent something by `{feed}` that could not be read: {why}"),
        detail: serde_json::json!({
            "connection": claimed.connection.id,
            "feed": feed,
            "message": claimed.id,
            "problems": problems.iter().map(fit).collect::<Vec<_>>(),
        }),
    };
    exceptions::open(tx, scope, case).await.map(drop)
}

/// When something came by the feed last.
async fn note_success(tx: &Tx, scope: &Scope, claimed: &ClaimedMessage) -> Result<(), Failure> {
    use inbound_feed::Column;
    update_in_tenant::<inbound_feed::Entity>(scope)
        .col_expr(Column::SucceededAt, Expr::value(scope.now))
        .filter(Column::ConnectionId.eq(claimed.connection.id))
        .filter(Column::Name.eq(&claimed.feed))
        .filter(Column::Way.eq(FeedWay::Push))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// The message, locked until `tx` ends. Another tenant's reads as not there.
pub(super) async fn lock(
    tx: &Tx,
    scope: &BuyerScope,
    message: InboundMessageId,
) -> Result<Option<inbound_message::Model>, Failure> {
    let row = scope.find_own::<inbound_message::Entity>().filter(inbound_message::Column::Id.eq(message));
    Ok(row.lock_exclusive().one(&**tx).await?)
}
