//! `POST /ingest/v1/purchase-orders`: canonical orders from an ERP, one as JSON or many as NDJSON.
use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue},
    response::Response,
};
use quayside_canonical::{Problems, document::read_purchase_order, order::PurchaseOrder};
use quayside_domain::{
    BuyerScope, Failure,
    idempotency::IdempotencyKey,
    orders::{Incoming, receive},
};

use super::{
    documents::{Count, validate_only},
    reply::Refusal,
};

/// Takes the documents of a request.
///
/// # Errors
/// The request itself cannot be used. A bad document is no error: its result says so.
pub async fn purchase_orders(
    scope: &BuyerScope,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Response, Refusal> {
    let count = Count::of(headers)?;
    let key = read_key(headers)?;
    let orders = count.read(body, read_purchase_order)?.into_iter().enumerate();
    let documents: Vec<Incoming> = orders
        .map(|(index, order)| match (count, &key) {
            (Count::One, Some(key)) => incoming(order, key),
            (Count::Many, Some(key)) => incoming(order, &format!("{key}#{index}")),
            (_, None) => Incoming { order, key: None, only_supplier: None },
        })
        .collect();
    let received = if validate_only(headers) {
        quayside_domain::orders::receive::preview(scope, &documents).await
    } else {
        receive(scope, &documents).await
    };
    let received = received.map_err(|failure: Failure| Refusal::internal(&failure))?;
    let mut response = count.reply("purchase_order", &received, |result| result.outcome);
    if !received.is_empty() && received.iter().all(|result| result.replayed) {
        response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    Ok(response)
}

fn incoming(order: Result<PurchaseOrder, Problems>, key: &str) -> Incoming {
    Incoming { order, key: key.parse().ok(), only_supplier: None }
}

fn read_key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().ok().filter(|key| key.parse::<IdempotencyKey>().is_ok() && key.len() <= 200);
    let message = "the Idempotency-Key header is 1 to 200 printable ASCII characters";
    key.map(|key| Some(key.to_owned()))
        .ok_or_else(|| Refusal::bad_request("IDEMPOTENCY_KEY_INVALID", message))
}
