//! Events about what arrived, what differs, and what is paid.
use serde::{Deserialize, Serialize};

use crate::{
    DiscrepancyId, Micro, PurchaseOrderId, ReceiptId, ShipmentId, SupplierId, Timestamp,
    invoice::InvoiceStatusDocument,
    states::{
        DiscrepancyKind, DiscrepancyResolution, DiscrepancyStatus, GoodsCondition, QuantityBasis, ReceiptKind,
    },
};

/// A warehouse said what it received.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReceiptRecorded {
    /// The receipt.
    pub receipt: ReceiptId,
    /// The supplier.
    pub supplier: SupplierId,
    /// The source's number of the statement.
    pub number: String,
    /// Who stated it: statement numbers are unique for each source.
    pub source: String,
    /// What kind of statement it is.
    pub kind: ReceiptKind,
    /// How its quantities count.
    pub basis: QuantityBasis,
    /// The number of the earlier statement it takes back or corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// The supplier's number of the shipment, where the warehouse knew it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipment_number: Option<String>,
    /// The shipment, when it was on file already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipment: Option<ShipmentId>,
    /// The tenant's code of the warehouse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// When the goods were received.
    pub received_at: Timestamp,
    /// The source's count of its statements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<i64>,
    /// What was received.
    pub lines: Vec<ReceivedQuantity>,
}

/// What was received of one order line, in one condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReceivedQuantity {
    /// The order.
    pub order: PurchaseOrderId,
    /// The buyer's order number.
    pub order_number: String,
    /// The line.
    pub line: String,
    /// How much, in the line's unit.
    pub quantity: Micro,
    /// The line's unit.
    pub unit: String,
    /// In what condition.
    pub condition: GoodsCondition,
    /// The source's own code of the condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition_code: Option<String>,
}

macro_rules! discrepancy_event {
    ($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            /// The discrepancy.
            pub discrepancy: DiscrepancyId,
            /// What differs.
            pub kind: DiscrepancyKind,
            /// The order.
            pub order: PurchaseOrderId,
            /// The buyer's order number.
            pub order_number: String,
            /// The line.
            pub line: String,
            /// The shipment, when the goods came with one.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub shipment: Option<ShipmentId>,
            /// By how much, in the line's unit.
            pub quantity: Micro,
            $($(#[$fdoc])* pub $field: $type,)*
        }
    };
}

discrepancy_event! {
    /// A receipt differs from what was announced or agreed.
    DiscrepancyOpened {}
}
discrepancy_event! {
    /// Later receipts changed by how much, or say that there is no difference.
    DiscrepancyChanged {
        /// Where it stands now.
        status: DiscrepancyStatus,
    }
}
discrepancy_event! {
    /// The supplier sees it otherwise.
    DiscrepancyContested {
        /// The supplier's words.
        statement: String,
    }
}
discrepancy_event! {
    /// Procurement decided what becomes of it.
    DiscrepancyResolved {
        /// What becomes of it.
        resolution: DiscrepancyResolution,
        /// Procurement's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    }
}

/// The ERP said where the invoice of an order line stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct InvoiceStatusChanged {
    /// The order.
    pub order: PurchaseOrderId,
    /// The supplier.
    pub supplier: SupplierId,
    /// Who stated it.
    pub source: String,
    /// How much was invoiced, in the line's unit.
    pub quantity: Micro,
    /// All that the ERP said.
    pub document: InvoiceStatusDocument,
}
