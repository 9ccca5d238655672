//! What we send: compressed, signed, encrypted, in this order, each where it is agreed on.
use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::algorithms::Digest;
use super::cms::{self, Broken};
use super::config::{Config, Confirmation, Keys};
use super::mime::base64_lines;
use crate::Content;
use crate::composed::hex;

/// A message, ready to be posted.
#[derive(Debug)]
pub(super) struct Packed {
    pub(super) message_id: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
    /// What the partner has to confirm: the hash, in base64, and which.
    pub(super) mic: (String, Digest),
}

/// An entity in two pieces: the media type in its headers and the body.
struct Entity {
    content_type: String,
    more: String,
    body: Vec<u8>,
}

impl Entity {
    fn whole(&self) -> Vec<u8> {
        let head = format!("Content-Type: {}\r\n{}\r\n", self.content_type, self.more);
        [head.as_bytes(), &self.body].concat()
    }
}

/// The id of the message that the delivery `id` is: the same for each attempt, so that the partner knows it again.
pub(super) fn message_id(config: &Config, id: &str) -> String {
    let host: String =
        config.our_id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
    format!("<{id}@{host}>")
}

/// A name as it stands in AS2-From and AS2-To.
pub(super) fn as2_name(name: &str) -> String {
    if name.contains(' ') { format!("\"{name}\"") } else { name.to_owned() }
}

/// The hash of `bytes` in base64.
pub(super) fn mic(bytes: &[u8], digest: Digest) -> Result<String, Broken> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    Ok(STANDARD.encode(openssl::hash::hash(digest.message_digest(), bytes)?))
}

/// The message that carries `content`.
pub(super) fn pack(
    config: &Config,
    keys: &Keys,
    (id, at): (&str, DateTime<Utc>),
    (name, content): (&str, &Content),
) -> Result<Packed, Broken> {
    let message_id = message_id(config, id);
    let mut entity = payload(name, content);
    let mut mic_over = if config.encrypt || config.compress { entity.whole() } else { entity.body.clone() };
    if config.compress {
        entity = pkcs7("compressed-data", "smime.p7z", cms::compress(&entity.whole())?);
    }
    if config.sign {
        mic_over = entity.whole();
        entity = signed(keys, config.digest, id, &mic_over)?;
    }
    if config.encrypt {
        let theirs = keys.theirs.first().ok_or(Broken::Failed)?;
        let body = cms::encrypt(&entity.whole(), theirs, config.cipher)?;
        entity = pkcs7("enveloped-data", "smime.p7m", body);
    }
    let mut headers = vec![
        ("as2-version", "1.2".to_owned()),
        ("as2-from", as2_name(&config.our_id)),
        ("as2-to", as2_name(&config.partner_id)),
        ("message-id", message_id.clone()),
        ("mime-version", "1.0".to_owned()),
        ("date", at.to_rfc2822()),
        ("subject", "EDI interchange".to_owned()),
    ];
    headers.extend(more_headers(&entity.more));
    headers.extend(wishes(config));
    let mic = (mic(&mic_over, config.digest)?, config.digest);
    Ok(Packed { message_id, headers, content_type: entity.content_type, body: entity.body, mic })
}

fn payload(name: &str, content: &Content) -> Entity {
    let name: String = name.chars().map(|c| if c.is_ascii() && c != '"' { c } else { '_' }).collect();
    Entity {
        content_type: content.media_type.clone(),
        more: format!(
            "Content-Transfer-Encoding: binary\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n"
        ),
        body: content.bytes.to_vec(),
    }
}

fn pkcs7(kind: &str, name: &str, body: Vec<u8>) -> Entity {
    Entity {
        content_type: format!("application/pkcs7-mime; smime-type={kind}; name={name}"),
        more: format!(
            "Content-Transfer-Encoding: binary\r\nContent-Disposition: attachment; filename={name}\r\n"
        ),
        body,
    }
}

/// An entity and its signature. The boundary comes of what it bounds, so that the same content is the same message.
fn signed(keys: &Keys, digest: Digest, id: &str, content: &[u8]) -> Result<Entity, Broken> {
    let own = keys.ours.first().ok_or(Broken::Failed)?;
    let signature = cms::sign(content, &own.certificate, &own.key, digest)?;
    let boundary = boundary(id, content);
    let mut body = format!("--{boundary}\r\n").into_bytes();
    body.extend_from_slice(content);
    body.extend(
        format!(
            "\r\n--{boundary}\r\nContent-Type: application/pkcs7-signature; name=smime.p7s; smime-type=signed-data\r\n\
             Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=smime.p7s\r\n\r\n\
             {}--{boundary}--\r\n",
            base64_lines(&signature)
        )
        .into_bytes(),
    );
    let content_type = format!(
        "multipart/signed; protocol=\"application/pkcs7-signature\"; micalg={}; boundary=\"{boundary}\"",
        digest.name()
    );
    Ok(Entity { content_type, more: String::new(), body })
}

pub(super) fn boundary(id: &str, content: &[u8]) -> String {
    let digest = Sha256::new().chain_update(id).chain_update(content).finalize();
    format!("qs-{}", hex(&digest[..16]))
}

/// A signed entity as its media type and its body: for confirmations.
pub(super) fn sign_entity(
    keys: &Keys,
    digest: Digest,
    id: &str,
    content: &[u8],
) -> Result<(String, Vec<u8>), Broken> {
    let entity = signed(keys, digest, id, content)?;
    Ok((entity.content_type, entity.body))
}

fn more_headers(lines: &str) -> Vec<(&'static str, String)> {
    let known = ["content-transfer-encoding", "content-disposition"];
    let header = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        let name = known.into_iter().find(|known| known.eq_ignore_ascii_case(name))?;
        Some((name, value.to_owned()))
    };
    lines.lines().filter_map(header).collect()
}

/// How we want it confirmed.
fn wishes(config: &Config) -> Vec<(&'static str, String)> {
    if config.mdn == Confirmation::None {
        return Vec::new();
    }
    let mut headers = vec![("disposition-notification-to", as2_name(&config.our_id))];
    if config.mdn_signed {
        let options = format!(
            "signed-receipt-protocol=required, pkcs7-signature; signed-receipt-micalg=required, {}",
            config.digest.name()
        );
        headers.push(("disposition-notification-options", options));
    }
    if let (Confirmation::Async, Some(url)) = (config.mdn, &config.mdn_url) {
        headers.push(("receipt-delivery-option", url.clone()));
    }
    headers
}
