//! EDI interchanges: filed as they came, dealt with message by message, answered once.
//!
//! The bytes of a file are filed before anything is read, in a transaction of their own. A file may hold several
//! interchanges; each is put on record with its own envelope, and each of its messages runs as an operation of its
//! own capability. What became of a message is recorded; when all of an interchange are, it is finished; when all
//! interchanges of a file are, the result of the file is stored and never changes. The same bytes again get the same
//! result. A process that dies in between leaves an unfinished file: handed in again, it goes on after the messages
//! recorded, and the operations recognise what they have done already.
//!
//! What the envelope says decides before any message acts: whose interchange it is, and whether its control number
//! was used before.

mod content;
mod file;
mod finish;
mod open;
mod query;
mod record;
mod redo;
mod segments;
mod settle;
#[cfg(test)]
mod tests;
mod tools;

use quayside_canonical::{
    InterchangeFileId, InterchangeId, Problem,
    partner::Identifier,
    states::{DocumentOutcome, EdiSyntax, InterchangeStatus, MessageStage},
};
use serde::{Deserialize, Serialize};

pub use content::{Filed as FiledInterchange, filed, fingerprint};
pub use file::{Arrival, FileError, Filed, file};
pub use finish::{Found, close, finish};
pub use open::{Opened, Opening, REPEATED, open};
pub use query::{
    InterchangeFilter, InterchangeView, MAX_SEGMENTS, MessageView, by_ids, list, message, messages_of,
    results_of, segments_of,
};
pub use record::{MessageRecord, record, recorded, stage_of};
pub use redo::{Redo, RedoError, Redoable, redo, redoable};
pub use segments::Segment;
pub(crate) use settle::{expired, settled};
pub use tools::{
    DRY_RUN_LIMIT, DryRun, DryRunError, Interchanges, ValidatedInterchange, ValidatedMessage, Validation,
};

/// What the envelope of an interchange says, and where it stands in its file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// The standard. None where there is nothing that could be an interchange.
    pub syntax: Option<EdiSyntax>,
    /// Who sent it: `ISA05` and `ISA06`, or UNB S002.
    pub sender: Option<Identifier>,
    /// For whom it is.
    pub receiver: Option<Identifier>,
    /// `ISA13`, or UNB 0020.
    pub control_number: Option<String>,
    /// `ISA15`; in EDIFACT `T` for trial data (0035) and `P` for all other.
    pub usage: Option<String>,
    /// Its first byte in the file.
    pub offset: u64,
    /// How many bytes it has.
    pub length: u64,
    /// The SHA-256 of these bytes.
    pub content_hash: Vec<u8>,
    /// The byte that ends its segments.
    pub terminator: Option<u8>,
    /// The byte that takes that meaning from the one after it.
    pub release: Option<u8>,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileResult {
    /// The file.
    pub file: InterchangeFileId,
    /// Its interchanges, in their order.
    pub interchanges: Vec<InterchangeResult>,
    /// What is wrong with it outside its interchanges.
    pub problems: Vec<Problem>,
    /// What about that should be known.
    pub warnings: Vec<Problem>,
}

impl FileResult {
    /// Whether anything at all could be read.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        let read = |one: &InterchangeResult| {
            one.syntax.is_some() && (!one.messages.is_empty() || one.problems.is_empty())
        };
        self.interchanges.iter().any(read)
    }

    /// The messages of all its interchanges.
    pub fn messages(&self) -> impl Iterator<Item = &MessageResult> {
        self.interchanges.iter().flat_map(|one| &one.messages)
    }
}

/// What became of an interchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InterchangeResult {
    /// The interchange.
    pub interchange: InterchangeId,
    /// Its standard.
    pub syntax: Option<EdiSyntax>,
    /// Who sent it.
    pub sender: Option<Identifier>,
    /// For whom it is.
    pub receiver: Option<Identifier>,
    /// The sender's number of it.
    pub control_number: Option<String>,
    /// What became of it.
    pub status: InterchangeStatus,
    /// Its messages, in their order.
    pub messages: Vec<MessageResult>,
    /// What is wrong with its envelopes.
    pub problems: Vec<Problem>,
    /// What about them should be known.
    pub warnings: Vec<Problem>,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageResult {
    /// What kind of message, such as `850`.
    #[serde(rename = "type")]
    pub message_type: String,
    /// The sender's number of the group it is in.
    pub group: Option<String>,
    /// The sender's number of it.
    pub control_number: String,
    /// What tells it from every other of the partner, when it could be read.
    pub business_key: Option<String>,
    /// How far it came.
    pub stage: MessageStage,
    /// What became of it.
    pub outcome: DocumentOutcome,
    /// The order or answer it became.
    pub subject: Option<String>,
    /// Why it was not taken.
    pub problems: Vec<Problem>,
    /// What was taken with reservations.
    pub warnings: Vec<Problem>,
}

/// Whether nothing of a message was taken.
#[must_use]
pub const fn is_refused(outcome: DocumentOutcome) -> bool {
    matches!(outcome, DocumentOutcome::Refused | DocumentOutcome::Conflict)
}

/// What becomes of an interchange of so many messages, of which so many were refused.
#[must_use]
pub const fn status_of(messages: usize, refused: usize, has_problems: bool) -> InterchangeStatus {
    if messages == 0 {
        return if has_problems { InterchangeStatus::Refused } else { InterchangeStatus::Applied };
    }
    match refused {
        0 => InterchangeStatus::Applied,
        _ if refused == messages => InterchangeStatus::Refused,
        _ => InterchangeStatus::PartlyApplied,
    }
}
