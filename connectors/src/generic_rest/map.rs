//! From a delivery to the receiver's call, and from its answer to a receipt. Pure; golden files hold the first.
use reqwest::Url;
use serde_json::Value;

use super::ACCEPTS;
use super::wire::{Config, Conflict, Taken};
use crate::http::{Call, Reply};
use crate::secret::Secret;
use crate::signature::sign;
use crate::{Delivery, DeliveryError, Errand, Receipt};

/// A document number longer than this is not one.
const LONGEST_REFERENCE: usize = 200;

/// The event, posted.
pub(super) fn submission(config: &Config, delivery: &Delivery) -> Result<Call, DeliveryError> {
    check(delivery)?;
    let event = delivery.shaped(delivery.event.clone())?;
    let body = serde_json::to_vec(&event).map_err(|error| DeliveryError::Unmappable(error.to_string()))?;
    let call = Call::post_json(config.endpoint.clone(), &delivery.errand, body)
        .header("idempotency-key", &delivery.id)?;
    signed(call, config, &delivery.id, &delivery.errand)
}

/// "Did this delivery arrive?"
pub(super) fn question(config: &Config, delivery_id: &str, errand: &Errand) -> Result<Call, DeliveryError> {
    signed(Call::get(below(&config.endpoint, delivery_id), errand), config, delivery_id, errand)
}

fn check(delivery: &Delivery) -> Result<(), DeliveryError> {
    if !ACCEPTS.contains(&delivery.event_type.as_str()) {
        return Err(DeliveryError::Unmappable(format!(
            "event type `{}` is not sent on",
            delivery.event_type
        )));
    }
    if delivery.event.get("type").and_then(Value::as_str) != Some(&delivery.event_type) {
        return Err(DeliveryError::Unmappable("the envelope names another event type".to_owned()));
    }
    Ok(())
}

pub(super) fn signed(call: Call, config: &Config, id: &str, errand: &Errand) -> Result<Call, DeliveryError> {
    let timestamp = errand.at.timestamp();
    let secrets = std::iter::once(&config.signing_secret).chain(&config.previous_signing_secret);
    let signature = Secret::new(sign(secrets, id, timestamp, &call.body));
    let call = call
        .header("webhook-id", id)?
        .header("webhook-timestamp", &timestamp.to_string())?
        .secret_header("webhook-signature", &signature)?;
    match &config.bearer_token {
        Some(token) => {
            call.secret_header("authorization", &Secret::new(format!("Bearer {}", token.expose())))
        }
        None => Ok(call),
    }
}

fn below(endpoint: &Url, id: &str) -> Url {
    let mut url = endpoint.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().push(id);
    }
    url
}

/// Reads the answer to a submission.
pub(super) fn taken(reply: &Reply, delivery_id: &str) -> Result<Receipt, DeliveryError> {
    match reply.status {
        409 => already_there(reply, delivery_id),
        _ if reply.is_success() => receipt(reply, delivery_id),
        _ => Err(reply.refusal()),
    }
}

/// Reads the answer to a question.
pub(super) fn found(reply: &Reply, delivery_id: &str) -> Result<Option<Receipt>, DeliveryError> {
    match reply.status {
        404 => Ok(None),
        200 => receipt(reply, delivery_id).map(Some),
        _ if reply.is_success() => Err(unclear(reply)),
        _ => Err(reply.refusal()),
    }
}

/// 204 without a body, or a JSON object. Anything else with 2xx may come from a proxy or a sign-in page.
fn receipt(reply: &Reply, delivery_id: &str) -> Result<Receipt, DeliveryError> {
    if reply.status == 204 {
        return Ok(Receipt { reference: None });
    }
    let taken: Taken = serde_json::from_slice(&reply.body).map_err(|_| unclear(reply))?;
    let other = taken.delivery_id.as_deref().is_some_and(|id| id != delivery_id);
    let unusable = taken.document_number.as_deref().is_some_and(|number| !is_reference(number));
    if other || unusable {
        return Err(unclear(reply));
    }
    Ok(Receipt { reference: taken.document_number })
}

/// A conflict with ourselves: our first call arrived, or is still being worked on.
fn already_there(reply: &Reply, delivery_id: &str) -> Result<Receipt, DeliveryError> {
    if let Ok(Conflict { code: Some(code) }) = serde_json::from_slice(&reply.body)
        && code == "IN_PROGRESS"
    {
        return Err(DeliveryError::unconfirmed("the receiver is still working on an earlier attempt"));
    }
    match serde_json::from_slice(&reply.body) {
        Ok(Taken { document_number: Some(number), delivery_id: Some(id) })
            if id == delivery_id && is_reference(&number) =>
        {
            Ok(Receipt { reference: Some(number) })
        }
        _ => Err(reply.refusal()),
    }
}

fn is_reference(number: &str) -> bool {
    !number.trim().is_empty() && number.len() <= LONGEST_REFERENCE && !number.chars().any(char::is_control)
}

fn unclear(reply: &Reply) -> DeliveryError {
    DeliveryError::unconfirmed(format!("answer {}, but its body is not what was agreed", reply.status))
}
