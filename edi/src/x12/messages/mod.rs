//! Typed transaction sets: purchase order (850), change (860), acknowledgments (855, 865), ship notice (856),
//! receiving advice (861), invoice (810), application advice (824) and acknowledgments of syntax (997, 999).
//!
//! Reading a set has two passes over each segment. `check` holds it against the tables of the standard
//! and complains; the message modules then take what they know, without complaining twice. What they do
//! not know stays as [`RawSegment`](super::RawSegment), where it was found. Codes stay text: what they
//! mean between two partners is for the application to say.

mod acknowledgment;
mod admit;
mod answers;
mod build;
mod change_acknowledgment;
mod check;
mod codes;
mod detail;
mod dictionary;
mod fields;
mod hierarchy;
mod loops;
mod order;
mod order_change;
mod parts;
mod receiving_advice;
mod section;
mod ship_notice;
mod shipping;
#[cfg(test)]
mod tests;
mod walk;
mod write;

use crate::options::Options;
use crate::problem::{Problem, ProblemCode, Problems};

use super::TransactionSet;

pub use acknowledgment::OrderAcknowledgment;
pub use answers::{
    AdviceBegin, ApplicationAdvice, ApplicationResponse, Charge, ElementNote, FunctionalAcknowledgment,
    GroupReference, GroupVerdict, ImplementationAcknowledgment, ImplementationElementNote,
    ImplementationResponse, ImplementationSegmentNote, ImplementationVerdict, InterchangeAcknowledgment,
    Invoice, InvoiceBegin, InvoiceLine, InvoiceParty, InvoiceTotal, PlainDate, PlainNote, PlainReference,
    SegmentNote, SetResponse, SetVerdict, TechnicalError,
};
pub use change_acknowledgment::OrderChangeAcknowledgment;
pub use detail::Detail;
pub use hierarchy::{DEEPEST, Level};
pub use order::Order;
pub use order_change::{ChangedLine, OrderChange};
pub use parts::{
    Contact, Currency, DateTime, Description, Fob, LineStatus, Note, Pack, Party, Price, ProductId, Quantity,
    Reference, Routing, Schedule, Split, Terms,
};
pub use receiving_advice::{Question, ReceivedLine, ReceivingAdvice};
pub use section::{Line, LineId, Section};
pub use ship_notice::ShipNotice;
pub(crate) use shipping::sscc_of;
pub use shipping::{Component, Equipment, Lading, Marks, OrderReference, Packaging, Shipped, SsccFault};

/// A transaction set in the terms of its trade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// 850.
    Order(Box<Order>),
    /// 855.
    OrderAcknowledgment(Box<OrderAcknowledgment>),
    /// 860.
    OrderChange(Box<OrderChange>),
    /// 856.
    ShipNotice(Box<ShipNotice>),
    /// 861.
    ReceivingAdvice(Box<ReceivingAdvice>),
    /// 865.
    OrderChangeAcknowledgment(Box<OrderChangeAcknowledgment>),
    /// 810.
    Invoice(Box<Invoice>),
    /// 824.
    ApplicationAdvice(Box<ApplicationAdvice>),
    /// 997.
    FunctionalAcknowledgment(Box<FunctionalAcknowledgment>),
    /// 999.
    ImplementationAcknowledgment(Box<ImplementationAcknowledgment>),
}

