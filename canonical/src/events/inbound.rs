//! Events about what the buyer's systems say.
use serde::{Deserialize, Serialize};

use crate::{ConnectionId, InboundMessageId};

/// A person asked for a feed to be polled at once.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct FeedPollRequested {
    /// The connection.
    pub connection: ConnectionId,
    /// The feeds, by name.
    pub feeds: Vec<String>,
    /// Whether they are read from the beginning again.
    pub from_start: bool,
}

/// A person asked for what was refused of a message to be tried again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct InboundMessageRetried {
    /// The message.
    pub message: InboundMessageId,
    /// Whose it is.
    pub connection: ConnectionId,
    /// The feed it came by.
    pub feed: String,
}
