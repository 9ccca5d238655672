//! A person signs in with mail address and password.
use std::{net::IpAddr, time::Duration};

use quayside_canonical::{MembershipId, SessionId, Timestamp};
use quayside_entity::{app_user, membership};
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, QueryOrder, Set};

use super::{
    Busy, Hasher, IdentitySettings, Secret, User, Verdict, normalised_email,
    session::{self, NewSession},
    throttle::{self, Closed},
    viewer::{Membership, memberships_of},
};
use crate::{Failure, SystemScope, scope::Origin, store::Tx};

/// How much of a browser's name is kept.
const USER_AGENT_CHARS: usize = 200;

/// What a person typed, and from where.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The mail address.
    pub email: String,
    /// The password.
    pub password: Secret,
    /// The address the request came from: the peer's, or what a trusted proxy says.
    pub address: IpAddr,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
    /// The request.
    pub origin: Origin,
}

/// A new session. Its secret is shown this once.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The session.
    pub session: SessionId,
    /// What the caller sends from now on.
    pub secret: Secret,
    /// When the session ends at the latest.
    pub expires_at: Timestamp,
    /// The person.
    pub user: User,
    /// As what the person acts in this session.
    pub membership: MembershipId,
    /// As what else the person could act.
    pub memberships: Vec<Membership>,
}

/// Nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No such account, a wrong password, a disabled account, or one without a place anywhere.
    #[error("mail address or password is wrong")]
    InvalidCredentials,
    /// Too many attempts, from this address or on this account.
    #[error("too many attempts; try again in {} seconds", .retry_after.as_secs())]
    Throttled {
        /// For how long not to try again, in whole seconds.
        retry_after: Duration,
    },
    /// So many failures that the password has to be set anew.
    #[error("too many failed attempts: the password has to be set anew")]
    Blocked,
    /// Too many sign in at this moment.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<sea_orm::DbErr> for SignInError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// Begins a session, and forgets earlier failures.
///
/// # Errors
/// See [`SignInError`]. The same is done, and the same is said, for an unknown account as for a wrong password.
#[tracing::instrument(skip_all)]
pub async fn sign_in(
    system: &SystemScope,
    settings: &IdentitySettings,
    hasher: &Hasher,
    cmd: SignIn,
) -> Result<SignedIn, SignInError> {
    let email = normalised_email(&cmd.email);
    let closed = |closed| refusal(system.now(), closed);
    throttle::count_address(system, cmd.address).await.map_err(closed)?;
    // First the turn, then the count: an attempt that finds no turn is not a failure.
    let turn = hasher.turn().await?;
    throttle::count_account(system, &email).await.map_err(closed)?;
    let account = find(system, &email).await?;
    let stored = account.as_ref().map(|account| account.password_hash.clone());
    let verdict = turn.verify(&cmd.password, stored).await?;
    let (Some(account), Verdict::Right { rehashed }) = (account, verdict) else {
        tracing::info!(address = %cmd.address, "authn_login_fail");
        return Err(SignInError::InvalidCredentials);
    };
    begin(system, settings, cmd, account, rehashed).await
}

fn refusal(now: Timestamp, closed: Closed) -> SignInError {
    match closed {
        Closed::Until(until) => {
            let wait = until.since(now).as_micros().div_ceil(1_000_000);
            let retry_after = Duration::from_secs(u64::try_from(wait).unwrap_or(u64::MAX).max(1));
            SignInError::Throttled { retry_after }
        }
        Closed::ForGood => SignInError::Blocked,
        Closed::Internal(failure) => failure.into(),
    }
}

async fn find(system: &SystemScope, email: &str) -> Result<Option<app_user::Model>, Failure> {
    let tx = system.read().await?;
    let account = system
        .find::<app_user::Entity>()
        .filter(app_user::Column::Email.eq(email))
        .filter(app_user::Column::DisabledAt.is_null());
    Ok(account.one(&*tx).await?)
}

async fn begin(
    system: &SystemScope,
    settings: &IdentitySettings,
    cmd: SignIn,
    account: app_user::Model,
    rehashed: Option<String>,
) -> Result<SignedIn, SignInError> {
    let tx = system.write().await?;
    let account = lock_unchanged(system, &tx, &account).await?.ok_or(SignInError::InvalidCredentials)?;
    let place = first_place(system, &tx, &account).await?.ok_or(SignInError::InvalidCredentials)?;
    throttle::forget(system, &tx, &account.email).await?;
    let expires_at = system.now().plus(settings.absolute);
    let user_agent = cmd.user_agent.map(|name| name.chars().take(USER_AGENT_CHARS).collect());
    let new = NewSession { membership: &place, address: cmd.address.to_string(), user_agent, expires_at };
    let (session, secret) = session::begin(system, &tx, &cmd.origin, new).await?;
    let memberships = memberships_of(system, &tx, account.id, Some(place.id)).await?;
    let user = User::from(account.clone());
    if let Some(hash) = rehashed {
        let mut account: app_user::ActiveModel = account.into();
        account.password_hash = Set(hash);
        account.update(&*tx).await?;
    }
    tx.commit().await?;
    Ok(SignedIn { session, secret, expires_at, user, membership: place.id, memberships })
}

