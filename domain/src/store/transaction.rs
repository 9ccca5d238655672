//! One transaction of a scope.
use std::{
    ops::Deref,
    panic::Location,
    sync::atomic::{AtomicBool, Ordering},
};

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::sync::OwnedSemaphorePermit;

use super::{Store, Wake};
use crate::{Failure, planted};
use quayside_canonical::TenantId;

/// An open transaction. Dropped without [`Tx::commit`], it undoes everything.
pub struct Tx {
    inner: DatabaseTransaction,
    wake: Wake,
    has_events: AtomicBool,
    takes_standing: AtomicBool,
    is_trial: bool,
    _turn: Option<OwnedSemaphorePermit>,
}

impl Deref for Tx {
    type Target = DatabaseTransaction;
    fn deref(&self) -> &DatabaseTransaction {
        &self.inner
    }
}

impl Tx {
    /// Makes everything durable, and wakes who waits for events. A trial ends here with nothing written.
    ///
    /// # Errors
    /// The database could not promise it. What happened is then unknown until it is looked up.
    #[track_caller]
    pub fn commit(self) -> impl Future<Output = Result<(), Failure>> + Send {
        self.commit_for(Location::caller())
    }

    async fn commit_for(self, place: &'static Location<'static>) -> Result<(), Failure> {
        if self.is_trial {
            return Ok(self.inner.rollback().await?);
        }
        planted::moment(place, "before the commit").await?;
        let committed = self.inner.commit().await;
        // Also when it is not known what happened.
        if self.takes_standing.into_inner() {
            self.wake.standing_was_taken();
        }
        committed?;
        if self.has_events.into_inner() {
            self.wake.events_committed();
        }
        planted::moment(place, "after the commit").await
    }

    /// The same transaction as a trial: whatever it writes is taken back, also by [`Tx::commit`].
    pub(crate) fn into_trial(self) -> Self {
        Self { is_trial: true, ..self }
    }

    /// Whether it is one.
    pub(crate) fn is_trial(&self) -> bool {
        self.is_trial
    }

    /// Says that this transaction writes events: once it is committed, dispatch is woken.
    pub(crate) fn has_events(&self) {
        self.has_events.store(true, Ordering::Relaxed);
    }

    /// Says that this transaction takes away what somebody may do. Once it is committed, every caller is
    /// looked up anew.
    pub fn takes_standing(&self) {
        self.takes_standing.store(true, Ordering::Relaxed);
    }
}

impl Store {
    /// Begins to read or write as the application, for one tenant.
    ///
    /// On SQLite a write takes the write lock at once: a read lock upgraded later can fail however long the
    /// busy time-out is. On PostgreSQL the tenant is set for row-level security, and waiting for a lock ends
    /// after five seconds.
    pub(crate) async fn begin(&self, tenant: TenantId, write: bool) -> Result<Tx, Failure> {
        let tx = self.open(self.app(), write).await?;
        if self.backend() == DbBackend::Postgres {
            // One round trip. A UUID's text cannot end the quotes.
            let tenant = tenant.0;
            let set = format!("set local quayside.tenant = '{tenant}'; set local lock_timeout = '5s'");
            tx.execute_unprepared(&set).await?;
        }
        Ok(tx)
    }

    /// Begins background work or sign-in, which is not confined to one tenant.
    pub(crate) async fn begin_system(&self, write: bool) -> Result<Tx, Failure> {
        self.open(self.worker(), write).await
    }

    async fn open(&self, pool: &sea_orm::DatabaseConnection, write: bool) -> Result<Tx, Failure> {
        let turn = match &self.writer {
            Some(turns) if write => {
                let turn = turns.clone().acquire_owned().await;
                Some(turn.map_err(|_| DbErr::Custom("the store is closed".to_owned()))?)
            }
            _ => None,
        };
        let mode = if write { SqliteTransactionMode::Immediate } else { SqliteTransactionMode::Deferred };
        let options =
            TransactionOptions { sqlite_transaction_mode: Some(mode), ..TransactionOptions::default() };
        let inner = pool.begin_with_options(options).await?;
        Ok(Tx {
            inner,
            wake: self.wake().clone(),
            has_events: AtomicBool::new(false),
            takes_standing: AtomicBool::new(false),
            is_trial: false,
            _turn: turn,
        })
    }
}
