//! EDI messages and the trade's words: an 850 or an ORDERS, and what follows it, becomes a command, or every reason
//! why not.
//!
//! Pure maps, no I/O and no clock. Three rules hold for all of them. What a message does not say is not made up: a
//! code that could mean two things is refused or left out, and reported. Everything wrong is found at once, each
//! with segment, element and reason. A command is the same whether its message came
//! once or again: nothing in it depends on when it arrived. And whichever syntax a story is told in, it becomes the
//! same command.
//!
//! One folder for each syntax, [`x12`] and [`edifact`], one file in it for each message; beside them what both share.
//!
//! | command | X12 | EDIFACT |
//! |---|---|---|
//! | [`Command::Order`], [`Command::Change`] | 850, 860 | ORDERS, ORDCHG |
//! | [`Command::Answer`] | 855, 865 | ORDRSP |
//! | [`Command::Shipment`] | 856 | DESADV |
//! | [`Command::Receipt`] | 861 | RECADV |
//! | [`Command::Report`] | 997, 999, TA1 | CONTRL |
//! | [`Command::Advice`] | 824 | APERAK |
mod answers;
mod documents;
pub mod edifact;
mod faults;
pub mod outgoing;
mod purpose;
mod received;
mod report;
mod sent;
#[cfg(test)]
mod tests;
mod values;
pub mod x12;

use quayside_canonical::{
    Field, Problem, Problems,
    goods_statement::{ReceiptStatement, ShipmentStatement},
    order::PurchaseOrder,
    order_change::OrderChange,
    partner::Agreement,
    statement::AcknowledgmentStatement,
    syntax_report::{ApplicationAdvice, SyntaxReport},
};

pub use report::{is_agreed, located, problem, weight};
pub use sent::Sent;
pub use x12::map;

/// What a partner's messages leave to agreement.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The supplier, by the number the tenant knows it by: the partner is one supplier.
    pub supplier: String,
    /// The currency of prices when the message names none.
    pub currency: Option<String>,
    /// What was agreed with the partner: its words for ours, and what the quantity of a change means.
    pub agreement: Agreement,
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

/// What is mapped, by ST01 and UNH 0065. TA1, which is no set, is mapped by
/// [`x12::map_interchange_acknowledgment`].
pub const TAKEN: &[&str] = &[
    "824", "850", "855", "856", "860", "861", "865", "997", "999", "APERAK", "CONTRL", "DESADV", "ORDCHG",
    "ORDERS", "ORDRSP", "RECADV",
];

/// Read, and of no use to us: those who take messages in skip it by [`TAKEN`] before they ask.
fn not_taken(kind: &str, segment: &str) -> Mapped {
    let message = format!("we do not take {kind}");
    let message = match kind {
        "810" | "INVOIC" => format!("{message}: what becomes of invoices, the ERP states"),
        _ => message,
    };
    let problems = Problems::one("NOT_SUPPORTED", &Field::root().at(1).at(segment), message);
    Mapped { key: kind.to_owned(), command: Err(problems), warnings: Vec::new() }
}
