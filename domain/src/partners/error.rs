//! What operations on trading partners come to.
use quayside_canonical::{Field, Problems, identity::Permission};
use quayside_entity::trading_partner;
use sea_orm::{DbErr, SqlErr};

use crate::{BuyerScope, Failure, idempotency::ClaimError};

/// Why a trading partner was left as it is.
#[derive(Debug, thiserror::Error)]
pub enum PartnerError {
    /// The caller may not.
    #[error("this needs the permission CONNECTIONS_MANAGE")]
    Forbidden,
    /// The request is wrong; these are all its problems.
    #[error("{0}")]
    Refused(#[from] Problems),
    /// The idempotency key cannot be used.
    #[error(transparent)]
    Key(#[from] ClaimError),
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<DbErr> for PartnerError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => {
                let message = "another trading partner has this name";
                Self::Refused(Problems::one("TAKEN", &Field::root().at("name"), message))
            }
            _ => Self::Internal(error.into()),
        }
    }
}

/// A trading partner that was saved.
#[derive(Clone, Debug)]
pub struct Saved {
    /// As it is now.
    pub partner: trading_partner::Model,
    /// Whether this is the result of an earlier request with the same key.
    pub replayed: bool,
}

pub(super) fn may(scope: &BuyerScope) -> Result<(), PartnerError> {
    if scope.may(Permission::ConnectionsManage) { Ok(()) } else { Err(PartnerError::Forbidden) }
}

pub(super) fn not_found() -> PartnerError {
    Problems::one("NOT_FOUND", &Field::root().at("id"), "not found").into()
}
