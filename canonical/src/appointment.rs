//! A slot at a dock, as the warehouse states it.
use serde::{Deserialize, Serialize};

use crate::{Timestamp, order::SourceRevision, states::AppointmentStatus};

/// What a warehouse says about the appointment of a shipment. A later one replaces it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AppointmentDocument {
    /// The warehouse's number of the appointment.
    pub number: String,
    /// Which statement about it this is, in the words of the source.
    pub revision: SourceRevision,
    /// The supplier, by the number the tenant knows it by. Needed where two suppliers could have used the same
    /// shipment number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplier: Option<String>,
    /// The supplier's number of the shipment.
    pub shipment: String,
    /// Where it stands.
    pub status: AppointmentStatus,
    /// The tenant's code of the warehouse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The dock or door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dock: Option<String>,
    /// Beginning of the slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot_from: Option<Timestamp>,
    /// End of the slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot_until: Option<Timestamp>,
    /// Words to the supplier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
