//! Typed transaction sets: purchase order (850), change (860), acknowledgment (855), ship notice (856) and
//! receiving advice (861).
//!
//! Reading a set has two passes over each segment. `check` holds it against the tables of the standard
//! and complains; the message modules then take what they know, without complaining twice. What they do
//! not know stays as [`RawSegment`](super::RawSegment), where it was found. Codes stay text: what they
//! mean between two partners is for the application to say.

mod acknowledgment;
mod admit;
mod build;
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

use crate::options::Options;
use crate::problem::{Problem, ProblemCode, Problems};

use super::TransactionSet;

pub use acknowledgment::OrderAcknowledgment;
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
}

impl Message {
    /// The sets that are read, by ST01.
    pub const SETS: &'static [&'static str] = &["850", "855", "856", "860", "861"];

    /// The number its sender gave it, where that is not the order's: of the shipment, of the receipt.
    #[must_use]
    pub fn number(&self) -> Option<&str> {
        match self {
            Self::Order(_) | Self::OrderAcknowledgment(_) | Self::OrderChange(_) => None,
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
