//! Secrets of other systems, sealed before they reach the database.
//!
//! Sealed text is bound to its place: moved to another tenant, connection or field it does not open. Several
//! keys may be held at once, so that a new one can take over while the old one still opens what it sealed.
use std::{collections::HashMap, fmt};

use base64::{Engine, prelude::BASE64_STANDARD};
use quayside_canonical::{ConnectionId, TenantId};
use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
};

use crate::{Failure, identity::Secret};

/// The first byte of everything sealed this way.
const VERSION: u8 = 1;

/// The length of a key in bytes.
pub const KEY_BYTES: usize = 32;

/// Why something could not be sealed or opened. Says nothing about what is inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// A key is not 32 bytes, as 64 hexadecimal characters or base64.
    #[error("a vault key is 32 bytes, written as 64 hexadecimal characters or in base64")]
    InvalidKey,
    /// A key's id is empty, longer than 32 bytes, or used for another key.
    #[error("a vault key's id is 1 to 32 characters and belongs to one key")]
    InvalidKeyId,
    /// The key it was sealed with is not here.
    #[error("the key this secret was sealed with is not configured")]
    UnknownKey,
    /// Another key, another place, or changed bytes.
    #[error("the sealed secret does not open: it was changed, moved, or sealed with another key")]
    DoesNotOpen,
    /// The system gave no random numbers.
    #[error("the system gave no random numbers")]
    NoRandomness,
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        Self::System(error.to_string())
    }
}

/// Where a sealed secret belongs.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The tenant.
    pub tenant: TenantId,
    /// The connection.
    pub connection: ConnectionId,
    /// The field.
    pub field: &'a str,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.tenant, self.connection, self.field)
    }
}

/// A master key: 32 bytes that cannot be printed.
#[derive(Clone)]
pub struct MasterKey([u8; KEY_BYTES]);

impl MasterKey {
    /// Reads a key from 64 hexadecimal characters or from base64 of 32 bytes.
    ///
    /// # Errors
    /// It is neither.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        let text = text.trim();
        let bytes = if text.len() == 2 * KEY_BYTES { from_hex(text) } else { from_base64(text) };
        let bytes = bytes.ok_or(VaultError::InvalidKey)?;
        Ok(Self(bytes.try_into().map_err(|_| VaultError::InvalidKey)?))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(***)")
    }
}

/// Seals with one key, opens with several.
pub struct Vault {
    keys: HashMap<String, LessSafeKey>,
    sealing: String,
    /// Tells secrets apart without keeping them: made of the sealing key, and never the key itself.
    marking: hmac::Key,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(***)")
    }
}

impl Vault {
    /// A vault that seals with `key`, under the name `id`.
    ///
    /// # Errors
    /// The id cannot be used.
    pub fn new(id: &str, key: &MasterKey) -> Result<Self, VaultError> {
        let marking =
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key.0), b"quayside: telling secrets apart");
        let marking = hmac::Key::new(hmac::HMAC_SHA256, marking.as_ref());
        Self { keys: HashMap::new(), sealing: id.to_owned(), marking }.and_opens_with(id, key)
    }

    /// Also opens what was sealed with `key`, under the name `id`.
    ///
    /// # Errors
    /// The id cannot be used, or names a key already here.
    pub fn and_opens_with(mut self, id: &str, key: &MasterKey) -> Result<Self, VaultError> {
        if id.is_empty() || id.len() > 32 || self.keys.contains_key(id) {
            return Err(VaultError::InvalidKeyId);
        }
        let key = UnboundKey::new(&CHACHA20_POLY1305, &key.0).map_err(|_| VaultError::InvalidKey)?;
        self.keys.insert(id.to_owned(), LessSafeKey::new(key));
        Ok(self)
    }

    /// Seals `secret` for `place`: version, key id, nonce, then the encrypted text.
    ///
    /// # Errors
    /// The system gave no random numbers.
    pub fn seal(&self, secret: &Secret, place: Place<'_>) -> Result<Vec<u8>, VaultError> {
        let key = self.keys.get(&self.sealing).ok_or(VaultError::UnknownKey)?;
        let mut sealed = header(&self.sealing)?;
        let aad = bound_to(&sealed, place);
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|_| VaultError::NoRandomness)?;
        let mut text = secret.expose().as_bytes().to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut text)
            .map_err(|_| VaultError::DoesNotOpen)?;
        sealed.extend_from_slice(&nonce);
        sealed.append(&mut text);
        Ok(sealed)
    }

    /// Opens what was sealed for `place`.
    ///
    /// # Errors
    /// The key is not here, or the bytes are not what was sealed for this place.
    pub fn open(&self, sealed: &[u8], place: Place<'_>) -> Result<Secret, VaultError> {
        let (header, id, rest) = split(sealed).ok_or(VaultError::DoesNotOpen)?;
        let key = self.keys.get(id).ok_or(VaultError::UnknownKey)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>().ok_or(VaultError::DoesNotOpen)?;
        let mut text = text.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = key
            .open_in_place(nonce, Aad::from(bound_to(header, place)), &mut text)
            .map_err(|_| VaultError::DoesNotOpen)?;
        let opened = std::str::from_utf8(opened).map_err(|_| VaultError::DoesNotOpen)?;
        Ok(Secret::new(opened))
    }

    /// The same text for the same secret, as long as the key stays; nobody without the key can tell which secret.
    #[must_use]
    pub fn fingerprint(&self, secret: &Secret) -> String {
        BASE64_STANDARD.encode(hmac::sign(&self.marking, secret.expose().as_bytes()))
    }

    /// The name of the key that `sealed` was sealed with.
    #[must_use]
    pub fn key_id(sealed: &[u8]) -> Option<&str> {
        split(sealed).map(|(_, id, _)| id)
    }

    /// Whether `sealed` should be sealed again, because another key has taken over.
    #[must_use]
    pub fn is_outdated(&self, sealed: &[u8]) -> bool {
        split(sealed).is_none_or(|(_, id, _)| id != self.sealing)
    }
}

