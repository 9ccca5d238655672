//! Idempotency keys: the same key with the same request gives the first result again.
//!
//! The key is claimed in the operation's own transaction, as a rule first. A concurrent retry waits for the first
//! attempt to commit and then repeats its result; a refused attempt rolls back and leaves the key free. An
//! operation that locks the one thing its request names may look for the key after that, and claim it with what
//! it writes (`Keyed`): a retry names the same thing and waits there. A key
//! used for another request is an error, never a repeat. Keys belong to tenant, principal and operation, so
//! that nobody can see another's result. They are kept for 30 days; beyond that a document's own identity
//! (order and revision, answer and line) still keeps it from happening twice.
use std::{fmt, str::FromStr};

use quayside_entity::idempotency_key;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, Set, SqlErr, sea_query::OnConflict};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::{Failure, Scope, failure::is_lock_timeout, scope::in_tenant, store::Tx};

/// How long a key is kept, in days.
pub const KEPT_DAYS: u64 = 30;

/// A key a caller chose: 1 to 255 printable ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// The text cannot be a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key is 1 to 255 printable ASCII characters; a UUID is a good choice")]
pub struct InvalidKey;

impl FromStr for IdempotencyKey {
    type Err = InvalidKey;
    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let fits = (1..=255).contains(&text.len()) && text.bytes().all(|b| (0x20..0x7f).contains(&b));
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidKey) }
    }
}

impl IdempotencyKey {
    /// The key of a document that has a name of its own. A name that cannot be a key is hashed.
    #[must_use]
    pub fn named(name: &str) -> Self {
        name.parse().unwrap_or_else(|InvalidKey| {
            let digest = Sha256::digest(name.as_bytes());
            Self(digest.iter().map(|byte| format!("{byte:02x}")).collect())
        })
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a claim found.
#[derive(Debug, PartialEq, Eq)]
pub enum Claim<T> {
    /// Nobody used the key: carry on.
    First,
    /// The request was carried out before, with this result.
    Repeat(T),
}

/// The key cannot be used for this request.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// It was used for another request.
    #[error("the idempotency key was used before for a different request")]
    KeyReused,
    /// The first request with it is still being carried out.
    #[error("a request with this idempotency key is still in progress; try again in a moment")]
    InProgress,
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<DbErr> for ClaimError {
    fn from(error: DbErr) -> Self {
        if is_lock_timeout(&error) { Self::InProgress } else { Self::Internal(error.into()) }
    }
}

/// A request under its key.
pub(crate) struct Keyed<'a> {
    /// The operation.
    pub(crate) operation: &'a str,
    /// The key.
    pub(crate) key: &'a IdempotencyKey,
    request_hash: Vec<u8>,
}

impl<'a> Keyed<'a> {
    pub(crate) fn new(
        operation: &'a str,
        key: &'a IdempotencyKey,
        request: &impl Serialize,
    ) -> Result<Self, Failure> {
        Ok(Self { operation, key, request_hash: hash(request)? })
    }

    /// The claim, whose result will be `result`.
    pub(crate) fn row(
        &self,
        scope: &Scope,
        result: &impl Serialize,
    ) -> Result<idempotency_key::ActiveModel, Failure> {
        Ok(idempotency_key::ActiveModel {
            tenant_id: Set(scope.tenant),
            principal: Set(scope.actor.to_string()),
            operation: Set(self.operation.to_owned()),
            key: Set(self.key.0.clone()),
            request_hash: Set(self.request_hash.clone()),
            result: Set(serde_json::to_string(result)?),
            created_at: Set(scope.now),
        })
    }

    /// What the request comes to when the key was used before, for a request with this hash and with this result.
    pub(crate) fn again<T: DeserializeOwned>(
        &self,
        earlier_hash: &[u8],
        result: &str,
    ) -> Result<T, ClaimError> {
        if *earlier_hash != self.request_hash {
            return Err(ClaimError::KeyReused);
        }
        Ok(serde_json::from_str(result).map_err(Failure::from)?)
    }
}

/// Whether `failure` is that another request has used the same key meanwhile.
pub(crate) fn is_claimed(failure: &Failure) -> bool {
    let Failure::Database(error) = failure else { return false };
    // Both databases name the table in it.
    let sql_error = error.sql_err();
    matches!(sql_error, Some(SqlErr::UniqueConstraintViolation(words)) if words.contains("idempotency_key"))
}

/// Claims `key` for `request`, whose result will be `result`. A trial claims nothing.
///
/// # Errors
/// The key was used for another request, or the first one is still in progress.
pub async fn claim<T: Serialize + DeserializeOwned>(
    tx: &Tx,
    scope: &Scope,
    operation: &str,
    key: &IdempotencyKey,
    request: &impl Serialize,
    result: &T,
) -> Result<Claim<T>, ClaimError> {
    if tx.is_trial() {
        return Ok(Claim::First);
    }
    let keyed = Keyed::new(operation, key, request)?;
    let insert = idempotency_key::Entity::insert(keyed.row(scope, result)?);
    let insert = insert.on_conflict(OnConflict::new().do_nothing().to_owned());
    if insert.exec_without_returning(&**tx).await? > 0 {
        return Ok(Claim::First);
    }
    let earlier = in_tenant::<idempotency_key::Entity>(scope)
        .filter(idempotency_key::Column::Principal.eq(scope.actor.to_string()))
        .filter(idempotency_key::Column::Operation.eq(operation))
        .filter(idempotency_key::Column::Key.eq(&key.0))
        .one(&**tx)
        .await?
        // The first attempt was refused between our insert and this look: the caller simply tries again.
        .ok_or(ClaimError::InProgress)?;
    Ok(Claim::Repeat(keyed.again(&earlier.request_hash, &earlier.result)?))
}

fn hash(request: &impl Serialize) -> Result<Vec<u8>, Failure> {
    Ok(Sha256::digest(serde_json::to_vec(request)?).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_short_and_printable() {
        assert!("3f1c-order 7".parse::<IdempotencyKey>().is_ok());
        for bad in ["", "a\nb", "a\0", "é", &"k".repeat(256)] {
            assert_eq!(bad.parse::<IdempotencyKey>(), Err(InvalidKey), "{bad:?}");
        }
    }
}
