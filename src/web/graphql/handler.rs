//! GraphQL over HTTP: one request, one reply, or one event stream.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use async_graphql::parser::types::OperationType;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, FromRequestParts, State, WebSocketUpgrade};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Request, header};
use axum::response::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tracing::field::{Empty, display};
use tracing::{Instrument, Span};

use super::admit::{Admitted, Arrival};
use super::credentials::{Credentials, Presented, Site};
use super::negotiate::{Media, is_json};
use super::params::Params;
use super::refusal::{Refusal, understood};
use super::reply::{Bill, Told, tell, tell_refusal};
use super::{Api, Call, Endpoint, NoCaller, sse, websocket};
use crate::web::headers::{Ids, client_address, protect};

/// Answers whatever is sent to the endpoint.
pub(super) async fn answer<A: Api>(
    State(endpoint): State<Arc<Endpoint<A>>>,
    request: Request<Body>,
) -> Response {
    let ids = Ids::of(request.headers());
    let span = tracing::info_span!(
        "graphql",
        request.id = %ids.request,
        correlation.id = %ids.correlation,
        operation.kind = Empty,
        operation.name = Empty,
        operation.cost = Empty,
    );
    let mut reply = endpoint.respond(request, &ids).instrument(span).await;
    protect(reply.headers_mut());
    ids.write(reply.headers_mut());
    reply
}

