//! Signatures of Standard Webhooks 1.0, for every connector whose receiver checks who is calling.
//!
//! Signed is `id.timestamp.body` with HMAC-SHA256. While a secret is being replaced both sign, and the
//! receiver accepts a call if it knows either.
use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Deserializer, de::Error as _};
use sha2::Sha256;

use crate::secret::Secret;

/// A key given as `whsec_<base64>`, 24 to 64 bytes. Prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret(Vec<u8>);

impl SigningSecret {
    /// Reads `whsec_<base64>`; the error says what is wrong without quoting it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let encoded = text.strip_prefix("whsec_").ok_or("a signing secret starts with `whsec_`")?;
        let key = STANDARD.decode(encoded).map_err(|_| "a signing secret is base64 after `whsec_`")?;
        match key.len() {
            24..=64 => Ok(Self(key)),
            _ => Err("a signing secret has 24 to 64 bytes"),
        }
    }

    fn mac(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        STANDARD.encode(mac.finalize().into_bytes())
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<'de> Deserialize<'de> for SigningSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Secret::deserialize(deserializer)?;
        Self::parse(text.expose()).map_err(D::Error::custom)
    }
}

/// The value of `webhook-signature`: one `v1,<base64>` for each secret, separated by spaces.
pub fn sign<'a>(
    secrets: impl IntoIterator<Item = &'a SigningSecret>,
    id: &str,
    timestamp: i64,
    body: &[u8],
) -> String {
    let signatures: Vec<String> =
        secrets.into_iter().map(|secret| format!("v1,{}", secret.mac(id, timestamp, body))).collect();
    signatures.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published vector of the Standard Webhooks reference libraries.
    #[test]
    fn the_published_vector_is_met() {
        let secret = SigningSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature =
            sign([&secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn two_secrets_sign_side_by_side() {
        let old = SigningSecret(vec![1; 32]);
        let new = SigningSecret(vec![2; 32]);
        let both = sign([&new, &old], "dlv_1", 7, b"{}");
        assert_eq!(both, format!("{} {}", sign([&new], "dlv_1", 7, b"{}"), sign([&old], "dlv_1", 7, b"{}")));
    }

    #[test]
    fn a_weak_or_misspelt_secret_is_refused_and_never_printed() {
        for text in ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2hvcnQ=", "whsec_!!", "whsec_"] {
            let problem = SigningSecret::parse(text).unwrap_err();
            assert!(!problem.contains("c2hvcnQ"), "{problem}");
        }
        assert_eq!(format!("{:?}", SigningSecret(vec![7; 32])), "***");
    }
}
