//! The GraphQL API's transports: HTTP by POST and GET, server-sent events and WebSocket, all at one path.
//!
//! The application implements [`Api`]; everything that can be said about a request without knowing the business is said
//! here: who may talk to us at all (`credentials`), what a well-formed request is (`params`, `negotiate`), what it
//! may cost (`admit`, `throttle`), how a reply looks (`reply`). No extension is installed on the schema, since any
//! extension slows every field down: limits, timing and tracing live around `execute`.

mod admit;
mod credentials;
mod handler;
mod negotiate;
mod params;
mod refusal;
mod reply;
mod seats;
mod settings;
mod sse;
mod throttle;
#[cfg(test)]
mod toy;
mod websocket;

use std::net::IpAddr;
use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response};
use async_trait::async_trait;
use axum::Router;
use axum::routing::any;
use futures_util::stream::BoxStream;
use quayside_graphql::guard::Guard;

use super::headers::Ids;
use super::server::Lifetime;
pub use credentials::{Credentials, Presented, SESSION_COOKIE, Secret, is_allowed};
use seats::Seats;
pub use settings::{Settings, SocketLimits};
use throttle::Throttle;
pub use throttle::{Allowance, Clock};

/// What the transports need of the application.
#[async_trait]
pub trait Api: Send + Sync + 'static {
    /// Who sent a request, as far as the application cares.
    type Caller: Clone + Send + Sync + 'static;

    /// Anonymous without credentials; refused when those given are wrong, ended or expired.
    async fn caller(&self, credentials: &Credentials) -> Result<Self::Caller, NoCaller>;

    /// Runs a query or a mutation.
    async fn execute(&self, caller: &Self::Caller, call: Call) -> Response;

    /// Runs a subscription. Each event must be authorised anew.
    fn stream(&self, caller: &Self::Caller, call: Call) -> BoxStream<'static, Response>;

    /// Resolves when the caller's session or token no longer holds; never, for the anonymous.
    async fn ended(&self, caller: &Self::Caller);

    /// Who pays for the cost: one bucket per key.
    fn bucket(&self, caller: &Self::Caller) -> String;

    /// Whether the caller may ask about the schema.
    fn may_introspect(&self, caller: &Self::Caller) -> bool;
}

/// Who asks could not be found out. Why is for the application's log, not for the caller.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum NoCaller {
    /// The credentials given do not hold.
    #[error("The credentials are not valid")]
    Unauthenticated,
    /// Nobody can be looked up at the moment.
    #[error("The service is busy; try again in a moment")]
    Unavailable,
}

/// One operation, admitted: within the limits, paid for, and parsed.
#[derive(Debug)]
pub struct Call {
    /// For the schema to execute, with the application's data added.
    pub request: Request,
    /// Query, mutation or subscription.
    pub kind: OperationType,
    /// The operation's name, where it has one.
    pub operation: Option<String>,
    /// The root fields by their schema names.
    pub root_fields: Vec<String>,
    /// What the operation may cost at most.
    pub cost: u64,
    /// What the request is called in logs and replies.
    pub ids: Ids,
    /// The `Idempotency-Key` header, for the one mutation of the operation.
    pub idempotency_key: Option<String>,
    /// Where the request came from.
    pub client: IpAddr,
}

/// The API with everything that surrounds it.
pub struct Endpoint<A> {
    api: A,
    settings: Settings,
    guard: Guard,
    throttle: Throttle,
    seats: Seats,
    lifetime: Lifetime,
}

impl<A: Api> Endpoint<A> {
    /// Surrounds the API. The clock only has to go forward; streams end with the lifetime.
    pub fn new(api: A, settings: Settings, clock: Clock, lifetime: Lifetime) -> Self {
        Self {
            guard: Guard::new(settings.limits.clone()),
            throttle: Throttle::new(settings.allowance, clock),
            seats: Seats::new(settings.streams_per_bucket),
            api,
            settings,
            lifetime,
        }
    }

    /// The route `/graphql`, for every method: refusing one is part of the protocol.
    pub fn router(self) -> Router {
        Router::new().route("/graphql", any(handler::answer::<A>)).with_state(Arc::new(self))
    }
}

#[cfg(test)]
mod tests;
