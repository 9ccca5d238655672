//! What somebody wants to be told by mail.
use quayside_canonical::{
    MembershipId,
    notification::{MailWish, MailWishes},
};
use quayside_entity::mail_preference;
use sea_orm::{DbErr, EntityTrait, Set, sea_query::OnConflict};
use serde::Serialize;

use super::audience::wishes_of;
use crate::{
    Failure, Scope,
    idempotency::{self, Claim, ClaimError, IdempotencyKey},
    store::Tx,
};

/// The name idempotency keys go by.
const OPERATION: &str = "setNotificationPreferences";

/// What is to hold in the caller's place. What it leaves out stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SetWishes {
    /// About exceptions that are worth knowing.
    pub warning: Option<MailWish>,
    /// About exceptions that block work.
    pub error: Option<MailWish>,
    /// About exceptions that need somebody at once.
    pub critical: Option<MailWish>,
    /// About messages of the other side.
    pub messages: Option<MailWish>,
    /// About a supplier's orders.
    pub orders: Option<MailWish>,
}

/// Why preferences stay as they are.
#[derive(Debug, thiserror::Error)]
pub enum PreferencesError {
    /// There is no person behind the caller.
    #[error("only a person gets mail")]
    NoPerson,
    /// The idempotency key cannot be used.
    #[error(transparent)]
    Key(#[from] ClaimError),
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<DbErr> for PreferencesError {
    fn from(error: DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// What the caller wishes in the place it acts in.
///
/// # Errors
/// There is no person behind the caller, or the database failed.
pub async fn wishes(scope: &Scope) -> Result<MailWishes, PreferencesError> {
    let place = scope.person.ok_or(PreferencesError::NoPerson)?.membership;
    let tx = scope.read().await?;
    Ok(of_place(&tx, scope, place).await?)
}

async fn of_place(tx: &Tx, scope: &Scope, place: MembershipId) -> Result<MailWishes, Failure> {
    Ok(wishes_of(tx, scope, std::iter::once(place)).await?.remove(&place).unwrap_or_default())
}

/// Changes what the caller wishes, and says too whether this is an earlier result given again. Without a key
/// nothing is written.
///
/// # Errors
/// See [`PreferencesError`].
pub async fn set_wishes(
    scope: &Scope,
    cmd: &SetWishes,
    key: Option<&IdempotencyKey>,
) -> Result<(MailWishes, bool), PreferencesError> {
    let place = scope.person.ok_or(PreferencesError::NoPerson)?.membership;
    let tx = if key.is_some() { scope.write().await? } else { scope.read().await? };
    let before = of_place(&tx, scope, place).await?;
    let wishes = MailWishes {
        warning: cmd.warning.unwrap_or(before.warning),
        error: cmd.error.unwrap_or(before.error),
        critical: cmd.critical.unwrap_or(before.critical),
        messages: cmd.messages.unwrap_or(before.messages),
        orders: cmd.orders.unwrap_or(before.orders),
    };
    let Some(key) = key else { return Ok((wishes, false)) };
    if let Claim::Repeat(earlier) = idempotency::claim(&tx, scope, OPERATION, key, cmd, &wishes).await? {
        return Ok((earlier, true));
    }
    let row = mail_preference::ActiveModel {
        membership_id: Set(place),
        tenant_id: Set(scope.tenant),
        wishes: Set(serde_json::to_string(&wishes).map_err(Failure::from)?),
        updated_at: Set(scope.now),
    };
    let again = OnConflict::column(mail_preference::Column::MembershipId)
        .update_columns([mail_preference::Column::Wishes, mail_preference::Column::UpdatedAt])
        .to_owned();
    mail_preference::Entity::insert(row).on_conflict(again).exec_without_returning(&*tx).await?;
    tx.commit().await?;
    Ok((wishes, false))
}
