//! Streams that are open already end when the session or token behind them does.
//!
//! A request is authenticated once, but a subscription may last for hours. One look into the database every
//! two seconds, and whenever somebody's standing was taken, serves all of them. When there is no answer for half a minute, nobody can vouch for anybody any
//! more, and all streams end.
use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use quayside_canonical::Timestamp;
use sea_orm::{ConnectionTrait, Statement, Value};
use tokio::{sync::watch, time::MissedTickBehavior};
use uuid::Uuid;

use super::{
    IdentitySettings, Principal, Via,
    authenticate::{LIVE_SESSION, LIVE_TOKEN},
};
use crate::{Failure, SystemScope};

/// How often to look.
const EVERY: Duration = Duration::from_secs(2);
/// How long streams outlive the last answer.
const BLIND_FOR: Duration = Duration::from_secs(30);
/// How many principals one statement asks about.
const BATCH: usize = 500;

/// Everybody with a stream open in this process. Clones share them.
#[derive(Clone)]
pub struct RevocationWatch {
    system: SystemScope,
    settings: IdentitySettings,
    watched: Arc<Mutex<Watched>>,
}

struct Watched {
    streams: HashMap<Via, watch::Sender<bool>>,
    last_answer: Timestamp,
}

impl RevocationWatch {
    /// Watches nobody yet.
    #[must_use]
    pub fn new(system: SystemScope, settings: IdentitySettings) -> Self {
        let watched = Watched { streams: HashMap::new(), last_answer: system.now() };
        Self { system, settings, watched: Arc::new(Mutex::new(watched)) }
    }

    /// Completes when `principal` may not act any more: signed out, expired, revoked, disabled, or without the
    /// place they acted from.
    pub fn watch(&self, principal: &Principal) -> impl Future<Output = ()> + Send + 'static + use<> {
        let mut gone = {
            let mut watched = self.lock();
            watched.streams.entry(principal.via).or_insert_with(|| watch::channel(false).0).subscribe()
        };
        async move {
            // The sender is dropped only after it told.
            let _ = gone.wait_for(|gone| *gone).await;
        }
    }

    /// Looks once whether everybody is still who they were.
    ///
    /// # Errors
    /// The database failed. When that lasts, all streams end.
    pub async fn check_once(&self) -> Result<(), Failure> {
        let now = self.system.now();
        let asked = self.listened_to();
        match self.live(&asked, now).await {
            Ok(live) => {
                let mut watched = self.lock();
                watched.last_answer = now;
                watched.end(asked.into_iter().filter(|via| !live.contains(&id(*via))));
                Ok(())
            }
            Err(failure) => {
                let mut watched = self.lock();
                if now.since(watched.last_answer) >= BLIND_FOR {
                    watched.end(asked.into_iter());
                }
                Err(failure)
            }
        }
    }

    /// Looks every two seconds, and whenever standing was taken, until `shutdown` completes.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let taken = self.system.store().wake().standing.clone();
        tokio::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => return,
                () = taken.notified() => {}
                _ = ticks.tick() => {}
            }
            tokio::select! {
                () = &mut shutdown => return,
                looked = self.check_once() => if let Err(error) = looked {
                    tracing::warn!(%error, "cannot look whether sessions and tokens still work");
                },
            }
        }
    }

    /// Who is watched; those to whom nobody listens any more are forgotten.
    fn listened_to(&self) -> Vec<Via> {
        let mut watched = self.lock();
        watched.streams.retain(|_, gone| gone.receiver_count() > 0);
        watched.streams.keys().copied().collect()
    }

    async fn live(&self, asked: &[Via], now: Timestamp) -> Result<HashSet<Uuid>, Failure> {
        let mut live = HashSet::with_capacity(asked.len());
        for batch in asked.chunks(BATCH) {
            let statement = self.question(batch, now);
            for row in self.system.store().worker().query_all_raw(statement).await? {
                live.insert(row.try_get::<Uuid>("", "id")?);
            }
        }
        Ok(live)
    }

    fn question(&self, batch: &[Via], now: Timestamp) -> Statement {
        let mut values: Vec<Value> = vec![now.into(), now.minus(self.settings.idle).into()];
        let (mut sessions, mut tokens) = ("null".to_owned(), "null".to_owned());
        for via in batch {
            values.push(id(*via).into());
            let list = if matches!(via, Via::Session(_)) { &mut sessions } else { &mut tokens };
            // Writing to a string cannot fail.
            let _ = write!(list, ", ${}", values.len());
        }
        let sql = format!(
            "select s.id as id {LIVE_SESSION} and s.id in ({sessions})
            union all select t.id as id {LIVE_TOKEN} and t.id in ({tokens})"
        );
        Statement::from_sql_and_values(self.system.store().backend(), sql, values)
    }

    fn lock(&self) -> MutexGuard<'_, Watched> {
        // Nothing that can panic runs under the lock.
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watched {
    fn end(&mut self, gone: impl Iterator<Item = Via>) {
        for via in gone {
            if let Some(stream) = self.streams.remove(&via) {
                stream.send_replace(true);
            }
        }
    }
}

