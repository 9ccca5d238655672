//! Events about EDI.
use serde::{Deserialize, Serialize};

use crate::{ConnectionId, InterchangeId, SentInterchangeId, TradingPartnerId};

/// An interchange was filed and its messages were dealt with.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct InterchangeReceived {
    /// The interchange.
    pub interchange: InterchangeId,
    /// Who sent it.
    pub partner: TradingPartnerId,
    /// How many messages were taken.
    pub taken: usize,
    /// How many were refused.
    pub refused: usize,
}

/// Messages of an interchange that were refused were dealt with again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct InterchangeRetried {
    /// The interchange.
    pub interchange: InterchangeId,
    /// Who sent it.
    pub partner: Option<TradingPartnerId>,
    /// Why, in the words of who asked for it.
    pub reason: String,
    /// How many of them were taken.
    pub taken: usize,
    /// How many were refused again.
    pub refused: usize,
}

/// An interchange was made for a trading partner and is to be sent. It goes to the connection it names, to no other.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct InterchangeComposed {
    /// The interchange.
    pub interchange: SentInterchangeId,
    /// For whom.
    pub partner: TradingPartnerId,
    /// Through what.
    pub connection: ConnectionId,
    /// Its control number.
    pub control_number: String,
    /// What its messages are, such as `850` or `CONTRL`.
    pub messages: Vec<String>,
    /// The name of the file it becomes, where it becomes one.
    pub file_name: String,
    /// Its media type: `application/edi-x12` or `application/edifact`.
    pub media_type: String,
    /// SHA-256 of its bytes in hexadecimal digits; by this they are kept.
    pub sha256: String,
    /// How many bytes it has.
    pub size: usize,
}