impl<A: Api> Endpoint<A> {
    async fn respond(self: Arc<Self>, request: Request<Body>, ids: &Ids) -> Response {
        let (mut parts, body) = request.into_parts();
        let Some(client) = self.client(&parts) else {
            return self.refuse(Media::Json, Refusal::Malformed("The sender has no address"), ids, None);
        };
        let site = Site::of(&parts.headers, &self.settings.origins);
        let presented = Presented::of(&parts.headers);
        let credentials = Credentials { presented, client };
        if let Ok(upgrade) = WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
            if site == Site::Foreign {
                return self.refuse(Media::Json, Refusal::ForeignSite, ids, None);
            }
            return websocket::upgrade(self, upgrade, credentials, site, ids.clone());
        }
        let Some(media) = Media::accepted(&parts.headers) else {
            return self.refuse(Media::Json, Refusal::NotAcceptable, ids, None);
        };
        let arrival = Arrival {
            ids: ids.clone(),
            client,
            idempotency_key: Arrival::idempotency_key(&parts.headers),
            reading_only: parts.method == Method::GET,
        };
        let known = async {
            let params = self.params(&parts, body).await?;
            let caller = self.identify(&credentials, site).await?;
            Ok((params, caller))
        };
        match known.await {
            Ok((params, caller)) => self.operate(media, params, caller, arrival).await,
            Err(refusal) => self.refuse(media, refusal, ids, None),
        }
    }

    fn client(&self, parts: &Parts) -> Option<std::net::IpAddr> {
        let ConnectInfo(peer) = parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
        Some(client_address(peer.ip(), &parts.headers, &self.settings.trusted_proxies))
    }

    async fn params(&self, parts: &Parts, body: Body) -> Result<Params, Refusal> {
        match parts.method {
            Method::GET => Params::from_uri(&parts.uri),
            Method::POST if !is_json(&parts.headers) => Err(Refusal::ContentType),
            Method::POST => Params::from_body(&self.read(parts, body).await?),
            _ => Err(Refusal::Method),
        }
    }

    /// Reads the body within its limits; one that says beforehand that it is too long is not read at all.
    async fn read(&self, parts: &Parts, body: Body) -> Result<Bytes, Refusal> {
        let limit = self.settings.body_bytes;
        let announced =
            parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        if announced.is_some_and(|length: usize| length > limit) {
            return Err(Refusal::TooLarge(limit));
        }
        let read = Limited::new(body, limit).collect();
        match tokio::time::timeout(self.settings.body_time, read).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Refusal::TooLarge(limit)),
            Ok(Err(_)) | Err(_) => Err(Refusal::TooSlow),
        }
    }

    pub(super) async fn identify(&self, credentials: &Credentials, site: Site) -> Result<A::Caller, Refusal> {
        if !site.may_present(&credentials.presented) {
            return Err(Refusal::ForeignSite);
        }
        let session = matches!(credentials.presented, Presented::Session(_));
        self.api.caller(credentials).await.map_err(|none| match none {
            NoCaller::Unauthenticated => Refusal::Unauthenticated { session },
            NoCaller::Unavailable => Refusal::Unavailable,
        })
    }

    async fn operate(
        self: Arc<Self>,
        media: Media,
        params: Params,
        caller: A::Caller,
        arrival: Arrival,
    ) -> Response {
        let ids = arrival.ids.clone();
        let admitted = match self.admit(&caller, params, &arrival) {
            Ok(admitted) => admitted,
            Err(refused) => return self.refuse(media, refused.refusal, &ids, Some(refused.bill)),
        };
        describe(&admitted.call);
        match (admitted.call.kind, media) {
            (OperationType::Subscription, Media::EventStream) => {
                let bill = admitted.bill;
                match sse::subscribe(&self, caller, admitted) {
                    Ok(stream) => stream,
                    Err(refusal) => self.refuse(media, refusal, &ids, Some(bill)),
                }
            }
            (OperationType::Subscription, _) => {
                self.refuse(media, Refusal::SubscriptionWithoutStream, &ids, Some(admitted.bill))
            }
            (OperationType::Query | OperationType::Mutation, _) => {
                self.execute(media, &caller, admitted, &ids).await
            }
        }
    }

    async fn execute(&self, media: Media, caller: &A::Caller, admitted: Admitted, ids: &Ids) -> Response {
        let kind = admitted.call.kind;
        let started = Instant::now();
        let (result, bill) = self.run(caller, admitted).await;
        let mut response = match result {
            Ok(response) => response,
            Err(refusal) => {
                measure(kind, refusal.code(), started);
                return self.refuse(media, refusal, ids, Some(bill));
            }
        };
        let added = std::mem::take(&mut response.http_headers);
        let told = tell(response, ids, Some(&bill), &self.settings);
        measure(kind, &told.outcome, started);
        let mut reply = match media {
            Media::EventStream => sse::single(&told),
            media => json(media, told),
        };
        bill.write(reply.headers_mut());
        reply.headers_mut().extend(added);
        reply
    }

    pub(super) fn refuse(&self, media: Media, refusal: Refusal, ids: &Ids, bill: Option<Bill>) -> Response {
        tracing::debug!(code = refusal.code(), "a request was refused");
        let status = refusal.status(media);
        let streamed = media == Media::EventStream && refusal.is_about_the_document();
        let mut headers = HeaderMap::new();
        refusal.write(&mut headers);
        if let Some(bill) = bill {
            bill.write(&mut headers);
        }
        let told = tell_refusal(refusal, ids, bill.as_ref(), &self.settings);
        let mut reply = match media {
            Media::EventStream if streamed => sse::single(&told),
            Media::EventStream => json(Media::Json, told),
            media => json(media, told),
        };
        *reply.status_mut() = status;
        reply.headers_mut().extend(headers);
        reply
    }
}

fn json(media: Media, told: Told) -> Response {
    let mut reply = Response::new(Body::from(told.json));
    *reply.status_mut() = understood(media, told.ran);
    reply.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
    reply
}

/// Tells the request's span what turned out to be asked.
fn describe(call: &Call) {
    let span = Span::current();
    span.record("operation.kind", display(call.kind));
    span.record("operation.name", call.operation.as_deref());
    span.record("operation.cost", call.cost);
}

fn measure(kind: OperationType, outcome: &str, started: Instant) {
    let labels = [("kind", kind.to_string()), ("outcome", outcome.to_owned())];
    metrics::histogram!("quayside_graphql_request_seconds", &labels).record(started.elapsed());
}
