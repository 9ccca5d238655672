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
    DeliveryRedriven {
        /// The person's reason, where one was given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    }
}
delivery_event! {
    /// The receiver said that it had it; asked again later, it does not. An exception tells a person.
    DeliveryMissed {
        /// The document number it had given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
    }
}
delivery_event! {
    /// What was missing is there after all.
    DeliveryFound {
        /// The receiver's document number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
    }
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

/// Whether the system is asked later for what it took goes by another rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ConnectionReadBackSet {
    /// The connection.
    pub connection: ConnectionId,
    /// After how many minutes it is asked; left out: it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_minutes: Option<u32>,
    /// How many of a hundred deliveries are asked for.
    pub percent: u32,
}

/// The system is sent to again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ConnectionResumed {
    /// The connection.
    pub connection: ConnectionId,
}
