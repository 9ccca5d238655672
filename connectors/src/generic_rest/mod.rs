//! Generic REST: any receiver that takes our event envelope as JSON and keeps the idempotency key.
//!
//! The contract is ours and is written down in `docs/connectors/generic-rest.md`; the simulator's ERP
//! and WMS enforce it. Calls are signed as Standard Webhooks 1.0, the read-back too.
use async_trait::async_trait;
use serde_json::Value;

use crate::registry::BuildError;
use crate::{Attempted, Connector, Delivery, DeliveryError, Errand, Http, Preview, Receipt, Source};

mod map;
#[cfg(test)]
pub(crate) mod ordeal;
#[cfg(test)]
mod tests;
mod wire;

pub use wire::Config;

/// The name of this connector.
pub const KIND: &str = "generic-rest";

/// An order's life, for the systems that order, receive and pay.
pub const ACCEPTS: &[&str] = &[
    "purchase_order.released",
    "purchase_order.revised",
    "acknowledgment.submitted",
    "change_proposal.accepted",
    "change_proposal.declined",
    "shipment.submitted",
    "shipment.amended",
    "shipment.cancelled",
    "appointment.requested",
    "appointment.cancelled",
    "receipt.recorded",
    "discrepancy.resolved",
];

/// What of its configuration is sealed.
pub const SECRETS: &[&str] = &["signing_secret", "previous_signing_secret", "bearer_token"];

/// One endpoint and its credentials.
#[derive(Debug)]
pub struct GenericRest {
    config: Config,
}

/// Reads the configuration of a connection.
pub(crate) fn build(config: Value) -> Result<Box<dyn Connector>, BuildError> {
    let config = BuildError::read(KIND, config)?;
    Ok(Box::new(GenericRest { config }))
}

#[async_trait]
impl Connector for GenericRest {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn accepts(&self) -> &'static [&'static str] {
        ACCEPTS
    }

    async fn deliver(&self, http: &Http, delivery: &Delivery) -> Attempted<Receipt> {
        match map::submission(&self.config, delivery) {
            Ok(call) => http.send(call).await.and_then(|reply| map::taken(&reply, &delivery.id)),
            Err(error) => Attempted::unsent(error),
        }
    }

    async fn find(&self, http: &Http, delivery: &Delivery) -> Attempted<Option<Receipt>> {
        match map::question(&self.config, &delivery.id, &delivery.errand) {
            Ok(call) => http.send(call).await.and_then(|reply| map::found(&reply, &delivery.id)),
            Err(error) => Attempted::unsent(error),
        }
    }
    fn preview(&self, delivery: &Delivery) -> Result<Vec<Preview>, DeliveryError> {
        Ok(vec![map::submission(&self.config, delivery)?.preview()])
    }

    /// Asks for a delivery that never was: the contract answers 404, and 401 to a stranger.
    async fn test(&self, http: &Http, errand: &Errand) -> Attempted<()> {
        let id = format!("dlv_{}", uuid::Uuid::nil());
        match map::question(&self.config, &id, errand) {
            Ok(call) => http.send(call).await.and_then(|reply| map::found(&reply, &id).map(drop)),
            Err(error) => Attempted::unsent(error),
        }
    }

    fn source(&self) -> Option<&dyn Source> {
        None
    }
}
