//! A shipment as its supplier announces it (X12 856, EDIFACT DESADV): what left the dock, for which orders,
//! and how it is packed.
use serde::{Deserialize, Serialize};

use crate::{Date, Micro, ShipmentId, Timestamp, gs1::Sscc, order::Party};

/// One ship notice, whole. A later one of the same number replaces it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ShipNotice {
    /// The supplier's number of the shipment. It is never used again, not even after it was cancelled.
    pub number: String,
    /// When the goods leave, or left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ships_at: Option<Timestamp>,
    /// When they are expected to arrive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrives_at: Option<Timestamp>,
    /// Who carries them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<Carrier>,
    /// Mode of transport, UN/ECE Rec 19: `3` road, `1` sea, `4` air, `2` rail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transport_mode: Option<String>,
    /// Number of the bill of lading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill_of_lading: Option<String>,
    /// The carrier's number of the shipment: PRO or tracking number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pro_number: Option<String>,
    /// Trailer or container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trailer: Option<String>,
    /// Numbers of the seals on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seals: Vec<String>,
    /// Weight with packaging.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross_weight: Option<Measure>,
    /// Volume with packaging.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<Measure>,
    /// Where the goods leave from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ship_from: Option<Party>,
    /// Where they go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ship_to: Option<Party>,
    /// Words to the buyer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What is shipped: each order line at most once.
    pub lines: Vec<ShippedLine>,
    /// How it is packed. None when the goods are announced without packaging.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<HandlingUnit>,
}

/// Who carries the goods.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Carrier {
    /// Standard Carrier Alpha Code of the NMFTA: two to four letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scac: Option<String>,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A number with its unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Measure {
    /// How much.
    pub value: Micro,
    /// Unit, UN/ECE Rec 20: `KGM`, `LBR`, `MTQ`.
    pub unit: String,
}

/// How much of an order line is shipped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ShippedLine {
    /// The order: the buyer's number of it, or our id `po_…`.
    pub order: String,
    /// The line number as the order has it.
    pub line: String,
    /// How much.
    pub quantity: Micro,
    /// Unit of the quantity; the order line's when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The goods that are in no handling unit, by batch, where that is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub batches: Vec<Batch>,
}

/// Goods that were made together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Batch {
    /// How much, in the unit of the shipped line.
    pub quantity: Micro,
    /// Lot or batch number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<String>,
    /// Last day of use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<Date>,
    /// The day they were made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub produced_on: Option<Date>,
    /// Serial numbers, one for each piece.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub serials: Vec<String>,
    /// Country of origin, ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}

/// A pallet, carton or other package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct HandlingUnit {
    /// The supplier's name of it within the shipment.
    pub key: String,
    /// The unit it stands in or on, by its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Kind of package, UN/ECE Rec 21: `PX` pallet, `CT` carton.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package_type: Option<String>,
    /// Serial Shipping Container Code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sscc: Option<Sscc>,
    /// Weight with packaging.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross_weight: Option<Measure>,
    /// What is in it, other units aside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contents: Vec<Content>,
}

/// Goods in a handling unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// The order, as in the shipped line.
    pub order: String,
    /// The line number, as in the shipped line.
    pub line: String,
    /// What was made together, and how much of it.
    #[serde(flatten)]
    pub batch: Batch,
}

/// Work on a shipment that is on file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangeShipment {
    /// The shipment.
    pub shipment: ShipmentId,
    /// Our number of the version this is based on. A stale one is refused.
    pub version: i32,
    /// What the supplier says now, whole. Its number stays.
    pub notice: ShipNotice,
    /// Whether handling units without a code get one of the supplier's own.
    pub allocate_sscc: bool,
}

/// A supplier announces a draft as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SubmitShipment {
    /// The shipment.
    pub shipment: ShipmentId,
    /// Our number of the version that is announced. A stale one is refused.
    pub version: i32,
}

/// A supplier takes a shipment back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CancelShipment {
    /// The shipment.
    pub shipment: ShipmentId,
    /// Why.
    pub reason: Option<String>,
}

/// A supplier asks for a slot at a dock, or for another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestAppointment {
    /// The shipment.
    pub shipment: ShipmentId,
    /// Earliest time that suits.
    pub from: Timestamp,
    /// Latest time that suits.
    pub until: Timestamp,
    /// Words to the warehouse.
    pub note: Option<String>,
}

/// A supplier begins a shipment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CreateShipment {
    /// What it says. Without lines, what is open of `from_orders` becomes its lines.
    pub notice: ShipNotice,
    /// Orders, by number or id, whose open lines are shipped.
    pub from_orders: Vec<String>,
    /// Whether handling units without a code get one of the supplier's own.
    pub allocate_sscc: bool,
}
