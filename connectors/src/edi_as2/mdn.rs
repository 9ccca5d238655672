//! Confirmations (RFC 4130 section 7): ours of what came, and the partner's of what we sent.
use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::algorithms::Digest;
use super::cms;
use super::config::{Config, Keys};
use super::mime::{self, Headers};
use super::pack::{as2_name, boundary, message_id, sign_entity};
use super::unpack::{Fault, Opened};
use crate::text::one_line;

/// A confirmation, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mdn {
    /// Its headers, those of AS2 included.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

/// What a message asks of its confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Whether one is wanted at all.
    pub wanted: bool,
    /// Whether it is to be signed.
    pub signed: bool,
    /// Where it is sent, if not in the answer.
    pub address: Option<String>,
}

impl Wish {
    /// Reads the headers of a message.
    #[must_use]
    pub fn of(headers: &Headers) -> Self {
        let address = headers.get("receipt-delivery-option");
        Self {
            wanted: !headers.get("disposition-notification-to").is_empty(),
            signed: headers.get("disposition-notification-options").contains("signed-receipt-protocol"),
            address: (!address.is_empty()).then(|| address.to_owned()),
        }
    }
}

/// Confirms a message, or says why it was not taken. `id` is the confirmation's own.
pub(super) fn confirm(
    config: &Config,
    keys: &Keys,
    headers: &Headers,
    outcome: Result<&Opened, Fault>,
    (id, at): (&str, DateTime<Utc>),
) -> Result<Mdn, Fault> {
    let original = one_line(headers.get("message-id"), 998);
    let (disposition, words) = match outcome {
        Ok(_) => {
            ("processed", "The message was received and is on file. What it holds is processed separately.")
        }
        Err(fault) => (fault.disposition(), fault.words()),
    };
    let confirmed =
        outcome.map(|opened| format!("Received-Content-MIC: {}\r\n", opened.mic)).unwrap_or_default();
    let inner = boundary(id, original.as_bytes());
    let report = format!(
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=\"{inner}\"\r\n\r\n\
         --{inner}\r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\n\
         {words}\r\n\r\n\
         --{inner}\r\nContent-Type: message/disposition-notification\r\nContent-Transfer-Encoding: 7bit\r\n\r\n\
         Reporting-UA: {agent}\r\n\
         Original-Recipient: rfc822; {us}\r\n\
         Final-Recipient: rfc822; {us}\r\n\
         Original-Message-ID: {original}\r\n\
         Disposition: automatic-action/MDN-sent-automatically; {disposition}\r\n\
         {confirmed}\r\n\
         --{inner}--\r\n",
        agent = concat!("Quayside/", env!("CARGO_PKG_VERSION")),
        us = as2_name(&config.our_id),
    );
    let wish = Wish::of(headers);
    let (content_type, body) = if wish.signed {
        let digest = outcome.map_or(config.digest, |opened| opened.digest);
        sign_entity(keys, digest, id, report.as_bytes()).map_err(|_| Fault::UnexpectedProcessingError)?
    } else {
        let (headers, body) = mime::split(report.as_bytes()).ok_or(Fault::UnexpectedProcessingError)?;
        (headers.get("content-type").to_owned(), body.to_vec())
    };
    let header = |name: &str, value: String| (name.to_owned(), value);
    let headers = vec![
        header("as2-version", "1.2".to_owned()),
        header("as2-from", as2_name(&config.our_id)),
        header("as2-to", as2_name(&config.partner_id)),
        header("message-id", message_id(config, id)),
        header("mime-version", "1.0".to_owned()),
        header("date", at.to_rfc2822()),
        header("content-type", content_type),
    ];
    Ok(Mdn { headers, body })
}

/// Whether a request is a confirmation and no message.
pub(super) fn is_one(headers: &Headers, body: &[u8]) -> bool {
    let media = headers.content_type();
    match media.name.as_str() {
        "multipart/report" => true,
        "multipart/signed" => {
            let parts = mime::parts(body, media.parameter("boundary")).unwrap_or_default();
            let first = parts.first().and_then(|part| mime::split(part));
            first.is_some_and(|(headers, _)| headers.content_type().name == "multipart/report")
        }
        _ => false,
    }
}

/// What a partner confirms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The message that it is about.
    pub original: String,
    /// What became of it: `processed`, `processed/error: …`.
    pub disposition: String,
    /// The hash of what arrived, in base64, and its algorithm.
    pub mic: Option<(String, String)>,
    /// All of it as it came.
    pub raw: Bytes,
}

