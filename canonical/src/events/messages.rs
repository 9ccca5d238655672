//! Events about what the two sides say to each other.
use serde::{Deserialize, Serialize};

use crate::{NoteId, ThreadId, actor::Side};

/// One side said something about an order, a shipment or an exception.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct MessagePosted {
    /// The conversation.
    pub thread: ThreadId,
    /// The message.
    pub message: NoteId,
    /// What the conversation is about.
    pub about: String,
    /// Its place in the conversation, from 1.
    pub number: i32,
    /// Which side said it.
    pub side: Side,
    /// The words.
    pub text: String,
}
