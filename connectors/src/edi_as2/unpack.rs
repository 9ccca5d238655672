//! What a partner sends: opened layer by layer, and held against what was agreed on.
use bytes::Bytes;

use super::algorithms::Digest;
use super::cms::{self, Broken, Kind};
use super::config::{Config, Keys};
use super::mime::{self, Headers};
use super::pack::mic;
use crate::Content;
use crate::text::one_line;

/// Layers that an honest message has at most: compressed, signed, compressed again, encrypted.
const MOST_LAYERS: usize = 5;

/// Why a message was not taken, as RFC 4130 names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It could not be decrypted: it is for another key, or was changed on the way.
    DecryptionFailed,
    /// Whoever signed it is not the partner.
    AuthenticationFailed,
    /// What was signed is not what came.
    IntegrityCheckFailed,
    /// It could not be decompressed, or is too large then.
    DecompressionFailed,
    /// It is not signed or not encrypted, or by an algorithm that this connection does not allow.
    InsufficientMessageSecurity,
    /// It is no message that we can read.
    UnsupportedFormat,
    /// The confirmation is wanted with a hash that we do not use with this partner.
    UnsupportedMic,
    /// Something failed on our side.
    UnexpectedProcessingError,
}

impl Fault {
    /// The disposition of the confirmation.
    #[must_use]
    pub const fn disposition(self) -> &'static str {
        match self {
            Self::DecryptionFailed => "processed/error: decryption-failed",
            Self::AuthenticationFailed => "processed/error: authentication-failed",
            Self::IntegrityCheckFailed => "processed/error: integrity-check-failed",
            Self::DecompressionFailed => "processed/error: decompression-failed",
            Self::InsufficientMessageSecurity => "processed/error: insufficient-message-security",
            Self::UnsupportedFormat => "failed/failure: unsupported format",
            Self::UnsupportedMic => "failed/failure: unsupported MIC-algorithms",
            Self::UnexpectedProcessingError => "processed/error: unexpected-processing-error",
        }
    }

    /// In words, for the partner's people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::DecryptionFailed => {
                "The message could not be decrypted. Check that it was encrypted for our present certificate."
            }
            Self::AuthenticationFailed => "The signature is not by the certificate that we have of you.",
            Self::IntegrityCheckFailed => "The content is not what was signed: it was changed on the way.",
            Self::DecompressionFailed => "The content could not be decompressed, or is too large.",
            Self::InsufficientMessageSecurity => {
                "The message is not signed or encrypted as agreed, or with an algorithm that was not agreed."
            }
            Self::UnsupportedFormat => "The message is in no form that we can read.",
            Self::UnsupportedMic => "None of the hashes wanted for the confirmation was agreed.",
            Self::UnexpectedProcessingError => "Something failed on our side. Please send the message again.",
        }
    }
}

/// A message, opened.
#[derive(Debug)]
pub struct Opened {
    /// What its file is called; the message's id where it has no name.
    pub name: String,
    /// What it carries.
    pub content: Content,
    /// What the confirmation says of it: hash and algorithm.
    pub mic: String,
    /// The hash that the partner wants the confirmation signed with.
    pub(super) digest: Digest,
}

/// What was found on the way in.
struct Layers {
    headers: Headers,
    /// The entity as it stood inside the last layer; none of a message that came plain.
    entity: Option<Vec<u8>>,
    body: Vec<u8>,
    signed_over: Option<Vec<u8>>,
    signed_with: Option<Digest>,
    was_encrypted: bool,
}

/// Opens a message.
pub(super) fn unpack(
    config: &Config,
    keys: &Keys,
    headers: &Headers,
    body: &[u8],
    most: usize,
) -> Result<Opened, Fault> {
    let body = mime::decoded(headers, body).ok_or(Fault::UnsupportedFormat)?;
    let mut layers = Layers {
        headers: headers.clone(),
        entity: None,
        body,
        signed_over: None,
        signed_with: None,
        was_encrypted: false,
    };
    let mut opened = 0;
    while open_one(config, keys, &mut layers, most)? {
        opened += 1;
        if opened > MOST_LAYERS {
            return Err(Fault::UnsupportedFormat);
        }
    }
    let is_enough = (!config.require_signed || layers.signed_over.is_some())
        && (!config.require_encrypted || layers.was_encrypted);
    if !is_enough {
        return Err(Fault::InsufficientMessageSecurity);
    }
    let digest = wanted(config, headers.get("disposition-notification-options"), layers.signed_with)?;
    let over = layers.signed_over.as_ref().or(layers.entity.as_ref()).unwrap_or(&layers.body);
    let mic = mic(over, digest.0).map_err(|_| Fault::UnexpectedProcessingError)?;
    Ok(Opened {
        name: name(&layers.headers, headers),
        content: Content { media_type: layers.headers.content_type().name, bytes: Bytes::from(layers.body) },
        mic: format!("{mic}, {}", digest.1),
        digest: digest.0,
    })
}

