//! A person goes on in another of their places: a new session takes over, under a new secret.
use quayside_canonical::{MembershipId, UserId};
use quayside_entity::{membership, session};
use sea_orm::{ColumnTrait, QueryFilter};

use super::{
    Principal, SignedIn, User, Via,
    session::{self as sessions, NewSession},
    sign_out::lock,
    viewer::memberships_of,
};
use crate::{Failure, SystemScope, scope::Origin, store::Tx};

/// Where to go on.
#[derive(Clone, Debug)]
pub struct SwitchMembership {
    /// The place, one of the person's own.
    pub membership: MembershipId,
    /// The request.
    pub origin: Origin,
}

/// Everything stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum SwitchError {
    /// The person has no such place.
    #[error("there is no such membership")]
    NotFound,
    /// A token belongs to one place, and a session that has ended to none.
    #[error("only a session that has not ended can be switched")]
    NotASession,
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<sea_orm::DbErr> for SwitchError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// Ends the session of `principal` and begins another one elsewhere. It does not last longer than the first.
///
/// # Errors
/// See [`SwitchError`].
pub async fn switch_membership(
    system: &SystemScope,
    principal: &Principal,
    cmd: SwitchMembership,
) -> Result<SignedIn, SwitchError> {
    let (Via::Session(id), Some(person)) = (principal.via, principal.standing.person) else {
        return Err(SwitchError::NotASession);
    };
    let tx = system.write().await?;
    let user = sessions::lock_user(system, &tx, person.user).await?;
    let user = user.filter(|user| user.disabled_at.is_none()).ok_or(SwitchError::NotASession)?;
    let old = lock(system, &tx, id).await?.ok_or(SwitchError::NotASession)?;
    let place = own_place(system, &tx, person.user, cmd.membership).await?.ok_or(SwitchError::NotFound)?;
    let expires_at = old.expires_at;
    let new = continued(&old, &place);
    sessions::end(system, &tx, principal.standing.actor, &cmd.origin, vec![old]).await?;
    let (session, secret) = sessions::begin(system, &tx, &cmd.origin, new).await?;
    let memberships = memberships_of(system, &tx, user.id, Some(place.id)).await?;
    tx.commit().await?;
    Ok(SignedIn { session, secret, expires_at, user: User::from(user), membership: place.id, memberships })
}

fn continued<'a>(old: &session::Model, place: &'a membership::Model) -> NewSession<'a> {
    NewSession {
        membership: place,
        address: old.address.clone(),
        user_agent: old.user_agent.clone(),
        expires_at: old.expires_at,
    }
}

async fn own_place(
    system: &SystemScope,
    tx: &Tx,
    user: UserId,
    id: MembershipId,
) -> Result<Option<membership::Model>, Failure> {
    let own = system
        .find::<membership::Entity>()
        .filter(membership::Column::Id.eq(id))
        .filter(membership::Column::UserId.eq(user))
        .filter(membership::Column::EndedAt.is_null());
    Ok(own.one(&**tx).await?)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::identity::{IdentitySettings, testing::Desk};

    #[tokio::test]
    async fn the_new_place_comes_with_a_new_secret_and_the_old_one_is_nobody() {
        let desk = Desk::open().await;
        let (secret, principal) = desk.session().await;
        desk.advance(Duration::from_secs(60));
        let cmd = SwitchMembership { membership: desk.supplier_side, origin: desk.origin() };
        let switched = switch_membership(&desk.system, &principal, cmd).await.unwrap();
        assert_ne!(switched.secret, secret);
        assert!(desk.authenticate_session(&secret).await.is_err());
        let now = desk.authenticate_session(&switched.secret).await.unwrap();
        assert_eq!(
            (now.standing.tenant, now.standing.supplier),
            (desk.other_tenant, Some(desk.other_supplier))
        );
        assert_eq!(now.valid_until, principal.valid_until, "twelve hours are not begun anew");
        assert!(switched.expires_at < desk.system.now().plus(IdentitySettings::default().absolute));
        let Via::Session(old) = principal.via else { panic!() };
        assert_eq!(desk.events_of(&old).await, ["session.started", "session.ended"]);
        assert_eq!(desk.events_of(&switched.session).await, ["session.started"]);
    }

    #[tokio::test]
    async fn somebody_elses_place_and_one_that_is_nowhere_read_the_same() {
        let desk = Desk::open().await;
        let (secret, principal) = desk.session().await;
        let theirs = desk.colleague().await;
        for membership in [theirs.membership, MembershipId::generate()] {
            let cmd = SwitchMembership { membership, origin: desk.origin() };
            let refused = switch_membership(&desk.system, &principal, cmd).await.unwrap_err();
            assert!(matches!(refused, SwitchError::NotFound), "{refused:?}");
        }
        assert!(desk.authenticate_session(&secret).await.is_ok(), "nothing has changed");
    }

    #[tokio::test]
    async fn of_two_switches_of_one_session_one_counts() {
        let desk = Desk::open().await;
        let (_, principal) = desk.session().await;
        let cmd = || SwitchMembership { membership: desk.supplier_side, origin: desk.origin() };
        switch_membership(&desk.system, &principal, cmd()).await.unwrap();
        let second = switch_membership(&desk.system, &principal, cmd()).await;
        assert!(matches!(second, Err(SwitchError::NotASession)));
    }
}
