//! The ERP over HTTP: what every receiver has, and its invoices.
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};

use super::billing::{Billing, InvoiceInstruction, Note};
use crate::receiver::{Receiver, Refusal, Report, routes};
use crate::statement::Statement;

type Erp = State<Receiver<Billing>>;

pub(super) fn router(receiver: Receiver<Billing>) -> Router {
    let own = Router::new()
        .route("/report", get(report))
        .route("/invoice-statuses", get(invoice_statuses))
        .route("/invoice-scenarios", post(instruct));
    Router::new().nest("/erp/v1", routes().merge(own)).with_state(receiver)
}

async fn report(State(receiver): Erp) -> Json<Report> {
    Json(receiver.books().report())
}

async fn invoice_statuses(State(receiver): Erp) -> Json<Vec<Statement>> {
    Json(receiver.books().statements().to_vec())
}

async fn instruct(
    State(receiver): Erp,
    Json(instruction): Json<InvoiceInstruction>,
) -> Result<StatusCode, Refusal> {
    receiver.note(Note::Instructed(instruction))?;
    Ok(StatusCode::CREATED)
}
