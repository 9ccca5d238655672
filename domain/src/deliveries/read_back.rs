//! Saying whether what a connection took is read back later.
use quayside_canonical::{ConnectionId, events::ConnectionReadBackSet};
use quayside_entity::connection;
use sea_orm::{ColumnTrait, ExprTrait, QueryFilter, sea_query::Expr};
use serde::Serialize;

use super::{InterventionError, connections, intervention::check_permission};
use crate::{
    BuyerScope,
    idempotency::{self, Claim, IdempotencyKey},
    outbox::{self, About, Fact},
    scope::update_in_tenant,
};

/// The longest that reading back may wait: a month, in minutes.
const MOST_MINUTES: u32 = 31 * 24 * 60;

/// How a connection's receiver is asked later for what it took.
#[derive(Clone, Debug, Serialize)]
pub struct SetReadBack {
    /// The connection.
    pub connection: ConnectionId,
    /// After how many minutes; nothing: not at all.
    pub after_minutes: Option<u32>,
    /// How many of a hundred deliveries, 1 to 100.
    pub percent: u32,
    /// Apply the same rules and write nothing.
    #[serde(skip)]
    pub validate_only: bool,
}

/// Sets it, for what is delivered from now on. Without minutes nothing is asked any more.
///
/// # Errors
/// The caller may not, there is no such connection, or a number is out of range.
#[tracing::instrument(skip_all, fields(connection.id = %cmd.connection))]
pub async fn set_read_back(
    scope: &BuyerScope,
    cmd: &SetReadBack,
    key: Option<&IdempotencyKey>,
) -> Result<(connection::Model, bool), InterventionError> {
    check_permission(scope)?;
    if !(1..=100).contains(&cmd.percent) {
        return Err(InterventionError::InvalidPercent);
    }
    if cmd.after_minutes.is_some_and(|minutes| !(1..=MOST_MINUTES).contains(&minutes)) {
        return Err(InterventionError::InvalidMinutes);
    }
    let tx = scope.write().await?;
    let mut replayed = false;
    if let Some(key) = key.filter(|_| !cmd.validate_only) {
        let claim =
            idempotency::claim(&tx, scope, "setConnectionReadBack", key, cmd, &cmd.connection).await?;
        replayed = claim != Claim::First;
    }
    let row = connections::lock(&tx, scope, cmd.connection).await?;
    if cmd.validate_only || replayed {
        return Ok((row, replayed));
    }
    update_in_tenant::<connection::Entity>(scope)
        .col_expr(
            connection::Column::ConfirmAfterMinutes,
            Expr::value(cmd.after_minutes.and_then(|minutes| i32::try_from(minutes).ok())),
        )
        .col_expr(connection::Column::ConfirmPercent, Expr::value(i32::try_from(cmd.percent).unwrap_or(100)))
        .col_expr(connection::Column::Revision, Expr::col(connection::Column::Revision).add(1))
        .col_expr(connection::Column::UpdatedAt, Expr::value(scope.now))
        .filter(connection::Column::Id.eq(cmd.connection))
        .exec(&*tx)
        .await?;
    let event = ConnectionReadBackSet {
        connection: cmd.connection,
        after_minutes: cmd.after_minutes,
        percent: cmd.percent,
    };
    outbox::append(&tx, scope, vec![Fact::new(About::tenant(&cmd.connection), &event)?]).await?;
    let row = connections::lock(&tx, scope, cmd.connection).await?;
    tx.commit().await?;
    Ok((row, false))
}
