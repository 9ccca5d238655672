//! The algorithms that partners agree on, by each of the names they have.
use openssl::hash::MessageDigest;
use openssl::symm::Cipher as Symmetric;
use serde::Deserialize;

/// A hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Digest {
    /// Only where the connection's settings allow it.
    #[serde(rename = "SHA1")]
    Sha1,
    /// The usual.
    #[serde(rename = "SHA256")]
    Sha256,
    /// Longer.
    #[serde(rename = "SHA384")]
    Sha384,
    /// Longest.
    #[serde(rename = "SHA512")]
    Sha512,
}

impl Digest {
    const ALL: [Self; 4] = [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    /// By the name of a header, in whatever spelling: `sha-256`, `SHA256`, `sha1`.
    pub(super) fn named(name: &str) -> Option<Self> {
        let plain = name.trim().to_ascii_lowercase().replace(['-', '_'], "");
        Self::ALL.into_iter().find(|digest| digest.name().replace('-', "") == plain)
    }

    /// As RFC 5751 writes it; SHA-1 as AS2 does.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha-256",
            Self::Sha384 => "sha-384",
            Self::Sha512 => "sha-512",
        }
    }

    pub(super) fn message_digest(self) -> MessageDigest {
        match self {
            Self::Sha1 => MessageDigest::sha1(),
            Self::Sha256 => MessageDigest::sha256(),
            Self::Sha384 => MessageDigest::sha384(),
            Self::Sha512 => MessageDigest::sha512(),
        }
    }

    /// The object identifier, encoded.
    pub(super) const fn oid(self) -> &'static [u8] {
        match self {
            Self::Sha1 => &[0x2b, 0x0e, 0x03, 0x02, 0x1a],
            Self::Sha256 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01],
            Self::Sha384 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02],
            Self::Sha512 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03],
        }
    }

    pub(super) fn of_oid(oid: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|digest| digest.oid() == oid)
    }

    /// The identifier of ECDSA with this hash, encoded.
    pub(super) const fn ecdsa_oid(self) -> &'static [u8] {
        match self {
            Self::Sha1 => &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01],
            Self::Sha256 => &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
            Self::Sha384 => &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03],
            Self::Sha512 => &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04],
        }
    }
}

/// A cipher, in CBC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Cipher {
    /// AES with 128 bits.
    #[serde(rename = "AES128")]
    Aes128,
    /// AES with 192 bits.
    #[serde(rename = "AES192")]
    Aes192,
    /// AES with 256 bits: the usual.
    #[serde(rename = "AES256")]
    Aes256,
    /// Triple DES: only where the connection's settings allow it.
    #[serde(rename = "3DES")]
    TripleDes,
}

impl Cipher {
    const ALL: [Self; 4] = [Self::Aes128, Self::Aes192, Self::Aes256, Self::TripleDes];

    pub(super) fn symmetric(self) -> Symmetric {
        match self {
            Self::Aes128 => Symmetric::aes_128_cbc(),
            Self::Aes192 => Symmetric::aes_192_cbc(),
            Self::Aes256 => Symmetric::aes_256_cbc(),
            Self::TripleDes => Symmetric::des_ede3_cbc(),
        }
    }

    pub(super) fn of_oid(oid: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|cipher| cipher.oid() == oid)
    }

    const fn oid(self) -> &'static [u8] {
        match self {
            Self::Aes128 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x02],
            Self::Aes192 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x16],
            Self::Aes256 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a],
            Self::TripleDes => &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x07],
        }
    }
}

/// What a connection allows beyond what is safe.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Legacy {
    pub(super) sha1: bool,
    pub(super) triple_des: bool,
}

impl Legacy {
    pub(super) fn allows_digest(self, digest: Digest) -> bool {
        digest != Digest::Sha1 || self.sha1
    }

    pub(super) fn allows_cipher(self, cipher: Cipher) -> bool {
        cipher != Cipher::TripleDes || self.triple_des
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_known_by_every_spelling_of_its_name() {
        for (name, digest) in [
            ("sha1", Digest::Sha1),
            ("SHA-1", Digest::Sha1),
            ("sha256", Digest::Sha256),
            (" SHA-256", Digest::Sha256),
            ("sha_512", Digest::Sha512),
        ] {
            assert_eq!(Digest::named(name), Some(digest), "{name}");
        }
        for name in ["", "md5", "sha", "sha-3"] {
            assert_eq!(Digest::named(name), None, "{name}");
        }
    }
}
