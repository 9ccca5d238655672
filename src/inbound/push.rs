//! `POST /ingest/v1/connections/{connection}/{feed}`: what a system sends in its own words.
//!
//! The bytes are on file before anything is read of them, and before the sender is answered. Mostly what becomes of
//! them is known in the same request; else the answer is 202, and background work goes on. The same bytes again get
//! the first outcome.
use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use quayside_canonical::{
    ConnectionId, Field, InboundMessageId, Problem, Problems,
    states::{DocumentOutcome, InboundKind, InboundStatus},
};
use quayside_connectors::{Inbound, KINDS, Message, Way};
use quayside_domain::{
    BuyerScope, Failure, SystemScope,
    inbound::{self, ClaimedMessage, Filed, InboundMessage, MessageResult, Outcome, PAGE},
};
use quayside_entity::connection;
use serde::Serialize;

use super::{
    Intake,
    apply::{apply, key_of, kind_of},
    origin, page, scope_of,
};
use crate::ingest::reply::{Refusal, json};

/// How long a sender waits for what becomes of its message, before it is told that it is on file.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest host name, and more than an origin needs.
const LONGEST_ORIGIN: usize = 255;

/// What is answered to a message.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reply<'a> {
    message: InboundMessageId,
    status: InboundStatus,
    documents: Vec<Document<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    problems: &'a [Problem],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    kind: InboundKind,
    key: &'a str,
    outcome: DocumentOutcome,
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    problems: &'a [Problem],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    warnings: &'a [Problem],
}

/// The connection and feed that a request names, when they are the sender's own.
///
/// # Errors
/// There is nothing at this address for the sender.
pub async fn addressed(
    scope: &BuyerScope,
    connection: &str,
    feed: &str,
) -> Result<connection::Model, Refusal> {
    let id = connection.parse::<ConnectionId>().map_err(|_| Refusal::not_found())?;
    if scope.actor != quayside_canonical::Actor::Connection(id) {
        return Err(Refusal::not_found());
    }
    let found = inbound::speaker(scope, id).await.map_err(|failure| Refusal::internal(&failure))?;
    // What a supplier's own endpoint would say is not the buyer's word.
    let connection =
        found.filter(|connection| connection.supplier_id.is_none()).ok_or_else(Refusal::not_found)?;
    if is_pushed(Some(&connection.kind), feed) { Ok(connection) } else { Err(Refusal::not_found()) }
}

/// Whether `feed` is one that systems of this kind, or of any, send by.
fn is_pushed(kind: Option<&str>, feed: &str) -> bool {
    let kinds = KINDS.iter().filter(|known| kind.is_none_or(|kind| known.name == kind));
    kinds.flat_map(|kind| kind.feeds).any(|known| known.name == feed && known.way == Way::Push)
}

/// Takes a message.
///
/// # Errors
/// The request cannot be used. What is wrong inside the message is no error: the reply says so.
pub async fn take(
    intake: &Arc<Intake>,
    system: &SystemScope,
    scope: &BuyerScope,
    (connection, feed): (&connection::Model, &str),
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Response, Refusal> {
    let media_type = media_type(headers)?;
    if body.is_empty() {
        return Err(Refusal::bad_request("EMPTY", "the body is empty"));
    }
    let filed = inbound::file(scope, connection, feed, &media_type, body).await;
    let claimed = match filed.map_err(|failure| Refusal::internal(&failure))? {
        Filed::Earlier(earlier) => {
            let mut response = reply(&earlier);
            response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
            return Ok(response);
        }
        Filed::New(claimed) => claimed,
    };
    // By itself: a sender that hangs up does not stop it.
    let (intake, system, id) = (intake.clone(), system.clone(), claimed.id);
    let dealt = tokio::spawn(async move { intake.deal_with(&system, &claimed).await });
    match tokio::time::timeout(PATIENCE, dealt).await {
        Ok(Ok(Ok(Some(message)))) => return Ok(reply(&message)),
        Ok(Ok(Ok(None))) | Err(_) => {}
        Ok(Ok(Err(failure))) => tracing::warn!(message.id = %id, error = %failure, "a message has to wait"),
        Ok(Err(error)) => tracing::error!(message.id = %id, %error, "dealing with a message panicked"),
    }
    Ok(on_file(id))
}

/// Without parameters, in lower case; of those that a connector may know.
fn media_type(headers: &HeaderMap) -> Result<String, Refusal> {
    let encoding = headers.get(header::CONTENT_ENCODING).map_or(Ok("identity"), HeaderValue::to_str);
    if encoding.is_ok_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
        return Err(Refusal::unsupported("send the body as it is, without Content-Encoding"));
    }
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let given = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let known = match given.split_once('/') {
        Some(("application", kind)) => {
            matches!(kind, "json" | "xml") || kind.ends_with("+json") || kind.ends_with("+xml")
        }
        Some(("text", kind)) => matches!(kind, "xml" | "plain" | "csv"),
        _ => false,
    };
    if known && given.len() <= 127 && given != PAGE {
        return Ok(given);
    }
    Err(Refusal::unsupported("send JSON or XML, with the Content-Type that the connector's page names"))
}

fn reply(message: &InboundMessage) -> Response {
    if message.row.status == InboundStatus::Received {
        return on_file(message.row.id);
    }
    json(StatusCode::OK, &body(message))
}

