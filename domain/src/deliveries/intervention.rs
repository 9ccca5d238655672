//! What a person may be told when they step in.
use quayside_canonical::{DeliveryId, identity::Permission, states::DeliveryStatus};
use quayside_entity::delivery;
use sea_orm::{ColumnTrait, DbErr, QueryFilter, QuerySelect};

use crate::{BuyerScope, Failure, idempotency::ClaimError, store::Tx};

/// The longest reason a person may give, in characters.
const MAX_REASON: usize = 500;

/// A person cannot do that now.
#[derive(Debug, thiserror::Error)]
pub enum InterventionError {
    /// The caller's role or token does not allow it.
    #[error("this needs the permission to manage deliveries")]
    Forbidden,
    /// There is no such delivery or connection.
    #[error("not found")]
    NotFound,
    /// The delivery does not stand where this is possible.
    #[error("the delivery is {0}")]
    WrongStatus(DeliveryStatus),
    /// The reason is empty or too long.
    #[error("a reason has 1 to {MAX_REASON} characters")]
    InvalidReason,
    /// So many cannot be redriven at once.
    #[error("the limit is from 1 to {}", super::MOST_REDRIVEN)]
    InvalidLimit,
    /// What stands there cannot be redriven.
    #[error("only what is DEAD or MISSING can be redriven")]
    InvalidStatuses,
    /// Not a share.
    #[error("a share is from 1 to 100 of a hundred")]
    InvalidPercent,
    /// Not a time to wait.
    #[error("from a minute to a month, in minutes")]
    InvalidMinutes,
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

impl From<ClaimError> for InterventionError {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::KeyReused => Self::KeyReused,
            ClaimError::InProgress => Self::InProgress,
            ClaimError::Internal(failure) => Self::Internal(failure),
        }
    }
}

impl From<DbErr> for InterventionError {
    fn from(error: DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// What became of stepping in.
#[derive(Clone, Debug)]
pub struct Intervened {
    /// The delivery as it stands now.
    pub delivery: delivery::Model,
    /// Whether this is the result of an earlier request with the same key.
    pub replayed: bool,
}

/// Fails unless the caller may step in.
pub(super) fn check_permission(scope: &BuyerScope) -> Result<(), InterventionError> {
    if scope.may(Permission::DeliveriesManage) { Ok(()) } else { Err(InterventionError::Forbidden) }
}

/// Fails unless the caller may look into deliveries: an auditor may, without stepping in.
pub(super) fn check_reading(scope: &BuyerScope) -> Result<(), InterventionError> {
    if scope.may(Permission::OrdersRead) { Ok(()) } else { check_permission(scope) }
}

/// The reason without blanks around it.
pub(super) fn check_reason(reason: &str) -> Result<&str, InterventionError> {
    let reason = reason.trim();
    let fits = (1..=MAX_REASON).contains(&reason.chars().count());
    if fits { Ok(reason) } else { Err(InterventionError::InvalidReason) }
}

/// The delivery, locked until `tx` ends. Another tenant's reads as not there.
pub(super) async fn lock(
    tx: &Tx,
    scope: &BuyerScope,
    delivery: DeliveryId,
) -> Result<delivery::Model, InterventionError> {
    let row = scope.find_own::<delivery::Entity>().filter(delivery::Column::Id.eq(delivery));
    row.lock_exclusive().one(&**tx).await?.ok_or(InterventionError::NotFound)
}
