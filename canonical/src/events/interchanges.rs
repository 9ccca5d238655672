//! Events about EDI.
use serde::{Deserialize, Serialize};

use crate::{ConnectionId, InterchangeId, SentInterchangeId, TradingPartnerId};

/// A trading partner's system confirmed what was sent to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct InterchangeConfirmed {
    /// The interchange that was sent.
    pub interchange: SentInterchangeId,
    /// The partner.
    pub partner: TradingPartnerId,
    /// The control number of the interchange.
    pub control_number: String,
    /// What its messages are, such as `850`.
    pub messages: Vec<String>,
    /// What confirmed it, such as `997` or `CONTRL`.
    pub report: String,
}

/// A trading partner's system rejected what was sent to it, or some of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct InterchangeRejected {
    /// The interchange that was sent.
    pub interchange: SentInterchangeId,
    /// The partner.
    pub partner: TradingPartnerId,
    /// The control number of the interchange.
    pub control_number: String,
    /// What its messages are, such as `850`.
    pub messages: Vec<String>,
    /// What rejected it, such as `997` or `CONTRL`.
    pub report: String,
    /// What is wrong with it, in words, with segment and element.
    pub faults: Vec<String>,
}

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
