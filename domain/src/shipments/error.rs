//! What can be wrong with a change of a shipment. One set of words: the caller can do the same about each.
use quayside_canonical::{Field, Problems, ShipmentId};
use sea_orm::DbErr;

use crate::{Failure, idempotency::ClaimError};

/// A shipment was left as it is.
#[derive(Debug, thiserror::Error)]
pub enum ShipmentError {
    /// The caller's role or token does not allow it.
    #[error("this needs the permission to manage shipments")]
    Forbidden,
    /// There is no such shipment for the caller.
    #[error("no such shipment")]
    NotFound,
    /// Somebody changed it since.
    #[error("version {given} is not current any more: version {current} is")]
    StaleVersion {
        /// What the caller knew.
        given: i32,
        /// What is on file.
        current: i32,
    },
    /// It breaks rules: all of them at once.
    #[error("{0}")]
    Refused(Problems),
    /// The idempotency key cannot be used.
    #[error(transparent)]
    Key(#[from] ClaimError),
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<DbErr> for ShipmentError {
    fn from(error: DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl ShipmentError {
    /// One problem with one field.
    pub(super) fn refused(code: &str, field: &Field, message: impl Into<String>) -> Self {
        Self::Refused(Problems::one(code, field, message))
    }
}

/// A change that was made, or would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handled {
    /// The shipment; none when it was only validated and is not on file.
    pub shipment: Option<ShipmentId>,
    /// Whether this is the result of an earlier request with the same key.
    pub replayed: bool,
}
