//! Events about EDI.
use serde::{Deserialize, Serialize};

use crate::{InterchangeId, TradingPartnerId};

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
