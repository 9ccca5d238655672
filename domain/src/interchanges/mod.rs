//! EDI interchanges: filed as they came, dealt with message by message, answered once.
//!
//! The bytes are filed before anything is read, in a transaction of their own. Each message then runs as an
//! operation of its own capability, and what became of it is recorded; when all are, the result is stored and
//! never changes. The same bytes again get the same result. A process that dies in between leaves an unfinished
//! interchange: handed in again, it goes on after the messages recorded, and the operations recognise what they
//! have done already.

mod file;
mod finish;
mod record;
#[cfg(test)]
mod tests;

use quayside_canonical::{InterchangeId, Problem, states::DocumentOutcome};
use serde::{Deserialize, Serialize};

pub use file::{FileError, Filed, file};
pub use finish::{Envelope, finish};
pub use record::{MessageRecord, record, recorded};

/// What became of an interchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InterchangeResult {
    /// The interchange.
    pub interchange: InterchangeId,
    /// Its messages, in their order.
    pub messages: Vec<MessageResult>,
    /// What is wrong with the file and its envelopes.
    pub problems: Vec<Problem>,
    /// What about them should be known.
    pub warnings: Vec<Problem>,
}

impl InterchangeResult {
    /// Whether anything at all could be read.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        !self.messages.is_empty() || self.problems.is_empty()
    }
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageResult {
    /// What kind of message, such as `850`.
    #[serde(rename = "type")]
    pub message_type: String,
    /// The sender's number of it.
    pub control_number: String,
    /// What tells it from every other of the partner, when it could be read.
    pub business_key: Option<String>,
    /// What became of it.
    pub outcome: DocumentOutcome,
    /// The order or answer it became.
    pub subject: Option<String>,
    /// Why it was not taken.
    pub problems: Vec<Problem>,
    /// What was taken with reservations.
    pub warnings: Vec<Problem>,
}
