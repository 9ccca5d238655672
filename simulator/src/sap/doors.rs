//! Who may come in, and with which token they may write.
use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use serde_json::json;

use super::Sap;

const CSRF: &str = "x-csrf-token";

/// 401 as a gateway says it: no JSON.
fn stranger() -> Response {
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Basic realm=\"SAP\"")], "<h1>Logon failed</h1>")
        .into_response()
}

/// Basic of the communication user, or a token that holds.
pub(super) fn come_in(sap: &Sap, headers: &HeaderMap) -> Result<(), Box<Response>> {
    let said = header_text(headers, "authorization");
    if said == basic(&sap.settings.user, &sap.settings.password) {
        return Ok(());
    }
    let now = (sap.settings.clock)();
    let token = said.strip_prefix("Bearer ").unwrap_or_default();
    let holds = sap.state().bearers.get(token).is_some_and(|until| *until > now);
    if holds { Ok(()) } else { Err(Box::new(stranger())) }
}

/// Gives out a token to the client.
pub(super) fn give_token(sap: &Sap, headers: &HeaderMap, form: &str) -> Response {
    let known =
        header_text(headers, "authorization") == basic(&sap.settings.client_id, &sap.settings.client_secret);
    if !known || form != "grant_type=client_credentials" {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_client" }))).into_response();
    }
    let until = (sap.settings.clock)() + TimeDelta::seconds(sap.settings.token_seconds);
    let mut state = sap.state();
    let token = state.ticket("bearer");
    state.bearers.insert(token.clone(), until);
    let lasts = sap.settings.token_seconds;
    Json(json!({ "access_token": token, "token_type": "Bearer", "expires_in": lasts })).into_response()
}

/// Opens a session for who asks for one.
pub(super) fn open_session(sap: &Sap, asked: &HeaderMap, response: &mut Response) {
    if !header_text(asked, CSRF).eq_ignore_ascii_case("fetch") {
        return;
    }
    let mut state = sap.state();
    let (session, token) = (state.ticket("session"), state.ticket("csrf"));
    state.sessions.insert(session.clone(), token.clone());
    let cookie = format!("SAP_SESSIONID_S4H_100={session}; path=/; HttpOnly");
    let headers = response.headers_mut();
    for (name, value) in [
        (CSRF, token.as_str()),
        ("set-cookie", &cookie),
        ("set-cookie", "sap-usercontext=sap-client=100; path=/"),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.append(name, value);
        }
    }
}

/// A write needs the token of its session.
pub(super) fn check_token(sap: &Sap, headers: &HeaderMap) -> Result<(), Box<Response>> {
    let cookies = header_text(headers, "cookie");
    let session = cookies.split("; ").find_map(|cookie| cookie.strip_prefix("SAP_SESSIONID_S4H_100="));
    let state = sap.state();
    let token = session.and_then(|session| state.sessions.get(session));
    if token.is_some_and(|token| *token == header_text(headers, CSRF)) {
        return Ok(());
    }
    let mut response = (StatusCode::FORBIDDEN, "CSRF token validation failed").into_response();
    response.headers_mut().insert(CSRF, HeaderValue::from_static("Required"));
    Err(Box::new(response))
}

pub(super) fn header_text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}
