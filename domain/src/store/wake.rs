//! Wake-up calls. Hints only: every sleeper also looks by itself now and then.
//!
//! What is called in this process wakes its own sleepers at once. It is noted for the other processes as well, to
//! whom somebody may carry it ([`Wake::next_calls`], [`Wake::hear`]); without such a messenger they find out by looking.
use std::sync::{
    Arc,
    atomic::{AtomicU8, AtomicU64, Ordering},
};

use tokio::sync::Notify;

/// Who may be woken. Clones wake the same sleepers.
#[derive(Clone, Debug, Default)]
pub struct Wake {
    /// Dispatch: an operation committed events.
    pub events: Arc<Notify>,
    /// Delivery: something may be due.
    pub deliveries: Arc<Notify>,
    /// What comes in: a feed is to be polled now, or a message is to be dealt with.
    pub inbound: Arc<Notify>,
    /// The feed, and what is published: the log has grown.
    pub log: Arc<Notify>,
    /// Open streams: somebody may have lost what they may do.
    pub standing: Arc<Notify>,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Called here and not carried to the others yet.
    pending: AtomicU8,
    some: Notify,
    standing_taken: AtomicU64,
}

/// Calls of different kinds, together. They fit into one number, which is what travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calls(u8);

impl Calls {
    const NONE: Self = Self(0);
    const EVENTS: Self = Self(1);
    const DELIVERIES: Self = Self(2);
    const LOG: Self = Self(4);
    const STANDING: Self = Self(8);
    const INBOUND: Self = Self(16);
    /// Every call there is: for whoever may have missed some.
    pub const ALL: Self = Self(31);

    /// As it travels.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// From how it travels. Kinds that a later release may have added are left out.
    #[must_use]
    pub const fn from_number(number: u8) -> Self {
        Self(number & Self::ALL.0)
    }

    const fn holds(self, call: Self) -> bool {
        self.0 & call.0 != 0
    }
}

impl Wake {
    /// Events are committed that have no place yet.
    pub fn events_committed(&self) {
        self.call(Calls::EVENTS);
    }

    /// Something may be due for delivery.
    pub fn deliveries_due(&self) {
        self.call(Calls::DELIVERIES);
    }

    /// Something may have come in, or be worth asking for.
    pub fn inbound_due(&self) {
        self.call(Calls::INBOUND);
    }

    /// The log has grown: everyone who follows it looks.
    pub fn log_grew(&self) {
        self.call(Calls::LOG);
    }

    /// Somebody may do less than before: what is known of callers is not certain any more.
    pub fn standing_was_taken(&self) {
        self.call(Calls::STANDING);
    }

    /// How often somebody's standing was taken, as far as this process has heard.
    #[must_use]
    pub fn standing_taken(&self) -> u64 {
        self.state.standing_taken.load(Ordering::Acquire)
    }

    /// Wakes the sleepers of this process, as another process has called.
    pub fn hear(&self, calls: Calls) {
        if calls.holds(Calls::STANDING) {
            self.state.standing_taken.fetch_add(1, Ordering::AcqRel);
            self.standing.notify_one();
        }
        if calls.holds(Calls::EVENTS) {
            self.events.notify_one();
        }
        if calls.holds(Calls::DELIVERIES) {
            self.deliveries.notify_one();
        }
        if calls.holds(Calls::INBOUND) {
            self.inbound.notify_one();
        }
        if calls.holds(Calls::LOG) {
            self.log.notify_waiters();
        }
    }

    /// Waits until something is called in this process that the others have not been told. For one messenger.
    pub async fn called(&self) {
        while self.state.pending.load(Ordering::Acquire) == Calls::NONE.0 {
            self.state.some.notified().await;
        }
    }

    /// Takes everything that was called here since it was last taken.
    #[must_use]
    pub fn next_calls(&self) -> Option<Calls> {
        let calls = Calls(self.state.pending.swap(Calls::NONE.0, Ordering::AcqRel));
        (calls != Calls::NONE).then_some(calls)
    }

    fn call(&self, calls: Calls) {
        self.hear(calls);
        self.state.pending.fetch_or(calls.0, Ordering::AcqRel);
        self.state.some.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn many_calls_travel_as_one_and_only_once() {
        let wake = Wake::default();
        assert!(wake.called().now_or_never().is_none());
        wake.log_grew();
        wake.deliveries_due();
        wake.log_grew();
        assert!(wake.called().now_or_never().is_some());
        assert_eq!(wake.next_calls(), Some(Calls(Calls::LOG.0 | Calls::DELIVERIES.0)));
        assert_eq!(wake.next_calls(), None);
        assert!(wake.called().now_or_never().is_none(), "what was taken is not waited for again");
    }

    #[tokio::test]
    async fn what_is_heard_wakes_and_is_not_passed_on() {
        let wake = Wake::default();
        let log = wake.log.notified();
        tokio::pin!(log);
        log.as_mut().enable();
        wake.hear(Calls::ALL);
        assert!(wake.events.notified().now_or_never().is_some());
        assert!(wake.deliveries.notified().now_or_never().is_some());
        assert!(wake.inbound.notified().now_or_never().is_some());
        assert!(wake.standing.notified().now_or_never().is_some());
        assert!(log.now_or_never().is_some());
        assert_eq!(wake.standing_taken(), 1);
        assert_eq!(wake.next_calls(), None, "or two processes would wake each other for ever");
    }

    #[test]
    fn a_later_releases_calls_are_left_out() {
        assert_eq!(Calls::from_number(255), Calls::ALL);
        assert_eq!(Calls::from_number(Calls::LOG.number()), Calls::LOG);
    }
}
