//! `GET /files/interchanges/{id}`: the bytes of an EDI interchange as they came, to be kept and not to be shown.
use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use quayside_canonical::{InterchangeId, identity::Permission};
use quayside_domain::interchanges::filed;

use super::App;
use crate::ingest::reply::Refusal;

pub(super) async fn download(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let scope = app.person(&headers).await?;
    if !scope.may(Permission::OrdersRead) {
        return Err(Refusal::forbidden("this needs the permission to read orders"));
    }
    let Ok(id) = id.parse::<InterchangeId>() else { return Err(Refusal::not_found()) };
    let found = filed(&scope, id).await.map_err(|failure| Refusal::internal(&failure))?;
    let found = found.ok_or_else(Refusal::not_found)?;
    let mut response = Body::from(found.bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    // An id is letters, digits and a low line.
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{id}.edi\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    let sandbox = HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'");
    headers.insert(header::CONTENT_SECURITY_POLICY, sandbox);
    Ok(response)
}
