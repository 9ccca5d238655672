//! Asking for a feed to be polled at once.
use quayside_canonical::{ConnectionId, events::FeedPollRequested, identity::Permission, states::FeedWay};
use quayside_entity::{connection, inbound_feed};
use sea_orm::{
    ColumnTrait, DbErr, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use serde::Serialize;

use crate::{
    BuyerScope, Failure, Scope,
    idempotency::{self, Claim, ClaimError, IdempotencyKey},
    outbox::{self, About, Fact},
    scope::update_in_tenant,
};

/// The shortest and the longest time between polls, in seconds.
const EVERY: std::ops::RangeInclusive<i32> = 5..=86_400;

/// What is asked for.
#[derive(Clone, Debug, Serialize)]
pub struct Ask {
    /// The connection.
    pub connection: ConnectionId,
    /// The feed; every one that is polled when not said.
    pub feed: Option<String>,
    /// Whether to read it from the beginning again, as far back as the connection is set to look.
    pub from_start: bool,
    /// How often to poll from now on, in seconds; 0 for how often the others are.
    pub every_seconds: Option<i32>,
}

/// A feed cannot be asked for.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The caller's role or token does not allow it.
    #[error("this needs the permission to manage deliveries")]
    Forbidden,
    /// There is no such connection, or it has no such feed that is polled.
    #[error("there is no such feed that is polled")]
    NotFound,
    /// Too often or too seldom.
    #[error("a feed is polled every {} to {} seconds; 0 for how often the others are", EVERY.start(), EVERY.end())]
    InvalidInterval,
    /// The idempotency key cannot be used.
    #[error(transparent)]
    Key(#[from] ClaimError),
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<DbErr> for AskError {
    fn from(error: DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// What became of asking.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The connection's feeds as they stand.
    pub feeds: Vec<inbound_feed::Model>,
    /// Whether this is the result of an earlier request with the same key.
    pub replayed: bool,
}

/// Makes feeds due now. One that is being polled is polled again right after; one that is sent back to the start is
/// taken out of the hands that have it. Of a paused connection it waits until it is resumed.
///
/// # Errors
/// See [`AskError`].
#[tracing::instrument(skip_all, fields(connection.id = %ask.connection))]
pub async fn ask(scope: &BuyerScope, ask: &Ask, key: &IdempotencyKey) -> Result<Asked, AskError> {
    if !scope.may(Permission::DeliveriesManage) {
        return Err(AskError::Forbidden);
    }
    if ask.every_seconds.is_some_and(|every| every != 0 && !EVERY.contains(&every)) {
        return Err(AskError::InvalidInterval);
    }
    let tx = scope.write().await?;
    let claim = idempotency::claim(&tx, scope, "pollConnectionNow", key, ask, &ask.connection).await?;
    // The connection's row is what its events are counted by.
    let row = scope.find_own::<connection::Entity>().filter(connection::Column::Id.eq(ask.connection));
    row.lock_exclusive().one(&*tx).await?.ok_or(AskError::NotFound)?;
    let feeds = || {
        scope
            .find_own::<inbound_feed::Entity>()
            .filter(inbound_feed::Column::ConnectionId.eq(ask.connection))
            .order_by_asc(inbound_feed::Column::Name)
    };
    let polled = feeds().filter(inbound_feed::Column::Way.eq(FeedWay::Poll)).all(&*tx).await?;
    let named: Vec<String> = polled
        .into_iter()
        .map(|feed| feed.name)
        .filter(|name| ask.feed.as_ref().is_none_or(|wanted| wanted == name))
        .collect();
    if named.is_empty() {
        return Err(AskError::NotFound);
    }
    if claim == Claim::First {
        update(&tx, scope, ask, &named).await?;
        let event =
            FeedPollRequested { connection: ask.connection, feeds: named, from_start: ask.from_start };
        let fact = Fact::new(About::tenant(&ask.connection), &event)?;
        outbox::append(&tx, scope, vec![fact]).await?;
    }
    let feeds = feeds().filter(inbound_feed::Column::Offered.eq(true)).all(&*tx).await?;
    tx.commit().await?;
    scope.store().wake().inbound_due();
    Ok(Asked { feeds, replayed: claim != Claim::First })
}

async fn update(tx: &crate::store::Tx, scope: &Scope, ask: &Ask, names: &[String]) -> Result<(), Failure> {
    use inbound_feed::Column;
    let mut update = update_in_tenant::<inbound_feed::Entity>(scope)
        .col_expr(Column::NextAt, Expr::value(scope.now))
        .col_expr(Column::Asked, Expr::col(Column::Asked).add(1))
        .filter(Column::ConnectionId.eq(ask.connection))
        .filter(Column::Name.is_in(names));
    if ask.from_start {
        update = update
            .col_expr(Column::Cursor, Expr::value(None::<String>))
            .col_expr(Column::Fence, Expr::col(Column::Fence).add(1))
            .col_expr(Column::LeaseUntil, Expr::value(scope.now));
    }
    if let Some(every) = ask.every_seconds {
        let every = (every != 0).then_some(every);
        update = update.col_expr(Column::EverySeconds, Expr::value(every));
    }
    update.exec(&**tx).await?;
    Ok(())
}

/// A system hinted that `feed` has something: it is due now. False when the connection has no such feed.
///
/// # Errors
/// The database failed.
pub async fn hint(scope: &BuyerScope, connection: ConnectionId, feed: &str) -> Result<bool, Failure> {
    use inbound_feed::Column;
    let tx = scope.write().await?;
    let asked = update_in_tenant::<inbound_feed::Entity>(scope)
        .col_expr(Column::NextAt, Expr::value(scope.now))
        .col_expr(Column::Asked, Expr::col(Column::Asked).add(1))
        .filter(Column::ConnectionId.eq(connection))
        .filter(Column::Name.eq(feed))
        .filter(Column::Way.eq(FeedWay::Poll))
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    scope.store().wake().inbound_due();
    Ok(asked.rows_affected > 0)
}
