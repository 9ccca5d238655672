//! Deliveries: events on their way to the tenant's systems.
//!
//! ```text
//!            claim                 record
//! WAITING ─────────→ SENDING ──┬─ delivered ─────────────→ DELIVERED
//!    ↑                  ↑      ├─ it did not happen: retry → WAITING, later
//!    │ redrive          │      ├─ it may have happened ───→ UNCONFIRMED, later
//!    │                  │      └─ refused, or tried enough → DEAD ── skip → SKIPPED
//!    └── DEAD           └── UNCONFIRMED, or SENDING of a worker that was lost: ask before sending again
//! ```
//!
//! What must stay true:
//! - Deliveries of one (connection, order) are sent in the order of the log. One that is not finished, dead
//!   included, holds back the later ones of its key and no others.
//! - A worker's word counts only while its lease does: [`record`] changes nothing once another worker has
//!   claimed the row, which the row's `fence` tells.
//! - Whether a lost attempt arrived is not known. Its next claim says `must_confirm`, and the worker asks the
//!   receiver before it sends again.
//!
//! No call leaves this module: a worker claims, lets a connector send, and records.

mod attempts;
mod backoff;
mod claim;
mod connections;
mod envelope;
mod intervention;
mod observe;
mod of_subject;
mod outcome;
mod record;
mod redrive;
mod skip;
#[cfg(test)]
mod tests;

pub use attempts::attempts_of;
pub use backoff::{LAST_ATTEMPT, SCHEDULE};
pub use claim::{BATCH, Claimed, LEASE, Receiver, claim};
pub use connections::{pause_connection, resume_connection};
pub use envelope::envelope;
pub use intervention::{Intervened, InterventionError};
pub use observe::observe;
pub use of_subject::{SubjectDelivery, of_subject};
pub use outcome::{Attempt, AttemptResult};
pub(crate) use record::pause_refused;
pub use record::{record, record_many};
pub use redrive::{redrive, redrive_all};
pub use skip::skip;

/// `error_code` of a delivery of which nobody knows whether it arrived. A claim of it must ask first.
const UNCONFIRMED: &str = "UNCONFIRMED";
