//! Web addresses in configurations.
use reqwest::Url;
use serde::{Deserialize, Deserializer, de::Error as _};

const LONGEST_ENDPOINT: usize = 2048;

pub(crate) fn endpoint<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    address(deserializer, "endpoint")
}

pub(crate) fn documents_endpoint<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Url>, D::Error> {
    address(deserializer, "documents_endpoint").map(Some)
}

/// The messages never quote the value: people paste endpoints with passwords in them.
fn address<'de, D: Deserializer<'de>>(deserializer: D, name: &str) -> Result<Url, D::Error> {
    let wrong = |what: &str| D::Error::custom(format!("{name}: {what}"));
    let text = String::deserialize(deserializer).map_err(|_| wrong("must be a string"))?;
    if text.len() > LONGEST_ENDPOINT {
        return Err(wrong("longer than 2048 characters"));
    }
    let url = Url::parse(&text).map_err(|_| wrong("is not a URL"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("must be a web address"));
    }
    let extras = [
        url.query().is_some(),
        url.fragment().is_some(),
        !url.username().is_empty(),
        url.password().is_some(),
    ];
    if extras.contains(&true) {
        return Err(wrong("must not hold a user, a password, a query or a fragment"));
    }
    Ok(url)
}
