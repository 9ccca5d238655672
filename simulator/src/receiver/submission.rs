//! The gate: what a call must look like before it is looked at as an event.
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::answer::Refusal;
use super::envelope::{self, Envelope};
use super::signature::Verifier;

const LONGEST_KEY: usize = 255;

/// A call that kept the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Submission {
    pub(super) key: String,
    pub(super) event: Envelope,
    /// The header, which may be missing.
    pub(super) correlation: Option<String>,
}

/// Checks form, key and signature before the content: what is not signed is not read.
pub(super) fn read(
    verifier: &Verifier,
    now: DateTime<Utc>,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Submission, Refusal> {
    if !is_json(headers) {
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "NOT_JSON", "send application/json"));
    }
    let key = header(headers, "idempotency-key");
    if key.is_empty() || key.len() > LONGEST_KEY {
        let message = "Idempotency-Key must have 1 to 255 characters";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "IDEMPOTENCY_KEY_REQUIRED", message));
    }
    verifier.check(headers, key, body, now)?;
    let json: Value = serde_json::from_slice(body)
        .map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, "NOT_JSON", "the body is no JSON document"))?;
    let event = envelope::read(&json).map_err(|problems| {
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "INVALID_EVENT", problems.join("; "))
    })?;
    let correlation = headers.get("x-correlation-id").and_then(|value| value.to_str().ok());
    Ok(Submission { key: key.to_owned(), event, correlation: correlation.map(str::to_owned) })
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = header(headers, CONTENT_TYPE.as_str()).split(';').next().unwrap_or_default().trim();
    ["application/json", "application/cloudevents+json"].iter().any(|json| kind.eq_ignore_ascii_case(json))
}

/// The header's text, or nothing.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
