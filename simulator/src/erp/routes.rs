//! The ERP over HTTP: two signed routes for callers, four open ones for those who run the simulation.
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};

use super::answer::{Booked, Refusal};
use super::faults::{Fault, TooManyFaults};
use super::ledger::{Document, Report};
use super::{Erp, submission};

const LONGEST_BODY: usize = 1024 * 1024;

impl Erp {
    /// The routes, for [`crate::serve`] or to be nested elsewhere. Outside of `serve` a dropped connection
    /// shows as 500.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/erp/v1/events", post(submit))
            .route("/erp/v1/events/{delivery_id}", get(read_back))
            .route("/erp/v1/documents", get(documents))
            .route("/erp/v1/report", get(report))
            .route("/erp/v1/behaviours", post(misbehave).delete(heal))
            .layer(DefaultBodyLimit::max(LONGEST_BODY))
            .with_state(self.clone())
    }
}

async fn submit(State(erp): State<Erp>, headers: HeaderMap, body: Bytes) -> Response {
    match submission::read(&erp.verifier, erp.now(), &headers, &body) {
        Ok(submission) => erp.receive(&submission).say().await,
        Err(refusal) => refusal.into_response(),
    }
}

async fn read_back(
    State(erp): State<Erp>,
    Path(delivery_id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Booked>, Refusal> {
    erp.verifier.check(&headers, &delivery_id, b"", erp.now())?;
    let books = erp.books();
    let document = books
        .ledger
        .find(&delivery_id)
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", "this delivery is not here"))?;
    Ok(Json(Booked { document_number: document.document_number.clone(), delivery_id, repeat: false }))
}

async fn documents(State(erp): State<Erp>) -> Json<Vec<Document>> {
    Json(erp.documents())
}

async fn report(State(erp): State<Erp>) -> Json<Report> {
    Json(erp.report())
}

async fn misbehave(State(erp): State<Erp>, Json(fault): Json<Fault>) -> Result<StatusCode, Refusal> {
    erp.queue(fault).map_err(|full: TooManyFaults| {
        Refusal::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_FAULTS", full.to_string())
    })?;
    Ok(StatusCode::CREATED)
}

async fn heal(State(erp): State<Erp>) -> StatusCode {
    erp.heal();
    StatusCode::NO_CONTENT
}
