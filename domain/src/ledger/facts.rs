//! What is known about an order line: all that its position in the ledger follows from.
use std::collections::BTreeMap;

use quayside_canonical::{
    Date, Micro, ShipmentId, Timestamp,
    acknowledgment::AnswerPart,
    states::{
        AnswerKind, DiscrepancyKind, DiscrepancyResolution, GoodsCondition, InvoiceMatchStatus, LineStatus,
        QuantityBasis, ReceiptKind,
    },
};

/// All facts about one order line, in the line's unit. The order they came in is not among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// What the current revision asks for.
    pub ordered: Micro,
    /// Whether it is cancelled.
    pub cancelled: bool,
    /// What the supplier promised and the buyer agreed to.
    pub agreed: Agreed,
    /// The last day on which goods are in time.
    pub due_on: Option<Date>,
    /// Shipments that hold goods of the line, the one announced first in front.
    pub shipments: Vec<ShipmentFact>,
    /// What warehouses stated about the line, or about shipments of it, and nobody took back or corrected.
    pub receipts: Vec<ReceiptFact>,
    /// What procurement decided.
    pub decisions: Vec<Decision>,
    /// What the ERP said about invoices, by source and invoice.
    pub invoices: BTreeMap<(String, String), (InvoiceMatchStatus, Micro)>,
}

/// What of a line is promised and agreed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreed {
    /// All of it.
    pub acknowledged: Micro,
    /// What of it comes later than asked.
    pub backordered: Micro,
}

impl Agreed {
    /// What the answer that stands on a line promises: nothing while it waits for procurement, or was declined.
    #[must_use]
    pub fn of(status: LineStatus, parts: &[AnswerPart]) -> Self {
        match status {
            LineStatus::Accepted => {
                let sum = |kinds: &[AnswerKind]| -> Micro {
                    parts.iter().filter(|part| kinds.contains(&part.kind)).map(|part| part.quantity).sum()
                };
                let backordered = sum(&[AnswerKind::Backordered]);
                let acknowledged = backordered + sum(&[AnswerKind::Accepted, AnswerKind::Substituted]);
                Self { acknowledged, backordered }
            }
            LineStatus::AwaitingAnswer
            | LineStatus::Proposed
            | LineStatus::Declined
            | LineStatus::Outdated
            | LineStatus::Cancelled => Self::default(),
        }
    }
}

/// What a shipment holds of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShipmentFact {
    /// The shipment.
    pub id: ShipmentId,
    /// The supplier's number of it: what receipts name.
    pub number: String,
    /// How much.
    pub quantity: Micro,
}

/// One statement of a warehouse, as far as it concerns the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptFact {
    /// Who stated it.
    pub source: String,
    /// The source's number of it.
    pub number: String,
    /// What kind of statement it is.
    pub kind: ReceiptKind,
    /// How its quantities count.
    pub basis: QuantityBasis,
    /// The number of the shipment, where the warehouse knew it.
    pub shipment: Option<String>,
    /// The source's count of its statements, or 0.
    pub sequence: i64,
    /// When the goods were received.
    pub received_at: Timestamp,
    /// What it says of the line. Nothing when it only says that its shipment is complete.
    pub quantities: Vec<(GoodsCondition, Micro)>,
}

/// What procurement decided about a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What differs.
    pub kind: DiscrepancyKind,
    /// The shipment it came with; none for goods that none announced.
    pub shipment: Option<ShipmentId>,
    /// The difference that was decided about. When it is another now, the decision holds no more.
    pub quantity: Micro,
    /// What becomes of it.
    pub resolution: DiscrepancyResolution,
}
