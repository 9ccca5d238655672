//! Who called a moment ago: whoever sends one request after the other is looked up every two seconds, not each
//! time.
//!
//! Whatever takes somebody's standing away in this process is seen by the next request ([`Tx::takes_standing`]);
//! what another process took away, as soon as its call is heard, and after [`REMEMBERED_FOR`] at the latest, which is
//! as often as open streams are looked after. Nobody is remembered as unknown. Only the hash of a secret is kept, as in the database.
//!
//! [`Tx::takes_standing`]: crate::store::Tx::takes_standing
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use quayside_canonical::Timestamp;

use super::{AuthenticateError, Credential, IdentitySettings, Principal, Via, authenticate, secret::digest};
use crate::SystemScope;

/// How long an answer of the database is good for.
const REMEMBERED_FOR: Duration = Duration::from_secs(2);
/// How many callers are remembered at most.
const ROOM: usize = 10_000;

/// The callers of this process. Clones share them.
#[derive(Clone)]
pub struct Callers {
    system: SystemScope,
    settings: IdentitySettings,
    recent: Arc<Mutex<HashMap<Vec<u8>, Recent>>>,
}

/// Somebody who was looked up.
struct Recent {
    principal: Arc<Principal>,
    looked_up_at: Timestamp,
    /// How much standing had been taken away before.
    taken_before: u64,
}

/// A caller we know.
#[derive(Clone, Debug)]
pub struct Recognised {
    /// Who it is.
    pub principal: Arc<Principal>,
    /// Whether the database was asked just now: then it is time to see whether the use is to be noted.
    pub looked_up: bool,
}

impl Callers {
    /// Remembers nobody yet.
    #[must_use]
    pub fn new(system: SystemScope, settings: IdentitySettings) -> Self {
        Self { system, settings, recent: Arc::default() }
    }

    /// Finds out who sends a request.
    ///
    /// # Errors
    /// Nobody we know, or the database failed.
    pub async fn recognise(&self, credential: Credential<'_>) -> Result<Recognised, AuthenticateError> {
        let key = match credential {
            Credential::Session(secret) | Credential::Bearer(secret) => digest(secret),
        };
        if let Some(principal) = self.remembered(&key, credential) {
            return Ok(Recognised { principal, looked_up: false });
        }
        let (looked_up_at, taken_before) = (self.system.now(), self.system.store().standing_taken());
        let principal = Arc::new(authenticate(&self.system, &self.settings, credential).await?);
        self.remember(key, Recent { principal: principal.clone(), looked_up_at, taken_before });
        Ok(Recognised { principal, looked_up: true })
    }

    fn remembered(&self, key: &[u8], credential: Credential<'_>) -> Option<Arc<Principal>> {
        let (now, taken) = (self.system.now(), self.system.store().standing_taken());
        let recent = self.lock();
        let one = recent.get(key)?;
        // The secret of a session is not good as a token, nor the other way.
        let same_kind =
            matches!(one.principal.via, Via::Session(_)) == matches!(credential, Credential::Session(_));
        let fresh = same_kind && one.taken_before == taken && self.is_fresh(one, now);
        fresh.then(|| one.principal.clone())
    }

    /// Whether `one` was looked up a moment ago and has not run out since.
    fn is_fresh(&self, one: &Recent, now: Timestamp) -> bool {
        let Principal { via, valid_until, noted_at, .. } = one.principal.as_ref();
        let idle_since = now.minus(self.settings.idle);
        let idle = matches!(via, Via::Session(_)) && noted_at.is_some_and(|noted| noted <= idle_since);
        let expired = valid_until.is_some_and(|end| end <= now);
        let recent = one.looked_up_at <= now && now.since(one.looked_up_at) < REMEMBERED_FOR;
        recent && !expired && !idle
    }

