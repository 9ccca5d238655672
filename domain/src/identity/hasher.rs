//! Hashing passwords slowly on purpose, and never more of it at once than the machine can bear.
//!
//! Each hash takes 19 MiB and a core for a while. As many run at once as there are cores, a few more wait,
//! and beyond that the answer is "busy", so that a flood of sign-ins leaves room for everybody else.
use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{Error, PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Secret, password};
use crate::Failure;

/// How many may wait for a turn.
const QUEUE: usize = 32;

/// What one hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for Cost {
    /// What OWASP asks at least (Password Storage Cheat Sheet, argon2id).
    fn default() -> Self {
        Self { memory_kib: 19_456, passes: 2, lanes: 1 }
    }
}

/// Too many hash at once: try again in a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server is busy; try again in a moment")]
pub struct Busy;

/// Hashes passwords. Clones share the limit.
#[derive(Clone)]
pub struct Hasher {
    argon2: Argon2<'static>,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

/// Whether a password is the one that was stored.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is not, or there is no such account.
    Wrong,
    /// It is.
    Right {
        /// The hash to store from now on, when what is stored is weaker than today's cost.
        rehashed: Option<String>,
    },
}

impl Hasher {
    /// Hashes at `cost`, at most `cores` at once.
    ///
    /// # Errors
    /// The cost is outside what argon2 allows.
    pub fn new(cost: Cost, cores: usize) -> Result<Self, Failure> {
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None)
            .map_err(|error| Failure::System(format!("the cost of password hashing: {error}")))?;
        let cores = cores.max(1);
        Ok(Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            running: Arc::new(Semaphore::new(cores)),
            admitted: Arc::new(Semaphore::new(cores + QUEUE)),
        })
    }

    /// Waits for a turn to hash.
    ///
    /// # Errors
    /// Too many wait already.
    pub async fn turn(&self) -> Result<Turn, Busy> {
        let admitted = self.admitted.clone().try_acquire_owned().map_err(|_| Busy)?;
        let running = self.running.clone().acquire_owned().await.map_err(|_| Busy)?;
        Ok(Turn { argon2: self.argon2.clone(), _permits: [admitted, running] })
    }
}

#[cfg(test)]
impl Hasher {
    /// Takes every place in the queue.
    pub(super) fn occupy(&self) -> OwnedSemaphorePermit {
        let all = u32::try_from(self.admitted.available_permits()).unwrap();
        self.admitted.clone().try_acquire_many_owned(all).unwrap()
    }
}

/// The right to hash one password. Work that was begun keeps it even when nobody waits for the result.
pub struct Turn {
    argon2: Argon2<'static>,
    _permits: [OwnedSemaphorePermit; 2],
}

impl Turn {
    /// Hashes a password that passed the rules.
    ///
    /// # Errors
    /// The system gave no random numbers.
    pub async fn hash(self, password: &Secret) -> Result<String, Failure> {
        let typed = password::normalised(password);
        blocking(move || hash(&self.argon2, typed.as_bytes())).await
    }

