//! EDI by AS2 (RFC 4130, with compression after RFC 5402): messages that are signed, encrypted and confirmed.
//!
//! A partner knows a message that comes again by its id, which is made of the delivery's: after an unclear outcome it
//! is sent again, and answered by the same confirmation. What partners send comes in at `/as2`, which asks a
//! [`Station`] to open it; the bytes are on file before the confirmation says that they were received.
use async_trait::async_trait;
use quayside_canonical::Problems;
use serde_json::Value;

use crate::http::{Answer, Call};
use crate::registry::BuildError;
use crate::{
    Attempted, Codes, Connector, Delivery, DeliveryError, Errand, Feed, Http, Inbound, Message, Page,
    Preview, Receipt, Source, composed,
};
use pack::Packed;

mod algorithms;
mod ber;
mod cms;
mod config;
mod mdn;
mod mime;
mod pack;
mod station;
#[cfg(test)]
mod tests;
mod unpack;

pub use algorithms::{Cipher, Digest};
pub use config::{Config, Confirmation};
pub use mdn::{Heard, Mdn, Wish};
pub use mime::Headers;
pub use station::{Arrived, Station, certificates};
pub use unpack::{Fault, Opened};

/// The name of this connector.
pub const KIND: &str = "edi-as2";

/// Interchanges that were made for partners.
pub const ACCEPTS: &[&str] = composed::ACCEPTS;

/// What of its configuration is sealed.
pub const SECRETS: &[&str] = &["private_key", "previous_private_key", "password"];

/// What partners send.
pub const FEEDS: &[Feed] = composed::PUSHED;

/// A partner by AS2.
#[derive(Debug)]
pub struct EdiAs2 {
    station: Station,
}

/// Reads the configuration of a connection.
pub(crate) fn build(config: Value) -> Result<Box<dyn Connector>, BuildError> {
    Ok(Box::new(EdiAs2 { station: Station::open(config)? }))
}

impl EdiAs2 {
    fn pack(&self, delivery: &Delivery) -> Result<Packed, DeliveryError> {
        let outgoing = composed::outgoing(delivery)?;
        let name = &outgoing.event.file_name;
        self.station.pack((&delivery.id, delivery.errand.at), (name, outgoing.content))
    }

    fn call(&self, packed: &Packed, errand: &Errand) -> Result<Call, DeliveryError> {
        let config = self.station.config();
        let mut call = Call::new(reqwest::Method::POST, config.endpoint.clone(), errand)
            .body("application/octet-stream", packed.body.clone())
            .header("content-type", &packed.content_type)?;
        for (name, value) in &packed.headers {
            call = call.header(name, value)?;
        }
        self.signed_in(call)
    }

    fn signed_in(&self, call: Call) -> Result<Call, DeliveryError> {
        let config = self.station.config();
        match (&config.user, &config.password) {
            (Some(user), Some(password)) => {
                call.secret_header("authorization", &composed::basic(user, password))
            }
            _ => Ok(call),
        }
    }

    /// What the answer to a message means.
    fn judged(&self, packed: &Packed, answer: Answer) -> Result<Receipt, DeliveryError> {
        let receipt = || Receipt { reference: Some(packed.message_id.clone()) };
        let headers = self::headers(&answer);
        let reply = answer.judged()?;
        if !reply.is_success() {
            return Err(reply.refusal());
        }
        match self.station.config().mdn {
            // The partner has it; what it says of it comes later.
            Confirmation::None | Confirmation::Async => Ok(receipt()),
            Confirmation::Sync => self.station.confirmed(packed, &headers, &reply.body).map(|()| receipt()),
        }
    }
}

