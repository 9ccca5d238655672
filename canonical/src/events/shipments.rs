//! Events about shipments and their appointments. A draft is nobody's business but the supplier's: it has none.
use serde::{Deserialize, Serialize};

use crate::{
    AppointmentId, Micro, PurchaseOrderId, ShipmentId, SupplierId, Timestamp,
    shipment::ShipNotice,
    states::{AppointmentStatus, ShipmentStatus},
};

macro_rules! announced {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            /// The shipment.
            pub shipment: ShipmentId,
            /// The supplier.
            pub supplier: SupplierId,
            /// The tenant's number for the supplier.
            pub supplier_number: String,
            /// The supplier's number of the shipment.
            pub number: String,
            /// Our number of this version of it, from 1.
            pub version: i32,
            /// What it holds of which order line, in the line's unit.
            pub lines: Vec<ShippedQuantity>,
            /// All that the supplier said.
            pub notice: ShipNotice,
        }
    };
}

announced! {
    /// A supplier announced goods.
    ShipmentSubmitted
}
announced! {
    /// A supplier changed what it had announced.
    ShipmentAmended
}

/// How much of an order line a shipment holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ShippedQuantity {
    /// The order.
    pub order: PurchaseOrderId,
    /// The buyer's order number.
    pub order_number: String,
    /// The line.
    pub line: String,
    /// The buyer's part number, where the order has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer_part: Option<String>,
    /// How much, in the line's unit.
    pub quantity: Micro,
    /// The line's unit.
    pub unit: String,
}

/// A supplier took back what it had announced.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ShipmentCancelled {
    /// The shipment.
    pub shipment: ShipmentId,
    /// The supplier.
    pub supplier: SupplierId,
    /// The tenant's number for the supplier. Events before it was added have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplier_number: Option<String>,
    /// The supplier's number of the shipment.
    pub number: String,
    /// Our number of this version of it.
    pub version: i32,
    /// The orders it was for.
    pub orders: Vec<PurchaseOrderId>,
    /// The tenant's code of the warehouse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The supplier's reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Goods left, arrived or were counted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ShipmentProgressed {
    /// The shipment.
    pub shipment: ShipmentId,
    /// The supplier's number of the shipment.
    pub number: String,
    /// Where it stood.
    pub from: ShipmentStatus,
    /// Where it stands now.
    pub to: ShipmentStatus,
}

/// A supplier asked for a slot at a dock, or for another one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AppointmentRequested {
    /// The appointment.
    pub appointment: AppointmentId,
    /// The shipment.
    pub shipment: ShipmentId,
    /// The supplier's number of the shipment.
    pub shipment_number: String,
    /// The tenant's number for the supplier.
    pub supplier_number: String,
    /// The tenant's code of the warehouse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Earliest time that suits the supplier.
    pub from: Timestamp,
    /// Latest time that suits the supplier.
    pub until: Timestamp,
    /// Words to the warehouse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A supplier does not want its slot any more.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AppointmentCancelled {
    /// The appointment.
    pub appointment: AppointmentId,
    /// The shipment.
    pub shipment: ShipmentId,
    /// The supplier's number of the shipment.
    pub shipment_number: String,
    /// The tenant's code of the warehouse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The supplier's reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The warehouse said something about an appointment.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AppointmentAnswered {
    /// The appointment.
    pub appointment: AppointmentId,
    /// The shipment.
    pub shipment: ShipmentId,
    /// The warehouse's number of the appointment.
    pub number: String,
    /// Where it stands.
    pub status: AppointmentStatus,
    /// The dock or door.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dock: Option<String>,
    /// Beginning of the slot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slot_from: Option<Timestamp>,
    /// End of the slot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slot_until: Option<Timestamp>,
}
