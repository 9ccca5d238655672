//! What the ERP reads of a receipt, and what it says about an invoice.
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::quantity::Quantity;

/// The data of `receipt.recorded`, as far as it is needed here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReceiptRecorded {
    pub(super) number: String,
    pub(super) kind: String,
    pub(super) basis: String,
    #[serde(default)]
    pub(super) replaces: Option<String>,
    #[serde(default)]
    pub(super) lines: Vec<Received>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Received {
    pub(super) order_number: String,
    pub(super) line: String,
    pub(super) quantity: Quantity,
    pub(super) unit: String,
    pub(super) condition: String,
}

/// A document for `POST /ingest/v1/invoice-statuses`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InvoiceStatus<'a> {
    pub(super) invoice: &'a str,
    pub(super) revision: Revision,
    pub(super) order: &'a str,
    pub(super) line: &'a str,
    pub(super) status: &'a str,
    pub(super) quantity: Quantity,
    pub(super) unit: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<&'a str>,
}

/// Which statement about the invoice it is.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Revision {
    pub(super) id: String,
    pub(super) sequence: i32,
    pub(super) issued_at: DateTime<Utc>,
}
