//! What every entrance for canonical documents has in common: one document as JSON or many as NDJSON, a result
//! for each, and a way to ask without writing.
use axum::{
    body::Bytes,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use quayside_canonical::{Field, Problems, states::DocumentOutcome};
use serde::Serialize;
use serde_json::Value;

use super::reply::{Refusal, json};

/// The most documents of one request.
const MAX_DOCUMENTS: usize = 10_000;

/// Whether a request brings one document, or one a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// JSON.
    One,
    /// NDJSON.
    Many,
}

impl Count {
    /// What the content type says.
    ///
    /// # Errors
    /// It is neither JSON nor NDJSON.
    pub fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        match value.unwrap_or_default().split(';').next().unwrap_or_default().trim() {
            "application/json" => Ok(Self::One),
            "application/x-ndjson" | "application/ndjson" => Ok(Self::Many),
            _ => {
                let message = "send application/json, or application/x-ndjson for many documents";
                Err(Refusal::unsupported(message))
            }
        }
    }

    /// The documents of a body, in their order.
    ///
    /// # Errors
    /// The body as a whole cannot be used.
    pub fn read<T>(self, body: &Bytes, read: Read<T>) -> Result<Vec<Result<T, Problems>>, Refusal> {
        match self {
            Self::One => read_one(body, read).map(|document| vec![document]),
            Self::Many => read_lines(body, read),
        }
    }

    /// The reply: the result itself, or a list of them in the order of the documents.
    #[must_use]
    pub fn reply<R: Serialize>(
        self,
        kind: &'static str,
        results: &[R],
        outcome: fn(&R) -> DocumentOutcome,
    ) -> Response {
        for result in results {
            metrics::counter!("quayside_documents_total", "kind" => kind, "outcome" => outcome(result).code())
                .increment(1);
        }
        match results {
            [one] if self == Self::One => json(status_of(outcome(one)), one),
            results => json(StatusCode::OK, &Results { results }),
        }
    }
}

/// How a document is read out of its JSON.
pub type Read<T> = fn(&Value) -> Result<T, Problems>;

/// The results of many documents, in their order.
#[derive(Serialize)]
struct Results<'a, R> {
    results: &'a [R],
}

/// Whether the sender only asks what would become of its documents.
#[must_use]
pub fn validate_only(headers: &HeaderMap) -> bool {
    headers.get("x-validate-only").is_some_and(|value| value == "true")
}

const fn status_of(outcome: DocumentOutcome) -> StatusCode {
    match outcome {
        DocumentOutcome::Created => StatusCode::CREATED,
        DocumentOutcome::Conflict => StatusCode::CONFLICT,
        DocumentOutcome::Refused => StatusCode::UNPROCESSABLE_ENTITY,
        DocumentOutcome::Revised
        | DocumentOutcome::Unchanged
        | DocumentOutcome::Late
        | DocumentOutcome::Answered
        | DocumentOutcome::Waiting
        | DocumentOutcome::Recorded => StatusCode::OK,
    }
}

fn read_one<T>(body: &Bytes, read: Read<T>) -> Result<Result<T, Problems>, Refusal> {
    let document = serde_json::from_slice(body)
        .map_err(|error| Refusal::bad_request("NOT_JSON", &format!("the body is not JSON: {error}")))?;
    Ok(read(&document))
}

/// One document a line. A line that is not JSON is a bad document, not a bad request.
fn read_lines<T>(body: &Bytes, read: Read<T>) -> Result<Vec<Result<T, Problems>>, Refusal> {
    let lines: Vec<&[u8]> =
        body.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).collect();
    if lines.is_empty() {
        return Err(Refusal::bad_request("EMPTY", "the body holds no document"));
    }
    if lines.len() > MAX_DOCUMENTS {
        return Err(Refusal::too_large(&format!("at most {MAX_DOCUMENTS} documents in one request")));
    }
    let read = |line: &[u8]| match serde_json::from_slice(line) {
        Ok(document) => read(&document),
        Err(error) => {
            Err(Problems::one("NOT_JSON", &Field::root(), format!("the line is not JSON: {error}")))
        }
    };
    Ok(lines.into_iter().map(read).collect())
}
