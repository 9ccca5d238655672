//! EXCHANGE mode, our side of it: what trading partners are sent, and what they say to it.
//!
//! A worker follows each tenant's log by a cursor and composes what a partner is to get. The control numbers, the row,
//! the bytes and the event `interchange.composed` that sends them come into being in one transaction, so numbers have
//! no gaps, and an event brings about one interchange of a kind for a partner, however often it is looked at. What
//! cannot be made is noted with the reason, told as an exception, and tried again when what was agreed with the
//! partner changes.
//!
//! What a partner's system says later is matched by control numbers. Who does not say anything in time is overdue.

mod advice;
mod compose;
mod confirm;
mod follow;
mod match_up;
mod overdue;
mod partners;
mod pending;
mod query;
mod resend;
mod sample;
mod sent;
#[cfg(test)]
mod tests;

use quayside_canonical::Problem;

pub use advice::hear_advice;
pub use compose::{About, Composed, Plan, Told, compose};
pub use confirm::hear_report;
pub use follow::{Behind, FOLLOWED, Occasion, behind, followed, hand_over, hold, next};
pub use overdue::mark_overdue;
pub use partners::{Partner, partners_of};
pub use pending::{Waiting, tenants_waiting, waiting};
pub use query::{SentFilter, SentView, by_ids, list, messages_of, of_orders, raw};
pub use resend::{Resend, ResendError, Resent, resend};
pub use sample::{AskSample, Sample, SampleError, SampleOf, Samples, sample};
pub(crate) use sent::note_sent;

/// What was made of a word of a partner's system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Whether it is about something we sent.
    pub known: bool,
    /// What it is about, by its shown id.
    pub subject: Option<String>,
    /// What it is about that we do not know.
    pub problems: Vec<Problem>,
}
