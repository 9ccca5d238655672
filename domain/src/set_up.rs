//! What the operations that set up tenants, suppliers, people and systems have in common.
//!
//! They are the operator's, on the command line: they report every problem at once and leave an event.
use quayside_canonical::{Actor, Channel, Field, Problems, TenantId, Timestamp};
use quayside_entity::tenant;
use sea_orm::{ColumnTrait, DbErr, QueryFilter, SqlErr};
use serde::Serialize;

use crate::{Failure, Scope, SystemScope, scope::Origin};

/// Why nothing was set up.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// The request is wrong; these are all its problems.
    #[error("{0}")]
    Refused(#[from] Problems),
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<DbErr> for SetUpError {
    fn from(error: DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// The operator's hand in one tenant, for the event.
pub(crate) fn operator(system: &SystemScope, tenant: TenantId) -> Scope {
    system.in_tenant(tenant, Actor::Operator, &Origin::new(Channel::Cli))
}

/// A unique index refused: somebody has that already. Everything else is ours.
pub(crate) fn or_taken(error: DbErr, field: &str) -> SetUpError {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            SetUpError::Refused(Problems::one("TAKEN", &Field::root().at(field), "this is in use already"))
        }
        _ => error.into(),
    }
}

/// A text people read: 1 to `max` characters, no space around it, no control characters.
pub(crate) fn check_text(problems: &mut Problems, field: &str, text: &str, max: usize) {
    let field = Field::root().at(field);
    if text.is_empty() || text.chars().count() > max {
        problems.add("INVALID_LENGTH", &field, format!("expected 1 to {max} characters"));
    }
    if text.trim() != text || text.chars().any(char::is_control) {
        problems.add("INVALID_TEXT", &field, "no space at either end and no control characters, please");
    }
}

/// A name programs use: small letters, digits and hyphens, with a letter first.
pub(crate) fn check_slug(problems: &mut Problems, field: &str, text: &str) {
    let fits = (2..=40).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !fits {
        let message = "expected 2 to 40 small letters, digits and hyphens, beginning with a letter";
        problems.add("INVALID_NAME", &Field::root().at(field), message);
    }
}

/// The tenant must be there.
pub(crate) async fn check_tenant(
    system: &SystemScope,
    problems: &mut Problems,
    tenant: TenantId,
) -> Result<(), Failure> {
    let tx = system.read().await?;
    let found = system.find::<tenant::Entity>().filter(tenant::Column::Id.eq(tenant)).one(&*tx).await?;
    if found.is_none() {
        not_found(problems, &Field::root().at("tenant"), "tenant");
    }
    Ok(())
}

/// What expires must not have expired already.
pub(crate) fn check_expiry(problems: &mut Problems, expires_at: Option<Timestamp>, now: Timestamp) {
    if expires_at.is_some_and(|at| at <= now) {
        problems.add("IN_THE_PAST", &Field::root().at("expiresAt"), "it would have expired already");
    }
}

/// As it is stored.
pub(crate) fn json(value: &impl Serialize) -> Result<String, Failure> {
    Ok(serde_json::to_string(value)?)
}

/// Something named in the request is not there.
pub(crate) fn not_found(problems: &mut Problems, field: &Field, what: &str) {
    problems.add("NOT_FOUND", field, format!("there is no such {what}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_for_people_and_for_programs_are_checked() {
        let mut problems = Problems::new();
        check_text(&mut problems, "name", "Harbour Supply, Inc.", 80);
        check_slug(&mut problems, "slug", "harbour-supply-2");
        assert!(problems.is_empty(), "{problems}");
        for bad in ["", " x", "a\nb", &"x".repeat(81)] {
            let mut problems = Problems::new();
            check_text(&mut problems, "name", bad, 80);
            assert!(!problems.is_empty(), "{bad:?}");
        }
        for bad in ["", "a", "Harbour", "1a", "a-", "a b", "ä-b", &"x".repeat(41)] {
            let mut problems = Problems::new();
            check_slug(&mut problems, "slug", bad);
            assert!(!problems.is_empty(), "{bad:?}");
        }
    }
}