impl Message {
    /// The sets that are read, by ST01.
    pub const SETS: &'static [&'static str] =
        &["810", "824", "850", "855", "856", "860", "861", "865", "997", "999"];

    /// The number its sender gave it, where that is not the order's: of the shipment, of the receipt.
    #[must_use]
    pub fn number(&self) -> Option<&str> {
        match self {
            Self::Order(_)
            | Self::OrderAcknowledgment(_)
            | Self::OrderChange(_)
            | Self::OrderChangeAcknowledgment(_)
            | Self::FunctionalAcknowledgment(_)
            | Self::ImplementationAcknowledgment(_) => None,
            Self::Invoice(invoice) => Some(&invoice.begin.number),
            Self::ApplicationAdvice(advice) => Some(&advice.begin.number),
            Self::ShipNotice(notice) => Some(&notice.number),
            Self::ReceivingAdvice(advice) => Some(&advice.number),
        }
    }

    /// The purchase orders it is about; a shipment or a receipt may name several, or none.
    #[must_use]
    pub fn order_numbers(&self) -> Vec<&str> {
        match self {
            Self::Order(order) => vec![&order.number],
            Self::OrderAcknowledgment(acknowledgment) => vec![&acknowledgment.order_number],
            Self::OrderChange(change) => vec![&change.order_number],
            Self::ShipNotice(notice) => notice.order_numbers(),
            Self::ReceivingAdvice(advice) => advice.order_numbers(),
            Self::OrderChangeAcknowledgment(answer) => vec![&answer.order_number],
            Self::Invoice(invoice) => {
                invoice.begin.order_number.iter().map(|number| number.as_str()).collect()
            }
            Self::ApplicationAdvice(advice) => {
                let orders = advice.responses.iter().filter(|found| *found.reference_qualifier == "PO");
                orders.map(|found| found.reference.as_str()).collect()
            }
            Self::FunctionalAcknowledgment(_) | Self::ImplementationAcknowledgment(_) => Vec::new(),
        }
    }

    /// How many lines it has.
    #[must_use]
    pub fn line_count(&self) -> usize {
        match self {
            Self::Order(order) => order.lines.len(),
            Self::OrderAcknowledgment(acknowledgment) => acknowledgment.lines.len(),
            Self::OrderChange(change) => change.lines.len(),
            Self::ShipNotice(notice) => notice.items().count(),
            Self::ReceivingAdvice(advice) => advice.lines.len(),
            Self::OrderChangeAcknowledgment(answer) => answer.lines.len(),
            Self::Invoice(invoice) => invoice.lines.len(),
            Self::ApplicationAdvice(advice) => advice.responses.len(),
            Self::FunctionalAcknowledgment(answer) => answer.sets.len(),
            Self::ImplementationAcknowledgment(answer) => answer.sets.len(),
        }
    }
}

/// What came of reading one.
pub type Reading = crate::reading::Reading<Message>;

/// Reads a set. The verdicts on its group and interchange are the caller's to ask.
#[must_use]
pub fn read(set: &TransactionSet, options: &Options) -> Reading {
    let mut problems = Problems::new(options.limits.problems);
    for problem in &set.problems {
        problems.push(problem.clone());
    }
    let message = typed(set, options, &mut problems);
    Reading { message: message.filter(|_| !problems.rejected()), problems: problems.into_vec() }
}

fn typed(set: &TransactionSet, options: &Options, problems: &mut Problems) -> Option<Message> {
    Some(match set.id.as_str() {
        "810" => Message::Invoice(Box::new(Invoice::read(set, options, problems))),
        "824" => Message::ApplicationAdvice(Box::new(ApplicationAdvice::read(set, options, problems))),
        "850" => Message::Order(Box::new(order::read(set, options, problems)?)),
        "855" => Message::OrderAcknowledgment(Box::new(acknowledgment::read(set, options, problems)?)),
        "856" => Message::ShipNotice(Box::new(ship_notice::read(set, options, problems)?)),
        "860" => Message::OrderChange(Box::new(order_change::read(set, options, problems)?)),
        "861" => Message::ReceivingAdvice(Box::new(receiving_advice::read(set, options, problems)?)),
        "865" => {
            let read = change_acknowledgment::read(set, options, problems)?;
            Message::OrderChangeAcknowledgment(Box::new(read))
        }
        "997" => {
            let read = FunctionalAcknowledgment::read(set, options, problems);
            Message::FunctionalAcknowledgment(Box::new(read))
        }
        "999" => {
            let read = ImplementationAcknowledgment::read(set, options, problems);
            Message::ImplementationAcknowledgment(Box::new(read))
        }
        other => {
            let message = format!("Set {} is not read here", super::header::printable(other));
            let st = set.segments().next().map(|st| st.place(1)).unwrap_or_default();
            problems.push(Problem::new(ProblemCode::SetNotSupported, set.control.position(st), message));
            return None;
        }
    })
}