fn header(id: &str) -> Result<Vec<u8>, VaultError> {
    let length = u8::try_from(id.len()).map_err(|_| VaultError::InvalidKeyId)?;
    Ok([&[VERSION, length], id.as_bytes()].concat())
}

/// Header, key id, and what follows.
fn split(sealed: &[u8]) -> Option<(&[u8], &str, &[u8])> {
    let [VERSION, length, ..] = sealed else { return None };
    let (header, rest) = sealed.split_at_checked(2 + usize::from(*length))?;
    Some((header, std::str::from_utf8(&header[2..]).ok()?, rest))
}

/// What the encrypted text is authenticated with besides itself.
fn bound_to(header: &[u8], place: Place<'_>) -> Vec<u8> {
    [header, place.to_string().as_bytes()].concat()
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(text).ok()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    Some(digits?.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> MasterKey {
        MasterKey([byte; KEY_BYTES])
    }

    fn place(field: &str) -> Place<'_> {
        let id = uuid::Uuid::from_u128(7);
        Place { tenant: TenantId(id), connection: ConnectionId(id), field }
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let vault = Vault::new("a", &key(1)).unwrap();
        let sealed = vault.seal(&Secret::new("hunter2"), place("secret")).unwrap();
        assert_eq!(vault.open(&sealed, place("secret")).unwrap().expose(), "hunter2");
        let elsewhere = [
            place("other"),
            Place { tenant: TenantId::generate(), ..place("secret") },
            Place { connection: ConnectionId::generate(), ..place("secret") },
        ];
        for elsewhere in elsewhere {
            assert_eq!(vault.open(&sealed, elsewhere).unwrap_err(), VaultError::DoesNotOpen);
        }
    }

    #[test]
    fn no_changed_or_shortened_byte_goes_unnoticed() {
        let vault = Vault::new("a", &key(1)).unwrap();
        let sealed = vault.seal(&Secret::new("hunter2"), place("secret")).unwrap();
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(vault.open(&changed, place("secret")).is_err(), "byte {index}");
            assert!(vault.open(&sealed[..index], place("secret")).is_err(), "first {index} bytes");
        }
    }

    #[test]
    fn the_same_secret_is_never_sealed_to_the_same_bytes() {
        let vault = Vault::new("a", &key(1)).unwrap();
        let seal = || vault.seal(&Secret::new("hunter2"), place("secret")).unwrap();
        assert_ne!(seal(), seal());
    }

    #[test]
    fn an_old_key_opens_until_it_is_taken_away() {
        let old = Vault::new("2025", &key(1)).unwrap();
        let sealed = old.seal(&Secret::new("hunter2"), place("secret")).unwrap();
        let both = Vault::new("2026", &key(2)).unwrap().and_opens_with("2025", &key(1)).unwrap();
        assert_eq!(both.open(&sealed, place("secret")).unwrap().expose(), "hunter2");
        assert!(both.is_outdated(&sealed) && !old.is_outdated(&sealed));
        let new = Vault::new("2026", &key(2)).unwrap();
        assert_eq!(new.open(&sealed, place("secret")).unwrap_err(), VaultError::UnknownKey);
        let twice = Vault::new("2025", &key(1)).unwrap().and_opens_with("2026", &key(1)).unwrap();
        let mut renamed = sealed.clone();
        renamed[5] = b'6';
        let opened = twice.open(&renamed, place("secret"));
        assert_eq!(opened.unwrap_err(), VaultError::DoesNotOpen, "the key's id is bound too");
        let impostor = Vault::new("2025", &key(2)).unwrap();
        assert_eq!(impostor.open(&sealed, place("secret")).unwrap_err(), VaultError::DoesNotOpen);
    }

    #[test]
    fn a_key_is_read_from_hex_or_base64_and_never_printed() {
        assert_eq!(MasterKey::parse(&"0A".repeat(32)).unwrap().0, [10; 32]);
        let base64 = BASE64_STANDARD.encode([10; 32]);
        assert_eq!(MasterKey::parse(&format!("{base64}\n")).unwrap().0, [10; 32]);
        for bad in ["", "0a", &"0g".repeat(32), &"0a".repeat(31), &"é".repeat(32)] {
            assert_eq!(MasterKey::parse(bad).unwrap_err(), VaultError::InvalidKey, "{bad:?}");
        }
        assert_eq!(format!("{:?}", key(1)), "MasterKey(***)");
        assert_eq!(
            Vault::new("a", &key(1)).unwrap().and_opens_with("a", &key(2)).unwrap_err(),
            VaultError::InvalidKeyId
        );
    }
}
