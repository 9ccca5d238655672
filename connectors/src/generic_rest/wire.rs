//! What a connection is configured with and what a receiver answers.
use reqwest::Url;
use serde::Deserialize;

use crate::endpoint::endpoint;
use crate::secret::Secret;
use crate::signature::SigningSecret;

/// The configuration of a connection. Holds secrets, which print as `***`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where events are posted; the read-back asks at `<endpoint>/<delivery id>`.
    #[serde(deserialize_with = "endpoint")]
    pub endpoint: Url,
    /// `whsec_<base64>`.
    pub signing_secret: SigningSecret,
    /// The secret before this one, while the receiver changes over: both sign.
    #[serde(default)]
    pub previous_signing_secret: Option<SigningSecret>,
    /// Sent as `Authorization: Bearer …`, for receivers behind a gateway.
    #[serde(default)]
    pub bearer_token: Option<Secret>,
}

/// A 2xx, and a 409 for a delivery that is already there. Receivers may say more.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Taken {
    pub(super) document_number: Option<String>,
    pub(super) delivery_id: Option<String>,
}

/// The code of a 409, where there is one.
#[derive(Debug, Deserialize)]
pub(super) struct Conflict {
    pub(super) code: Option<String>,
}
