//! Checks Standard Webhooks 1.0 signatures, as a careful receiver does.
use axum::http::{HeaderMap, StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::answer::Refusal;
use super::submission::header;

const TOLERANCE: TimeDelta = TimeDelta::minutes(5);
/// More signatures than anyone needs to change secrets.
const MOST_SIGNATURES: usize = 8;

/// The text is not `whsec_` and the base64 of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a signing secret is `whsec_` and the base64 of 24 to 64 bytes")]
pub struct SecretError;

pub(crate) struct Verifier {
    mac: Hmac<Sha256>,
}

impl Verifier {
    pub(crate) fn new(secret: &str) -> Result<Self, SecretError> {
        let encoded = secret.strip_prefix("whsec_").ok_or(SecretError)?;
        let key = STANDARD.decode(encoded).map_err(|_| SecretError)?;
        if !(24..=64).contains(&key.len()) {
            return Err(SecretError);
        }
        Ok(Self { mac: Hmac::new_from_slice(&key).map_err(|_| SecretError)? })
    }

    /// The call must be signed for this id, now, with our secret.
    pub(crate) fn check(
        &self,
        headers: &HeaderMap,
        id: &str,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        if header(headers, "webhook-id") != id {
            return Err(refusal("webhook-id must be the delivery id"));
        }
        let timestamp = header(headers, "webhook-timestamp");
        let signed_at = timestamp.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        if signed_at.is_none_or(|at| (now - at).abs() > TOLERANCE) {
            return Err(refusal("webhook-timestamp must be within five minutes"));
        }
        let signatures = header(headers, "webhook-signature").split(' ').take(MOST_SIGNATURES);
        let signed = format!("{id}.{timestamp}.");
        for signature in signatures.filter_map(|signature| signature.strip_prefix("v1,")) {
            if self.fits(signature, signed.as_bytes(), body) {
                return Ok(());
            }
        }
        Err(refusal("webhook-signature does not fit"))
    }

    /// Compares in constant time.
    fn fits(&self, signature: &str, head: &[u8], body: &[u8]) -> bool {
        let Ok(claimed) = STANDARD.decode(signature) else { return false };
        self.mac.clone().chain_update(head).chain_update(body).verify_slice(&claimed).is_ok()
    }
}

fn refusal(message: &str) -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, "BAD_SIGNATURE", message)
}
