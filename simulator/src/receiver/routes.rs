//! Over HTTP: two signed routes for callers, the others open for those who run the simulation.
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};

use super::answer::{Booked, Refusal};
use super::faults::{Fault, TooManyFaults};
use super::ledger::Document;
use super::{Business, Receiver, submission};

const LONGEST_BODY: usize = 1024 * 1024;

/// The routes every system has, below its own prefix.
pub(crate) fn routes<B: Business>() -> Router<Receiver<B>> {
    Router::new()
        .route("/events", post(submit))
        .route("/events/{delivery_id}", get(read_back))
        .route("/documents", get(documents))
        .route("/behaviours", post(misbehave).delete(heal))
        .route("/statements/{id}/repeat", post(repeat))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
}

async fn submit<B: Business>(
    State(receiver): State<Receiver<B>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match read(&receiver, &headers, &body) {
        Ok(submission) => receiver.receive(&submission).say().await,
        Err(refusal) => refusal.into_response(),
    }
}

fn read<B: Business>(
    receiver: &Receiver<B>,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<submission::Submission, Refusal> {
    let submission = submission::read(&receiver.0.verifier, receiver.now(), headers, body)?;
    receiver.books().business().check(&submission.event.event_type, &submission.event.data)?;
    Ok(submission)
}

async fn read_back<B: Business>(
    State(receiver): State<Receiver<B>>,
    Path(delivery_id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Booked>, Refusal> {
    receiver.0.verifier.check(&headers, &delivery_id, b"", receiver.now())?;
    let books = receiver.books();
    let document = books
        .find(&delivery_id)
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", "this delivery is not here"))?;
    Ok(Json(Booked { document_number: document.document_number.clone(), delivery_id, repeat: false }))
}

async fn documents<B: Business>(State(receiver): State<Receiver<B>>) -> Json<Vec<Document>> {
    Json(receiver.books().documents().to_vec())
}

async fn misbehave<B: Business>(
    State(receiver): State<Receiver<B>>,
    Json(fault): Json<Fault>,
) -> Result<StatusCode, Refusal> {
    receiver.books().queue(fault).map_err(|full: TooManyFaults| {
        Refusal::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_FAULTS", full.to_string())
    })?;
    Ok(StatusCode::CREATED)
}

async fn heal<B: Business>(State(receiver): State<Receiver<B>>) -> StatusCode {
    receiver.books().heal();
    StatusCode::NO_CONTENT
}

async fn repeat<B: Business>(
    State(receiver): State<Receiver<B>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    if receiver.repeat(&id) {
        return Ok(StatusCode::ACCEPTED);
    }
    Err(Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", "there is no such statement"))
}
