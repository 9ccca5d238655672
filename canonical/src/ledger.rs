//! The quantity ledger: what became of what was ordered, in numbers that balance.
use serde::{Deserialize, Serialize};

use crate::{Micro, states::FulfillmentStatus};

/// The ledger of one order line, or of one of its schedules, in the line's unit.
///
/// `received = accepted + held + rejected`, `returned <= rejected`, and nothing but [`Quantities::open`] can be
/// negative. [Worked example](../../docs/ledger.md).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Quantities {
    /// What the current revision asks for, cancelled or not.
    pub ordered: Micro,
    /// What of it the buyer cancelled.
    pub cancelled: Micro,
    /// What the supplier promised and the buyer agreed to.
    pub acknowledged: Micro,
    /// What of the promise comes later than asked.
    pub backordered: Micro,
    /// What was announced as shipped.
    pub shipped: Micro,
    /// What of it has not arrived and is still expected.
    pub in_transit: Micro,
    /// What arrived, in whatever condition.
    pub received: Micro,
    /// What of it the buyer keeps.
    pub accepted: Micro,
    /// What of it waits for a check.
    pub held: Micro,
    /// What of it the buyer does not keep.
    pub rejected: Micro,
    /// What of the rejected goes back to the supplier.
    pub returned: Micro,
    /// What is not expected any more although it never came.
    pub short_closed: Micro,
    /// What the supplier invoiced.
    pub invoiced: Micro,
}

impl Quantities {
    /// What is still wanted: ordered − cancelled − accepted − short-closed. Below zero when more was accepted
    /// than wanted.
    #[must_use]
    pub fn open(&self) -> Micro {
        self.ordered - self.cancelled - self.accepted - self.short_closed
    }

    /// What is wanted in all: ordered − cancelled − short-closed.
    #[must_use]
    pub fn wanted(&self) -> Micro {
        self.ordered - self.cancelled - self.short_closed
    }

    /// How far the goods are.
    #[must_use]
    pub fn fulfillment(&self) -> FulfillmentStatus {
        let moved = self.shipped.is_positive() || self.received.is_positive();
        let wanted = self.wanted();
        if !wanted.is_positive() && !moved {
            let cancelled = self.cancelled.is_positive() || !self.short_closed.is_positive();
            return if cancelled { FulfillmentStatus::Cancelled } else { FulfillmentStatus::Closed };
        }
        let settled = !self.open().is_positive();
        let at_rest = !self.in_transit.is_positive() && !self.held.is_positive();
        if settled && at_rest {
            return FulfillmentStatus::Closed;
        }
        if self.received.is_positive() {
            let all_here = self.received >= wanted && !self.in_transit.is_positive();
            return if all_here { FulfillmentStatus::Received } else { FulfillmentStatus::PartiallyReceived };
        }
        if self.shipped >= wanted && self.shipped == self.in_transit {
            return FulfillmentStatus::Shipped;
        }
        if self.in_transit.is_positive() {
            FulfillmentStatus::PartiallyShipped
        } else {
            FulfillmentStatus::NotShipped
        }
    }

    /// Whether the numbers balance. Every change of the ledger keeps this true.
    #[must_use]
    pub fn balances(&self) -> bool {
        let Self { ordered, cancelled, acknowledged, backordered, shipped, in_transit, received, .. } = *self;
        let Self { accepted, held, rejected, returned, short_closed, invoiced, .. } = *self;
        let all = [
            ordered,
            cancelled,
            acknowledged,
            backordered,
            shipped,
            in_transit,
            received,
            accepted,
            held,
            rejected,
            returned,
            short_closed,
            invoiced,
        ];
        all.iter().all(|number| *number >= Micro::ZERO)
            && received == accepted + held + rejected
            && returned <= rejected
            && in_transit <= shipped
            && cancelled <= ordered
            && backordered <= acknowledged
    }
}

/// How far an order is: what its lines have in common.
#[must_use]
pub fn of_lines(lines: impl IntoIterator<Item = FulfillmentStatus>) -> FulfillmentStatus {
    use FulfillmentStatus::{
        Cancelled, Closed, NotShipped, PartiallyReceived, PartiallyShipped, Received, Shipped,
    };
    let wanted: Vec<FulfillmentStatus> = lines.into_iter().filter(|line| *line != Cancelled).collect();
    let all = |at_least: &[FulfillmentStatus]| wanted.iter().all(|line| at_least.contains(line));
    let any = |one_of: &[FulfillmentStatus]| wanted.iter().any(|line| one_of.contains(line));
    match () {
        () if wanted.is_empty() => Cancelled,
        () if all(&[Closed]) => Closed,
        () if all(&[Closed, Received]) => Received,
        () if any(&[Closed, Received, PartiallyReceived]) => PartiallyReceived,
        () if all(&[Shipped]) => Shipped,
        () if any(&[Shipped, PartiallyShipped]) => PartiallyShipped,
        () => NotShipped,
    }
}

/// Spreads the ledger of a line over its schedules, the earliest first: what came, was promised or was closed
/// belongs to the instalment that was wanted first. What is more than all instalments stays with the last.
#[must_use]
pub fn over_schedules(line: &Quantities, schedules: &[Micro]) -> Vec<Quantities> {
    let mut rest = *line;
    let last = schedules.len().saturating_sub(1);
    schedules.iter().enumerate().map(|(place, wanted)| rest.take(*wanted, place == last)).collect()
}

impl Quantities {
    /// Takes out what belongs to an instalment of `wanted`; all that is left for the last.
    fn take(&mut self, wanted: Micro, last: bool) -> Self {
        let part = |from: &mut Micro, most: Micro| {
            let taken = if last { *from } else { (*from).min(most) };
            *from = *from - taken;
            taken
        };
        let accepted = part(&mut self.accepted, wanted);
        let held = part(&mut self.held, wanted - accepted);
        let rejected = part(&mut self.rejected, wanted - accepted - held);
        let in_transit = part(&mut self.in_transit, wanted - accepted - held - rejected);
        Self {
            ordered: wanted,
            cancelled: part(&mut self.cancelled, wanted),
            acknowledged: part(&mut self.acknowledged, wanted),
            backordered: part(&mut self.backordered, wanted),
            shipped: part(&mut self.shipped, wanted),
            in_transit,
            received: accepted + held + rejected,
            accepted,
            held,
            rejected,
            returned: part(&mut self.returned, rejected),
            short_closed: part(&mut self.short_closed, wanted - accepted),
            invoiced: part(&mut self.invoiced, wanted),
        }
    }
}
