//! Trying again what was refused of a message.
use quayside_canonical::{
    InboundMessageId, events::InboundMessageRetried, identity::Permission, states::InboundStatus,
};
use quayside_entity::inbound_message;
use sea_orm::{
    ColumnTrait, DbErr, QueryFilter,
    sea_query::{Expr, ExprTrait},
};

use super::{InboundMessage, messages::lock};
use crate::{
    BuyerScope, Failure,
    idempotency::{self, Claim, ClaimError, IdempotencyKey},
    outbox::{self, About, Fact},
    scope::update_in_tenant,
    store::Tx,
};

/// A message cannot be tried again.
#[derive(Debug, thiserror::Error)]
pub enum RetryError {
    /// The caller's role or token does not allow it.
    #[error("this needs the permission to manage deliveries")]
    Forbidden,
    /// There is no such message.
    #[error("there is no such message")]
    NotFound,
    /// Nothing in it was refused, or it is being dealt with.
    #[error("the message is {0}: nothing of it is refused")]
    NothingRefused(InboundStatus),
    /// Its bytes were not kept for so long.
    #[error("the message is not kept any more; the system has to send it again")]
    NotKept,
    /// The idempotency key cannot be used.
    #[error(transparent)]
    Key(#[from] ClaimError),
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<DbErr> for RetryError {
    fn from(error: DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// What became of asking for it.
#[derive(Clone, Debug)]
pub struct Retried {
    /// The message as it stands now.
    pub message: InboundMessage,
    /// Whether this is the result of an earlier request with the same key.
    pub replayed: bool,
}

/// Has what was refused of a message tried again, in the background. What was taken of it is left alone.
///
/// # Errors
/// See [`RetryError`].
#[tracing::instrument(skip_all, fields(message.id = %message))]
pub async fn retry(
    scope: &BuyerScope,
    message: InboundMessageId,
    key: &IdempotencyKey,
) -> Result<Retried, RetryError> {
    if !scope.may(Permission::DeliveriesManage) {
        return Err(RetryError::Forbidden);
    }
    let tx = scope.write().await?;
    let claim = idempotency::claim(&tx, scope, "retryInboundMessage", key, &message, &message).await?;
    let row = lock(&tx, scope, message).await?.ok_or(RetryError::NotFound)?;
    if claim != Claim::First {
        return Ok(Retried { message: row.try_into()?, replayed: true });
    }
    if !matches!(row.status, InboundStatus::Partly | InboundStatus::Refused) {
        return Err(RetryError::NothingRefused(row.status));
    }
    if row.raw.is_none() {
        return Err(RetryError::NotKept);
    }
    make_due(&tx, scope, &row).await?;
    let row = lock(&tx, scope, message).await?.ok_or(RetryError::NotFound)?;
    tx.commit().await?;
    scope.store().wake().inbound_due();
    Ok(Retried { message: row.try_into()?, replayed: false })
}

/// Has a message tried again that was refused, because its bytes came once more. False when something of it was taken,
/// or its bytes are not kept any more.
///
/// # Errors
/// The database failed.
pub async fn come_again(scope: &BuyerScope, message: InboundMessageId) -> Result<bool, Failure> {
    let tx = scope.write().await?;
    let row = lock(&tx, scope, message).await?;
    let Some(row) = row.filter(|row| row.status == InboundStatus::Refused && row.raw.is_some()) else {
        return Ok(false);
    };
    make_due(&tx, scope, &row).await?;
    tx.commit().await?;
    scope.store().wake().inbound_due();
    Ok(true)
}

async fn make_due(tx: &Tx, scope: &BuyerScope, row: &inbound_message::Model) -> Result<(), Failure> {
    use inbound_message::Column;
    update_in_tenant::<inbound_message::Entity>(scope)
        .col_expr(Column::Status, Expr::value(InboundStatus::Received))
        .col_expr(Column::NextAt, Expr::value(scope.now))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::Fence, Expr::col(Column::Fence).add(1))
        .col_expr(Column::FinishedAt, Expr::value(None::<i64>))
        .filter(Column::Id.eq(row.id))
        .exec(&**tx)
        .await?;
    let event =
        InboundMessageRetried { message: row.id, connection: row.connection_id, feed: row.feed.clone() };
    let fact = Fact::new(About::tenant(&row.id), &event)?;
    outbox::append(tx, scope, vec![fact]).await?;
    Ok(())
}
