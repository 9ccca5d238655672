//! One reader for each tenant with subscribers, however many there are.
//!
//! The reader follows the log and broadcasts what is new. It starts with the first subscriber and stops with
//! the last; while the database is away it tries again, and then goes on where it was.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use futures_util::Stream;
use quayside_canonical::{Actor, Channel, TenantId};
use quayside_entity::{event_head, event_log};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::{
    sync::{broadcast, watch},
    task::AbortHandle,
    time::sleep,
};

use super::{
    logged::{LoggedEvent, load},
    page::{FeedError, Filter, MAX_PAGE, check_permission, head},
    subscription::Subscription,
};
use crate::{Failure, Scope, SystemScope, scope::Origin, scope::in_tenant};

/// How far a subscriber may fall behind before it reads from the database again.
const CAPACITY: usize = 1_024;

/// How long a reader sleeps when nobody wakes it.
const POLL: Duration = Duration::from_millis(500);

/// How long a reader waits when the database is away: doubled each time, up to the second.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));

/// The readers of this process. Clones share them.
#[derive(Clone)]
pub struct Feed {
    system: SystemScope,
    capacity: usize,
    tails: Arc<Mutex<HashMap<TenantId, Weak<Tail>>>>,
}

impl Feed {
    /// No readers yet.
    #[must_use]
    pub fn new(system: SystemScope) -> Self {
        Self::with_capacity(system, CAPACITY)
    }

    /// Subscribers fall behind after `capacity` events.
    pub(super) fn with_capacity(system: SystemScope, capacity: usize) -> Self {
        Self { system, capacity, tails: Arc::default() }
    }

    /// The events behind position `after` that the caller may see, and then each new one as it is logged;
    /// without a position only new ones. None is missed and none repeated, however slow the subscriber is.
    /// The stream does not end by itself: drop it when the caller's session ends.
    ///
    /// # Errors
    /// The caller may not read events, or the database failed.
    pub async fn subscribe(
        &self,
        scope: Scope,
        after: Option<i64>,
        filter: Filter,
    ) -> Result<impl Stream<Item = Arc<LoggedEvent>> + Send + use<>, FeedError> {
        check_permission(&scope)?;
        let tail = self.tail(scope.tenant);
        let after = match after {
            Some(after) => after,
            None => head(&scope).await?,
        };
        Ok(Subscription::new(tail, scope, after, filter).into_stream())
    }

    /// How many readers there are.
    #[must_use]
    pub fn readers(&self) -> usize {
        self.lock().values().filter(|tail| tail.strong_count() > 0).count()
    }

    fn tail(&self, tenant: TenantId) -> Arc<Tail> {
        let mut tails = self.lock();
        if let Some(tail) = tails.get(&tenant).and_then(Weak::upgrade) {
            return tail;
        }
        tails.retain(|_, tail| tail.strong_count() > 0);
        let tail = Arc::new(Tail::start(self.system.clone(), tenant, self.capacity));
        tails.insert(tenant, Arc::downgrade(&tail));
        tail
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TenantId, Weak<Tail>>> {
        self.tails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running reader. Its subscribers own it.
pub(super) struct Tail {
    events: broadcast::Sender<Arc<LoggedEvent>>,
    started: watch::Receiver<bool>,
    task: AbortHandle,
}

impl Tail {
    fn start(system: SystemScope, tenant: TenantId, capacity: usize) -> Self {
        let (events, _) = broadcast::channel(capacity);
        let (start, started) = watch::channel(false);
        let task = tokio::spawn(follow(system, tenant, events.clone(), start)).abort_handle();
        Self { events, started, task }
    }

    /// Everything that is broadcast from now on.
    pub(super) fn events(&self) -> broadcast::Receiver<Arc<LoggedEvent>> {
        self.events.subscribe()
    }

    /// Waits until the reader knows where it begins. What is in the log by then a subscriber reads by itself,
    /// what comes later is broadcast.
    pub(super) async fn started(&self) {
        // An error means that the reader is gone, and with it whoever could wait for it.
        let _ = self.started.clone().wait_for(|started| *started).await;
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn follow(
    system: SystemScope,
    tenant: TenantId,
    events: broadcast::Sender<Arc<LoggedEvent>>,
    start: watch::Sender<bool>,
) {
    let scope = system.in_tenant(tenant, Actor::System, &Origin::new(Channel::System));
    let mut at = None;
    let mut pause = BACK_OFF.0;
    loop {
        let woken = system.store().wake().log.notified();
        tokio::pin!(woken);
        woken.as_mut().enable(); // before reading, so that no call is slept through
        match advance(&system, &scope, &mut at, &events, &start).await {
            Ok(()) => {
                pause = BACK_OFF.0;
                tokio::select! { () = woken => {}, () = sleep(POLL) => {} }
            }
            Err(failure) => {
                tracing::warn!(tenant.id = %tenant, %failure, "the log cannot be read; trying again");
                sleep(pause).await;
                pause = (pause * 2).min(BACK_OFF.1);
            }
        }
    }
}

/// Broadcasts everything behind `at`, and moves it on.
async fn advance(
    system: &SystemScope,
    scope: &Scope,
    at: &mut Option<i64>,
    events: &broadcast::Sender<Arc<LoggedEvent>>,
    start: &watch::Sender<bool>,
) -> Result<(), Failure> {
    let db = system.store().worker();
    let mut position = match *at {
        Some(position) => position,
        None => in_tenant::<event_head::Entity>(scope).one(db).await?.map_or(0, |head| head.position),
    };
    *at = Some(position);
    start.send_replace(true);
    loop {
        let rows = in_tenant::<event_log::Entity>(scope)
            .filter(event_log::Column::Position.gt(position))
            .order_by_asc(event_log::Column::Position)
            .limit(MAX_PAGE)
            .all(db)
            .await?;
        let full = rows.len() as u64 == MAX_PAGE;
        for event in load(db, scope, rows).await? {
            position = event.position;
            *at = Some(position);
            // Nobody listening is no failure: the last one may just have left.
            let _ = events.send(Arc::new(event));
        }
        if !full {
            return Ok(());
        }
    }
}
