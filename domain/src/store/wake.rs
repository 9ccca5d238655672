//! Wake-up calls inside one process. Hints only: every sleeper also looks by itself now and then.
use std::sync::Arc;

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
    /// The feed: the log has grown.
    pub log: Arc<Notify>,
}

impl Wake {
    /// Something may be due for delivery.
    pub fn deliveries_due(&self) {
        self.deliveries.notify_one();
    }

    /// Something may have come in, or be worth asking for.
    pub fn inbound_due(&self) {
        self.inbound.notify_one();
    }

    /// The log has grown: everyone who follows it looks.
    pub fn log_grew(&self) {
        self.log.notify_waiters();
    }
}
