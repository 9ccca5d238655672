//! Our end of an AS2 connection: what opens what comes, confirms it, and closes what goes.
use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use openssl::asn1::Asn1Time;
use openssl::x509::X509;
use serde_json::Value;

use super::KIND;
use super::config::{Config, Keys};
use super::mdn::{self, Heard, Mdn, Means};
use super::mime::Headers;
use super::pack::{self, Packed};
use super::unpack::{self, Fault, Opened};
use crate::registry::BuildError;
use crate::{Content, DeliveryError};

/// The headers and the body of a message as it is posted.
pub(crate) type Posted = (Vec<(String, String)>, Vec<u8>);

/// A configuration with its keys opened. Prints neither.
pub struct Station {
    config: Config,
    keys: Keys,
}

impl fmt::Debug for Station {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Station({} with {})", self.config.our_id, self.config.partner_id)
    }
}

/// What came in.
#[derive(Debug)]
pub enum Arrived {
    /// A message.
    Message(Box<Opened>),
    /// A confirmation of what we sent.
    Confirmation(Heard),
}

impl Station {
    /// Reads the configuration of a connection, secrets in place.
    ///
    /// # Errors
    /// It cannot work: why, without a value.
    pub fn open(config: Value) -> Result<Self, BuildError> {
        let config: Config = BuildError::read(KIND, config)?;
        let keys = config.open().map_err(|reason| BuildError::Config { kind: KIND, reason })?;
        Ok(Self { config, keys })
    }

    /// The configuration.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Opens what came, of which at most `most` bytes may come out. The inner error is what the partner is told; the
    /// outer one says why a confirmation cannot be relied on.
    ///
    /// # Errors
    /// It is a confirmation, and none that counts.
    pub fn unpack(
        &self,
        headers: &Headers,
        body: &[u8],
        most: usize,
    ) -> Result<Result<Arrived, Fault>, String> {
        if mdn::is_one(headers, body) {
            return mdn::read(&self.config, &self.keys, headers, body)
                .map(|heard| Ok(Arrived::Confirmation(heard)));
        }
        let opened = unpack::unpack(&self.config, &self.keys, headers, body, most);
        Ok(opened.map(|opened| Arrived::Message(Box::new(opened))))
    }

    /// The confirmation of a message, or of why it was not taken. `id` is the confirmation's own.
    ///
    /// # Errors
    /// It cannot be signed.
    pub fn confirm(
        &self,
        headers: &Headers,
        outcome: Result<&Opened, Fault>,
        id: &str,
        at: DateTime<Utc>,
    ) -> Result<Mdn, Fault> {
        mdn::confirm(&self.config, &self.keys, headers, outcome, (id, at))
    }

    /// Whether a confirmation is a good one, as far as it says so by itself: not whether it names the right content.
    #[must_use]
    pub fn is_good(heard: &Heard) -> bool {
        let small = heard.disposition.to_ascii_lowercase();
        small.contains("duplicate")
            || !(small.contains("/error") || small.contains("/failure") || small.starts_with("failed"))
    }

    /// A message with `bytes`, as it is posted: its headers and its body. For tools that speak AS2 by themselves;
    /// deliveries go by the connector.
    ///
    /// # Errors
    /// It cannot be signed or encrypted.
    pub fn message(
        &self,
        id: &str,
        name: &str,
        bytes: &[u8],
        at: DateTime<Utc>,
    ) -> Result<Posted, DeliveryError> {
        let content =
            Content { media_type: "application/edi-x12".to_owned(), bytes: Bytes::copy_from_slice(bytes) };
        let packed = self.pack((id, at), (name, &content))?;
        let headers = packed.headers.into_iter().map(|(name, value)| (name.to_owned(), value));
        Ok((headers.chain([("content-type".to_owned(), packed.content_type)]).collect(), packed.body))
    }

    pub(super) fn pack(
        &self,
        delivery: (&str, DateTime<Utc>),
        file: (&str, &Content),
    ) -> Result<Packed, DeliveryError> {
        pack::pack(&self.config, &self.keys, delivery, file)
            .map_err(|_| DeliveryError::Unmappable("the message cannot be signed or encrypted".to_owned()))
    }

    /// Whether a confirmation is of this message. What cannot be relied on leaves it unknown.
    pub(super) fn confirmed(
        &self,
        packed: &Packed,
        headers: &Headers,
        body: &[u8],
    ) -> Result<(), DeliveryError> {
        let heard = mdn::read(&self.config, &self.keys, headers, body).map_err(DeliveryError::unconfirmed)?;
        let sent = (packed.mic.0.as_str(), packed.mic.1);
        // Some confirm no hash of what was not signed: there is nothing to prove then.
        let must_prove = self.config.mdn_signed && self.config.sign;
        match mdn::judge(&heard, &packed.message_id, sent, must_prove) {
            Means::Taken => Ok(()),
            Means::Refused { code, message } => Err(DeliveryError::Refused { code, message }),
            Means::Nothing(reason) => Err(DeliveryError::unconfirmed(reason)),
        }
    }

    /// # Errors
    /// One has run out, or has not begun.
    pub(super) fn look_at_certificates(&self, at: DateTime<Utc>) -> Result<(), String> {
        let ours = self.keys.ours.iter().take(1).map(|own| ("our certificate", &own.certificate));
        let theirs =
            self.keys.theirs.iter().take(1).map(|certificate| ("the partner's certificate", certificate));
        for (whose, certificate) in ours.chain(theirs) {
            let ends = described(whose, certificate);
            let Ok(now) = Asn1Time::from_unix(at.timestamp()) else { continue };
            if certificate.not_before() > now {
                return Err(format!("{ends}: it is not valid yet"));
            }
            if certificate.not_after() < now {
                return Err(format!("{ends}: it has run out"));
            }
        }
        Ok(())
    }
}

/// Each certificate of a configuration in a line, with its end. Secrets need not be in place.
#[must_use]
pub fn certificates(config: &Value) -> Vec<String> {
    let named =
        [("our certificate", "our_certificate"), ("the partner's certificate", "partner_certificate")];
    let lines = named.into_iter().flat_map(|(whose, member)| {
        let pem = config.get(member).and_then(Value::as_str).unwrap_or_default();
        let found = X509::stack_from_pem(pem.as_bytes()).unwrap_or_default();
        found.into_iter().map(move |certificate| described(whose, &certificate))
    });
    lines.collect()
}

fn described(whose: &str, certificate: &X509) -> String {
    let name = certificate.subject_name().entries().last();
    let name = name.and_then(|entry| entry.data().to_string().ok());
    format!("{whose} ({}) is valid until {}", name.unwrap_or_default(), certificate.not_after())
}
