//! What an endpoint is configured with.
use chrono::{DateTime, Utc};
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
    /// Until when the one before signs; it does not without a time.
    #[serde(default)]
    pub previous_until: Option<DateTime<Utc>>,
}

impl Config {
    /// The secrets that sign at this moment, the newest first.
    pub(super) fn secrets(&self, at: DateTime<Utc>) -> impl Iterator<Item = &SigningSecret> {
        let both = self.previous_until.is_some_and(|until| at < until);
        let previous = self.previous_signing_secret.as_ref().filter(|_| both);
        std::iter::once(&self.signing_secret).chain(previous)
    }
}

/// Reads where events are to be posted. A query may be part of it; the message never quotes it.
///
/// # Errors
/// Why it cannot be an endpoint, for people.
pub(super) fn url(text: &str) -> Result<Url, &'static str> {
    if text.len() > LONGEST_ENDPOINT {
        return Err("is at most 2048 characters long");
    }
    let url = Url::parse(text).map_err(|_| "must be a URL")?;
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
