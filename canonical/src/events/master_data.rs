//! Events about what codes mean.
use serde::{Deserialize, Serialize};

use crate::master_data::MasterDataKind;

/// Items, locations, suppliers or cross-references were added or changed: one event for each batch.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct MasterDataChanged {
    /// What the codes are of.
    pub kind: MasterDataKind,
    /// The codes that were added or changed: item numbers, location codes, supplier numbers, or
    /// `system/kind/external code`.
    pub codes: Vec<String>,
}
