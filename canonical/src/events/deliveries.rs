//! Events about deliveries to the buyer's systems.
use serde::{Deserialize, Serialize};

use crate::{ConnectionId, DeliveryId, EventId};

macro_rules! delivery_event {
    ($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            /// The delivery.
            pub delivery: DeliveryId,
            /// Where to.
            pub connection: ConnectionId,
            /// The event that was to be delivered.
            pub event: EventId,
            /// What that event is about.
            pub subject: String,
            $($(#[$fdoc])* pub $field: $type,)*
        }
    };
}

delivery_event! {
    /// The receiver has it.
    DeliverySucceeded {
        /// The receiver's document number.
        reference: Option<String>,
    }
}
delivery_event! {
    /// It was given up; an exception tells a person.
    DeliveryFailed {
        /// Why, for programs.
        code: String,
        /// Why, for people.
        message: String,
    }
}
delivery_event! {
    /// A person asked for it to be tried again.
    DeliveryRedriven {}
}
delivery_event! {
    /// A person decided that it will not be sent.
    DeliverySkipped {
        /// The person's reason.
        reason: String,
    }
}

/// Nothing is sent to the system until a person resumes it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ConnectionPaused {
    /// The connection.
    pub connection: ConnectionId,
    /// Why.
    pub reason: String,
}

/// The system is sent to again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ConnectionResumed {
    /// The connection.
    pub connection: ConnectionId,
}
