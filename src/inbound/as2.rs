//! `POST /as2`: messages of partners, and confirmations of ours.
//!
//! The names in AS2-From and AS2-To say which connection it is; its certificates say whether it is true. A message is
//! on file before its confirmation says so, and the confirmation is kept before it is sent: whoever sends a message
//! again gets the same one, and nothing is taken twice.
use std::sync::Arc;

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use quayside_canonical::DeliveryId;
use quayside_connectors::{
    Errand,
    edi_as2::{self, Arrived, Fault, Headers, Heard, Mdn, Opened, Station, Wish},
    filed_as,
};
use quayside_domain::{
    BuyerScope, Failure, SystemScope, connections,
    inbound::{self, Filed},
    transports::{self, Answer},
};
use quayside_entity::connection;
use tokio::sync::Semaphore;

use super::{Intake, origin, scope_of};

/// The feed that the messages are filed by.
const FEED: &str = "interchanges";
/// Messages that are opened at once: each may take its size several times.
static OPENING: Semaphore = Semaphore::const_new(4);

/// A partner's line, and ours behind it.
pub struct Line {
    connection: connection::Model,
    station: Arc<Station>,
    scope: BuyerScope,
    headers: Headers,
}

/// The line that a request is for, by the names in its headers. None when nobody here knows the two.
///
/// # Errors
/// The request names nobody, or the database failed.
pub async fn line(intake: &Intake, system: &SystemScope, headers: &HeaderMap) -> Result<Line, Response> {
    let headers = texts(headers);
    let (from, to) = (plain(headers.get("as2-from")), plain(headers.get("as2-to")));
    if from.is_empty() || to.is_empty() {
        return Err(said(StatusCode::BAD_REQUEST, "AS2-From and AS2-To are needed"));
    }
    let busy = |failure: &Failure| {
        tracing::warn!(error = %failure, "an AS2 message has to wait");
        said(StatusCode::SERVICE_UNAVAILABLE, "the service is busy; send it again in a moment")
    };
    let known = transports::speakers(system, edi_as2::KIND).await.map_err(|failure| busy(&failure))?;
    let is_it = |row: &connection::Model| {
        let config: serde_json::Value = serde_json::from_str(&row.config).unwrap_or_default();
        config["partner_id"] == from.as_str() && config["our_id"] == to.as_str()
    };
    let unknown = || said(StatusCode::NOT_FOUND, "nobody here knows these two names in AS2-From and AS2-To");
    let connection = known.into_iter().find(is_it).ok_or_else(unknown)?;
    let scope =
        scope_of(system, connection.tenant_id, connection.id, &origin()).map_err(|failure| busy(&failure))?;
    let station = station(intake, &connection).map_err(|reason| {
        tracing::error!(connection.id = %connection.id, reason, "a connection by AS2 cannot be used");
        said(StatusCode::SERVICE_UNAVAILABLE, "the connection cannot be used at the moment")
    })?;
    Ok(Line { connection, station: Arc::new(station), scope, headers })
}

fn station(intake: &Intake, row: &connection::Model) -> Result<Station, String> {
    let secrets = connections::open(&intake.vault, row.tenant_id, row.id, &row.sealed_secret);
    let secrets = secrets.map_err(|error| error.to_string())?;
    let config = serde_json::from_str(&row.config).map_err(|error| error.to_string())?;
    Station::open(secrets.within(config)).map_err(|error| error.to_string())
}

/// Takes what came over a line.
pub async fn take(
    intake: &Arc<Intake>,
    system: &SystemScope,
    line: Line,
    body: Bytes,
    most: usize,
) -> Response {
    let line = Arc::new(line);
    match deal_with(intake, system, &line, body, most).await {
        Ok(response) => response,
        Err(failure) => {
            tracing::warn!(connection.id = %line.connection.id, error = %failure, "an AS2 message has to wait");
            said(StatusCode::SERVICE_UNAVAILABLE, "the service is busy; send it again in a moment")
        }
    }
}

async fn deal_with(
    intake: &Arc<Intake>,
    system: &SystemScope,
    line: &Arc<Line>,
    body: Bytes,
    most: usize,
) -> Result<Response, Failure> {
    let message = plain_id(line.headers.get("message-id"));
    if let Some(earlier) = transports::given(&line.scope, line.connection.id, &message).await?
        && !message.is_empty()
    {
        metrics::counter!("quayside_as2_messages_total", "outcome" => "repeated").increment(1);
        return Ok(answer(intake, system, line, mdn(earlier)));
    }
    let opened = open(line, body, most).await?;
    let fault = match opened {
        Err(words) => {
            tracing::warn!(connection.id = %line.connection.id, reason = words, "an MDN that does not count");
            return Ok(said(StatusCode::BAD_REQUEST, &words));
        }
        Ok(Ok(Arrived::Confirmation(heard))) => return confirmed(line, &heard).await,
        Ok(_) if message.is_empty() => {
            return Ok(said(StatusCode::BAD_REQUEST, "a message needs a Message-ID"));
        }
        Ok(Ok(Arrived::Message(opened))) => return filed(intake, system, line, &message, &opened).await,
        Ok(Err(fault)) => fault,
    };
    metrics::counter!("quayside_as2_messages_total", "outcome" => "refused").increment(1);
    transports::refused(&line.scope, &line.connection, fault.words()).await?;
    if !Wish::of(&line.headers).wanted {
        return Ok(said(StatusCode::BAD_REQUEST, fault.words()));
    }
    Ok(match confirm(line, Err(fault)) {
        Ok(mdn) => answer(intake, system, line, mdn),
        Err(fault) => said(StatusCode::INTERNAL_SERVER_ERROR, fault.words()),
    })
}

