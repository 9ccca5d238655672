//! What an endpoint is configured with.
use reqwest::Url;
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::signature::SigningSecret;

const LONGEST_ENDPOINT: usize = 2048;

/// The configuration of an endpoint. Holds secrets, which print as `***`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where events are posted.
    #[serde(deserialize_with = "endpoint")]
    pub endpoint: Url,
    /// `whsec_<base64>`.
    pub signing_secret: SigningSecret,
    /// The secret before this one, while the receiver changes over: both sign.
    #[serde(default)]
    pub previous_signing_secret: Option<SigningSecret>,
}

/// Reads where events are to be posted. A query may be part of it; the message never quotes it.
///
/// # Errors
/// Why it cannot be an endpoint, for people.
pub(super) fn url(text: &str) -> Result<Url, &'static str> {
    if text.len() > LONGEST_ENDPOINT {
        return Err("longer than 2048 characters");
    }
    let url = Url::parse(text).map_err(|_| "is not a URL")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("must be a web address");
    }
    if url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user, a password or a fragment");
    }
    Ok(url)
}

fn endpoint<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    let text =
        String::deserialize(deserializer).map_err(|_| D::Error::custom("endpoint: must be a string"))?;
    url(&text).map_err(|problem| D::Error::custom(format_args!("endpoint: {problem}")))
}
