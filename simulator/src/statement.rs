//! What is stated to Quayside, and what it answered.
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a statement is about, and with it at which entrance it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StatementKind {
    /// A slot at a dock.
    Appointment,
    /// What was received.
    Receipt,
    /// Where an invoice stands.
    InvoiceStatus,
}

impl StatementKind {
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Appointment => "ingest/v1/appointments",
            Self::Receipt => "ingest/v1/receipts",
            Self::InvoiceStatus => "ingest/v1/invoice-statuses",
        }
    }
}

/// One document for Quayside. It says the same whenever it is sent, so that a repeat is recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statement {
    /// What it goes by here.
    pub id: String,
    /// What it is about.
    pub kind: StatementKind,
    /// The number of the shipment or order.
    pub about: String,
    /// When it is to be sent.
    pub due_at: DateTime<Utc>,
    /// What is sent.
    pub document: Value,
    /// What Quayside made of it; nothing while it waits.
    #[serde(default)]
    pub answer: Option<StatementAnswer>,
}

/// What Quayside made of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatementAnswer {
    /// When it was answered.
    pub at: DateTime<Utc>,
    /// The HTTP status.
    pub status: u16,
    /// `RECORDED`, `UNCHANGED`, `LATE`, `CONFLICT` or `REFUSED`.
    pub outcome: String,
    /// What was wrong, in Quayside's words.
    #[serde(default)]
    pub problems: Vec<Value>,
}

/// How far the statements are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatementReport {
    /// To be sent, now or later.
    pub waiting: u64,
    /// Answered with another outcome than the next ones.
    pub taken: u64,
    /// Recognised as a repeat.
    pub unchanged: u64,
    /// Answered with `CONFLICT`. In a healthy system there is none.
    pub conflicts: u64,
    /// Answered with `REFUSED`.
    pub refused: u64,
    /// Why nothing gets through at the moment.
    pub trouble: Option<String>,
}
