//! Generic REST: any receiver that takes our event envelope as JSON and keeps the idempotency key.
//!
//! The contract is ours and is written down in `docs/connectors/generic-rest.md`; the simulator's ERP
//! and WMS enforce it. Calls are signed as Standard Webhooks 1.0, the read-back too.
use async_trait::async_trait;
use quayside_canonical::Problems;
use serde_json::Value;

use crate::registry::BuildError;
use crate::{
    Attempted, Codes, Connector, Delivery, DeliveryError, Errand, Feed, Http, Inbound, Message, Page,
    Preview, Receipt, Source, Way,
};

mod map;
#[cfg(test)]
pub(crate) mod ordeal;
mod read;
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

/// What it reads: the receiver's own documents, when it says where; and what it pushes.
pub const FEEDS: &[Feed] =
    &[Feed { name: read::PUSHED, way: Way::Push }, Feed { name: read::POLLED, way: Way::Poll }];

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
        Some(self)
    }
}

#[async_trait]
impl Source for GenericRest {
    fn feeds(&self) -> &'static [Feed] {
        if self.config.documents_endpoint.is_some() { FEEDS } else { &FEEDS[..1] }
    }

    async fn poll(
        &self,
        http: &Http,
        errand: &Errand,
        _codes: &Codes,
        feed: &str,
        cursor: Option<&str>,
    ) -> Attempted<Page> {
        match read::question(&self.config, errand, feed, cursor) {
            Ok(call) => http.send(call).await.and_then(|reply| read::page(&reply, cursor)),
            Err(error) => Attempted::unsent(error),
        }
    }

    /// The documents are in the tenant's codes, or in those that the operations translate.
    fn receive(&self, _codes: &Codes, _feed: &str, message: &Message<'_>) -> Result<Vec<Inbound>, Problems> {
        read::message(message)
    }
}
