//! Wake-up calls between processes, by PostgreSQL's LISTEN and NOTIFY.
//!
//! Commits that notify wait for each other, so no operation does. A process has one connection from which it
//! notifies, for all that was called since the last time, and one on which it listens. Losing either loses nothing:
//! who is not woken looks by itself.
use std::{str::FromStr, time::Duration};

use sea_orm::sqlx::{
    self, PgPool,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use uuid::Uuid;

use super::{Calls, Wake};
use crate::Failure;

const CHANNEL: &str = "quayside_wake";
/// How long a process waits before it listens again: doubled each time, up to the second.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// A process's two connections for calls. They are opened when they are needed.
pub struct Signals {
    node: Uuid,
    out: PgPool,
    heard: PgPool,
}

impl Signals {
    /// Calls by way of the database at `url`; nothing where that is not PostgreSQL.
    ///
    /// # Errors
    /// The URL cannot be read.
    pub fn new(url: &str) -> Result<Option<Self>, Failure> {
        if url.starts_with("sqlite:") {
            return Ok(None);
        }
        let options = PgConnectOptions::from_str(url).map_err(|error| failed(&error))?;
        let options = options.application_name("quayside-signals").options([("role", "quayside_worker")]);
        let one = || {
            PgPoolOptions::new()
                .max_connections(1)
                .acquire_timeout(Duration::from_secs(5))
                .connect_lazy_with(options.clone())
        };
        Ok(Some(Self { node: Uuid::now_v7(), out: one(), heard: one() }))
    }

    /// Tells the other processes.
    ///
    /// # Errors
    /// The database is away. They are not told.
    pub async fn send(&self, calls: Calls) -> Result<(), Failure> {
        let payload = format!("{} {}", self.node.simple(), calls.number());
        let notify = sqlx::query("select pg_notify($1, $2)").bind(CHANNEL).bind(payload);
        notify.execute(&self.out).await.map(drop).map_err(|error| failed(&error))
    }

    /// Wakes the sleepers of this process whenever another one calls, for as long as it is polled. After every
    /// connection that was lost it wakes them all, as nobody knows what was called meanwhile.
    pub async fn listen(&self, wake: &Wake) {
        let mut pause = BACK_OFF.0;
        loop {
            match self.listener().await {
                Ok(listener) => {
                    pause = BACK_OFF.0;
                    wake.hear(Calls::ALL);
                    self.follow(listener, wake).await;
                }
                Err(error) => {
                    tracing::debug!(%error, "cannot listen for wake-up calls; trying again");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(BACK_OFF.1);
                }
            }
        }
    }

    /// Closes both connections.
    pub async fn close(&self) {
        self.out.close().await;
        self.heard.close().await;
    }

    async fn listener(&self) -> Result<PgListener, sqlx::Error> {
        let mut listener = PgListener::connect_with(&self.heard).await?;
        listener.listen(CHANNEL).await?;
        Ok(listener)
    }

    /// Until the connection is lost.
    async fn follow(&self, mut listener: PgListener, wake: &Wake) {
        while let Ok(Some(notice)) = listener.try_recv().await {
            if let Some(calls) = self.read(notice.payload()) {
                wake.hear(calls);
            }
        }
    }

    /// The calls in a notice of another process.
    fn read(&self, payload: &str) -> Option<Calls> {
        let (node, calls) = payload.split_once(' ')?;
        let own = Uuid::parse_str(node).ok()? == self.node;
        let calls = calls.parse().ok()?;
        (!own).then_some(Calls::from_number(calls))
    }
}

fn failed(error: &sqlx::Error) -> Failure {
    sea_orm::DbErr::Custom(error.to_string()).into()
}
