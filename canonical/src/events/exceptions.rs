//! Events about exceptions.
use serde::{Deserialize, Serialize};

use crate::{ExceptionId, states::ExceptionKind};

/// Something went wrong and needs a person.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ExceptionOpened {
    /// The exception.
    pub exception: ExceptionId,
    /// What kind.
    pub kind: ExceptionKind,
    /// What it is about.
    pub subject: String,
    /// What is wrong, in words.
    pub summary: String,
}

/// It was dealt with, or what caused it is gone.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ExceptionResolved {
    /// The exception.
    pub exception: ExceptionId,
    /// What kind.
    pub kind: ExceptionKind,
    /// What it is about.
    pub subject: String,
    /// How.
    pub resolution: String,
}
