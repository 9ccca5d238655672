//! Deliveries: events on their way to the tenant's systems.
//!
//! ```text
//!            claim                 record
//! WAITING ─────────→ SENDING ──┬─ delivered ─────────────→ DELIVERED
//!    ↑                  ↑      ├─ it did not happen: retry → WAITING, later
//!    │ redrive          │      ├─ it may have happened ───→ UNCONFIRMED, later
//!    │                  │      └─ refused, or tried enough → DEAD ── skip → SKIPPED
//!    ├── DEAD           └── UNCONFIRMED, or SENDING of a worker that was lost: ask before sending again
//!    └── MISSING ←── DELIVERED, and the receiver does not have it when it is asked later: never sent again by itself
//! ```
//!
//! What must stay true:
//! - Deliveries of one (connection, order) and of one (connection, shipment) are sent in the order of the log. One
//!   that is not finished, dead included, holds back the later ones of any of its keys and no others.
//! - A system that does not answer is left alone for a while, and so is one that asked for it: `circuit`. What
//!   waits for it costs a claim nothing.
//! - A worker's word counts only while its lease does, and it breaks off what it sends when its lease ends: [`record`] changes nothing once another worker has
//!   claimed the row, which the row's `fence` tells.
//! - Whether a lost attempt arrived is not known. Its next claim says `must_confirm`, and the worker asks the
//!   receiver before it sends again.
//! - What is true of one kind of connection only is said in one place: `manner`.
//!
//! No call leaves this module: a worker claims, lets a connector send, and records.

mod attempts;
mod backoff;
mod checks;
mod circuit;
mod claim;
mod connections;
mod envelope;
mod health;
mod intervention;
mod list;
mod manner;
mod observe;
mod of_subject;
mod outcome;
mod pace;
mod prune;
mod put_right;
mod read_back;
mod record;
mod redrive;
mod skip;
#[cfg(test)]
mod tests;

pub use attempts::attempts_of;
pub use backoff::{LAST_ATTEMPT, SCHEDULE};
pub use checks::{Check, Finding, conclude, due as checks_due};
pub use circuit::{FAILURES, FIRST_WAIT, LONGEST_WAIT, UNREACHABLE_AFTER};
pub use claim::{BATCH, Claimed, Hands, LEASE, LEASE_MARGIN, Lease, MOST_OF_ONE, Receiver, claim, renew};
pub use connections::{pause_connection, resume_connection};
pub use envelope::envelope;
pub use health::{Health, health};
pub use intervention::{Intervened, InterventionError};
pub use list::{DeliveryDetail, DeliveryFilter, Place, attempts_of_many, by_ids, list, place};
pub use observe::observe;
pub use of_subject::{SubjectDelivery, of_subject};
pub use outcome::{Attempt, AttemptResult};
pub use prune::{Keep, Pruned, prune};
pub use put_right::put_right;
pub use read_back::{SetReadBack, set_read_back};
pub(crate) use record::pause_refused;
pub use record::{Kept, record, record_many};
pub(crate) use redrive::send_again;
pub use redrive::{
    MOST_REDRIVEN, Redrive, RedriveMany, Redriven, Which, count_redrivable, redrive, redrive_all,
    redrive_many,
};
pub use skip::skip;

pub(crate) use manner::Manner;

/// `error_code` of a delivery of which nobody knows whether it arrived. A claim of it must ask first.
const UNCONFIRMED: &str = "UNCONFIRMED";
