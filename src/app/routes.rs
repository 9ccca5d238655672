//! Every address the server answers at.
use std::{
    net::SocketAddr,
    sync::{Arc, LazyLock},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, Path, Request, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http_body_util::{BodyExt, Limited};
use quayside_canonical::{
    Channel,
    document::{
        read_appointment, read_cross_reference, read_invoice_status, read_item, read_location, read_receipt,
        read_supplier_record,
    },
    identity::TokenKind,
};
use quayside_domain::{
    BuyerScope, Scope,
    identity::{Credential, Principal, Via},
    master_data::MasterData,
    statements::Statement,
};
use serde_json::json;

use super::{
    App,
    api::{Gateway, origin},
    attachments, interchanges, labels,
};
use crate::{
    bus::BusState,
    inbound,
    ingest::{self, documents::Read, reply::Refusal},
    telemetry,
    web::{
        graphql::{Allowance, Endpoint, NoCaller, Settings},
        headers::{Ids, protect},
        server::Lifetime,
    },
};

/// The schema and the description of the ingest endpoints never change while the process lives.
static SCHEMA: LazyLock<String> = LazyLock::new(quayside_graphql::sdl);
static OPENAPI: LazyLock<serde_json::Value> = LazyLock::new(ingest::openapi::document);

/// The longest name and password of Basic that is read, in base64.
const LONGEST_BASIC: usize = 1_024;
/// How long the body of a document may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(60);

impl App {
    /// The whole server.
    pub fn router(&self, lifetime: Lifetime) -> Router {
        let config = &self.0.config;
        let points = |points: u64| u32::try_from(points).unwrap_or(u32::MAX);
        let settings = Settings {
            allowance: Allowance {
                maximum: points(config.api.cost_points),
                restore: points(config.api.cost_restore),
            },
            origins: self.origins(),
            trusted_proxies: config.http.trusted_proxies.clone(),
            streams_per_bucket: config.api.streams,
            ..Settings::default()
        };
        let clock = self.0.system.store().clock().clone();
        let clock = Arc::new(move || Duration::from_micros(u64::try_from(clock.now().micros()).unwrap_or(0)));
        let api = Endpoint::new(Gateway(self.clone()), settings, clock, lifetime).router();
        let own = Router::new()
            .route("/", get(greeting))
            .route("/graphql/schema.graphql", get(|| async { SCHEMA.as_str() }))
            .route("/ingest/v1/openapi.json", get(|| async { axum::Json(&*OPENAPI) }))
            .route("/ingest/v1/purchase-orders", post(purchase_orders))
            .route("/ingest/v1/items", post(|app, request| master_data(app, request, read_item)))
            .route("/ingest/v1/locations", post(|app, request| master_data(app, request, read_location)))
            .route(
                "/ingest/v1/suppliers",
                post(|app, request| master_data(app, request, read_supplier_record)),
            )
            .route(
                "/ingest/v1/cross-references",
                post(|app, request| master_data(app, request, read_cross_reference)),
            )
            .route("/ingest/v1/receipts", post(|app, request| statements(app, request, read_receipt)))
            .route("/ingest/v1/appointments", post(|app, request| statements(app, request, read_appointment)))
            .route(
                "/ingest/v1/invoice-statuses",
                post(|app, request| statements(app, request, read_invoice_status)),
            )
            .route("/ingest/v1/connections/{connection}/{feed}", post(said).options(greet))
            .route("/edi/v1/interchanges", post(edi_interchanges))
            .route("/as2", post(as2))
            .route("/files/attachments", post(attachments::upload))
            .route("/files/attachments/{id}", get(attachments::download))
            .route("/files/interchanges/{id}", get(interchanges::download))
            .route("/files/labels/{file}", get(labels::of_shipment))
            .route("/files/labels/{shipment}/{file}", get(labels::of_unit))
            .method_not_allowed_fallback(|| async { Refusal::method() })
            .fallback(|| async { Refusal::not_found() })
            .with_state(self.clone())
            .merge(self.probes())
            .layer(middleware::from_fn(finish));
        api.merge(own)
    }

    /// How the process is: alive, ready, and its figures.
    pub(super) fn probes(&self) -> Router {
        Router::new()
            .route("/livez", get(|| async { "ok" }))
            .route("/readyz", get(ready))
            .route("/metrics", get(|| async { telemetry::metrics().render() }))
            .with_state(self.clone())
    }
}

/// Puts the request's ids and the protecting headers on every reply.
async fn finish(request: Request, next: Next) -> Response {
    let ids = Ids::of(request.headers());
    let mut request = request;
    request.extensions_mut().insert(ids.clone());
    let mut response = next.run(request).await;
    let stricter = response.headers().get(header::CONTENT_SECURITY_POLICY).cloned();
    protect(response.headers_mut());
    if let Some(policy) = stricter {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    ids.write(response.headers_mut());
    response
}

async fn greeting() -> Response {
    axum::Json(json!({
        "name": "Quayside",
        "version": env!("CARGO_PKG_VERSION"),
        "graphql": "/graphql",
        "schema": "/graphql/schema.graphql",
        "ingest": "/ingest/v1/openapi.json",
    }))
    .into_response()
}

/// Whether the process can do its part, and what is in the way if not. A bus that is away is told and is no reason to
/// send nobody here.
async fn ready(State(app): State<App>) -> Response {
    let database = tokio::time::timeout(Duration::from_secs(2), app.0.system.store().ping()).await;
    let (up, leaving, bus) = (matches!(database, Ok(Ok(()))), app.is_leaving(), app.bus().state());
    let ready = up && !leaving;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({
        "ready": ready,
        "stopping": leaving,
        "degraded": bus == BusState::Down,
        "database": if up { "up" } else { "down" },
        "bus": bus.word(),
    });
    (status, axum::Json(body)).into_response()
}

async fn purchase_orders(State(app): State<App>, request: Request) -> Result<Response, Refusal> {
    let (headers, scope, body) =
        app.receive(request, TokenKind::Connection, app.0.config.ingest.max_bytes).await?;
    let scope = buyer(&scope)?;
    ingest::purchase_orders::purchase_orders(&scope, &headers, &body).await
}

async fn master_data<D: MasterData>(
    State(app): State<App>,
    request: Request,
    read: Read<D>,
) -> Result<Response, Refusal> {
    let (headers, scope, body) =
        app.receive(request, TokenKind::Connection, app.0.config.ingest.max_bytes).await?;
    let scope = buyer(&scope)?;
    ingest::master_data::master_data(&scope, &headers, &body, read).await
}

async fn statements<S: Statement>(
    State(app): State<App>,
    request: Request,
    read: Read<S>,
) -> Result<Response, Refusal> {
    let (headers, scope, body) =
        app.receive(request, TokenKind::Connection, app.0.config.ingest.max_bytes).await?;
    let scope = buyer(&scope)?;
    ingest::statements::statements(&scope, &headers, &body, read).await
}

/// What a system sends in its own words. Only the connection's own token opens its entrance.
async fn said(
    State(app): State<App>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Result<Response, Response> {
    let Ok(Path((connection, feed))) = path else { return Err(Refusal::not_found().into_response()) };
    let (parts, body) = request.into_parts();
    let principal = app.speaker(&parts.headers).await.map_err(|refusal| {
        let mut response = refusal.into_response();
        if response.status() == StatusCode::UNAUTHORIZED {
            let offer = HeaderValue::from_static("Basic realm=\"Quayside\", charset=\"UTF-8\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, offer);
        }
        response
    })?;
    let ids = parts.extensions.get::<Ids>().cloned().unwrap_or_else(|| Ids::of(&parts.headers));
    let scope = Scope::new(app.0.system.store(), &principal.standing, &origin(Channel::Ingest, &ids));
    let taken = async {
        let scope = buyer(&scope)?;
        let known = inbound::addressed(&scope, &connection, &feed).await?;
        let body = read(body, app.0.config.ingest.max_bytes).await?;
        inbound::take(&app.0.intake, &app.0.system, &scope, (&known, &feed), &parts.headers, &body).await
    };
    taken.await.map_err(Refusal::into_response)
}

/// Whether a system may send here. One that shows a token is told about its own connection only.
async fn greet(
    State(app): State<App>,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let Ok(Path((connection, feed))) = path else { return Err(Refusal::not_found()) };
    if headers.contains_key(header::AUTHORIZATION) {
        let principal = app.speaker(&headers).await?;
        let ids = Ids::of(&headers);
        let scope = Scope::new(app.0.system.store(), &principal.standing, &origin(Channel::Ingest, &ids));
        inbound::addressed(&buyer(&scope)?, &connection, &feed).await?;
    }
    inbound::greet(&feed, &headers)
}

async fn edi_interchanges(State(app): State<App>, request: Request) -> Result<Response, Refusal> {
    let limit = app.0.config.ingest.max_interchange_bytes;
    let (headers, scope, body) = app.receive(request, TokenKind::Partner, limit).await?;
    let entrance = ingest::edi::Entrance::of_partner(&scope).await;
    let entrance = entrance.map_err(|failure| Refusal::internal(&failure))?;
    ingest::edi::interchange(app.0.system.store(), &entrance, &headers, body).await
}

/// A partner's message by AS2. Whose it is, its headers say, and its signature proves.
async fn as2(State(app): State<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (intake, system) = (&app.0.intake, &app.0.system);
    let line = match inbound::as2::line(intake, system, &parts.headers).await {
        Ok(line) => line,
        Err(refusal) => return refusal,
    };
    let limit = app.0.config.ingest.max_interchange_bytes;
    // Signatures, certificates and base64 come on top.
    match read(body, limit / 2 * 3 + (1 << 20)).await {
        Ok(body) => inbound::as2::take(intake, system, line, body, limit).await,
        Err(refusal) => refusal.into_response(),
    }
}

fn buyer(scope: &Scope) -> Result<BuyerScope, Refusal> {
    scope.as_buyer().ok_or_else(|| Refusal::forbidden("only the buyer's systems hand in documents"))
}

impl App {
    /// Who sends a document, and the document. The token comes first: a stranger's body is not read.
    async fn receive(
        &self,
        request: Request,
        kind: TokenKind,
        limit: usize,
    ) -> Result<(HeaderMap, Scope, Bytes), Refusal> {
        let (parts, body) = request.into_parts();
        let principal = self.sender(&parts.headers, kind).await?;
        let channel = if kind == TokenKind::Partner { Channel::Edi } else { Channel::Ingest };
        let ids = parts.extensions.get::<Ids>().cloned().unwrap_or_else(|| Ids::of(&parts.headers));
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.to_string());
        tracing::debug!(request.id = %ids.request, peer, "a document comes in");
        let scope = Scope::new(self.0.system.store(), &principal.standing, &origin(channel, &ids));
        let body = read(body, limit).await?;
        Ok((parts.headers, scope, body))
    }

    async fn sender(&self, headers: &HeaderMap, kind: TokenKind) -> Result<Arc<Principal>, Refusal> {
        let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token =
            token.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(Refusal::unauthenticated)?;
        self.holder(token.trim(), kind).await
    }

    /// The connection that sends: by its token as Bearer, or as the password of Basic, because some systems can send
    /// nothing else.
    async fn speaker(&self, headers: &HeaderMap) -> Result<Arc<Principal>, Refusal> {
        let basic =
            headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(password);
        match basic {
            Some(token) => self.holder(&token, TokenKind::Connection).await,
            None => self.sender(headers, TokenKind::Connection).await,
        }
    }

    async fn holder(&self, token: &str, kind: TokenKind) -> Result<Arc<Principal>, Refusal> {
        let principal = self.principal(Credential::Bearer(token)).await.map_err(|none| match none {
            NoCaller::Unauthenticated => Refusal::unauthenticated(),
            NoCaller::Unavailable => Refusal::busy(),
        })?;
        match principal.via {
            Via::Token(_, of) if of == kind => Ok(principal),
            _ => Err(Refusal::forbidden("this token is for another entrance")),
        }
    }
}

/// The password of a Basic header (RFC 7617). The user's name is not looked at.
fn password(authorization: &str) -> Option<String> {
    let (scheme, encoded) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || encoded.len() > LONGEST_BASIC {
        return None;
    }
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
    decoded.split_once(':').map(|(_, password)| password.to_owned())
}

pub(super) async fn read(body: Body, limit: usize) -> Result<Bytes, Refusal> {
    let too_large = || Refusal::too_large(&format!("at most {} MiB in one request", limit >> 20));
    match tokio::time::timeout(BODY_TIME, Limited::new(body, limit).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) | Err(_) => Err(Refusal::bad_request("INCOMPLETE", "the body did not arrive completely")),
    }
}
