//! EDI messages and the trade's words: an 850, 860, 855, 856 or 861 becomes a command, or every reason why not.
//!
//! Pure maps, no I/O and no clock. Three rules hold for all of them. What a message does not say is not made up: a
//! code that could mean two things is refused or left out, and reported. Everything wrong is found at once, each
//! with segment, element and reason. A command is the same whether its message came
//! once or again: nothing in it depends on when it arrived.
//!
//! # How revisions of an order are ranked
//!
//! X12 has no revision number. An original 850 is revision `850-00`, issued on the day of BEG05. An 860 is
//! `860-<BCH05>` with BCH05 as its sequence where the sender counts changes; otherwise, like an 850 that replaces or
//! cancels (BEG01 04, 05, 01), it is named and ranked by the time in GS04 and GS05, read as UTC, and by its
//! control numbers. A change that is not counted keeps the sequence of the revision it changes.
mod ack;
mod acknowledgment;
mod goods;
mod heading;
mod line;
mod order;
mod order_change;
pub mod outgoing;
mod packing;
mod pieces;
mod receiving_advice;
mod report;
mod sent;
mod ship_notice;
#[cfg(test)]
mod tests;

use quayside_canonical::{
    Field, Problem, Problems,
    goods_statement::{ReceiptStatement, ShipmentStatement},
    order::PurchaseOrder,
    order_change::OrderChange,
    statement::AcknowledgmentStatement,
    syntax_report::{ApplicationAdvice, SyntaxReport},
};
use quayside_edi::x12::{TransactionSet, messages::Message};

pub use report::{located, problem};
pub use sent::Sent;

/// What a partner's messages leave to agreement.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The supplier, by the number the tenant knows it by: the partner is one supplier.
    pub supplier: String,
    /// The currency of prices when no CUR names one.
    pub currency: Option<String>,
}

/// What a message asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A whole order, as first stated.
    Order(Box<PurchaseOrder>),
    /// A change to an order.
    Change(Box<OrderChange>),
    /// A supplier's answer.
    Answer(Box<AcknowledgmentStatement>),
    /// What a supplier shipped.
    Shipment(Box<ShipmentStatement>),
    /// What a warehouse received.
    Receipt(Box<ReceiptStatement>),
    /// What the partner's system says about the syntax of what we sent.
    Report(Box<SyntaxReport>),
    /// What the partner's application says about the content of what we sent.
    Advice(Box<ApplicationAdvice>),
}

/// A message, mapped.
#[derive(Clone, Debug)]
pub struct Mapped {
    /// What tells this message from any other of the partner, however often it is sent.
    pub key: String,
    /// What it asks for, or every reason why it cannot be taken.
    pub command: Result<Command, Problems>,
    /// What was left out or read with reservations.
    pub warnings: Vec<Problem>,
}

/// The sets that are mapped, by ST01.
pub const TAKEN: &[&str] = &["850", "855", "856", "860", "861"];

/// Maps a message of `set`.
#[must_use]
pub fn map(message: &Message, set: &TransactionSet, terms: &Terms) -> Mapped {
    let sent = Sent::of(set);
    match message {
        Message::Order(order) => order::map(order, &sent, terms),
        Message::OrderChange(change) => order_change::map(change, &sent, terms),
        Message::OrderAcknowledgment(answer) => acknowledgment::map(answer, &sent),
        Message::ShipNotice(notice) => ship_notice::map(notice, &sent),
        Message::ReceivingAdvice(advice) => receiving_advice::map(advice, &sent, terms),
        Message::OrderChangeAcknowledgment(_)
        | Message::Invoice(_)
        | Message::ApplicationAdvice(_)
        | Message::FunctionalAcknowledgment(_)
        | Message::ImplementationAcknowledgment(_) => not_taken(message.set_id()),
    }
}

/// Read, and of no use to us yet: those who take messages in skip it by [`TAKEN`] before they ask.
fn not_taken(set: &str) -> Mapped {
    let message = format!("we do not take {set}");
    let problems = Problems::one("NOT_SUPPORTED", &Field::root().at("ST"), message);
    Mapped { key: set.to_owned(), command: Err(problems), warnings: Vec::new() }
}