    /// Compares a password with what is stored. Without an account the same work is done for nothing, so
    /// that the time does not tell.
    ///
    /// # Errors
    /// What is stored is not a hash.
    pub async fn verify(self, password: &Secret, stored: Option<String>) -> Result<Verdict, Failure> {
        let typed = password::normalised(password);
        blocking(move || match stored {
            Some(stored) => verify(&self.argon2, typed.as_bytes(), &stored),
            None => work_for_nothing(&self.argon2, typed.as_bytes()),
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Failure::System(format!("hashing a password: {error}"))))
}

fn hash(argon2: &Argon2<'_>, typed: &[u8]) -> Result<String, Failure> {
    let hash: PasswordHash = argon2
        .hash_password(typed)
        .map_err(|error| Failure::System(format!("hashing a password: {error}")))?;
    Ok(hash.to_string())
}

fn verify(argon2: &Argon2<'_>, typed: &[u8], stored: &str) -> Result<Verdict, Failure> {
    let unreadable = |_| Failure::Corrupt("a stored password hash".to_owned());
    let parsed = PasswordHash::new(stored).map_err(|_| unreadable(Error::EncodingInvalid))?;
    match argon2.verify_password(typed, &parsed) {
        Ok(()) => {}
        Err(Error::PasswordInvalid) => return Ok(Verdict::Wrong),
        Err(error) => return Err(unreadable(error)),
    }
    let rehashed = if is_weaker(&parsed, argon2.params()) { Some(hash(argon2, typed)?) } else { None };
    Ok(Verdict::Right { rehashed })
}

fn work_for_nothing(argon2: &Argon2<'_>, typed: &[u8]) -> Result<Verdict, Failure> {
    let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
    argon2
        .hash_password_into(typed, b"there is no one ", &mut out)
        .map_err(|error| Failure::System(format!("hashing a password: {error}")))?;
    std::hint::black_box(out);
    Ok(Verdict::Wrong)
}

fn is_weaker(stored: &PasswordHash, today: &Params) -> bool {
    let cost = |params: &Params| [params.m_cost(), params.t_cost(), params.p_cost()];
    Params::try_from(stored)
        .is_ok_and(|then| cost(&then).iter().zip(cost(today)).any(|(then, today)| *then < today))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };

    fn password() -> Secret {
        Secret::new("correct horse battery")
    }

    #[tokio::test]
    async fn a_password_is_known_again_however_its_accents_were_typed() {
        let hasher = Hasher::new(Cost::default(), 1).unwrap();
        let stored =
            hasher.turn().await.unwrap().hash(&Secret::new("caf\u{e9} au lait toujours")).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let typed = Secret::new("cafe\u{301} au lait toujours");
        let verdict = hasher.turn().await.unwrap().verify(&typed, Some(stored)).await.unwrap();
        assert_eq!(verdict, Verdict::Right { rehashed: None });
    }

    #[tokio::test]
    async fn a_wrong_password_and_no_account_are_the_same_verdict() {
        let hasher = Hasher::new(CHEAP, 1).unwrap();
        let stored = hasher.turn().await.unwrap().hash(&password()).await.unwrap();
        for stored in [None, Some(stored)] {
            let wrong = Secret::new("correct horse batterx");
            let verdict = hasher.turn().await.unwrap().verify(&wrong, stored).await.unwrap();
            assert_eq!(verdict, Verdict::Wrong);
        }
    }

    #[tokio::test]
    async fn a_hash_that_became_too_cheap_is_replaced() {
        let stored = Hasher::new(CHEAP, 1).unwrap().turn().await.unwrap().hash(&password()).await.unwrap();
        let dearer = Hasher::new(Cost { passes: 2, ..CHEAP }, 1).unwrap();
        let verdict = dearer.turn().await.unwrap().verify(&password(), Some(stored)).await.unwrap();
        let Verdict::Right { rehashed: Some(new) } = verdict else { panic!("{verdict:?}") };
        let verdict = dearer.turn().await.unwrap().verify(&password(), Some(new)).await.unwrap();
        assert_eq!(verdict, Verdict::Right { rehashed: None });
    }

    #[tokio::test]
    async fn beyond_the_queue_the_answer_is_busy() {
        let hasher = Hasher::new(CHEAP, 2).unwrap();
        let (first, second) = (hasher.turn().await.unwrap(), hasher.turn().await.unwrap());
        let waiting: Vec<_> = (0..QUEUE)
            .map(|_| {
                tokio::spawn({
                    let hasher = hasher.clone();
                    async move { hasher.turn().await.map(drop) }
                })
            })
            .collect();
        while hasher.admitted.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(hasher.turn().await.err(), Some(Busy));
        drop((first, second));
        for turn in waiting {
            turn.await.unwrap().unwrap();
        }
        assert!(hasher.turn().await.is_ok(), "the queue has emptied");
    }
}
