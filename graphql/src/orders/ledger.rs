//! The quantity ledger of an order, line by line.
use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use quayside_canonical::{PurchaseOrderId, ledger::Quantities, order::Schedule, states::FulfillmentStatus};
use quayside_domain::ledger::query::{self, LineLedger as Found};

use crate::{
    loaders::{Loaders, Shared},
    types::{Code, Date, Decimal, plain::plain},
};

/// Declares objects that hold the numbers of a ledger beside fields of their own.
macro_rules! ledgers {
    ($($(#[doc = $doc:literal])* $name:ident { $($own:tt)* })*) => { plain! {$(
        $(#[doc = $doc])*
        $name {
            $($own)*
            /// What the current revision asks for, cancelled or not.
            ordered as "ordered": Decimal,
            /// What of it the buyer cancelled.
            cancelled as "cancelled": Decimal,
            /// What the supplier promised and the buyer agreed to.
            acknowledged as "acknowledged": Decimal,
            /// What of the promise comes later than asked.
            backordered as "backordered": Decimal,
            /// What was announced as shipped.
            shipped as "shipped": Decimal,
            /// What of it has not arrived and is still expected.
            in_transit as "inTransit": Decimal,
            /// What arrived, in whatever condition.
            received as "received": Decimal,
            /// What of it the buyer keeps.
            accepted as "accepted": Decimal,
            /// What of it waits for a check.
            held as "held": Decimal,
            /// What of it the buyer does not keep.
            rejected as "rejected": Decimal,
            /// What of the rejected goes back to the supplier.
            returned as "returned": Decimal,
            /// What is not expected any more although it never came.
            short_closed as "shortClosed": Decimal,
            /// What the supplier invoiced.
            invoiced as "invoiced": Decimal,
            /// What is still wanted; below zero when more was accepted than wanted.
            open as "open": Decimal,
        }
    )*} };
}

/// Makes such an object.
macro_rules! ledger {
    ($name:ident { $($own:ident: $value:expr,)* } of $numbers:expr) => {{
        let numbers: &Quantities = $numbers;
        $name {
            $($own: $value,)*
            ordered: Decimal(numbers.ordered),
            cancelled: Decimal(numbers.cancelled),
            acknowledged: Decimal(numbers.acknowledged),
            backordered: Decimal(numbers.backordered),
            shipped: Decimal(numbers.shipped),
            in_transit: Decimal(numbers.in_transit),
            received: Decimal(numbers.received),
            accepted: Decimal(numbers.accepted),
            held: Decimal(numbers.held),
            rejected: Decimal(numbers.rejected),
            returned: Decimal(numbers.returned),
            short_closed: Decimal(numbers.short_closed),
            invoiced: Decimal(numbers.invoiced),
            open: Decimal(numbers.open()),
        }
    }};
}

ledgers! {
    /// What became of what a line orders, in numbers that balance: received = accepted + held + rejected, and
    /// open = ordered − cancelled − accepted − shortClosed. Only `open` can be below zero.
    LineLedger {
        /// The line number.
        line as "line": String,
        /// The unit of all numbers.
        unit as "unit": String,
        /// How far the goods are.
        fulfillment as "fulfillment": Code<FulfillmentStatus>,
        /// The last day on which goods are in time.
        due_on as "dueOn": Option<Date>,
        /// The same for each instalment: what came or was promised belongs to the one that was wanted first.
        schedules as "schedules": Vec<ScheduleLedger>,
    }

    /// An instalment of a line, and its share of the line's ledger.
    ScheduleLedger {
        /// First day it is wanted.
        deliver_from as "deliverFrom": Option<Date>,
        /// Last day it is wanted.
        deliver_to as "deliverTo": Option<Date>,
        /// How far the goods are.
        fulfillment as "fulfillment": Code<FulfillmentStatus>,
    }
}

impl From<Found> for LineLedger {
    fn from(found: Found) -> Self {
        ledger!(LineLedger {
            line: found.line,
            unit: found.unit,
            fulfillment: Code(found.fulfillment),
            due_on: found.due_on.map(Date),
            schedules: found.schedules.into_iter().map(ScheduleLedger::from).collect(),
        } of &found.quantities)
    }
}

impl From<(Schedule, Quantities)> for ScheduleLedger {
    fn from((schedule, numbers): (Schedule, Quantities)) -> Self {
        ledger!(ScheduleLedger {
            deliver_from: schedule.deliver_from.map(Date),
            deliver_to: schedule.deliver_to.map(Date),
            fulfillment: Code(numbers.fulfillment()),
        } of &numbers)
    }
}

/// The ledger of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LedgerOf(pub PurchaseOrderId);

impl Loader<LedgerOf> for Loaders {
    type Value = Vec<Found>;
    type Error = Shared;
    async fn load(&self, keys: &[LedgerOf]) -> Result<HashMap<LedgerOf, Self::Value>, Shared> {
        let orders: Vec<_> = keys.iter().map(|key| key.0).collect();
        let tx = self.scope().read().await?;
        let ledgers = query::of_orders(&tx, self.scope(), &orders).await?;
        Ok(ledgers.into_iter().map(|(order, lines)| (LedgerOf(order), lines)).collect())
    }
}
