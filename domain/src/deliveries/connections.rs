//! Pausing and resuming a connection. While it is paused, its deliveries wait and lose nothing.
use quayside_canonical::{
    ConnectionId,
    events::{ConnectionPaused, ConnectionResumed},
    states::{ConnectionStatus, ExceptionKind},
};
use quayside_entity::{circuit, connection};
use sea_orm::{ColumnTrait, ExprTrait, QueryFilter, QuerySelect, sea_query::Expr};

use super::{
    InterventionError,
    intervention::{check_permission, check_reason},
};
use crate::{
    BuyerScope, Failure, Scope,
    exceptions::{self, Cure},
    idempotency::{self, Claim, IdempotencyKey},
    outbox::{self, About, Fact},
    scope::update_in_tenant,
    store::Tx,
};

/// Stops sending to a connection. One that is paused already stays so, for the reason it was paused for.
///
/// # Errors
/// The caller may not, there is no such connection, or the reason does not do.
#[tracing::instrument(skip_all, fields(connection.id = %connection))]
pub async fn pause_connection(
    scope: &BuyerScope,
    connection: ConnectionId,
    reason: &str,
    key: &IdempotencyKey,
) -> Result<connection::Model, InterventionError> {
    check_permission(scope)?;
    let reason = check_reason(reason)?;
    let tx = scope.write().await?;
    let request = (connection, reason);
    let claim = idempotency::claim(&tx, scope, "pauseConnection", key, &request, &connection).await?;
    lock(&tx, scope, connection).await?;
    if claim == Claim::First {
        pause(&tx, scope, connection, reason).await?;
    }
    finish(tx, scope, connection).await
}

/// Sends to a connection again, without waiting until its circuit says so.
///
/// # Errors
/// The caller may not, or there is no such connection.
#[tracing::instrument(skip_all, fields(connection.id = %connection))]
pub async fn resume_connection(
    scope: &BuyerScope,
    connection: ConnectionId,
    key: &IdempotencyKey,
) -> Result<connection::Model, InterventionError> {
    check_permission(scope)?;
    let tx = scope.write().await?;
    let claim = idempotency::claim(&tx, scope, "resumeConnection", key, &connection, &connection).await?;
    let row = lock(&tx, scope, connection).await?;
    if claim == Claim::First && row.status == ConnectionStatus::Paused {
        set(&tx, scope, connection, ConnectionStatus::Active, None).await?;
        update_in_tenant::<circuit::Entity>(scope)
            .col_expr(circuit::Column::NotBefore, Expr::value(scope.now))
            .filter(circuit::Column::ConnectionId.eq(connection))
            .filter(circuit::Column::NotBefore.gt(scope.now))
            .exec(&*tx)
            .await?;
        let fact = Fact::new(About::tenant(&connection), &ConnectionResumed { connection })?;
        let cure = Cure { words: "It was resumed.", event: Some(fact.id) };
        outbox::append(&tx, scope, vec![fact]).await?;
        let subject = [connection.to_string()];
        exceptions::cure(&tx, scope, ExceptionKind::ConnectionPaused, &subject, &cure).await?;
    }
    finish(tx, scope, connection).await
}

/// Pauses an active connection and tells of it; leaves a paused one alone.
pub(super) async fn pause(
    tx: &Tx,
    scope: &Scope,
    connection: ConnectionId,
    reason: &str,
) -> Result<(), Failure> {
    if set(tx, scope, connection, ConnectionStatus::Paused, Some(reason)).await? {
        let event = ConnectionPaused { connection, reason: reason.to_owned() };
        outbox::append(tx, scope, vec![Fact::new(About::tenant(&connection), &event)?]).await?;
    }
    Ok(())
}

/// Pauses an active connection, or resumes a paused one. False when it is neither: it stays as it is.
async fn set(
    tx: &Tx,
    scope: &Scope,
    connection: ConnectionId,
    status: ConnectionStatus,
    reason: Option<&str>,
) -> Result<bool, Failure> {
    let before = match status {
        ConnectionStatus::Paused => ConnectionStatus::Active,
        ConnectionStatus::Active | ConnectionStatus::Disabled => ConnectionStatus::Paused,
    };
    let changed = update_in_tenant::<connection::Entity>(scope)
        .col_expr(connection::Column::Status, Expr::value(status))
        .col_expr(connection::Column::PausedReason, Expr::value(reason))
        .col_expr(connection::Column::Revision, Expr::col(connection::Column::Revision).add(1))
        .col_expr(connection::Column::UpdatedAt, Expr::value(scope.now))
        .filter(connection::Column::Id.eq(connection))
        .filter(connection::Column::Status.eq(before))
        .exec(&**tx)
        .await?;
    Ok(changed.rows_affected > 0)
}

pub(super) async fn lock(
    tx: &Tx,
    scope: &BuyerScope,
    connection: ConnectionId,
) -> Result<connection::Model, InterventionError> {
    let row = scope.find_own::<connection::Entity>().filter(connection::Column::Id.eq(connection));
    row.lock_exclusive().one(&**tx).await?.ok_or(InterventionError::NotFound)
}

async fn finish(
    tx: Tx,
    scope: &BuyerScope,
    connection: ConnectionId,
) -> Result<connection::Model, InterventionError> {
    let row = lock(&tx, scope, connection).await?;
    tx.commit().await?;
    scope.store().wake().deliveries_due();
    Ok(row)
}