/// What the message holds. Cryptography is work for a processor, not for an async worker.
async fn open(
    line: &Arc<Line>,
    body: Bytes,
    most: usize,
) -> Result<Result<Result<Arrived, Fault>, String>, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::System(error.to_string());
    let _turn = OPENING.acquire().await.map_err(|error| failed(&error))?;
    let line = line.clone();
    let opening = tokio::task::spawn_blocking(move || line.station.unpack(&line.headers, &body, most));
    opening.await.map_err(|error| failed(&error))
}

/// Files a message, confirms it, and lets what it holds be dealt with.
async fn filed(
    intake: &Arc<Intake>,
    system: &SystemScope,
    line: &Arc<Line>,
    message: &str,
    opened: &Opened,
) -> Result<Response, Failure> {
    let media_type = filed_as(&opened.name, &opened.content);
    let filed =
        inbound::file(&line.scope, &line.connection, FEED, &media_type, &opened.content.bytes).await?;
    let response = match confirm(line, Ok(opened)) {
        Err(fault) => said(StatusCode::INTERNAL_SERVER_ERROR, fault.words()),
        Ok(mdn) => {
            let kept = Answer { headers: mdn.headers, body: mdn.body };
            let kept = transports::give(&line.scope, line.connection.id, message, kept).await?;
            answer(intake, system, line, self::mdn(kept))
        }
    };
    metrics::counter!("quayside_as2_messages_total", "outcome" => "taken").increment(1);
    match filed {
        Filed::New(claimed) => {
            // By itself: the partner need not wait for it, and it is dealt with by whoever comes next should we die.
            let (intake, system) = (intake.clone(), system.clone());
            tokio::spawn(async move {
                if let Err(failure) = intake.deal_with(&system, &claimed).await {
                    tracing::warn!(message.id = %claimed.id, error = %failure, "a message has to wait");
                }
            });
        }
        Filed::Earlier(earlier) => {
            inbound::come_again(&line.scope, earlier.row.id).await?;
        }
    }
    Ok(response)
}

/// What a partner says of what we sent.
async fn confirmed(line: &Line, heard: &Heard) -> Result<Response, Failure> {
    let unknown = || said(StatusCode::NOT_FOUND, "we sent no such message");
    let bare = heard.original.trim_matches(['<', '>', ' ']);
    let Some(delivery) = bare.split('@').next().and_then(|id| id.parse::<DeliveryId>().ok()) else {
        return Ok(unknown());
    };
    let kept = Answer {
        headers: vec![("content-type".to_owned(), line.headers.get("content-type").to_owned())],
        body: heard.raw.to_vec(),
    };
    let refusal = (!Station::is_good(heard)).then_some(heard.disposition.as_str());
    let ours = transports::hear(&line.scope, &line.connection, delivery, &kept, refusal).await?;
    Ok(if ours { StatusCode::OK.into_response() } else { unknown() })
}

fn confirm(line: &Line, outcome: Result<&Opened, Fault>) -> Result<Mdn, Fault> {
    let at = DateTime::<Utc>::from_timestamp_micros(line.scope.now.micros()).unwrap_or_default();
    let id = format!("mdn-{}", uuid::Uuid::now_v7().simple());
    line.station.confirm(&line.headers, outcome, &id, at)
}

/// The confirmation in the answer, or by a request of its own, as the message wants it; nothing where it wants none.
fn answer(intake: &Arc<Intake>, system: &SystemScope, line: &Arc<Line>, mdn: Mdn) -> Response {
    let wish = Wish::of(&line.headers);
    if !wish.wanted {
        return StatusCode::OK.into_response();
    }
    if let Some(address) = wish.address {
        let (intake, system, line) = (intake.clone(), system.clone(), line.clone());
        tokio::spawn(async move { send(&intake, &system, &line, &address, &mdn).await });
        return StatusCode::ACCEPTED.into_response();
    }
    let mut response = mdn.body.into_response();
    for (name, value) in &mdn.headers {
        let pair = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value));
        if let (Ok(name), Ok(value)) = pair {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Sends a confirmation once. When it is lost, the partner sends its message again and causes it to be sent again.
async fn send(intake: &Intake, system: &SystemScope, line: &Line, address: &str, mdn: &Mdn) {
    let http = match intake.clients.of(system, line.connection.tenant_id).await {
        Ok(http) => http,
        Err(error) => {
            tracing::warn!(reason = error.words(), "an MDN cannot be sent");
            return;
        }
    };
    let errand = Errand {
        correlation_id: line.scope.correlation.to_string(),
        request_id: None,
        traceparent: None,
        at: DateTime::<Utc>::from_timestamp_micros(line.scope.now.micros()).unwrap_or_default(),
    };
    if let Err(error) = edi_as2::send_confirmation(&http, address, mdn, &errand).await.outcome {
        tracing::warn!(connection.id = %line.connection.id, %error, "an MDN was not taken");
    }
}

fn mdn(answer: Answer) -> Mdn {
    Mdn { headers: answer.headers, body: answer.body }
}

fn texts(headers: &HeaderMap) -> Headers {
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
    };
    let found: Vec<(String, String)> = headers.iter().filter_map(text).collect();
    Headers::new(found.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// A name without the quotes that it may stand in.
fn plain(name: &str) -> String {
    name.trim().trim_matches('"').to_owned()
}

fn plain_id(id: &str) -> String {
    id.trim().to_owned()
}

fn said(status: StatusCode, words: &str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], format!("{words}\n")).into_response()
}
