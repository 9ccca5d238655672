//! Shipments: what a supplier announces, changes and takes back, and the slots at docks for them.
//!
//! A draft is the supplier's own. Announced, its lines count in the quantity ledger at once; from then on where it
//! stands follows from its times and from what warehouses state ([`crate::ledger`]). The supplier may change or
//! cancel it until receiving begins, and again when every receipt was taken back. A number is never used twice.

pub mod appointment;
mod cancel;
mod change;
pub mod check;
mod clock;
mod create;
mod error;
mod ground;
pub mod labels;
mod open;
pub mod query;
mod sscc;
mod state;
mod submit;
mod write;

pub use cancel::cancel;
pub use change::{amend, update};
pub use clock::{find_late, leave};
pub use create::{announce, create};
pub use error::{Handled, ShipmentError};
pub use state::{Stated, preview_statement, state};
pub use submit::submit;
