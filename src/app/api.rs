//! The GraphQL API behind the transports: who asks, and what is run for them.
use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_graphql::{Request, Response, Value, parser::types::OperationType};
use async_trait::async_trait;
use futures_util::{StreamExt, stream::BoxStream};
use quayside_canonical::Channel;
use quayside_domain::{
    Scope,
    identity::{self, AuthenticateError, Credential, Principal, Recognised, Via},
    scope::Origin,
};
use quayside_graphql::{
    context::{Caller as Asking, Extras, Known},
    loaders::Loaders,
};
use tracing::Instrument;

use super::App;
use crate::web::{
    graphql::{Api, Call, Credentials, NoCaller, Presented},
    headers::Ids,
};

/// Who sent a request.
#[derive(Clone)]
pub(super) enum Caller {
    /// Nobody we know, at this address.
    Anonymous(IpAddr),
    /// Somebody we know.
    Known(Arc<Principal>),
}

impl App {
    /// Who holds these credentials.
    pub(super) async fn principal(&self, credential: Credential<'_>) -> Result<Arc<Principal>, NoCaller> {
        match self.0.callers.recognise(credential).await {
            Ok(Recognised { principal, looked_up }) => {
                if looked_up {
                    self.note_use(&principal);
                }
                Ok(principal)
            }
            Err(AuthenticateError::Unauthenticated) => Err(NoCaller::Unauthenticated),
            Err(AuthenticateError::Internal(failure)) => {
                tracing::warn!(error = %failure, "nobody can be looked up");
                Err(NoCaller::Unavailable)
            }
        }
    }

    /// Notes that a session or token was used, outside the request's path.
    fn note_use(&self, principal: &Arc<Principal>) {
        if principal.wants_touch(self.0.system.now()) {
            let (system, principal) = (self.0.system.clone(), principal.clone());
            tokio::spawn(async move {
                if let Err(failure) = identity::touch(&system, &principal).await {
                    tracing::debug!(error = %failure, "the use of a session or token was not noted");
                }
            });
        }
    }

    /// The request with everything its resolvers need.
    fn prepare(&self, caller: &Caller, call: Call) -> (Request, Extras) {
        let channel = match caller {
            Caller::Known(principal) if matches!(principal.via, Via::Token(..)) => Channel::Api,
            _ => Channel::Portal,
        };
        let origin = origin(channel, &call.ids);
        let extras = Extras {
            idempotency_key: call.idempotency_key,
            address: call.client,
            origin: origin.clone(),
            replayed: Arc::new(AtomicBool::new(false)),
        };
        let request = call.request.data(extras.clone());
        let request = match caller {
            Caller::Anonymous(_) => request.data(Asking::Anonymous),
            Caller::Known(principal) => {
                let scope = Scope::new(self.0.system.store(), &principal.standing, &origin);
                let known = Known { scope: scope.clone(), principal: principal.as_ref().clone() };
                request.data(Loaders::new(scope)).data(Asking::Known(Box::new(known)))
            }
        };
        (request, extras)
    }
}

/// Where a request came from, in the words of the domain.
pub(super) fn origin(channel: Channel, ids: &Ids) -> Origin {
    Origin {
        channel,
        correlation: ids.correlation.as_str().into(),
        trace_parent: crate::telemetry::trace_parent(),
    }
}

/// The application, as the transports see it.
pub(super) struct Gateway(pub(super) App);

#[async_trait]
impl Api for Gateway {
    type Caller = Caller;

    async fn caller(&self, credentials: &Credentials) -> Result<Caller, NoCaller> {
        let credential = match &credentials.presented {
            Presented::Nothing => return Ok(Caller::Anonymous(credentials.client)),
            Presented::Unusable => return Err(NoCaller::Unauthenticated),
            Presented::Bearer(token) => Credential::Bearer(token.expose()),
            Presented::Session(secret) => Credential::Session(secret.expose()),
        };
        let principal = self.0.principal(credential).await?;
        // Connections and trading partners have their own entrances.
        let person = principal.standing.person.is_some();
        if person { Ok(Caller::Known(principal)) } else { Err(NoCaller::Unauthenticated) }
    }

    async fn execute(&self, caller: &Caller, call: Call) -> Response {
        let kind = call.kind;
        let span = tracing::info_span!(
            "graphql",
            request.id = %call.ids.request,
            correlation.id = %call.ids.correlation,
            operation = call.operation.as_deref().unwrap_or(""),
            fields = call.root_fields.join(","),
        );
        let (request, extras) = self.0.prepare(caller, call);
        let response = self.0.0.schema.execute(request).instrument(span).await;
        let kind = if kind == OperationType::Mutation { "mutation" } else { "query" };
        let outcome = if response.is_ok() { "ok" } else { "errors" };
        metrics::counter!("quayside_operations_total", "kind" => kind, "outcome" => outcome).increment(1);
        if extras.replayed.load(Ordering::Relaxed) {
            return response.extension("idempotentReplay", Value::Boolean(true));
        }
        response
    }

    fn stream(&self, caller: &Caller, call: Call) -> BoxStream<'static, Response> {
        let (request, _) = self.0.prepare(caller, call);
        self.0.0.schema.execute_stream(request).boxed()
    }

    async fn ended(&self, caller: &Caller) {
        match caller {
            Caller::Anonymous(_) => std::future::pending().await,
            Caller::Known(principal) => self.0.0.watch.watch(principal).await,
        }
    }

    fn bucket(&self, caller: &Caller) -> String {
        match caller {
            Caller::Anonymous(address) => format!("address {address}"),
            Caller::Known(principal) => format!("{} {}", principal.standing.tenant, principal.standing.actor),
        }
    }

    fn may_introspect(&self, caller: &Caller) -> bool {
        matches!(caller, Caller::Known(_))
    }
}