fn body(message: &InboundMessage) -> Reply<'_> {
    fn document(outcome: &Outcome) -> Document<'_> {
        let Outcome { kind, key, outcome, subject, problems, warnings, .. } = outcome;
        Document { kind: *kind, key, outcome: *outcome, subject: subject.as_deref(), problems, warnings }
    }
    Reply {
        message: message.row.id,
        status: message.row.status,
        documents: message.outcomes.iter().map(document).collect(),
        problems: &message.problems,
    }
}

/// It is on file, and what becomes of it is found out later.
fn on_file(message: InboundMessageId) -> Response {
    let reply = Reply { message, status: InboundStatus::Received, documents: Vec::new(), problems: &[] };
    json(StatusCode::ACCEPTED, &reply)
}

impl Intake {
    /// Deals with a message that is on file. None when somebody else did meanwhile.
    ///
    /// # Errors
    /// The database failed; the message is tried again.
    pub(super) async fn deal_with(
        &self,
        system: &SystemScope,
        claimed: &ClaimedMessage,
    ) -> Result<Option<InboundMessage>, Failure> {
        let result = match self.documents(system, claimed).await {
            Ok(documents) => self.apply_new(system, claimed, &documents).await,
            Err(problems) => MessageResult::Done { outcomes: Vec::new(), problems: problems.into_vec() },
        };
        inbound::finish(system, claimed, &result).await
    }

    /// What the message holds, or everything that is wrong with it.
    async fn documents(
        &self,
        system: &SystemScope,
        claimed: &ClaimedMessage,
    ) -> Result<Vec<Inbound>, Problems> {
        if claimed.media_type == PAGE {
            return page::read(&claimed.raw)
                .map_err(|failure| Problems::one("NOT_READABLE", &Field::root(), failure.to_string()));
        }
        let unusable = |reason: String| {
            Problems::one(
                "CONNECTION_UNUSABLE",
                &Field::root(),
                format!("the connection cannot be used: {reason}"),
            )
        };
        let made = self.made(system, &claimed.connection).await.map_err(unusable)?;
        let source = made.connector.source().ok_or_else(|| unusable("it reads nothing".to_owned()))?;
        let message = Message { media_type: &claimed.media_type, body: &claimed.raw };
        source.receive(&made.codes, &claimed.feed, &message)
    }

    /// Takes the documents that were not taken before, and keeps what became of the others.
    async fn apply_new(
        &self,
        system: &SystemScope,
        claimed: &ClaimedMessage,
        documents: &[Inbound],
    ) -> MessageResult {
        // A connector of another version may read more or less out of it: then all of it counts as new.
        let same = documents.len() == claimed.earlier.len()
            && documents.iter().zip(&claimed.earlier).all(|(document, earlier)| {
                kind_of(document) == earlier.kind || earlier.kind == InboundKind::Change
            });
        let earlier = if same { claimed.earlier.as_slice() } else { &[] };
        let is_open = |place: usize| earlier.get(place).is_none_or(Outcome::is_refused);
        let open: Vec<_> = (0..documents.len()).filter(|place| is_open(*place)).collect();
        let wanted: Vec<_> = open.iter().map(|place| documents[*place].clone()).collect();
        let applied = async {
            let scope = scope_of(system, claimed.tenant, claimed.connection.id, &origin())?;
            apply(system.store(), &scope, &wanted).await
        };
        match applied.await {
            Ok(applied) => {
                let mut applied = applied.into_iter();
                let outcomes = (0..documents.len()).filter_map(|place| {
                    if is_open(place) { applied.next() } else { earlier.get(place).cloned() }
                });
                MessageResult::Done { outcomes: outcomes.collect(), problems: Vec::new() }
            }
            Err(failure) => {
                tracing::warn!(message.id = %claimed.id, error = %failure, "a message has to wait");
                let keys = wanted.iter().map(key_of).take(3).collect::<Vec<_>>().join(", ");
                MessageResult::Later { reason: format!("the database was away or busy: {keys}") }
            }
        }
    }
}

/// `OPTIONS`: the handshake of CloudEvents webhooks, by which a sender asks whether it may send here at all. Without a
/// token the answer tells nothing of any connection; the token is asked for when something is sent.
///
/// # Errors
/// Nobody sends by such a feed, or the origin is none.
pub fn greet(feed: &str, headers: &HeaderMap) -> Result<Response, Refusal> {
    if !is_pushed(None, feed) {
        return Err(Refusal::not_found());
    }
    let mut response = StatusCode::OK.into_response();
    let answer = response.headers_mut();
    answer.insert(header::ALLOW, HeaderValue::from_static("OPTIONS, POST"));
    let Some(origin) = headers.get("webhook-request-origin") else { return Ok(response) };
    let fits = |origin: &str| {
        (1..=LONGEST_ORIGIN).contains(&origin.len()) && origin.bytes().all(|byte| byte.is_ascii_graphic())
    };
    if !origin.to_str().is_ok_and(fits) {
        return Err(Refusal::bad_request("ORIGIN_INVALID", "WebHook-Request-Origin is a host name"));
    }
    answer.insert("webhook-allowed-origin", origin.clone());
    answer.insert("webhook-allowed-rate", HeaderValue::from_static("*"));
    Ok(response)
}
