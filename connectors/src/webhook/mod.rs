//! Webhooks: any receiver that follows Standard Webhooks 1.0.
//!
//! An endpoint says only whether it took an event, by its status; its body means nothing. It knows an event that
//! comes again by `webhook-id`, which is the delivery's, so that there is nothing to ask after an unclear outcome:
//! the event is sent again. Only 410 is a refusal. Everything else that is not a 2xx may be different tomorrow.
use async_trait::async_trait;
use quayside_canonical::events::CATALOGUE;
use serde_json::Value;

use crate::http::{Answer, Call};
use crate::registry::BuildError;
use crate::secret::Secret;
use crate::signature::sign;
use crate::{Attempted, Connector, Delivery, DeliveryError, Errand, Http, Network, Preview, Receipt, Source};

#[cfg(test)]
mod tests;
mod wire;

pub use wire::Config;

/// The name of this connector.
pub const KIND: &str = "webhook";

/// Every type there is: which of them an endpoint gets is its owner's choice.
pub const ACCEPTS: &[&str] = &types();

/// What of its configuration is sealed.
pub const SECRETS: &[&str] = &["signing_secret", "previous_signing_secret"];

/// Bytes read of an answer: enough for a person to see what went wrong.
const ENOUGH: usize = 1024;

const fn types() -> [&'static str; CATALOGUE.len()] {
    let mut types = [""; CATALOGUE.len()];
    let mut index = 0;
    while index < types.len() {
        types[index] = CATALOGUE[index].event_type;
        index += 1;
    }
    types
}

/// The host of `endpoint`, which may be saved as far as can be said without resolving its name. Each call is
/// checked again.
///
/// # Errors
/// Why it may not be saved, for people; nothing of it is quoted.
pub fn check_endpoint(network: Network, endpoint: &str) -> Result<String, String> {
    let url = wire::url(endpoint).map_err(|problem| format!("an endpoint {problem}"))?;
    network.check(&url).map_err(|forbidden| forbidden.to_string())?;
    Ok(url.host_str().unwrap_or_default().to_owned())
}

/// One endpoint and its secrets.
#[derive(Debug)]
pub struct Webhook {
    config: Config,
}

/// Reads the configuration of a connection.
pub(crate) fn build(config: Value) -> Result<Box<dyn Connector>, BuildError> {
    let config = BuildError::read(KIND, config)?;
    Ok(Box::new(Webhook { config }))
}

#[async_trait]
impl Connector for Webhook {
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
        let call = match submission(&self.config, delivery) {
            Ok(call) => call,
            Err(error) => return Attempted::unsent(error),
        };
        let heard = http.exchange(call).await;
        Attempted { outcome: judged(heard.outcome), exchange: heard.exchange }
    }

    /// The standard has no such question.
    async fn find(&self, _: &Http, _: &Delivery) -> Attempted<Option<Receipt>> {
        Attempted::unsent(DeliveryError::unconfirmed("an endpoint cannot be asked what it has"))
    }

    fn preview(&self, delivery: &Delivery) -> Result<Vec<Preview>, DeliveryError> {
        Ok(vec![submission(&self.config, delivery)?.preview()])
    }

    /// There is no call that changes nothing: a receiver takes every event for real. An endpoint is tested with an
    /// event of its own, `webhook_endpoint.tested`.
    async fn test(&self, _: &Http, _: &Errand) -> Attempted<()> {
        let reason = "an endpoint has no question to be tested with: send it a test event";
        Attempted::unsent(DeliveryError::Unmappable(reason.to_owned()))
    }

    fn source(&self) -> Option<&dyn Source> {
        None
    }
}

/// The event, posted.
fn submission(config: &Config, delivery: &Delivery) -> Result<Call, DeliveryError> {
    if delivery.event.get("type").and_then(Value::as_str) != Some(&delivery.event_type) {
        return Err(DeliveryError::Unmappable("the envelope names another event type".to_owned()));
    }
    let event = delivery.shaped(delivery.event.clone())?;
    let body = serde_json::to_vec(&event).map_err(|error| DeliveryError::Unmappable(error.to_string()))?;
    let timestamp = delivery.errand.at.timestamp();
    let secrets = config.secrets(delivery.errand.at);
    let signature = Secret::new(sign(secrets, &delivery.id, timestamp, &body));
    Call::post_json(config.endpoint.clone(), &delivery.errand, body)
        .reading_at_most(ENOUGH)
        .header("webhook-id", &delivery.id)?
        .header("webhook-timestamp", &timestamp.to_string())?
        .secret_header("webhook-signature", &signature)
}

/// What an answer, or none, means. Never that our credentials are wrong: the receiver has nothing of ours to know.
fn judged(heard: Result<Answer, DeliveryError>) -> Result<Receipt, DeliveryError> {
    let answer = match heard {
        Ok(answer) => answer,
        // A name that points to a forbidden address now may be put right.
        Err(DeliveryError::Refused { message, .. }) => {
            return Err(DeliveryError::Retry { reason: message, after: None });
        }
        Err(error) => return Err(error),
    };
    let status = answer.status;
    match (status.as_u16(), &answer.cut) {
        (200..=299, None) => Ok(Receipt { reference: None }),
        (200..=299, Some(cut)) => Err(DeliveryError::unconfirmed(format!("answer {status}, {cut}"))),
        (410, _) => Err(DeliveryError::Refused {
            code: "410".to_owned(),
            message: "the endpoint is gone and wants nothing more".to_owned(),
        }),
        (300..=399, _) => Err(DeliveryError::Retry {
            reason: format!("the endpoint redirects ({status}); calls are not sent on"),
            after: None,
        }),
        // 502 and 504 come from something in front of the receiver that cannot keep up.
        (400..=499 | 502..=504, _) => Err(DeliveryError::Retry {
            reason: format!("the endpoint answered {status}"),
            after: answer.retry_after(),
        }),
        _ => Err(DeliveryError::unconfirmed(format!("the endpoint answered {status}"))),
    }
}
