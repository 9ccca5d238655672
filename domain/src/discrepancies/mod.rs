//! Discrepancies: in what a receipt differs from what was announced or agreed. The ledger opens, changes and
//! withdraws them; here the supplier contests one, and procurement decides what becomes of it.

mod contest;
pub mod query;
mod resolve;

pub use contest::{ContestDiscrepancy, contest};
pub use resolve::{ResolveDiscrepancy, resolve};

use quayside_canonical::{DiscrepancyId, Field, Problems, states::DiscrepancyStatus};
use quayside_entity::{discrepancy, purchase_order};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

use crate::{Failure, Scope, idempotency::ClaimError, store::Tx};

/// The longest statement or note.
const MAX_TEXT: usize = 2_000;

/// Why a word on a discrepancy was refused.
#[derive(Debug, thiserror::Error)]
pub enum DiscrepancyError {
    /// There is no such discrepancy for the caller.
    #[error("no such discrepancy")]
    NotFound,
    /// The caller may not do this.
    #[error("this needs the permission {0}")]
    Forbidden(&'static str),
    /// It breaks rules.
    #[error("{0}")]
    Refused(Problems),
    /// The idempotency key cannot be used.
    #[error(transparent)]
    Key(#[from] ClaimError),
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<sea_orm::DbErr> for DiscrepancyError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// A word on file, or validated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// The discrepancy.
    pub discrepancy: DiscrepancyId,
    /// Whether this is the result of an earlier request with the same key.
    pub replayed: bool,
}

/// Loads a discrepancy and locks its order, as every writer does: what warehouses state meanwhile waits.
async fn load(
    tx: &Tx,
    scope: &Scope,
    id: DiscrepancyId,
) -> Result<(discrepancy::Model, purchase_order::Model), DiscrepancyError> {
    let by_id = || scope.find::<discrepancy::Entity>().filter(discrepancy::Column::Id.eq(id));
    let seen = by_id().one(&**tx).await?.ok_or(DiscrepancyError::NotFound)?;
    let order = scope
        .find::<purchase_order::Entity>()
        .filter(purchase_order::Column::Id.eq(seen.order_id))
        .lock_exclusive()
        .one(&**tx)
        .await?
        .ok_or(DiscrepancyError::NotFound)?;
    let row = by_id().one(&**tx).await?.ok_or(DiscrepancyError::NotFound)?;
    Ok((row, order))
}

/// Whether it can still be contested or decided.
fn check_open(row: &discrepancy::Model, problems: &mut Problems) {
    match row.status {
        DiscrepancyStatus::Open | DiscrepancyStatus::Contested => {}
        DiscrepancyStatus::Resolved | DiscrepancyStatus::Withdrawn => {
            let message = format!("the discrepancy is {} already", row.status);
            problems.add("NOT_OPEN", &Field::root().at("id"), message);
        }
    }
}

fn check_text(text: &str, field: &Field, problems: &mut Problems) {
    if text.chars().count() > MAX_TEXT {
        problems.add("TOO_LONG", field, format!("at most {MAX_TEXT} characters"));
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        problems.add("INVALID_VALUE", field, "must not contain control characters");
    }
}
