//! Sends an interchange once more: the same bytes under the same control number.
use quayside_canonical::{
    SentInterchangeId,
    identity::Permission,
    states::{DeliveryStatus, SentStatus},
};
use quayside_entity::{delivery, sent_interchange};
use sea_orm::{ActiveModelTrait, ColumnTrait, DbErr, QueryFilter, QuerySelect, Set};
use serde::Serialize;

use crate::{
    BuyerScope, Failure, deliveries,
    idempotency::{self, Claim, ClaimError, IdempotencyKey},
    store::Tx,
};

/// An interchange that is to be sent once more.
#[derive(Clone, Debug, Serialize)]
pub struct Resend {
    /// The interchange.
    pub interchange: SentInterchangeId,
    /// Why.
    pub reason: String,
    /// Say whether it could be, and change nothing.
    #[serde(skip)]
    pub validate_only: bool,
}

/// Why it is not sent once more.
#[derive(Debug, thiserror::Error)]
pub enum ResendError {
    /// The caller's role or token does not allow it.
    #[error("this needs the permission to manage deliveries")]
    Forbidden,
    /// There is no such interchange.
    #[error("not found")]
    NotFound,
    /// It is on its way already.
    #[error("it is on its way already")]
    OnItsWay,
    /// Its delivery is not on file any more.
    #[error("its delivery is not on file any more")]
    Forgotten,
    /// The reason is empty or too long.
    #[error("a reason has 1 to 500 characters")]
    InvalidReason,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used before for a different request")]
    KeyReused,
    /// The first request with the key is still being carried out.
    #[error("a request with this idempotency key is still in progress; try again in a moment")]
    InProgress,
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<ClaimError> for ResendError {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::KeyReused => Self::KeyReused,
            ClaimError::InProgress => Self::InProgress,
            ClaimError::Internal(failure) => Self::Internal(failure),
        }
    }
}

impl From<DbErr> for ResendError {
    fn from(error: DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// An interchange that is sent once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resent {
    /// The interchange.
    pub interchange: SentInterchangeId,
    /// Whether this is the result of an earlier request with the same key.
    pub replayed: bool,
}

/// Puts an interchange back in line. What the partner said to it counts no more.
///
/// # Errors
/// See [`ResendError`].
#[tracing::instrument(skip_all, fields(interchange.id = %cmd.interchange))]
pub async fn resend(
    scope: &BuyerScope,
    cmd: &Resend,
    key: Option<&IdempotencyKey>,
) -> Result<Resent, ResendError> {
    if !scope.may(Permission::DeliveriesManage) {
        return Err(ResendError::Forbidden);
    }
    let reason = cmd.reason.trim();
    if reason.is_empty() || reason.chars().count() > 500 {
        return Err(ResendError::InvalidReason);
    }
    let tx = scope.write().await?;
    if let Some(key) = key.filter(|_| !cmd.validate_only)
        && let Claim::Repeat(_) =
            idempotency::claim(&tx, scope, "resendInterchange", key, cmd, &cmd.interchange).await?
    {
        return Ok(Resent { interchange: cmd.interchange, replayed: true });
    }
    let row = lock(&tx, scope, cmd.interchange).await?;
    let delivery = delivery_of(&tx, scope, &row).await?;
    if cmd.validate_only {
        return Ok(Resent { interchange: row.id, replayed: false });
    }
    deliveries::send_again(&tx, scope, delivery, reason).await?;
    sent_interchange::ActiveModel {
        id: Set(row.id),
        status: Set(SentStatus::Composed),
        sent_at: Set(None),
        confirm_by: Set(None),
        verdict: Set(None),
        ..Default::default()
    }
    .update(&*tx)
    .await?;
    tx.commit().await?;
    scope.store().wake().deliveries_due();
    Ok(Resent { interchange: row.id, replayed: false })
}

async fn lock(
    tx: &Tx,
    scope: &BuyerScope,
    id: SentInterchangeId,
) -> Result<sent_interchange::Model, ResendError> {
    let row = scope
        .find::<sent_interchange::Entity>()
        .filter(sent_interchange::Column::Id.eq(id))
        .lock_exclusive()
        .one(&**tx)
        .await?;
    row.ok_or(ResendError::NotFound)
}

async fn delivery_of(
    tx: &Tx,
    scope: &BuyerScope,
    row: &sent_interchange::Model,
) -> Result<delivery::Model, ResendError> {
    let found = scope
        .find_own::<delivery::Entity>()
        .filter(delivery::Column::EventId.eq(row.event_id))
        .filter(delivery::Column::ConnectionId.eq(row.connection_id))
        .lock_exclusive()
        .one(&**tx)
        .await?;
    let found = found.ok_or(ResendError::Forgotten)?;
    match found.status {
        DeliveryStatus::Delivered
        | DeliveryStatus::Dead
        | DeliveryStatus::Missing
        | DeliveryStatus::Skipped => Ok(found),
        DeliveryStatus::Waiting | DeliveryStatus::Sending | DeliveryStatus::Unconfirmed => {
            Err(ResendError::OnItsWay)
        }
    }
}
