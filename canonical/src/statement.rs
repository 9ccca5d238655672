//! A supplier's answer as a message states it, before it is held against the order (X12 855 and 865,
//! EDIFACT ORDRSP).
//!
//! A message names the order by its number and says some things only by reference to it: "as it stands", "all of
//! it", "so many, and no more". With the order at hand it becomes a
//! [`SubmitAcknowledgment`](crate::acknowledgment::SubmitAcknowledgment), which meets the same rules as an answer
//! by any other channel.
use serde::Serialize;

use crate::{Date, Field, Micro, acknowledgment::Substitute, states::AnswerKind};

/// An answer as stated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AcknowledgmentStatement {
    /// The buyer's order number.
    pub number: String,
    /// The release, when the order is one of a blanket order. An order with the number
    /// [`release_number`](crate::order::release_number) is looked for first.
    pub release: Option<String>,
    /// The supplier's own number for the order.
    pub supplier_reference: Option<String>,
    /// Words to the buyer.
    pub note: Option<String>,
    /// What is said.
    pub says: Says,
    /// Whether the message says everything about its lines anew, as a replacement or a copy does. Any other may add to
    /// what an earlier one left open.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub anew: bool,
    /// Where the message names the order.
    #[serde(skip)]
    pub place: Field,
}

/// What an answer says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Says {
    /// The order is accepted as it stands.
    AcceptsAll,
    /// Every line is rejected.
    RejectsAll {
        /// Why.
        reason: String,
    },
    /// Every line that waits for an answer is accepted as it stands: what a change made of the order is agreed to,
    /// and what was answered before stays.
    AcceptsChange,
    /// Every line that waits for an answer is answered as it was before the buyer changed it, and what that leaves
    /// is rejected.
    KeepsAnswers {
        /// Why.
        reason: String,
    },
    /// These lines are answered; the others are left for later.
    Lines(Vec<StatedLine>),
}

/// What is said about one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatedLine {
    /// The line number.
    pub line: String,
    /// What becomes of its quantity.
    pub parts: Vec<StatedPart>,
    /// The reason with which all that no part covers is rejected: the message accepts a changed quantity and says
    /// nothing of the rest. Without one, the parts have to cover the line.
    pub rest_rejected_for: Option<String>,
    /// Whether the line is answered already and only what is said here changes: a day, a price, a quantity. What
    /// is not said is as it was answered, and with no parts all of it is. Of a line without an answer it says what
    /// any other does.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub amends: bool,
    /// Whether the message says of some of the quantity that it is not decided yet. The parts then say what is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub open: bool,
    /// Where the line starts.
    #[serde(skip)]
    pub place: Field,
}

/// What becomes of a part of the quantity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatedPart {
    /// What becomes of it.
    pub kind: AnswerKind,
    /// How much; all that no other part covers when not said.
    pub quantity: Option<Micro>,
    /// Unit of the quantity.
    pub unit: Option<String>,
    /// The day the goods will be delivered.
    pub promised_on: Option<Date>,
    /// The price.
    pub price: Option<StatedPrice>,
    /// Why.
    pub reason: Option<String>,
    /// What is shipped instead.
    pub substitute: Option<Substitute>,
    /// Where the message says so.
    #[serde(skip)]
    pub place: Field,
}

/// A price as stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StatedPrice {
    /// Price of `per` units.
    pub amount: Micro,
    /// For how many units it is; the order's when not said.
    pub per: Option<Micro>,
    /// Whether the message says that the price changed. Otherwise it only repeats what it takes for the order's.
    pub changed: bool,
}
