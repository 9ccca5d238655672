//! Events about webhook endpoints: who set them up, how they fare, and what was sent to them once more.
use serde::{Deserialize, Serialize};

use crate::{
    ConnectionId, DeliveryId, Timestamp,
    states::{DisabledReason, EndpointWarning},
};

macro_rules! endpoint_event {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            /// The endpoint.
            pub endpoint: ConnectionId,
            $($(#[$fdoc])* pub $field: $type,)*
        }
    )*};
}

endpoint_event! {
    /// A webhook endpoint was set up.
    WebhookEndpointCreated {
        /// Where it is. The rest of the address may hold a secret.
        host: String,
        /// The types of event it gets; every type its owner may see, when there are none.
        #[serde(skip_serializing_if = "Option::is_none")]
        event_types: Option<Vec<String>>,
    }

    /// A webhook endpoint got another address, another description or other types of event.
    WebhookEndpointUpdated {
        /// Where it is now.
        host: String,
        /// The types of event it gets; every type its owner may see, when there are none.
        #[serde(skip_serializing_if = "Option::is_none")]
        event_types: Option<Vec<String>>,
    }

    /// A webhook endpoint is gone for good.
    WebhookEndpointDeleted {
        /// How many events that were waiting for it are not sent.
        skipped: u64,
    }

    /// A webhook endpoint got a new signing secret.
    WebhookSecretRotated {
        /// Until when the one before signs as well; not at all when there is no time.
        #[serde(skip_serializing_if = "Option::is_none")]
        previous_until: Option<Timestamp>,
    }

    /// Nothing is sent to a webhook endpoint any more.
    WebhookEndpointDisabled {
        /// Why.
        reason: DisabledReason,
        /// Why, in the words of whoever did it.
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        /// Since when nothing arrived there, if nothing did.
        #[serde(skip_serializing_if = "Option::is_none")]
        failing_since: Option<Timestamp>,
        /// How many events that were waiting for it are not sent; they can be replayed.
        skipped: u64,
    }

    /// A webhook endpoint gets what happens from now on.
    WebhookEndpointEnabled {}

    /// A webhook endpoint does not take what it is sent.
    WebhookEndpointWarned {
        /// How bad it is.
        warning: EndpointWarning,
        /// Since when nothing arrived there.
        failing_since: Timestamp,
    }

    /// Somebody had a webhook endpoint sent a test: this event, which goes nowhere else.
    WebhookEndpointTested {}

    /// Events are sent to a webhook endpoint once more.
    WebhookEndpointReplayed {
        /// How many.
        events: u64,
        /// The delivery, when one was named.
        #[serde(skip_serializing_if = "Option::is_none")]
        delivery: Option<DeliveryId>,
    }
}
