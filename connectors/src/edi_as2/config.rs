//! What a connection by AS2 is configured with: who we are, who the partner is, and what both agreed on.
use openssl::pkey::{Id, PKey, Private};
use openssl::x509::X509;
use reqwest::Url;
use serde::Deserialize;

use super::algorithms::{Cipher, Digest, Legacy};
use crate::endpoint::endpoint;
use crate::secret::Secret;

/// How the partner confirms what we send.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Confirmation {
    /// In the answer to the request.
    #[default]
    Sync,
    /// By a request of its own to `mdn_url`.
    Async,
    /// Not at all.
    None,
}

/// The configuration as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the partner takes messages.
    #[serde(deserialize_with = "endpoint")]
    pub endpoint: Url,
    /// Our AS2 name.
    pub our_id: String,
    /// The partner's AS2 name.
    pub partner_id: String,
    /// Our certificate, PEM.
    pub our_certificate: String,
    /// Its key, PEM.
    pub private_key: Secret,
    /// Our certificate before this one, while the partner changes over: what is encrypted for it is still read.
    #[serde(default)]
    pub previous_certificate: Option<String>,
    /// Its key.
    #[serde(default)]
    pub previous_private_key: Option<Secret>,
    /// The partner's certificates, PEM: the first encrypts, each of them may have signed.
    pub partner_certificate: String,
    /// Whether we sign.
    #[serde(default = "yes")]
    pub sign: bool,
    /// Whether we encrypt.
    #[serde(default = "yes")]
    pub encrypt: bool,
    /// Whether we compress.
    #[serde(default)]
    pub compress: bool,
    /// What we sign with.
    #[serde(default = "sha256")]
    pub digest: Digest,
    /// What we encrypt with.
    #[serde(default = "aes256")]
    pub cipher: Cipher,
    /// How the partner confirms.
    #[serde(default)]
    pub mdn: Confirmation,
    /// Whether the confirmation must be signed.
    #[serde(default = "yes")]
    pub mdn_signed: bool,
    /// Where the partner sends confirmations of its own: our `/as2`, as the partner reaches it.
    #[serde(default)]
    pub mdn_url: Option<String>,
    /// Whether what comes must be signed.
    #[serde(default = "yes")]
    pub require_signed: bool,
    /// Whether what comes must be encrypted.
    #[serde(default = "yes")]
    pub require_encrypted: bool,
    /// Whether SHA-1 is good enough, both ways.
    #[serde(default)]
    pub allow_sha1: bool,
    /// Whether Triple DES is good enough, both ways.
    #[serde(default)]
    pub allow_3des: bool,
    /// The user for Basic, where the endpoint wants one.
    #[serde(default)]
    pub user: Option<String>,
    /// Its password.
    #[serde(default)]
    pub password: Option<Secret>,
}

fn yes() -> bool {
    true
}

fn sha256() -> Digest {
    Digest::Sha256
}

fn aes256() -> Cipher {
    Cipher::Aes256
}

/// A certificate of ours and its key.
pub(super) struct Identity {
    pub(super) certificate: X509,
    pub(super) key: PKey<Private>,
}

/// The keys and certificates of a configuration, opened.
pub(super) struct Keys {
    /// Ours, the present one first.
    pub(super) ours: Vec<Identity>,
    pub(super) theirs: Vec<X509>,
}

impl Config {
    pub(super) const fn legacy(&self) -> Legacy {
        Legacy { sha1: self.allow_sha1, triple_des: self.allow_3des }
    }

    /// Opens the keys, and says what in the configuration cannot work.
    pub(super) fn open(&self) -> Result<Keys, String> {
        for (name, id) in [("our_id", &self.our_id), ("partner_id", &self.partner_id)] {
            if !is_as2_name(id) {
                return Err(format!(
                    "{name}: 1 to 128 printable ASCII characters, without quotes and backslashes"
                ));
            }
        }
        if self.our_id == self.partner_id {
            return Err("our_id and partner_id are the same".to_owned());
        }
        if !self.legacy().allows_digest(self.digest) {
            return Err("digest: SHA1 needs allow_sha1".to_owned());
        }
        if !self.legacy().allows_cipher(self.cipher) {
            return Err("cipher: 3DES needs allow_3des".to_owned());
        }
        if self.mdn == Confirmation::Async && !self.mdn_url.as_deref().is_some_and(is_web_address) {
            return Err("mdn_url: ASYNC needs the address of our /as2 as the partner reaches it".to_owned());
        }
        if self.user.is_some() != self.password.is_some() {
            return Err("user and password go together".to_owned());
        }
        let mut ours =
            vec![identity(("our_certificate", "private_key"), &self.our_certificate, &self.private_key)?];
        match (&self.previous_certificate, &self.previous_private_key) {
            (Some(certificate), Some(key)) => {
                ours.push(identity(("previous_certificate", "previous_private_key"), certificate, key)?);
            }
            (None, None) => {}
            _ => return Err("previous_certificate and previous_private_key go together".to_owned()),
        }
        let theirs = certificates("partner_certificate", &self.partner_certificate)?;
        Ok(Keys { ours, theirs })
    }
}

fn identity((of, key_of): (&str, &str), certificate: &str, key: &Secret) -> Result<Identity, String> {
    let certificate = certificates(of, certificate)?.swap_remove(0);
    let key = PKey::private_key_from_pem_passphrase(key.expose().as_bytes(), b"")
        .map_err(|_| format!("{key_of}: is no private key in PEM without a password"))?;
    if !matches!(key.id(), Id::RSA | Id::EC) {
        return Err(format!("{key_of}: is neither RSA nor EC"));
    }
    let public = certificate.public_key().map_err(|_| format!("{of}: holds no public key"))?;
    if !public.public_eq(&key) {
        return Err(format!("{key_of}: is not the key of {of}"));
    }
    Ok(Identity { certificate, key })
}

fn certificates(name: &str, pem: &str) -> Result<Vec<X509>, String> {
    let read = X509::stack_from_pem(pem.as_bytes()).ok().filter(|read| !read.is_empty());
    let read = read.ok_or_else(|| format!("{name}: is no certificate in PEM"))?;
    let is_weak = |certificate: &X509| {
        let key = certificate.public_key();
        key.map_or(true, |key| {
            key.id() == Id::RSA && key.bits() < 2_048 || !matches!(key.id(), Id::RSA | Id::EC)
        })
    };
    if read.iter().any(is_weak) {
        return Err(format!("{name}: a key is RSA with 2048 bits or more, or EC"));
    }
    Ok(read)
}

fn is_as2_name(name: &str) -> bool {
    let fits = |c: char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
    (1..=128).contains(&name.len()) && name.chars().all(fits) && name.trim() == name
}

fn is_web_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}