/// Opens the outermost layer. False when there is none.
fn open_one(config: &Config, keys: &Keys, layers: &mut Layers, most: usize) -> Result<bool, Fault> {
    let media = layers.headers.content_type();
    match media.name.as_str() {
        "multipart/signed" => {
            let parts = mime::parts(&layers.body, media.parameter("boundary"));
            let Some([content, signature]) = parts.as_deref() else { return Err(Fault::UnsupportedFormat) };
            let signature = mime::split(signature).and_then(|(headers, body)| mime::decoded(&headers, body));
            let signature = signature.ok_or(Fault::UnsupportedFormat)?;
            let content = content.to_vec();
            layers.signed_with = Some(check_signature(config, keys, &signature, Some(&content))?.0);
            layers.signed_over = Some(content.clone());
            enter(layers, content)?;
        }
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
            let inner = match cms::kind(&layers.body) {
                Some(Kind::Enveloped) => {
                    layers.was_encrypted = true;
                    decrypt(config, keys, &layers.body)?
                }
                Some(Kind::Compressed) => {
                    cms::decompress(&layers.body, most).map_err(|_| Fault::DecompressionFailed)?
                }
                Some(Kind::Signed) => {
                    let (digest, content) = check_signature(config, keys, &layers.body, None)?;
                    layers.signed_with = Some(digest);
                    layers.signed_over = Some(content.clone());
                    content
                }
                None if media.parameter("smime-type") == "enveloped-data" => {
                    return Err(Fault::DecryptionFailed);
                }
                None => return Err(Fault::UnsupportedFormat),
            };
            let was_encrypted = matches!(cms::kind(&layers.body), Some(Kind::Enveloped));
            let entered = enter(layers, inner);
            // What a wrong key opens is noise.
            entered.map_err(|fault| if was_encrypted { Fault::DecryptionFailed } else { fault })?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Goes on with the entity inside.
fn enter(layers: &mut Layers, entity: Vec<u8>) -> Result<(), Fault> {
    let (headers, body) = mime::split(&entity).ok_or(Fault::UnsupportedFormat)?;
    let body = mime::decoded(&headers, body).ok_or(Fault::UnsupportedFormat)?;
    (layers.headers, layers.body, layers.entity) = (headers, body, Some(entity));
    Ok(())
}

fn decrypt(config: &Config, keys: &Keys, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let cipher = cms::cipher(bytes).map_err(|_| Fault::DecryptionFailed)?;
    let allowed = cipher.is_some_and(|cipher| config.legacy().allows_cipher(cipher));
    if !allowed {
        return Err(Fault::InsufficientMessageSecurity);
    }
    let opened = keys.ours.iter().find_map(|own| cms::decrypt(bytes, &own.certificate, &own.key).ok());
    opened.ok_or(Fault::DecryptionFailed)
}

/// The hash it was signed with, and what was signed.
fn check_signature(
    config: &Config,
    keys: &Keys,
    signature: &[u8],
    detached: Option<&[u8]>,
) -> Result<(Digest, Vec<u8>), Fault> {
    let digests = cms::digests(signature).map_err(|_| Fault::AuthenticationFailed)?;
    let digests = digests.ok_or(Fault::InsufficientMessageSecurity)?;
    if !digests.iter().all(|digest| config.legacy().allows_digest(*digest)) {
        return Err(Fault::InsufficientMessageSecurity);
    }
    match cms::verify(signature, detached, &keys.theirs) {
        Ok(content) => Ok((digests[0], content)),
        // Who signed is known, and signed something else.
        Err(Broken::Failed) if cms::is_signed_by(signature, detached, &keys.theirs) => {
            Err(Fault::IntegrityCheckFailed)
        }
        Err(_) => Err(Fault::AuthenticationFailed),
    }
}

/// The hash for the confirmation: of those that are wanted the first that we may use; that of the signature where
/// nothing is said. With the name that the partner calls it by.
fn wanted(config: &Config, options: &str, signed_with: Option<Digest>) -> Result<(Digest, String), Fault> {
    let option = options.split(';').map(str::trim).find_map(|option| {
        let (name, values) = option.split_once('=')?;
        name.trim().eq_ignore_ascii_case("signed-receipt-micalg").then_some(values)
    });
    let Some(values) = option else {
        let digest = signed_with.unwrap_or(Digest::Sha256);
        return Ok((digest, digest.name().to_owned()));
    };
    let names = values.split(',').map(str::trim).skip(1);
    let usable = |name: &str| Digest::named(name).filter(|digest| config.legacy().allows_digest(*digest));
    let found = names.filter_map(|name| Some((usable(name)?, name.to_owned()))).next();
    found.ok_or(Fault::UnsupportedMic)
}

/// The name of the file, or of the message.
fn name(inner: &Headers, outer: &Headers) -> String {
    let disposition = super::mime::MediaType::read(inner.get("content-disposition"));
    let media = inner.content_type();
    let found = [disposition.parameter("filename"), media.parameter("name"), outer.get("message-id")]
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or("as2");
    let last = found.rsplit(['/', '\\']).next().unwrap_or_default();
    one_line(last.trim_matches(['<', '>']), 120)
}
