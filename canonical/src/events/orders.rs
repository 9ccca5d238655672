//! Events about purchase orders and their revisions.
use serde::{Deserialize, Serialize};

use crate::{Date, Micro, PurchaseOrderId, SupplierId, Timestamp};

/// A new order came in, with its first revision.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PurchaseOrderReleased {
    /// The order.
    pub order: PurchaseOrderId,
    /// The buyer's order number.
    pub number: String,
    /// The supplier.
    pub supplier: SupplierId,
    /// The tenant's number for the supplier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplier_number: Option<String>,
    /// The day the order was placed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered_on: Option<Date>,
    /// Our number of the revision.
    pub revision: i32,
    /// The source's name of the revision.
    pub source_revision: String,
    /// The tenant's code of the warehouse the goods go to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Until when the supplier is asked to answer.
    pub answer_due_at: Option<Timestamp>,
    /// What is ordered, and what of it is agreed already.
    #[serde(default)]
    pub lines: Vec<OrderedQuantity>,
}

/// A newer revision became current.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PurchaseOrderRevised {
    /// The order.
    pub order: PurchaseOrderId,
    /// The buyer's order number.
    pub number: String,
    /// The supplier.
    pub supplier: SupplierId,
    /// The tenant's number for the supplier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplier_number: Option<String>,
    /// The day the order was placed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered_on: Option<Date>,
    /// Our number of the revision.
    pub revision: i32,
    /// The source's name of the revision.
    pub source_revision: String,
    /// The tenant's code of the warehouse the goods go to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Lines whose earlier answer no longer holds, or that are new.
    pub lines_to_answer: Vec<String>,
    /// Whether the whole order is cancelled.
    pub cancelled: bool,
    /// Until when the supplier is asked to answer.
    pub answer_due_at: Option<Timestamp>,
    /// What is ordered, and what of it is agreed already.
    #[serde(default)]
    pub lines: Vec<OrderedQuantity>,
}

/// A revision older than the current one arrived; it is in history and changes nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RevisionFiledLate {
    /// The order.
    pub order: PurchaseOrderId,
    /// Our number of the revision.
    pub revision: i32,
    /// The source's name of the revision.
    pub source_revision: String,
    /// The revision that stays current.
    pub current_revision: i32,
}

/// A revision we have arrived again with other content; nothing changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RevisionConflicted {
    /// The order.
    pub order: PurchaseOrderId,
    /// Our number of the revision we keep.
    pub revision: i32,
    /// The source's name of the revision.
    pub source_revision: String,
}

/// How much of a line is ordered, and what of it is agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OrderedQuantity {
    /// The line.
    pub line: String,
    /// The buyer's part number, where the order has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer_part: Option<String>,
    /// How much is ordered.
    pub quantity: Micro,
    /// Its unit.
    pub unit: String,
    /// The last day it is wanted, where the order says one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_to: Option<Date>,
    /// Whether the line is cancelled: by itself, with its order, or because the revision leaves it out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cancelled: bool,
    /// What an answer that still holds promises.
    pub acknowledged: Micro,
    /// What of the promise comes later than asked.
    pub backordered: Micro,
}
