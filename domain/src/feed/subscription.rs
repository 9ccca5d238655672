//! One subscriber: first the database up to now, then what the reader broadcasts.
//!
//! It listens before it looks, so that the two overlap; positions tell what it has seen already. When it was
//! too slow for the broadcast it looks into the database again.
use std::{collections::VecDeque, sync::Arc, time::Duration};

use futures_util::{Stream, stream};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::sleep,
};

use super::{
    logged::LoggedEvent,
    page::{Filter, page},
    tail::Tail,
};
use crate::Scope;

/// Events of one look into the database.
const PAGE: u64 = 100;

/// How long to wait when the database is away: doubled each time, up to the second.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));

pub(super) struct Subscription {
    tail: Arc<Tail>,
    live: Receiver<Arc<LoggedEvent>>,
    scope: Scope,
    filter: Filter,
    /// The last position this subscriber is done with.
    seen: i64,
    found: VecDeque<LoggedEvent>,
    catching_up: bool,
}

impl Subscription {
    pub(super) fn new(tail: Arc<Tail>, scope: Scope, after: i64, filter: Filter) -> Self {
        let live = tail.events();
        Self { tail, live, scope, filter, seen: after, found: VecDeque::new(), catching_up: true }
    }

    pub(super) fn into_stream(self) -> impl Stream<Item = Arc<LoggedEvent>> + Send {
        stream::unfold(self, |mut subscription| async {
            let event = subscription.next().await?;
            Some((event, subscription))
        })
    }

    async fn next(&mut self) -> Option<Arc<LoggedEvent>> {
        loop {
            if let Some(event) = self.found.pop_front() {
                self.seen = event.position;
                return Some(Arc::new(event));
            }
            if self.catching_up {
                self.look().await;
                continue;
            }
            match self.live.recv().await {
                Ok(event) if event.position <= self.seen => {}
                Ok(event) => {
                    self.seen = event.position;
                    if event.visible_to(&self.scope) && self.filter.wants(&event) {
                        return Some(event);
                    }
                }
                Err(RecvError::Lagged(_)) => self.catching_up = true,
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// Looks into the database. Less than a full page is all there was when it looked: the rest is on `live`.
    async fn look(&mut self) {
        self.tail.started().await;
        let mut pause = BACK_OFF.0;
        loop {
            match page(&self.scope, self.seen, &self.filter, PAGE).await {
                Ok(events) => {
                    self.catching_up = events.len() as u64 == PAGE;
                    self.found = events.into();
                    return;
                }
                Err(failure) => {
                    tracing::warn!(%failure, "the log cannot be read; trying again");
                    sleep(pause).await;
                    pause = (pause * 2).min(BACK_OFF.1);
                }
            }
        }
    }
}
