//! The quantity ledger: what became of what was ordered, in numbers that balance.
//!
//! A line's position is a function of all that is known about it ([`facts`], [`position`]): nothing is added to or
//! taken from a running number, so nothing can drift. Every operation that changes a fact calls [`settle`] in its
//! own transaction, which writes the position beside the line's status, the progress of shipments, and the
//! discrepancies that follow. [`verify`] derives the same facts from the event log alone and compares.

mod differences;
pub mod facts;
mod load;
pub mod position;
pub mod query;
mod replay;
mod settle;
mod verify;

pub use facts::Agreed;
pub use settle::settle;
pub use verify::{Mismatch, Report, verify};

use quayside_canonical::ledger::Quantities;
use quayside_entity::line_state;

/// The ledger of a line, as its row has it.
#[must_use]
pub const fn quantities(row: &line_state::Model) -> Quantities {
    Quantities {
        ordered: row.ordered,
        cancelled: row.cancelled,
        acknowledged: row.acknowledged,
        backordered: row.backordered,
        shipped: row.shipped,
        in_transit: row.in_transit,
        received: row.received,
        accepted: row.accepted,
        held: row.held,
        rejected: row.rejected,
        returned: row.returned,
        short_closed: row.short_closed,
        invoiced: row.invoiced,
    }
}
