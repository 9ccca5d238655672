//! A person signs out.
use quayside_canonical::SessionId;
use quayside_entity::session;
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

use super::{Principal, Via, session as sessions};
use crate::{Failure, SystemScope, scope::Origin, store::Tx};

/// Nobody was signed out.
#[derive(Debug, thiserror::Error)]
pub enum SignOutError {
    /// A token cannot sign out; it is revoked.
    #[error("only a session can be signed out; revoke a token instead")]
    NotASession,
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

/// Ends the session by which `principal` is known. To end it again changes nothing.
///
/// # Errors
/// It is a token, or the database failed.
pub async fn sign_out(
    system: &SystemScope,
    principal: &Principal,
    origin: &Origin,
) -> Result<(), SignOutError> {
    let Via::Session(id) = principal.via else { return Err(SignOutError::NotASession) };
    let tx = system.write().await?;
    let open = lock(system, &tx, id).await?;
    sessions::end(system, &tx, principal.standing.actor, origin, open.into_iter().collect()).await?;
    Ok(tx.commit().await?)
}

/// The session's row, locked, unless it has ended.
pub(super) async fn lock(
    system: &SystemScope,
    tx: &Tx,
    id: SessionId,
) -> Result<Option<session::Model>, Failure> {
    let open = system
        .find::<session::Entity>()
        .filter(session::Column::Id.eq(id))
        .filter(session::Column::EndedAt.is_null());
    Ok(open.lock_exclusive().one(&**tx).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::testing::Desk;

    #[tokio::test]
    async fn a_session_that_was_signed_out_is_nobody() {
        let desk = Desk::open().await;
        let (secret, principal) = desk.session().await;
        for _ in 0..2 {
            sign_out(&desk.system, &principal, &desk.origin()).await.unwrap();
        }
        assert!(desk.authenticate_session(&secret).await.is_err());
        let Via::Session(id) = principal.via else { panic!() };
        assert_eq!(desk.events_of(&id).await, ["session.started", "session.ended"]);
    }
}
