//! Deliveries in the schema: whether the buyer's systems have it.

pub mod detail;
pub mod loaders;
pub mod mutations;
pub mod query;

use async_graphql::ID;
use quayside_canonical::states::DeliveryStatus;
use quayside_domain::deliveries::SubjectDelivery;

pub use detail::DeliveryDetail;
pub use mutations::DeliveryMutation;
pub use query::DeliveryQuery;

use crate::types::{Code, DateTime, plain::plain};

plain! {
    /// One event on its way to one of the buyer's systems.
    Delivery {
        /// Globally unique id.
        id as "id": ID,
        /// The system, as the buyer calls it.
        connection as "connection": String,
        /// The type of the event that is delivered.
        event_type as "eventType": String,
        /// Where it stands.
        status as "status": Code<DeliveryStatus>,
        /// The document number at the receiver, once delivered.
        reference as "reference": Option<String>,
        /// Why it has not arrived, for programs.
        error_code as "errorCode": Option<String>,
        /// Why it has not arrived, for people.
        error_message as "errorMessage": Option<String>,
        /// How often it was tried.
        attempts as "attempts": i32,
        /// When it is tried next, while it waits.
        next_attempt_at as "nextAttemptAt": Option<DateTime>,
        /// When it was delivered, given up or skipped.
        finished_at as "finishedAt": Option<DateTime>,
    }
}

impl From<SubjectDelivery> for Delivery {
    fn from(delivery: SubjectDelivery) -> Self {
        let waits = matches!(delivery.status, DeliveryStatus::Waiting | DeliveryStatus::Unconfirmed);
        let (error_code, error_message) = delivery.error.unzip();
        Self {
            id: ID(delivery.id.to_string()),
            connection: delivery.connection,
            event_type: delivery.event_type,
            status: Code(delivery.status),
            reference: delivery.reference,
            error_code,
            error_message,
            attempts: delivery.attempts,
            next_attempt_at: waits.then_some(DateTime(delivery.next_at)),
            finished_at: delivery.finished_at.map(DateTime),
        }
    }
}
