//! Shipments as the warehouse has them on its list.
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::scenario::Course;
use crate::quantity::Quantity;
use crate::receiver::NotKept;

/// How far a shipment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ShipmentStage {
    /// Announced.
    Expected,
    /// At the dock and counted.
    Received,
    /// The supplier took it back.
    Cancelled,
}

/// A shipment as it was announced last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shipment {
    /// Its id at Quayside.
    pub id: String,
    /// The supplier's number of it.
    pub number: String,
    /// The tenant's number for the supplier.
    pub supplier: String,
    /// The version that this is.
    pub version: i64,
    /// How far it is.
    pub stage: ShipmentStage,
    /// When it arrives by itself.
    pub due_at: DateTime<Utc>,
    /// The code of the warehouse.
    pub location: Option<String>,
    /// What it holds.
    pub lines: Vec<ShipmentLine>,
    /// What happened to it, once it was received.
    pub course: Option<Course>,
}

/// How much of an order line a shipment holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShipmentLine {
    /// The buyer's order number.
    pub order: String,
    /// The line.
    pub line: String,
    /// How much.
    pub quantity: Quantity,
    /// The unit.
    pub unit: String,
}

/// Why a shipment cannot be received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiveError {
    /// It was not announced.
    #[error("no shipment of this number was announced")]
    NotAnnounced,
    /// Several suppliers use the number.
    #[error("several suppliers have announced a shipment of this number")]
    Ambiguous,
    /// It was received before.
    #[error("the shipment was received already")]
    Received,
    /// The supplier took it back.
    #[error("the shipment was cancelled")]
    Cancelled,
    /// The journal cannot be written.
    #[error(transparent)]
    NotKept(#[from] NotKept),
}
