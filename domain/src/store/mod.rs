//! The database, seen by two roles, and the wake-up calls between the parts of a process and between processes.
//!
//! On PostgreSQL the application's statements run as `quayside_app`, which row-level security confines to
//! one tenant per transaction; background work and sign-in run as `quayside_worker`. Neither owns anything.
//! On SQLite both are the same file, and the scopes alone keep tenants apart.

mod connect;
mod rows;
mod signals;
mod transaction;
mod wake;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use sea_orm::{DatabaseConnection, DbBackend};
use tokio::sync::Semaphore;

pub use connect::{ConnectError, Database, connect, connect_owner, sqlite_url};
pub(crate) use rows::{InOrder, ROWS, insert, older, upsert};
pub use signals::Signals;
pub use transaction::Tx;
pub use wake::{Calls, Wake};

use crate::{Clock, Failure};

/// Everything an operation needs from outside. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    app: DatabaseConnection,
    worker: DatabaseConnection,
    clock: Clock,
    wake: Wake,
    /// SQLite has one writer at a time. Waiting here is fair; waiting in SQLite is not.
    writer: Option<Arc<Semaphore>>,
    statements: Arc<AtomicU64>,
}

impl Store {
    /// A store over open connections.
    #[must_use]
    pub fn new(database: Database, clock: Clock) -> Self {
        let sqlite = database.app.get_database_backend() == DbBackend::Sqlite;
        let statements = Arc::new(AtomicU64::new(0));
        let counted = |mut pool: DatabaseConnection| {
            let statements = statements.clone();
            pool.set_metric_callback(move |_| {
                statements.fetch_add(1, Ordering::Relaxed);
            });
            pool
        };
        Self {
            app: counted(database.app),
            worker: counted(database.worker),
            statements,
            clock,
            wake: Wake::default(),
            writer: sqlite.then(|| Arc::new(Semaphore::new(1))),
        }
    }

    /// The clock everything goes by.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The wake-up calls of this process.
    #[must_use]
    pub const fn wake(&self) -> &Wake {
        &self.wake
    }

    /// Which database it is.
    #[must_use]
    pub fn backend(&self) -> DbBackend {
        self.app.get_database_backend()
    }

    /// The pool of the application's role, for statements written by hand on the hot paths.
    #[must_use]
    pub(crate) const fn app(&self) -> &DatabaseConnection {
        &self.app
    }

    /// The pool of background work and sign-in.
    #[must_use]
    pub(crate) const fn worker(&self) -> &DatabaseConnection {
        &self.worker
    }

    /// How many statements were run since the start, `begin` and `commit` left out.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// How often somebody's standing was taken, here or, as far as we heard, elsewhere: what was known of callers before
    /// is not certain.
    #[must_use]
    pub fn standing_taken(&self) -> u64 {
        self.wake.standing_taken()
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// The database is away.
    pub async fn ping(&self) -> Result<(), Failure> {
        Ok(self.app.ping().await?)
    }

    /// Closes the connections, when the process ends.
    ///
    /// # Errors
    /// The database did not answer in time.
    pub async fn close(self) -> Result<(), Failure> {
        self.worker.close().await?;
        Ok(self.app.close().await?)
    }
}
