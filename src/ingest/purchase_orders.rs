//! `POST /ingest/v1/purchase-orders`: canonical orders from an ERP, one as JSON or many as NDJSON.
use axum::{
    body::Bytes,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use quayside_canonical::{Field, Problems, document::read_purchase_order, states::DocumentOutcome};
use quayside_domain::{
    BuyerScope, Failure,
    idempotency::IdempotencyKey,
    orders::{Incoming, Received, receive},
};
use serde::Serialize;

use super::reply::{Refusal, json};

/// The most documents of one request.
const MAX_DOCUMENTS: usize = 10_000;

/// The results of many documents, in their order.
#[derive(Serialize)]
struct Results<'a> {
    results: &'a [Received],
}

/// Takes the documents of a request.
///
/// # Errors
/// The request itself cannot be used. A bad document is no error: its result says so.
pub async fn purchase_orders(
    scope: &BuyerScope,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Response, Refusal> {
    let many = match content_type(headers) {
        "application/json" => false,
        "application/x-ndjson" | "application/ndjson" => true,
        _ => {
            return Err(Refusal::unsupported(
                "send application/json, or application/x-ndjson for many documents",
            ));
        }
    };
    let key = read_key(headers)?;
    let documents = if many { read_lines(body, key.as_deref())? } else { vec![read_one(body, key)?] };
    let preview = headers.get("x-validate-only").is_some_and(|value| value == "true");
    let received = if preview {
        quayside_domain::orders::receive::preview(scope, &documents).await
    } else {
        receive(scope, &documents).await
    };
    let received = received.map_err(|failure: Failure| Refusal::internal(&failure))?;
    for result in &received {
        metrics::counter!("quayside_documents_total", "kind" => "purchase_order", "outcome" => result.outcome.code())
            .increment(1);
    }
    let replayed = !received.is_empty() && received.iter().all(|result| result.replayed);
    let mut response = match received.as_slice() {
        [one] if !many => json(status_of(one.outcome), one),
        results => json(StatusCode::OK, &Results { results }),
    };
    if replayed {
        response.headers_mut().insert("idempotent-replayed", header::HeaderValue::from_static("true"));
    }
    Ok(response.into_response())
}

const fn status_of(outcome: DocumentOutcome) -> StatusCode {
    match outcome {
        DocumentOutcome::Created => StatusCode::CREATED,
        DocumentOutcome::Conflict => StatusCode::CONFLICT,
        DocumentOutcome::Refused => StatusCode::UNPROCESSABLE_ENTITY,
        DocumentOutcome::Revised
        | DocumentOutcome::Unchanged
        | DocumentOutcome::Late
        | DocumentOutcome::Answered => StatusCode::OK,
    }
}

fn content_type(headers: &HeaderMap) -> &str {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

fn read_key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().ok().filter(|key| key.parse::<IdempotencyKey>().is_ok() && key.len() <= 200);
    let message = "the Idempotency-Key header is 1 to 200 printable ASCII characters";
    key.map(|key| Some(key.to_owned()))
        .ok_or_else(|| Refusal::bad_request("IDEMPOTENCY_KEY_INVALID", message))
}

fn read_one(body: &Bytes, key: Option<String>) -> Result<Incoming, Refusal> {
    let document = serde_json::from_slice(body)
        .map_err(|error| Refusal::bad_request("NOT_JSON", &format!("the body is not JSON: {error}")))?;
    let key = key.and_then(|key| key.parse().ok());
    Ok(Incoming { order: read_purchase_order(&document), key, only_supplier: None })
}

/// One document a line. A line that is not JSON is a bad document, not a bad request.
fn read_lines(body: &Bytes, key: Option<&str>) -> Result<Vec<Incoming>, Refusal> {
    let lines: Vec<&[u8]> =
        body.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).collect();
    if lines.is_empty() {
        return Err(Refusal::bad_request("EMPTY", "the body holds no document"));
    }
    if lines.len() > MAX_DOCUMENTS {
        return Err(Refusal::too_large(&format!("at most {MAX_DOCUMENTS} documents in one request")));
    }
    let read = |(index, line): (usize, &&[u8])| {
        let order = match serde_json::from_slice(line) {
            Ok(document) => read_purchase_order(&document),
            Err(error) => {
                Err(Problems::one("NOT_JSON", &Field::root(), format!("the line is not JSON: {error}")))
            }
        };
        let key = key.and_then(|key| format!("{key}#{index}").parse().ok());
        Incoming { order, key, only_supplier: None }
    };
    Ok(lines.iter().enumerate().map(read).collect())
}
