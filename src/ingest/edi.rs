//! stub until merge
use axum::{body::Bytes, response::Response};
use quayside_domain::{Scope, SystemScope};
use super::reply::Refusal;
/// stub
pub async fn interchange(_: &SystemScope, _: &Scope, _: Bytes) -> Result<Response, Refusal> { Err(Refusal::busy()) }
