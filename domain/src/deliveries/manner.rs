//! In which manner deliveries are made: a property of the kind of connection they go to.
use std::time::Duration;

use super::backoff;
use crate::webhooks;

/// How the deliveries of one kind of connection are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Manner {
    /// How long to wait after the first, second, … attempt that did not succeed. There is one attempt more.
    pub(crate) schedule: &'static [Duration],
    /// Whether those of one order, or of one subject, are sent in order, and one that is dead holds back the later
    /// ones. If not, each goes by itself.
    pub(crate) in_order: bool,
    /// Whether each is told of as an event, and a dead one is an exception with an owner. If not, the endpoint's
    /// own record tells how it fares.
    pub(crate) told: bool,
}

/// A system of the buyer's that acts on what it gets.
const SYSTEM: Manner = Manner { schedule: &backoff::SCHEDULE, in_order: true, told: true };

/// A webhook endpoint, after Standard Webhooks 1.0.
const ENDPOINT: Manner = Manner { schedule: &ENDPOINT_SCHEDULE, in_order: false, told: false };

/// Ten attempts in a little more than three days.
const ENDPOINT_SCHEDULE: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 60 * 60),
    Duration::from_secs(5 * 60 * 60),
    Duration::from_secs(10 * 60 * 60),
    Duration::from_secs(14 * 60 * 60),
    Duration::from_secs(20 * 60 * 60),
    Duration::from_secs(24 * 60 * 60),
];

impl Manner {
    /// The manner of a kind of connection.
    pub(crate) fn of(kind: &str) -> Self {
        if kind == webhooks::KIND { ENDPOINT } else { SYSTEM }
    }

    /// The same for one type of event: a test says at once what came of it.
    pub(super) fn for_event(self, event_type: &str) -> Self {
        if event_type == webhooks::TEST { Self { schedule: &[], ..self } } else { self }
    }
}
