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

use check::Checker;
use codes::Family;

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

/// What came of reading a set.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The message; none if the set is refused.
    pub message: Option<Message>,
    /// Everything wrong with the set, that of its envelope first.
    pub problems: Vec<Problem>,
}

impl Reading {
    /// Whether the set is of a kind we do not read.
    #[must_use]
    pub fn unsupported(&self) -> bool {
        self.problems.iter().any(|problem| problem.code == ProblemCode::SetNotSupported)
    }
}

/// Reads a set. The verdicts on its group and interchange are the caller's to ask.
#[must_use]
pub fn read(set: &TransactionSet, options: &Options) -> Reading {
    let mut problems = Problems::new(options.limits.problems);
    for problem in &set.problems {
        problems.push(problem.clone());
    }
    let message = match set.id.as_str() {
        "850" => order::read(set, options, &mut problems).map(|order| Message::Order(Box::new(order))),
        "855" => acknowledgment::read(set, options, &mut problems)
            .map(|acknowledgment| Message::OrderAcknowledgment(Box::new(acknowledgment))),
        "860" => order_change::read(set, options, &mut problems)
            .map(|change| Message::OrderChange(Box::new(change))),
        "856" => {
            ship_notice::read(set, options, &mut problems).map(|notice| Message::ShipNotice(Box::new(notice)))
        }
        "861" => receiving_advice::read(set, options, &mut problems)
            .map(|advice| Message::ReceivingAdvice(Box::new(advice))),
        "865" => change_acknowledgment::read(set, options, &mut problems)
            .map(|answer| Message::OrderChangeAcknowledgment(Box::new(answer))),
        "810" => {
            let mut checker = Checker::new(set, Family::Answer("810"), options, &mut problems);
            Some(Message::Invoice(Box::new(Invoice::read(set, &mut checker))))
        }
        "824" => {
            let mut checker = Checker::new(set, Family::Answer("824"), options, &mut problems);
            Some(Message::ApplicationAdvice(Box::new(ApplicationAdvice::read(set, &mut checker))))
        }
        "997" => {
            let mut checker = Checker::new(set, Family::Answer("997"), options, &mut problems);
            let answer = FunctionalAcknowledgment::read(set, &mut checker);
            Some(Message::FunctionalAcknowledgment(Box::new(answer)))
        }
        "999" => {
            let mut checker = Checker::new(set, Family::Answer("999"), options, &mut problems);
            let answer = ImplementationAcknowledgment::read(set, &mut checker);
            Some(Message::ImplementationAcknowledgment(Box::new(answer)))
        }
        other => {
            let message = format!("Set {} is not read here", super::header::printable(other));
            let position = match set.segments().next() {
                Some(st) => set.control.position(st.place(1)),
                None => set.control.at_byte(0),
            };
            problems.push(Problem::new(ProblemCode::SetNotSupported, position, message));
            None
        }
    };
    Reading { message: message.filter(|_| !problems.rejected()), problems: problems.into_vec() }
}
