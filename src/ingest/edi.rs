//! stub until merge
use super::reply::Refusal;
use axum::{body::Bytes, response::Response};
use quayside_domain::{Scope, SystemScope};
/// stub
pub async fn interchange(_: &SystemScope, _: &Scope, _: Bytes) -> Result<Response, Refusal> {
    Err(Refusal::busy())
}