/// The account's row, locked, unless it was disabled or got another password while we hashed.
async fn lock_unchanged(
    system: &SystemScope,
    tx: &Tx,
    account: &app_user::Model,
) -> Result<Option<app_user::Model>, Failure> {
    let now = session::lock_user(system, tx, account.id).await?;
    Ok(now.filter(|now| now.password_hash == account.password_hash && now.disabled_at.is_none()))
}

async fn first_place(
    system: &SystemScope,
    tx: &Tx,
    account: &app_user::Model,
) -> Result<Option<membership::Model>, Failure> {
    let places = system
        .find::<membership::Entity>()
        .filter(membership::Column::UserId.eq(account.id))
        .filter(membership::Column::EndedAt.is_null())
        .order_by_asc(membership::Column::Id);
    Ok(places.one(&**tx).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{
        self, Cost, disable_user,
        testing::{Desk, EMAIL, PASSWORD},
    };

    #[tokio::test]
    async fn the_right_password_begins_a_session_and_leaves_an_event() {
        let desk = Desk::open().await;
        let signed_in = desk.sign_in(&format!(" {} ", EMAIL.to_uppercase()), PASSWORD).await.unwrap();
        assert_eq!(signed_in.user.email, EMAIL);
        assert_eq!(signed_in.membership, desk.buyer, "the oldest place comes first");
        let shown: Vec<_> = signed_in.memberships.iter().map(|place| (place.id, place.current)).collect();
        assert_eq!(shown, [(desk.buyer, true), (desk.supplier_side, false)]);
        assert_eq!(desk.events_of(&signed_in.session).await, ["session.started"]);
        assert!(desk.authenticate_session(&signed_in.secret).await.is_ok());
    }

    #[tokio::test]
    async fn every_refusal_reads_the_same() {
        let desk = Desk::open().await;
        let long = "x".repeat(5_000);
        for (email, password) in [
            (EMAIL, "wrong password here"),
            ("nobody@example.test", PASSWORD),
            (EMAIL, ""),
            (EMAIL, &long),
            ("", ""),
        ] {
            let refused = desk.sign_in(email, password).await.unwrap_err();
            assert!(matches!(refused, SignInError::InvalidCredentials), "{email}: {refused:?}");
        }
        disable_user(&desk.system, desk.user).await.unwrap();
        let refused = desk.sign_in(EMAIL, PASSWORD).await.unwrap_err();
        assert!(matches!(refused, SignInError::InvalidCredentials), "disabled: {refused:?}");
    }

    #[tokio::test]
    async fn known_and_unknown_accounts_are_throttled_alike() {
        let desk = Desk::open().await;
        for email in [EMAIL, "nobody@example.test"] {
            for _ in 0..5 {
                let refused = desk.sign_in(email, "wrong password here").await.unwrap_err();
                assert!(matches!(refused, SignInError::InvalidCredentials), "{email}: {refused:?}");
            }
            let refused = desk.sign_in(email, PASSWORD).await.unwrap_err();
            let SignInError::Throttled { retry_after } = refused else { panic!("{email}: {refused:?}") };
            assert_eq!(retry_after, Duration::from_secs(1));
        }
        desk.advance(Duration::from_secs(1));
        desk.sign_in(EMAIL, PASSWORD).await.unwrap();
        let refused = desk.sign_in(EMAIL, "wrong password here").await.unwrap_err();
        assert!(
            matches!(refused, SignInError::InvalidCredentials),
            "success forgot the failures: {refused:?}"
        );
    }

    #[tokio::test]
    async fn no_turn_to_hash_is_not_a_failure_of_the_account() {
        let desk = Desk::open().await;
        let hold = desk.occupy_the_hasher();
        for _ in 0..10 {
            assert!(matches!(desk.sign_in(EMAIL, PASSWORD).await, Err(SignInError::Busy(_))));
        }
        drop(hold);
        desk.sign_in(EMAIL, PASSWORD).await.unwrap();
    }

    #[tokio::test]
    async fn a_dearer_hash_takes_the_place_of_a_cheap_one() {
        let desk = Desk::open().await;
        let before = desk.stored_hash().await;
        let dearer = identity::Hasher::new(Cost { memory_kib: 16, passes: 2, lanes: 1 }, 1).unwrap();
        let desk = Desk { hasher: dearer, ..desk };
        desk.sign_in(EMAIL, PASSWORD).await.unwrap();
        let after = desk.stored_hash().await;
        assert!(before.contains("t=1") && after.contains("m=16,t=2"), "{before} {after}");
        desk.sign_in(EMAIL, PASSWORD).await.unwrap();
        assert_eq!(desk.stored_hash().await, after);
    }
}
