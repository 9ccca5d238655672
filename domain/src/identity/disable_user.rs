//! Shuts a person out everywhere, and lets them in again.
use quayside_canonical::{Actor, Channel, Timestamp, UserId};
use quayside_entity::app_user;
use sea_orm::{ActiveModelTrait, Set};

use super::{end_sessions::end_all, session};
use crate::{Failure, SystemScope, scope::Origin, store::Tx};

/// Disables `user` and ends their sessions. Their tokens stop working with them. Says whether there is such a
/// person.
///
/// # Errors
/// The database failed.
pub async fn disable_user(system: &SystemScope, user: UserId) -> Result<bool, Failure> {
    let tx = system.write().await?;
    if !set_disabled(system, &tx, user, Some(system.now())).await? {
        return Ok(false);
    }
    end_all(system, &tx, user, Actor::Operator, &Origin::new(Channel::Cli)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Lets `user` sign in again; their tokens work again too. Says whether there is such a person.
///
/// # Errors
/// The database failed.
pub async fn enable_user(system: &SystemScope, user: UserId) -> Result<bool, Failure> {
    let tx = system.write().await?;
    let found = set_disabled(system, &tx, user, None).await?;
    tx.commit().await?;
    Ok(found)
}

async fn set_disabled(
    system: &SystemScope,
    tx: &Tx,
    user: UserId,
    at: Option<Timestamp>,
) -> Result<bool, Failure> {
    let Some(row) = session::lock_user(system, tx, user).await? else { return Ok(false) };
    let mut row: app_user::ActiveModel = row.into();
    row.disabled_at = Set(at);
    row.update(&**tx).await?;
    tx.takes_standing();
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::testing::Desk;

    #[tokio::test]
    async fn a_disabled_person_is_out_at_once_with_all_their_programs() {
        let desk = Desk::open().await;
        let (session, principal) = desk.session().await;
        let token = desk.token(&principal).await;
        assert!(disable_user(&desk.system, desk.user).await.unwrap());
        assert!(desk.authenticate_session(&session).await.is_err());
        assert!(desk.authenticate_token(&token).await.is_err());
        assert!(enable_user(&desk.system, desk.user).await.unwrap());
        assert!(desk.authenticate_session(&session).await.is_err(), "a session does not come back");
        assert!(desk.authenticate_token(&token).await.is_ok());
        assert!(!disable_user(&desk.system, UserId::generate()).await.unwrap());
    }
}
