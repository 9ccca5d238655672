//! What the buyer's ERP says about invoices. Quayside shows and counts it; it matches nothing itself.
use serde::{Deserialize, Serialize};

use crate::{Micro, order::SourceRevision, states::InvoiceMatchStatus};

/// Where the invoice of one order line stands. A later one replaces it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct InvoiceStatusDocument {
    /// The supplier's invoice number.
    pub invoice: String,
    /// Which statement about it this is, in the words of the source.
    pub revision: SourceRevision,
    /// The buyer's order number.
    pub order: String,
    /// The line number as the order has it.
    pub line: String,
    /// Where it stands.
    pub status: InvoiceMatchStatus,
    /// How much was invoiced.
    pub quantity: Micro,
    /// Unit of the quantity; the order line's when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The amount of the line on the invoice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Micro>,
    /// ISO 4217 currency of the amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Why it is blocked or differs: the ERP's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
