//! `POST /ingest/v1/items`, `/locations`, `/suppliers` and `/cross-references`: what codes mean, from an ERP.
//!
//! Unlike an order, such a document needs no idempotency key: repeated, it is UNCHANGED.
use axum::{body::Bytes, http::HeaderMap, response::Response};
use quayside_canonical::master_data::MasterDataKind;
use quayside_domain::{
    BuyerScope, Failure,
    master_data::{MasterData, preview, record},
};

use super::{
    documents::{Count, Read, validate_only},
    reply::Refusal,
};

/// Takes the documents of a request.
///
/// # Errors
/// The request itself cannot be used. A bad document is no error: its result says so.
pub async fn master_data<D: MasterData>(
    scope: &BuyerScope,
    headers: &HeaderMap,
    body: &Bytes,
    read: Read<D>,
) -> Result<Response, Refusal> {
    let count = Count::of(headers)?;
    let documents = count.read(body, read)?;
    let recorded = if validate_only(headers) {
        preview(scope, &documents).await
    } else {
        record(scope, &documents).await
    };
    let recorded = recorded.map_err(|failure: Failure| Refusal::internal(&failure))?;
    Ok(count.reply(label(D::KIND), &recorded, |result| result.outcome))
}

/// The kind in the words of the metrics.
const fn label(kind: MasterDataKind) -> &'static str {
    match kind {
        MasterDataKind::Item => "item",
        MasterDataKind::Location => "location",
        MasterDataKind::Supplier => "supplier",
        MasterDataKind::CrossReference => "cross_reference",
    }
}
