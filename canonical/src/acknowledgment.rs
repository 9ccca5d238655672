//! A supplier's answer to one revision of an order (X12 855, EDIFACT ORDRSP).
use serde::{Deserialize, Serialize};

use crate::{AcknowledgmentId, Date, Micro, PurchaseOrderId, states::AnswerKind};

/// The answer as the supplier gives it, whatever the channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SubmitAcknowledgment {
    /// The order.
    pub order: PurchaseOrderId,
    /// Our number of the revision that is answered. A stale one is refused.
    pub revision: i32,
    /// The supplier's own number for the order.
    pub supplier_reference: Option<String>,
    /// Words to the buyer.
    pub note: Option<String>,
    /// What is said about each line. Lines may be left for a later answer.
    pub lines: Vec<LineAnswer>,
}

/// What is said about one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LineAnswer {
    /// The line number as the order has it.
    pub line: String,
    /// The earlier answer this one replaces, when the line is already answered.
    pub replaces: Option<AcknowledgmentId>,
    /// The quantity, split as needed. The parts cover the whole ordered quantity.
    pub parts: Vec<AnswerPart>,
}

/// One part of a line's quantity and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AnswerPart {
    /// What becomes of it.
    pub kind: AnswerKind,
    /// How much.
    pub quantity: Micro,
    /// Unit of the quantity; the line's when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The day the goods will be delivered; as asked when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised_on: Option<Date>,
    /// Price, on the basis the order states; as ordered when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Micro>,
    /// Why: a code of the tenant's or of X12 668, or words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What is shipped instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub substitute: Option<Substitute>,
}

/// An item shipped in place of the one ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Substitute {
    /// The supplier's part number.
    pub supplier_part: String,
    /// What it is, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// How an answer differs from what was ordered by more than is tolerated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Deviation {
    /// What differs.
    pub kind: DeviationKind,
    /// As ordered.
    pub ordered: String,
    /// As answered.
    pub answered: String,
    /// The rule it breaks, in words.
    pub rule: String,
}

crate::macros::words! {
    /// In what an answer can differ from the order.
    DeviationKind {
        /// More or less than ordered.
        Quantity = "QUANTITY",
        /// Earlier or later than asked.
        Date = "DATE",
        /// Dearer or cheaper than ordered.
        Price = "PRICE",
        /// Another item.
        Substitution = "SUBSTITUTION",
    }
}
