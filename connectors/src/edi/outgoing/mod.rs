//! What we send to trading partners, as drafts and then as bytes.
//!
//! Pure maps, the way back of the ones beside this folder: an order becomes an 850 or an ORDERS, the difference between
//! two of its revisions an 860 or an ORDCHG, a receipt an 861 or a RECADV. A [`Draft`] has no control numbers and no
//! envelope: they are allotted when it is filed, and [`write()`] puts it between them. What is written is read again
//! before it leaves, by the reader that everybody's messages go through: what it refuses does not leave.
//!
//! Codes are never cut and never changed beyond what was agreed with the partner: one that does not fit is a reason
//! not to send. Texts for people are spread over as many segments as they need, and a character that would cut a
//! segment becomes a blank.
mod acknowledge;
mod advice;
mod changes;
mod edifact;
mod envelope;
pub mod sample;
mod words;
mod x12;

#[cfg(test)]
mod tests;

use quayside_canonical::{
    Problems,
    events::ReceiptRecorded,
    order::PurchaseOrder,
    partner::Agreement,
    states::{EdiDocument, EdiSyntax},
};
use quayside_edi::{edifact::MessageHeader, raw::RawSegment};

use changes::Telling;

pub use acknowledge::{acknowledge_edifact, acknowledge_x12};
pub use advice::{Objection, advise};
pub use envelope::{Envelope, needs, write};

/// A message that is to be sent, without envelope and control numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What it is.
    pub document: EdiDocument,
    /// The same by its name in the standard: `850`, `ORDERS`, `TA1`.
    pub kind: String,
    body: Body,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Body {
    /// A TA1, which stands in no group.
    Word(RawSegment),
    /// A transaction set.
    Set { group: &'static str, version: String, segments: Vec<RawSegment> },
    /// A message of EDIFACT.
    Message { header: MessageHeader, segments: Vec<RawSegment> },
}

/// The first statement of an order: an 850 or an ORDERS. Nothing, when nothing of it is wanted.
///
/// # Errors
/// Every reason why it cannot be said.
pub fn order(order: &PurchaseOrder, agreement: &Agreement) -> Result<Option<Draft>, Problems> {
    if order.cancelled || !order.lines.iter().any(changes::is_wanted) {
        return Ok(None);
    }
    whole(order, Whole::First, agreement).map(Some)
}

/// What the statement of a whole order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whole {
    /// The first of it.
    First,
    /// One that takes the place of what was said before.
    Anew,
}

fn whole(order: &PurchaseOrder, whole: Whole, agreement: &Agreement) -> Result<Draft, Problems> {
    match agreement.syntax {
        EdiSyntax::X12 => x12::order(order, whole, agreement),
        EdiSyntax::Edifact => edifact::order(order, whole, agreement),
    }
}

/// Two revisions of an order, and which change of it this is, counted from 1.
#[derive(Clone, Copy, Debug)]
pub struct Revised<'a> {
    /// What the partner was told before.
    pub before: &'a PurchaseOrder,
    /// What holds now.
    pub after: &'a PurchaseOrder,
    /// The count.
    pub count: i64,
}

/// What changed between two revisions: an 860 or an ORDCHG. Nothing, when nothing changed that a partner is told of.
/// What was said and is not said any more no change can tell: then the whole order is stated anew, by an 850 or ORDERS
/// that replaces.
///
/// # Errors
/// Every reason why it cannot be said.
pub fn change(revised: Revised<'_>, agreement: &Agreement) -> Result<Option<Draft>, Problems> {
    let changes = match changes::between(revised.before, revised.after)? {
        Telling::Nothing => return Ok(None),
        Telling::Anew => return whole(revised.after, Whole::Anew, agreement).map(Some),
        Telling::Change(changes) => changes,
    };
    match agreement.syntax {
        EdiSyntax::X12 => x12::change(&changes, revised, agreement),
        EdiSyntax::Edifact => edifact::change(&changes, revised, agreement),
    }
    .map(Some)
}

/// What was received: an 861 or a RECADV.
///
/// # Errors
/// Every reason why it cannot be said.
pub fn receipt(receipt: &ReceiptRecorded, agreement: &Agreement) -> Result<Draft, Problems> {
    match agreement.syntax {
        EdiSyntax::X12 => x12::receipt(receipt, agreement),
        EdiSyntax::Edifact => edifact::receipt(receipt, agreement),
    }
}
