//! Typed transaction sets: purchase order (850), change (860) and acknowledgment (855).
//!
//! Reading a set has two passes over each segment. `check` holds it against the tables of the standard
//! and complains; the message modules then take what they know, without complaining twice. What they do
//! not know stays as [`RawSegment`](super::RawSegment), where it was found. Codes stay text: what they
//! mean between two partners is for the application to say.

mod acknowledgment;
mod build;
mod check;
mod codes;
mod dictionary;
mod fields;
mod order;
mod order_change;
mod parts;
mod section;
#[cfg(test)]
mod tests;
mod walk;

use crate::options::Options;
use crate::problem::{Problem, ProblemCode, Problems};

use super::TransactionSet;

pub use acknowledgment::OrderAcknowledgment;
pub use order::Order;
pub use order_change::{ChangedLine, OrderChange};
pub use parts::{
    Contact, Currency, DateTime, Description, Fob, LineStatus, Note, Pack, Party, Price, ProductId, Quantity,
    Reference, Routing, Schedule, Split, Terms,
};
pub use section::{Line, LineId, Section};

/// A transaction set in the terms of its trade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// 850.
    Order(Box<Order>),
    /// 855.
    OrderAcknowledgment(Box<OrderAcknowledgment>),
    /// 860.
    OrderChange(Box<OrderChange>),
}

impl Message {
    /// The sets that are read, by ST01.
    pub const SETS: &'static [&'static str] = &["850", "855", "860"];

    /// The purchase order it is about.
    #[must_use]
    pub fn order_number(&self) -> &str {
        match self {
            Self::Order(order) => &order.number,
            Self::OrderAcknowledgment(acknowledgment) => &acknowledgment.order_number,
            Self::OrderChange(change) => &change.order_number,
        }
    }

    /// How many lines it has.
    #[must_use]
    pub fn line_count(&self) -> usize {
        match self {
            Self::Order(order) => order.lines.len(),
            Self::OrderAcknowledgment(acknowledgment) => acknowledgment.lines.len(),
            Self::OrderChange(change) => change.lines.len(),
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
