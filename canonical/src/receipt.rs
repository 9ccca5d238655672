//! What a warehouse received (X12 861, EDIFACT RECADV, a WMS's receipt confirmation).
//!
//! A receipt is a statement that is never changed: a mistake is corrected by another one that names it. What
//! follows from all of them does not depend on the order in which they arrive.
use serde::{Deserialize, Serialize};

use crate::{
    Date, Micro, Timestamp,
    gs1::Sscc,
    states::{GoodsCondition, QuantityBasis, ReceiptKind},
};

/// One statement of a warehouse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReceiptDocument {
    /// The source's number of the statement: it is the same statement whenever it comes again.
    pub number: String,
    /// What kind of statement it is.
    pub kind: ReceiptKind,
    /// How its quantities count.
    #[serde(default = "delta")]
    pub basis: QuantityBasis,
    /// The number of the earlier statement that this one takes back or corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// The supplier, by the number the tenant knows it by. Needed where two suppliers could have used the same
    /// shipment number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplier: Option<String>,
    /// The supplier's number of the shipment, where the warehouse knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipment: Option<String>,
    /// The tenant's code of the warehouse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// When the goods were received. Decides which of two totals is the newer.
    pub received_at: Timestamp,
    /// The source's count of its statements, where it has one: decides before the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<i64>,
    /// What was received. A reversal has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<ReceiptLine>,
}

const fn delta() -> QuantityBasis {
    QuantityBasis::Delta
}

/// What was received of one order line, in one condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReceiptLine {
    /// The buyer's order number.
    pub order: String,
    /// The line number as the order has it.
    pub line: String,
    /// How much: 0 says that nothing came.
    pub quantity: Micro,
    /// Unit of the quantity; the order line's when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// In what condition.
    #[serde(default = "good")]
    pub condition: GoodsCondition,
    /// The source's own code of the condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition_code: Option<String>,
    /// The item that came, where it is not the one ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// The handling unit it came in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sscc: Option<Sscc>,
    /// Lot or batch number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<String>,
    /// Last day of use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<Date>,
    /// What shows it: words, numbers of photographs or inspection lots.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
}

const fn good() -> GoodsCondition {
    GoodsCondition::Good
}

impl ReceiptDocument {
    /// What decides which of two statements is the newer: the source's count, then its time, then its name.
    #[must_use]
    pub fn rank(&self) -> (i64, Timestamp, &str) {
        (self.sequence.unwrap_or(0), self.received_at, &self.number)
    }
}
