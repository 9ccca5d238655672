//! EDI by HTTPS: an interchange is posted as it is, and a 2xx says that it was taken.
//!
//! A receiver of interchanges knows one that comes again: by its control number, as the standards have it, and by the
//! key that each attempt carries. So after an unclear outcome it is posted again. What partners send by HTTPS comes to
//! `/edi/v1/interchanges` with a token of their own.
use async_trait::async_trait;
use reqwest::Url;
use serde::Deserialize;
use serde_json::Value;

use crate::endpoint::endpoint;
use crate::http::Call;
use crate::registry::BuildError;
use crate::secret::Secret;
use crate::{
    Attempted, Connector, Delivery, DeliveryError, Errand, Feed, Http, Preview, Receipt, Source, composed,
};

#[cfg(test)]
mod tests;

/// The name of this connector.
pub const KIND: &str = "edi-https";

/// Interchanges that were made for partners.
pub const ACCEPTS: &[&str] = composed::ACCEPTS;

/// What of its configuration is sealed.
pub const SECRETS: &[&str] = &["bearer_token", "password"];

/// Nothing is asked for, and what is sent comes with a partner's token.
pub const FEEDS: &[Feed] = &[];

/// Bytes read of an answer: enough for a person to see what went wrong.
const ENOUGH: usize = 4096;

/// What an endpoint is configured with.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where interchanges are posted.
    #[serde(deserialize_with = "endpoint")]
    pub endpoint: Url,
    /// Sent as `Authorization: Bearer …`.
    #[serde(default)]
    pub bearer_token: Option<Secret>,
    /// The user for Basic.
    #[serde(default)]
    pub user: Option<String>,
    /// Its password.
    #[serde(default)]
    pub password: Option<Secret>,
}

/// One endpoint and its credentials.
#[derive(Debug)]
pub struct EdiHttps {
    config: Config,
}

/// Reads the configuration of a connection.
pub(crate) fn build(config: Value) -> Result<Box<dyn Connector>, BuildError> {
    let config: Config = BuildError::read(KIND, config)?;
    let wrong = |reason: &str| Err(BuildError::Config { kind: KIND, reason: reason.to_owned() });
    match (&config.bearer_token, &config.user, &config.password) {
        (None, Some(user), Some(_)) if user.contains(':') => wrong("user: must not hold a colon"),
        (Some(_), None, None) | (None, Some(_), Some(_)) => Ok(Box::new(EdiHttps { config })),
        _ => wrong("either bearer_token, or user and password"),
    }
}

impl EdiHttps {
    fn call(&self, delivery: &Delivery) -> Result<Call, DeliveryError> {
        let outgoing = composed::outgoing(delivery)?;
        let call = Call::new(reqwest::Method::POST, self.config.endpoint.clone(), &delivery.errand)
            .body("application/octet-stream", outgoing.content.bytes.to_vec())
            .reading_at_most(ENOUGH)
            .header("content-type", &outgoing.event.media_type)?
            .header("idempotency-key", &delivery.id)?;
        self.signed_in(named(call, &outgoing.event.file_name)?)
    }

    fn signed_in(&self, call: Call) -> Result<Call, DeliveryError> {
        let credential = match (&self.config.bearer_token, &self.config.user, &self.config.password) {
            (Some(token), ..) => Secret::new(format!("Bearer {}", token.expose())),
            (None, Some(user), Some(password)) => composed::basic(user, password),
            _ => return Ok(call),
        };
        call.secret_header("authorization", &credential)
    }
}

/// A name that a header cannot hold is left out: it only helps people.
fn named(call: Call, name: &str) -> Result<Call, DeliveryError> {
    if name.is_ascii() {
        call.header("content-disposition", &format!("attachment; filename=\"{name}\""))
    } else {
        Ok(call)
    }
}

#[async_trait]
impl Connector for EdiHttps {
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
        let call = match self.call(delivery) {
            Ok(call) => call,
            Err(error) => return Attempted::unsent(error),
        };
        let repeated = delivery.attempt > 1;
        http.send(call).await.and_then(|reply| match reply.status {
            200..=299 => Ok(Receipt { reference: None }),
            // "I have that already": an earlier attempt arrived.
            409 if repeated => Ok(Receipt { reference: None }),
            _ => Err(reply.refusal()),
        })
    }

    async fn find(&self, _: &Http, _: &Delivery) -> Attempted<Option<Receipt>> {
        Attempted::unsent(DeliveryError::unconfirmed("the partner cannot be asked what it has"))
    }

    fn preview(&self, delivery: &Delivery) -> Result<Vec<Preview>, DeliveryError> {
        Ok(vec![composed::preview(delivery, "POST", |_| self.config.endpoint.to_string())?])
    }

    /// Asks without sending anything. Most endpoints answer that they take nothing but POST: that is somebody who is
    /// there.
    async fn test(&self, http: &Http, errand: &Errand) -> Attempted<()> {
        let call = Call::new(reqwest::Method::HEAD, self.config.endpoint.clone(), errand);
        match self.signed_in(call) {
            Ok(call) => composed::knock(http, call).await,
            Err(error) => Attempted::unsent(error),
        }
    }

    fn source(&self) -> Option<&dyn Source> {
        None
    }
}
