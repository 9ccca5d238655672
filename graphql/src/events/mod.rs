//! The event log in the schema: as pages, and as a stream.

pub mod query;
pub mod subscription;

use async_graphql::ID;
use quayside_canonical::{Channel, PurchaseOrderId};
use quayside_domain::{
    Scope,
    feed::{Filter, LoggedEvent, encode_cursor},
};

pub use query::EventQuery;
pub use subscription::EventSubscription;

use crate::types::{Code, DateTime, Json, connection::bad_input, plain::plain};

plain! {
    /// A fact in the tenant's log.
    LogEvent {
        /// Globally unique id.
        id as "id": ID,
        /// Its place in the log: give the last one you saw as `after` and nothing is missed or repeated.
        cursor as "cursor": String,
        /// Its type, such as `acknowledgment.submitted`.
        event_type as "type": String,
        /// The version of its data's shape.
        version as "version": i32,
        /// The id of what it is about.
        subject as "subject": ID,
        /// The order it concerns.
        purchase_order_id as "purchaseOrderId": Option<ID>,
        /// When it happened, by the source's clock where there is one.
        occurred_at as "occurredAt": DateTime,
        /// When it was recorded here.
        recorded_at as "recordedAt": DateTime,
        /// Who did it.
        actor as "actor": String,
        /// The way it came in.
        channel as "channel": Code<Channel>,
        /// What ties it to the request it came of.
        correlation_id as "correlationId": String,
        /// Its data; the schema goes by type and version.
        data as "data": Json,
    }
}

impl LogEvent {
    fn new(event: &LoggedEvent, scope: &Scope) -> Self {
        Self {
            id: ID(event.id.to_string()),
            cursor: encode_cursor(scope.tenant, event.position),
            event_type: event.event_type.clone(),
            version: event.version,
            subject: ID(event.subject.clone()),
            purchase_order_id: event.order.map(|order| ID(order.to_string())),
            occurred_at: DateTime(event.occurred_at),
            recorded_at: DateTime(event.recorded_at),
            actor: event.actor(scope).to_owned(),
            channel: Code(event.channel),
            correlation_id: event.correlation.clone(),
            data: Json::from_text(&event.payload),
        }
    }
}

/// Which events are wanted.
fn filter(types: Option<Vec<String>>, order: Option<&ID>) -> async_graphql::Result<Filter> {
    let order = order.map(|id| id.parse::<PurchaseOrderId>()).transpose();
    Ok(Filter { types, order: order.map_err(|error| bad_input(&error.to_string()))? })
}

/// The position a cursor stands for.
fn position(scope: &Scope, cursor: &str) -> async_graphql::Result<i64> {
    quayside_domain::feed::decode_cursor(scope.tenant, cursor).map_err(|error| bad_input(&error.to_string()))
}
