//! The WMS over HTTP: what every receiver has, and its own view of shipments, slots and receipts.
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};

use super::appointment::Slot;
use super::scenario::{Course, Instruction};
use super::shipment::{ReceiveError, Shipment};
use super::warehouse::{Note, Warehouse};
use super::{WmsReport, report, statements};
use crate::receiver::{Receiver, Refusal, routes};
use crate::statement::{Statement, StatementKind};

type Wms = State<Receiver<Warehouse>>;

pub(super) fn router(receiver: Receiver<Warehouse>) -> Router {
    let own = Router::new()
        .route("/report", get(said_and_booked))
        .route("/shipments", get(shipments))
        .route("/shipments/{number}/receive", post(receive))
        .route("/slots", get(slots))
        .route("/appointments", get(appointments))
        .route("/receipts", get(receipts))
        .route("/scenarios", post(instruct));
    Router::new().nest("/wms/v1", routes().merge(own)).with_state(receiver)
}

async fn said_and_booked(State(receiver): Wms) -> Json<WmsReport> {
    Json(report(&receiver))
}

async fn shipments(State(receiver): Wms) -> Json<Vec<Shipment>> {
    Json(receiver.books().business().shipments().cloned().collect())
}

async fn slots(State(receiver): Wms) -> Json<Vec<Slot>> {
    Json(receiver.books().business().slots().cloned().collect())
}

async fn appointments(State(receiver): Wms) -> Json<Vec<Statement>> {
    Json(statements(&receiver, StatementKind::Appointment))
}

async fn receipts(State(receiver): Wms) -> Json<Vec<Statement>> {
    Json(statements(&receiver, StatementKind::Receipt))
}

async fn instruct(State(receiver): Wms, Json(instruction): Json<Instruction>) -> Result<StatusCode, Refusal> {
    if instruction.receipt.is_none() && instruction.appointment.is_none() {
        let message = "name a course in `receipt`, a scenario in `appointment`, or both";
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "NOTHING_TO_DO", message));
    }
    receiver.note(Note::Instructed(instruction))?;
    Ok(StatusCode::CREATED)
}

/// Without a body the shipment takes the course it would have taken later.
async fn receive(
    State(receiver): Wms,
    Path(number): Path<String>,
    body: Bytes,
) -> Result<Json<Vec<Statement>>, Refusal> {
    let course: Option<Course> = match body.len() {
        0 => None,
        _ => Some(serde_json::from_slice(&body).map_err(|error| {
            Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "INVALID_COURSE", error.to_string())
        })?),
    };
    super::receive(&receiver, &number, course).map(Json).map_err(refusal)
}

fn refusal(error: ReceiveError) -> Refusal {
    let (status, code) = match error {
        ReceiveError::NotAnnounced => (StatusCode::NOT_FOUND, "NOT_ANNOUNCED"),
        ReceiveError::Ambiguous => (StatusCode::CONFLICT, "AMBIGUOUS"),
        ReceiveError::Received => (StatusCode::CONFLICT, "RECEIVED"),
        ReceiveError::Cancelled => (StatusCode::CONFLICT, "CANCELLED"),
        ReceiveError::NotKept(not_kept) => return not_kept.into(),
    };
    Refusal::new(status, code, error.to_string())
}
