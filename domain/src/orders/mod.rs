//! Purchase orders: revisions in, what they change, and where an order stands.
//!
//! A revision never changes once it is filed. Which one is current is decided by the source's own count and
//! time, never by arrival ([`revise`]); what it changes is a typed diff ([`diff`]); and each line's earlier
//! answer either still holds or has to be given again.

pub mod booked;
pub mod change;
pub mod diff;
pub mod lines;
pub(crate) mod named;
pub mod overdue;
pub mod query;
pub mod receive;
pub mod revise;
pub mod status;

pub(crate) use change::no_longer_waiting;
pub use change::{apply_change, force_change, preview_change, receive_change, tend_waiting};
pub use diff::{Diff, FieldChange, LineChange, LineChangeKind};
pub use lines::{OrderLine, lines_of};
pub use overdue::mark_overdue;
pub use receive::{Incoming, Received, receive};