    fn remember(&self, key: Vec<u8>, one: Recent) {
        let now = self.system.now();
        let mut recent = self.lock();
        if recent.len() >= ROOM {
            recent.retain(|_, one| self.is_fresh(one, now));
        }
        if recent.len() < ROOM {
            recent.insert(key, one);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Vec<u8>, Recent>> {
        // Nothing that can panic runs under the lock.
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use quayside_entity::membership;
    use sea_orm::{ActiveModelTrait, Set};

    use super::*;
    use crate::identity::{
        RevokeApiToken, Secret, disable_user, end_membership, revoke_api_token, sign_out, testing::Desk,
        touch,
    };

    fn callers(desk: &Desk) -> Callers {
        Callers::new(desk.system.clone(), IdentitySettings::default())
    }

    /// Whether the database was asked; nothing for nobody.
    async fn by_session(callers: &Callers, secret: &Secret) -> Option<bool> {
        let found = callers.recognise(Credential::Session(secret.expose())).await;
        found.ok().map(|found| found.looked_up)
    }

    async fn by_token(callers: &Callers, token: &Secret) -> Option<bool> {
        callers.recognise(Credential::Bearer(token.expose())).await.ok().map(|found| found.looked_up)
    }

    #[tokio::test]
    async fn a_caller_is_looked_up_every_two_seconds() {
        let desk = Desk::open().await;
        let (callers, (secret, _)) = (callers(&desk), desk.session().await);
        assert_eq!(by_session(&callers, &secret).await, Some(true));
        assert_eq!(by_session(&callers, &secret).await, Some(false));
        desk.advance(REMEMBERED_FOR);
        assert_eq!(by_session(&callers, &secret).await, Some(true));
    }

    #[tokio::test]
    async fn what_this_process_takes_away_is_gone_at_once() {
        let desk = Desk::open().await;
        let callers = callers(&desk);
        let (first, principal) = desk.session().await;
        let (second, _) = desk.session().await;
        let token = desk.token(&principal).await;
        for secret in [&first, &second] {
            assert_eq!(by_session(&callers, secret).await, Some(true));
        }
        sign_out(&desk.system, &principal, &desk.origin()).await.unwrap();
        assert_eq!(by_session(&callers, &first).await, None);
        assert_eq!(by_session(&callers, &second).await, Some(true), "everybody is looked up anew");

        assert_eq!(by_token(&callers, &token).await, Some(true));
        let Via::Token(id, _) = desk.authenticate_token(&token).await.unwrap().via else { panic!() };
        let cmd = RevokeApiToken { idempotency_key: "r".parse().unwrap(), token: id };
        revoke_api_token(&desk.scope(&principal), cmd).await.unwrap();
        assert_eq!(by_token(&callers, &token).await, None);

        let colleague = desk.colleague().await;
        let theirs = desk.session_of(&colleague).await;
        assert_eq!(by_session(&callers, &theirs).await, Some(true));
        end_membership(&desk.system, colleague.membership).await.unwrap();
        assert_eq!(by_session(&callers, &theirs).await, None);

        let token = desk.token(&principal).await;
        assert_eq!(by_token(&callers, &token).await, Some(true));
        disable_user(&desk.system, desk.user).await.unwrap();
        assert_eq!(by_token(&callers, &token).await, None);
    }

    #[tokio::test]
    async fn what_another_process_takes_away_is_gone_after_two_seconds() {
        let desk = Desk::open().await;
        let (callers, (secret, _)) = (callers(&desk), desk.session().await);
        assert_eq!(by_session(&callers, &secret).await, Some(true));
        let tx = desk.system.write().await.unwrap();
        let ended_at = Set(Some(desk.system.now()));
        let place = membership::ActiveModel { id: Set(desk.buyer), ended_at, ..Default::default() };
        place.update(&*tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(by_session(&callers, &secret).await, Some(false));
        desk.advance(REMEMBERED_FOR);
        assert_eq!(by_session(&callers, &secret).await, None);
    }

    #[tokio::test]
    async fn being_remembered_makes_no_session_last_longer() {
        let desk = Desk::open().await;
        let (callers, (secret, _)) = (callers(&desk), desk.session().await);
        desk.advance(Duration::from_secs(30 * 60 - 1));
        assert_eq!(by_session(&callers, &secret).await, Some(true));
        desk.advance(Duration::from_secs(1));
        assert_eq!(by_session(&callers, &secret).await, None, "it was not used for half an hour");

        let (secret, principal) = desk.session().await;
        let end = principal.valid_until.unwrap();
        while end.since(desk.system.now()) > Duration::from_secs(1) {
            let left = end.since(desk.system.now()) - Duration::from_secs(1);
            desk.advance(left.min(Duration::from_secs(20 * 60)));
            let found = callers.recognise(Credential::Session(secret.expose())).await.unwrap();
            touch(&desk.system, &found.principal).await.unwrap();
        }
        desk.advance(Duration::from_secs(1));
        assert_eq!(by_session(&callers, &secret).await, None, "twelve hours have passed");
    }

    #[tokio::test]
    async fn a_secret_is_good_only_as_what_it_is() {
        let desk = Desk::open().await;
        let (callers, (secret, principal)) = (callers(&desk), desk.session().await);
        let token = desk.token(&principal).await;
        assert_eq!(by_session(&callers, &secret).await, Some(true));
        assert_eq!(by_token(&callers, &token).await, Some(true));
        assert_eq!(by_token(&callers, &secret).await, None);
        assert_eq!(by_session(&callers, &token).await, None);
    }
}
