//! Secrets that are shown once and kept as a hash.
//!
//! A bearer token says what it is by its beginning and ends in a checksum, so that a typing error is refused
//! without a look into the database, and leak scanners find it. SHA-256 is enough at rest: unlike a
//! password, 256 random bits cannot be guessed.
use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use quayside_canonical::{identity::TokenKind, states::Environment};
use sha2::{Digest, Sha256};

use crate::Failure;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// 62⁴³ is just above 2²⁵⁶.
const BODY_CHARS: usize = 43;
/// 62⁶ is above 2³².
const CHECKSUM_CHARS: usize = 6;
/// 32 bytes in base64url.
const SESSION_CHARS: usize = 43;

/// Text that must not be seen: a password, a token, a key. Prints as stars.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// `text` is secret from now on.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. Every call is a place to look at when a secret leaks.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What a token begins with.
const fn prefix(kind: TokenKind, environment: Environment) -> &'static str {
    match (kind, environment) {
        (TokenKind::Api, Environment::Live) => "qys_live_",
        (TokenKind::Api, Environment::Test) => "qys_test_",
        (TokenKind::Connection, Environment::Live) => "qyc_live_",
        (TokenKind::Connection, Environment::Test) => "qyc_test_",
        (TokenKind::Partner, Environment::Live) => "qyp_live_",
        (TokenKind::Partner, Environment::Test) => "qyp_test_",
    }
}

/// A new bearer token.
pub(crate) fn new_token(kind: TokenKind, environment: Environment) -> Result<Secret, Failure> {
    let mut text = prefix(kind, environment).to_owned();
    text.push_str(&random_base62(BODY_CHARS)?);
    text.push_str(&checksum(text.as_bytes()));
    Ok(Secret(text))
}

/// Whether `text` can be one of our bearer tokens at all.
pub(crate) fn is_token(text: &str) -> bool {
    let known = TokenKind::ALL
        .iter()
        .any(|kind| Environment::ALL.iter().any(|environment| text.starts_with(prefix(*kind, *environment))));
    let length = "qys_live_".len() + BODY_CHARS + CHECKSUM_CHARS;
    known
        && text.len() == length
        && text
            .split_at_checked(length - CHECKSUM_CHARS)
            .is_some_and(|(body, sum)| checksum(body.as_bytes()) == sum)
}

/// As much of a token as may be shown later, so that its owner knows which it is.
pub(crate) fn hint(token: &Secret) -> String {
    let shown: String = token.0.chars().take("qys_live_".len() + 4).collect();
    format!("{shown}…")
}

/// A new session secret: 32 random bytes in base64url.
pub(crate) fn new_session_secret() -> Result<Secret, Failure> {
    Ok(Secret(BASE64_URL_SAFE_NO_PAD.encode(random_bytes::<32>()?)))
}

/// Whether `text` can be a session secret at all.
pub(crate) fn is_session_secret(text: &str) -> bool {
    text.len() == SESSION_CHARS && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// What is kept of a secret.
pub(crate) fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

fn random_bytes<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Failure::System(format!("random numbers: {error}")))?;
    Ok(bytes)
}

/// Every character is equally likely: bytes beyond the last whole round of 62 are thrown away.
fn random_base62(chars: usize) -> Result<String, Failure> {
    let mut text = String::with_capacity(chars);
    while text.len() < chars {
        let fair =
            random_bytes::<64>()?.into_iter().map(usize::from).filter(|byte| *byte < 4 * ALPHABET.len());
        let missing = chars - text.len();
        text.extend(fair.take(missing).map(|byte| char::from(ALPHABET[byte % ALPHABET.len()])));
    }
    Ok(text)
}

fn checksum(body: &[u8]) -> String {
    let mut rest = crc32(body);
    let mut digits = [0; CHECKSUM_CHARS];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    digits.into_iter().map(char::from).collect()
}

/// CRC-32 as in zip and PNG. Bit by bit: the input is 52 bytes.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_common_crc_32() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn a_token_says_what_it_is_and_any_wrong_character_shows() {
        let token = new_token(TokenKind::Api, Environment::Test).unwrap();
        let text = token.expose();
        assert!(text.starts_with("qys_test_") && text.len() == 58 && is_token(text));
        for index in 0..text.len() {
            let mut wrong = text.to_owned().into_bytes();
            wrong[index] = if wrong[index] == b'a' { b'b' } else { b'a' };
            assert!(!is_token(std::str::from_utf8(&wrong).unwrap()), "character {index}");
        }
        for bad in ["", "qys_live_", &text[1..], &format!("{text}0"), &"é".repeat(29)] {
            assert!(!is_token(bad), "{bad:?}");
        }
    }

    #[test]
    fn no_two_secrets_are_alike_and_none_is_printed() {
        let token = || new_token(TokenKind::Connection, Environment::Live).unwrap();
        assert_ne!(token(), token());
        let session = new_session_secret().unwrap();
        assert!(is_session_secret(session.expose()));
        assert_ne!(session, new_session_secret().unwrap());
        assert_eq!(format!("{session:?} {session}"), "*** ***");
        assert_eq!(hint(&token()).len(), "qyc_live_abcd…".len());
    }
}