/// Sends a confirmation to where the partner wants it.
pub async fn send_confirmation(http: &Http, address: &str, mdn: &Mdn, errand: &Errand) -> Attempted<()> {
    let wrong = || DeliveryError::Refused {
        code: "ENDPOINT_FORBIDDEN".to_owned(),
        message: "the address for the MDN is no web address".to_owned(),
    };
    let Ok(url) = reqwest::Url::parse(address) else { return Attempted::unsent(wrong()) };
    let known = ["as2-version", "as2-from", "as2-to", "message-id", "mime-version", "date", "content-type"];
    let mut call =
        Call::new(reqwest::Method::POST, url, errand).body("application/octet-stream", mdn.body.clone());
    for name in known {
        let value = mdn.headers.iter().find(|(known, _)| known == name);
        call = match value.map_or(Ok(call.clone()), |(_, value)| call.header(name, value)) {
            Ok(call) => call,
            Err(error) => return Attempted::unsent(error),
        };
    }
    http.send(call).await.and_then(|reply| if reply.is_success() { Ok(()) } else { Err(reply.refusal()) })
}

fn headers(answer: &Answer) -> Headers {
    let text = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let found: Vec<(String, String)> = answer.headers.iter().filter_map(text).collect();
    Headers::new(found.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

#[async_trait]
impl Connector for EdiAs2 {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn accepts(&self) -> &'static [&'static str] {
        ACCEPTS
    }

    fn recognises_repeats(&self) -> bool {
        true
    }

    async fn deliver(&self, http: &Http, delivery: &Delivery) -> Attempted<Receipt> {
        let packed = match self.pack(delivery) {
            Ok(packed) => packed,
            Err(error) => return Attempted::unsent(error),
        };
        match self.call(&packed, &delivery.errand) {
            Ok(call) => http.exchange(call).await.and_then(|answer| self.judged(&packed, answer)),
            Err(error) => Attempted::unsent(error),
        }
    }

    /// Only a confirmation tells, and one that comes later is kept with the delivery.
    async fn find(&self, _: &Http, delivery: &Delivery) -> Attempted<Option<Receipt>> {
        let Some(reply) = &delivery.reply else {
            let outcome = match self.station.config().mdn {
                Confirmation::Async => Ok(None),
                _ => Err(DeliveryError::unconfirmed("AS2 has no question to ask what arrived")),
            };
            return Attempted { outcome, exchange: None };
        };
        let confirmed = self.pack(delivery).and_then(|packed| {
            let headers = Headers::new([("content-type", reply.media_type.as_str())]);
            self.station.confirmed(&packed, &headers, &reply.bytes)?;
            Ok(Some(Receipt { reference: Some(packed.message_id) }))
        });
        Attempted { outcome: confirmed, exchange: None }
    }

    fn preview(&self, delivery: &Delivery) -> Result<Vec<Preview>, DeliveryError> {
        Ok(vec![composed::preview(delivery, "POST", |_| self.station.config().endpoint.to_string())?])
    }

    /// A request without a message changes nothing anywhere, and shows whether somebody answers there. Before it the
    /// certificates are looked at: what has run out works with nobody.
    async fn test(&self, http: &Http, errand: &Errand) -> Attempted<()> {
        if let Err(message) = self.station.look_at_certificates(errand.at) {
            let code = "CERTIFICATE".to_owned();
            return Attempted::unsent(DeliveryError::Refused { code, message });
        }
        let call = Call::new(reqwest::Method::HEAD, self.station.config().endpoint.clone(), errand);
        match self.signed_in(call) {
            Ok(call) => composed::knock(http, call).await,
            Err(error) => Attempted::unsent(error),
        }
    }

    fn source(&self) -> Option<&dyn Source> {
        Some(self)
    }
}

#[async_trait]
impl Source for EdiAs2 {
    fn feeds(&self) -> &'static [Feed] {
        FEEDS
    }

    async fn poll(&self, _: &Http, _: &Errand, _: &Codes, _: &str, _: Option<&str>) -> Attempted<Page> {
        Attempted::unsent(DeliveryError::Unmappable("partners send by AS2; nothing is asked for".to_owned()))
    }

    fn receive(&self, _codes: &Codes, feed: &str, message: &Message<'_>) -> Result<Vec<Inbound>, Problems> {
        composed::filed(feed, message)
    }
}
