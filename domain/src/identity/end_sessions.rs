//! Ends every session of a person, wherever it is.
use quayside_canonical::{Actor, UserId};

use super::session;
use crate::{Failure, SystemScope, scope::Origin, store::Tx};

/// Ends every session of `user`, and says how many there were.
///
/// # Errors
/// The database failed.
pub async fn end_sessions(
    system: &SystemScope,
    user: UserId,
    actor: Actor,
    origin: &Origin,
) -> Result<usize, Failure> {
    let tx = system.write().await?;
    let ended = end_all(system, &tx, user, actor, origin).await?;
    tx.commit().await?;
    Ok(ended)
}

/// The same as a part of something larger.
pub(super) async fn end_all(
    system: &SystemScope,
    tx: &Tx,
    user: UserId,
    actor: Actor,
    origin: &Origin,
) -> Result<usize, Failure> {
    session::lock_user(system, tx, user).await?;
    let open = session::open_sessions(system, tx, user).await?;
    let count = open.len();
    session::end(system, tx, actor, origin, open).await?;
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::testing::Desk;

    #[tokio::test]
    async fn every_session_of_the_person_ends_and_nobody_elses() {
        let desk = Desk::open().await;
        let (first, _) = desk.session().await;
        let (second, _) = desk.session().await;
        let colleague = desk.colleague().await;
        let theirs = desk.session_of(&colleague).await;
        let ended =
            end_sessions(&desk.system, desk.user, Actor::User(desk.user), &desk.origin()).await.unwrap();
        assert_eq!(ended, 2);
        for secret in [first, second] {
            assert!(desk.authenticate_session(&secret).await.is_err());
        }
        assert!(desk.authenticate_session(&theirs).await.is_ok());
    }
}
