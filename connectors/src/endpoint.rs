//! Web addresses in configurations.
use reqwest::Url;
use serde::{Deserialize, Deserializer, de::Error as _};

const LONGEST_ENDPOINT: usize = 2048;

/// The messages never quote the value: people paste endpoints with passwords in them.
pub(crate) fn endpoint<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    let text =
        String::deserialize(deserializer).map_err(|_| D::Error::custom("endpoint: must be a string"))?;
    if text.len() > LONGEST_ENDPOINT {
        return Err(D::Error::custom("endpoint: longer than 2048 characters"));
    }
    let url = Url::parse(&text).map_err(|_| D::Error::custom("endpoint: is not a URL"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(D::Error::custom("endpoint: must be a web address"));
    }
    let extras = [
        url.query().is_some(),
        url.fragment().is_some(),
        !url.username().is_empty(),
        url.password().is_some(),
    ];
    if extras.contains(&true) {
        return Err(D::Error::custom("endpoint: must not hold a user, a password, a query or a fragment"));
    }
    Ok(url)
}
