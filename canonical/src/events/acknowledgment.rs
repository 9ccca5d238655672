//! Events about answers and change proposals.
use serde::{Deserialize, Serialize};

use crate::{
    AcknowledgmentId, ChangeProposalId, PurchaseOrderId, SupplierId, Timestamp,
    acknowledgment::{AnswerPart, Deviation},
    states::LineStatus,
};

/// A supplier answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AcknowledgmentSubmitted {
    /// The answer.
    pub acknowledgment: AcknowledgmentId,
    /// The order.
    pub order: PurchaseOrderId,
    /// The buyer's order number.
    pub order_number: String,
    /// The supplier.
    pub supplier: SupplierId,
    /// Our number of the revision that is answered.
    pub revision: i32,
    /// The source's name of that revision.
    pub source_revision: String,
    /// The supplier's own number for the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplier_reference: Option<String>,
    /// Words to the buyer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What was said about each line.
    pub lines: Vec<AnsweredLine>,
    /// Lines of which only some of the quantity is answered so far. They go on waiting for their answer, and nothing of
    /// them is agreed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub in_part: Vec<AnsweredLine>,
}

/// One line of an answer, and what the rules made of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AnsweredLine {
    /// The line number.
    pub line: String,
    /// `ACCEPTED`, or `PROPOSED` when it waits for procurement; `AWAITING_ANSWER` of a line that is answered in part.
    pub status: LineStatus,
    /// The parts, in the line's unit.
    pub parts: Vec<AnswerPart>,
    /// What is beyond tolerance.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deviations: Vec<Deviation>,
}

/// The supplier did not answer in time.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AcknowledgmentOverdue {
    /// The order.
    pub order: PurchaseOrderId,
    /// The buyer's order number.
    pub order_number: String,
    /// The supplier.
    pub supplier: SupplierId,
    /// The revision to answer.
    pub revision: i32,
    /// When the answer was due.
    pub due_at: Timestamp,
}

/// A line's answer is beyond tolerance: procurement decides.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChangeProposalOpened {
    /// The proposal.
    pub proposal: ChangeProposalId,
    /// The answer it came with.
    pub acknowledgment: AcknowledgmentId,
    /// The order.
    pub order: PurchaseOrderId,
    /// The line.
    pub line: String,
    /// What is beyond tolerance.
    pub deviations: Vec<Deviation>,
}

/// Procurement agreed: the buyer's systems change the order.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChangeProposalAccepted {
    /// The proposal.
    pub proposal: ChangeProposalId,
    /// The answer it came with.
    pub acknowledgment: AcknowledgmentId,
    /// The order.
    pub order: PurchaseOrderId,
    /// The buyer's order number.
    pub order_number: String,
    /// The line.
    pub line: String,
    /// What was agreed.
    pub parts: Vec<AnswerPart>,
    /// Procurement's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Procurement did not agree: the supplier has to answer the line again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChangeProposalDeclined {
    /// The proposal.
    pub proposal: ChangeProposalId,
    /// The answer it came with.
    pub acknowledgment: AcknowledgmentId,
    /// The order.
    pub order: PurchaseOrderId,
    /// The buyer's order number.
    pub order_number: String,
    /// The line.
    pub line: String,
    /// Procurement's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