/// Reads a confirmation, and checks its signature where there must be one.
///
/// # Errors
/// It says nothing that can be relied on; why, in words.
pub(super) fn read(config: &Config, keys: &Keys, headers: &Headers, body: &[u8]) -> Result<Heard, String> {
    let mut inner = (headers.clone(), body.to_vec());
    let mut is_signed = false;
    let media = headers.content_type();
    if media.name == "multipart/signed" {
        let parts = mime::parts(body, media.parameter("boundary"));
        let Some([report, signature]) = parts.as_deref() else {
            return Err("the signed MDN is no pair of report and signature".to_owned());
        };
        let signature = mime::split(signature).and_then(|(headers, body)| mime::decoded(&headers, body));
        let signature = signature.ok_or("the signature of the MDN cannot be read")?;
        let digests = cms::digests(&signature).ok().flatten().unwrap_or_default();
        let allowed = |digest: &Digest| config.legacy().allows_digest(*digest);
        if digests.is_empty() || !digests.iter().all(allowed) {
            return Err("the MDN is signed with an algorithm that this connection does not allow".to_owned());
        }
        cms::verify(&signature, Some(report), &keys.theirs)
            .map_err(|_| "the signature of the MDN is not by the partner's certificate".to_owned())?;
        let (headers, body) = mime::split(report).ok_or("the report of the MDN cannot be read")?;
        inner = (headers, body.to_vec());
        is_signed = true;
    }
    if config.mdn_signed && !is_signed {
        return Err("the MDN is not signed".to_owned());
    }
    Ok(Heard { raw: Bytes::copy_from_slice(body), ..report(&inner.0, &inner.1)? })
}

fn report(headers: &Headers, body: &[u8]) -> Result<Heard, String> {
    let media = headers.content_type();
    if media.name != "multipart/report" {
        return Err("the answer is no MDN".to_owned());
    }
    let parts = mime::parts(body, media.parameter("boundary")).ok_or("the MDN has no parts")?;
    let fields = parts.into_iter().find_map(|part| {
        let (headers, body) = mime::split(part)?;
        let is_it = headers.content_type().name == "message/disposition-notification";
        let text = is_it.then(|| mime::decoded(&headers, body)).flatten()?;
        mime::split(&[&text[..], b"\r\n\r\n"].concat()).map(|(fields, _)| fields)
    });
    let fields = fields.ok_or("the MDN says nothing of the message")?;
    let disposition = fields.get("disposition").split_once(';').map_or("", |(_, what)| what.trim());
    if disposition.is_empty() {
        return Err("the MDN has no disposition".to_owned());
    }
    let mic = fields.get("received-content-mic").split_once(',');
    Ok(Heard {
        original: one_line(fields.get("original-message-id"), 998),
        disposition: one_line(disposition, 200),
        mic: mic.map(|(hash, name)| (hash.trim().to_owned(), name.trim().to_owned())),
        raw: Bytes::new(),
    })
}

/// What a confirmation means for what we sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Means {
    /// The partner has it, and nothing else.
    Taken,
    /// The partner refuses it.
    Refused { code: String, message: String },
    /// It says nothing about the message.
    Nothing(String),
}

/// Holds a confirmation against what was sent.
pub(super) fn judge(heard: &Heard, id: &str, (hash, digest): (&str, Digest), signed: bool) -> Means {
    let bare = |id: &str| id.trim_matches(['<', '>', ' ']).to_owned();
    if bare(&heard.original) != bare(id) {
        return Means::Nothing("the MDN is about another message".to_owned());
    }
    let small = heard.disposition.to_ascii_lowercase();
    let (kind, modifier) = small.split_once('/').unwrap_or((&small, ""));
    let modifier = modifier.split_once(':').map_or(modifier, |(_, what)| what).trim();
    // It came before: an earlier attempt arrived.
    if modifier.starts_with("duplicate") {
        return Means::Taken;
    }
    if kind.trim() != "processed" || small.contains("/error") || small.contains("/failure") {
        return Means::Refused {
            code: if modifier.is_empty() { kind.to_owned() } else { modifier.replace(' ', "-") },
            message: format!("the partner's MDN says: {}", heard.disposition),
        };
    }
    match &heard.mic {
        None if signed => {
            Means::Nothing("the MDN does not say what arrived (no Received-Content-MIC)".to_owned())
        }
        None => Means::Taken,
        Some((theirs, name)) if theirs == hash && Digest::named(name).is_none_or(|named| named == digest) => {
            Means::Taken
        }
        Some(_) => Means::Refused {
            code: "MIC_MISMATCH".to_owned(),
            message: "the partner confirms another content than was sent: it was changed on the way"
                .to_owned(),
        },
    }
}

/// Only for tests: what a confirmation of `bytes` says.
#[cfg(test)]
pub(super) fn mic_of(bytes: &[u8], digest: Digest) -> String {
    format!("{}, {}", super::pack::mic(bytes, digest).unwrap(), digest.name())
}
