//! A person gets another password: their sessions end, and they may try again at once.
use quayside_canonical::{Actor, Channel, Field, Problems, UserId};
use quayside_entity::app_user;
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, Set};

use super::{Hasher, Secret, create_user::hash, end_sessions::end_all, password, session, throttle};
use crate::{
    SystemScope,
    scope::Origin,
    set_up::{SetUpError, not_found},
};

/// Sets the password of `user`.
///
/// # Errors
/// The password is not good enough, or there is no such person.
pub async fn set_password(
    system: &SystemScope,
    hasher: &Hasher,
    user: UserId,
    password: &Secret,
) -> Result<(), SetUpError> {
    let tx = system.read().await?;
    let account = system.find::<app_user::Entity>().filter(app_user::Column::Id.eq(user)).one(&*tx).await?;
    drop(tx);
    let account = account.ok_or_else(nobody)?;
    password::check(password, &account.email).into_result()?;
    let hash = hash(hasher, password).await?;
    let tx = system.write().await?;
    let account = session::lock_user(system, &tx, user).await?.ok_or_else(nobody)?;
    throttle::forget(system, &tx, &account.email).await?;
    let mut account: app_user::ActiveModel = account.into();
    account.password_hash = Set(hash);
    account.update(&*tx).await?;
    end_all(system, &tx, user, Actor::Operator, &Origin::new(Channel::Cli)).await?;
    Ok(tx.commit().await?)
}

fn nobody() -> SetUpError {
    let mut problems = Problems::new();
    not_found(&mut problems, &Field::root().at("user"), "user");
    problems.into()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::identity::{
        SignInError,
        testing::{Desk, EMAIL, PASSWORD},
    };

    const NEW: &str = "quite another sentence";

    #[tokio::test]
    async fn a_new_password_ends_the_old_sessions() {
        let desk = Desk::open().await;
        let (session, _) = desk.session().await;
        set_password(&desk.system, &desk.hasher, desk.user, &Secret::new(NEW)).await.unwrap();
        assert!(desk.authenticate_session(&session).await.is_err());
        assert!(matches!(desk.sign_in(EMAIL, PASSWORD).await, Err(SignInError::InvalidCredentials)));
        desk.sign_in(EMAIL, NEW).await.unwrap();
    }

    #[tokio::test]
    async fn a_new_password_lets_a_blocked_account_in_and_a_weak_one_changes_nothing() {
        let desk = Desk::open().await;
        for _ in 0..100 {
            desk.advance(Duration::from_secs(60));
            desk.sign_in(EMAIL, "wrong password here").await.unwrap_err();
        }
        desk.advance(Duration::from_secs(60));
        assert!(matches!(desk.sign_in(EMAIL, PASSWORD).await, Err(SignInError::Blocked)));
        let weak = set_password(&desk.system, &desk.hasher, desk.user, &Secret::new("erin.kowalski")).await;
        assert!(matches!(weak, Err(SetUpError::Refused(_))));
        assert!(matches!(desk.sign_in(EMAIL, PASSWORD).await, Err(SignInError::Blocked)));
        set_password(&desk.system, &desk.hasher, desk.user, &Secret::new(NEW)).await.unwrap();
        desk.sign_in(EMAIL, NEW).await.unwrap();
        assert!(
            set_password(&desk.system, &desk.hasher, UserId::generate(), &Secret::new(NEW)).await.is_err()
        );
    }
}