const fn id(via: Via) -> Uuid {
    match via {
        Via::Session(id) => id.0,
        Via::Token(id, _) => id.0,
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::identity::{disable_user, end_membership, sign_out, testing::Desk, touch};

    async fn has_ended(watch: &RevocationWatch, stream: &mut (impl Future<Output = ()> + Unpin)) -> bool {
        watch.check_once().await.unwrap();
        stream.now_or_never().is_some()
    }

    fn watch(desk: &Desk) -> RevocationWatch {
        RevocationWatch::new(desk.system.clone(), IdentitySettings::default())
    }

    #[tokio::test]
    async fn signing_out_ends_the_sessions_streams_and_no_others() {
        let desk = Desk::open().await;
        let (watch, (_, principal), (_, other)) = (watch(&desk), desk.session().await, desk.session().await);
        let (mut first, mut second) = (Box::pin(watch.watch(&principal)), Box::pin(watch.watch(&principal)));
        let mut theirs = Box::pin(watch.watch(&other));
        assert!(!has_ended(&watch, &mut first).await);
        sign_out(&desk.system, &principal, &desk.origin()).await.unwrap();
        assert!(has_ended(&watch, &mut first).await);
        assert!(has_ended(&watch, &mut second).await);
        assert!(!has_ended(&watch, &mut theirs).await);
    }

    #[tokio::test]
    async fn a_stream_ends_with_its_persons_account_or_place() {
        let desk = Desk::open().await;
        let watch = watch(&desk);
        let (_, principal) = desk.session().await;
        let token = desk.token(&principal).await;
        let program = desk.authenticate_token(&token).await.unwrap();
        let (mut person, mut program) = (Box::pin(watch.watch(&principal)), Box::pin(watch.watch(&program)));
        assert!(!has_ended(&watch, &mut program).await);
        disable_user(&desk.system, desk.user).await.unwrap();
        assert!(has_ended(&watch, &mut person).await);
        assert!(has_ended(&watch, &mut program).await);

        let colleague = desk.colleague().await;
        let secret = desk.session_of(&colleague).await;
        let principal = desk.authenticate_session(&secret).await.unwrap();
        let mut stream = Box::pin(watch.watch(&principal));
        assert!(!has_ended(&watch, &mut stream).await);
        end_membership(&desk.system, colleague.membership).await.unwrap();
        assert!(has_ended(&watch, &mut stream).await);
    }

    #[tokio::test]
    async fn a_stream_ends_when_its_session_expires_and_lives_while_it_is_used() {
        let desk = Desk::open().await;
        let (watch, (secret, principal)) = (watch(&desk), desk.session().await);
        let mut stream = Box::pin(watch.watch(&principal));
        desk.advance(Duration::from_secs(29 * 60));
        touch(&desk.system, &desk.authenticate_session(&secret).await.unwrap()).await.unwrap();
        desk.advance(Duration::from_secs(29 * 60));
        assert!(!has_ended(&watch, &mut stream).await);
        desk.advance(Duration::from_secs(60));
        assert!(has_ended(&watch, &mut stream).await);
    }

    #[tokio::test]
    async fn nobody_is_asked_about_when_nobody_listens() {
        let desk = Desk::open().await;
        let (watch, (_, principal)) = (watch(&desk), desk.session().await);
        drop(watch.watch(&principal));
        watch.check_once().await.unwrap();
        assert!(watch.lock().streams.is_empty());
    }

    #[tokio::test]
    async fn without_an_answer_for_half_a_minute_all_streams_end() {
        let desk = Desk::open().await;
        let (watch, (_, principal)) = (watch(&desk), desk.session().await);
        let mut stream = Box::pin(watch.watch(&principal));
        desk.system.store().worker().close_by_ref().await.unwrap();
        assert!(watch.check_once().await.is_err());
        assert!(stream.as_mut().now_or_never().is_none(), "a short pause is bridged");
        desk.advance(BLIND_FOR);
        assert!(watch.check_once().await.is_err());
        assert!(stream.now_or_never().is_some());
    }

    #[tokio::test]
    async fn it_runs_until_the_process_stops() {
        let desk = Desk::open().await;
        watch(&desk).run(async {}).await;
    }
}
