//! `POST /ingest/v1/receipts`, `/appointments` and `/invoice-statuses`: what a WMS or ERP states, one as JSON or
//! many as NDJSON.
//!
//! Such a document has a number and a revision of its own: repeated, it is UNCHANGED. A key in the header is taken
//! and not needed.
use axum::{body::Bytes, http::HeaderMap, response::Response};
use quayside_domain::{
    BuyerScope, Failure,
    statements::{Statement, preview, record},
};

use super::{
    documents::{Count, Read, validate_only},
    reply::Refusal,
};

/// Takes the documents of a request.
///
/// # Errors
/// The request itself cannot be used. A bad document is no error: its result says so.
pub async fn statements<S: Statement>(
    scope: &BuyerScope,
    headers: &HeaderMap,
    body: &Bytes,
    read: Read<S>,
) -> Result<Response, Refusal> {
    let count = Count::of(headers)?;
    let documents = count.read(body, read)?;
    let recorded = if validate_only(headers) {
        preview(scope, &documents).await
    } else {
        record(scope, &documents).await
    };
    let recorded = recorded.map_err(|failure: Failure| Refusal::internal(&failure))?;
    Ok(count.reply(S::KIND, &recorded, |result| result.outcome))
}
