//! The way to Quayside: statements go to its ingest endpoints with a connection's token.
use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{StatusCode, Url};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::statement::{Statement, StatementAnswer};

const DEADLINE: Duration = Duration::from_secs(15);
/// Of an answer that is no document of ours this much is kept.
const LONGEST_EXCUSE: usize = 500;

/// Where Quayside is and what it knows the caller by.
#[derive(Clone)]
pub struct Quayside {
    /// For example `https://orders.example.com`.
    pub url: String,
    /// The token of a connection.
    pub token: String,
}

impl fmt::Debug for Quayside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Quayside").field("url", &self.url).field("token", &"***").finish()
    }
}

/// Quayside cannot be called as it is described.
#[derive(Debug, thiserror::Error)]
pub enum QuaysideError {
    /// Not `http` or `https`, or no address at all.
    #[error("the address of Quayside must be a web address")]
    Address,
    /// This machine cannot make HTTPS calls.
    #[error("cannot prepare outgoing HTTPS")]
    Client(#[from] reqwest::Error),
}

/// What came of a call.
pub(crate) enum Heard {
    /// Quayside has judged the statement: it is not sent again.
    Answered(StatementAnswer),
    /// Not taken, or nobody knows: it is sent again.
    Away { reason: String, retry_after: Option<Duration> },
}

pub(crate) struct Client {
    http: reqwest::Client,
    base: Url,
    token: String,
}

#[derive(Deserialize)]
struct Judgement {
    outcome: String,
    #[serde(default)]
    problems: Vec<Value>,
}

impl Client {
    pub(crate) fn new(quayside: &Quayside) -> Result<Self, QuaysideError> {
        let base = format!("{}/", quayside.url.trim_end_matches('/'));
        let base = Url::parse(&base).map_err(|_| QuaysideError::Address)?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(QuaysideError::Address);
        }
        // Fails only if a provider is installed, which is what we want.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .timeout(DEADLINE)
            .build()?;
        Ok(Self { http, base, token: quayside.token.clone() })
    }

    /// The answer to a copy of an EDI file. An answer that is no JSON is an error.
    pub(crate) async fn copy(&self, file: &[u8]) -> Result<(StatusCode, Value), String> {
        let url = self.base.join("edi/v1/interchanges").map_err(|error| error.to_string())?;
        let request = self.http.post(url).bearer_auth(&self.token);
        let request = request.header(CONTENT_TYPE, "application/octet-stream").body(file.to_vec());
        let reply = request.send().await.map_err(|error| reason(&error))?;
        let status = reply.status();
        let body = reply.json().await.map_err(|error| reason(&error))?;
        Ok((status, body))
    }

    pub(crate) async fn say(&self, statement: &Statement, now: DateTime<Utc>) -> Heard {
        let Ok(url) = self.base.join(statement.kind.path()) else {
            return Heard::Away { reason: "the address cannot be made".to_owned(), retry_after: None };
        };
        let request = self.http.post(url).bearer_auth(&self.token).json(&statement.document);
        let reply = match request.send().await {
            Ok(reply) => reply,
            Err(error) => return Heard::Away { reason: reason(&error), retry_after: None },
        };
        let status = reply.status();
        let retry_after = reply.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = retry_after.and_then(|text| text.parse().ok()).map(Duration::from_secs);
        match reply.text().await {
            Ok(body) => judge(status, retry_after, &body, now),
            Err(error) => Heard::Away { reason: reason(&error), retry_after },
        }
    }
}

/// The innermost error: what the library puts around it says only that there was one.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// A 2xx says something only with an outcome: a proxy or a sign-in page answers 200 too.
fn judge(status: StatusCode, retry_after: Option<Duration>, body: &str, now: DateTime<Utc>) -> Heard {
    let read: Option<Judgement> = serde_json::from_str(body).ok();
    let again = matches!(status.as_u16(), 401 | 403 | 408 | 425 | 429) || status.is_server_error();
    match read {
        Some(result) if !again => Heard::Answered(StatementAnswer {
            at: now,
            status: status.as_u16(),
            outcome: result.outcome,
            problems: result.problems,
        }),
        None if status.is_client_error() && !again => Heard::Answered(StatementAnswer {
            at: now,
            status: status.as_u16(),
            outcome: "REFUSED".to_owned(),
            problems: vec![excuse(body)],
        }),
        Some(_) | None => Heard::Away { reason: format!("answer {status} without an outcome"), retry_after },
    }
}

/// The body as it is when it is JSON, else its beginning.
fn excuse(body: &str) -> Value {
    serde_json::from_str(body)
        .unwrap_or_else(|_| json!(body.chars().take(LONGEST_EXCUSE).collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, body: &str) -> String {
        let status = StatusCode::from_u16(status).unwrap();
        match judge(status, None, body, DateTime::UNIX_EPOCH) {
            Heard::Answered(answer) => answer.outcome,
            Heard::Away { .. } => "away".to_owned(),
        }
    }

    #[test]
    fn only_a_judgement_ends_a_statement() {
        for (status, body, expected) in [
            (200, r#"{"outcome":"UNCHANGED"}"#, "UNCHANGED"),
            (201, r#"{"outcome":"RECORDED","problems":[]}"#, "RECORDED"),
            (409, r#"{"outcome":"CONFLICT"}"#, "CONFLICT"),
            (422, r#"{"outcome":"REFUSED","problems":[{"code":"UNKNOWN_ORDER"}]}"#, "REFUSED"),
            (404, "", "REFUSED"),
            (400, r#"{"code":"NOT_JSON"}"#, "REFUSED"),
            (200, "<html>Sign in</html>", "away"),
            (200, r#"{"results":[]}"#, "away"),
            (302, "", "away"),
            (401, r#"{"outcome":"REFUSED"}"#, "away"),
            (429, "", "away"),
            (500, r#"{"outcome":"RECORDED"}"#, "away"),
            (503, "", "away"),
        ] {
            assert_eq!(judged(status, body), expected, "{status} {body}");
        }
    }

    #[test]
    fn an_address_that_is_none_is_refused_and_a_token_is_not_printed() {
        let quayside = |url: &str| Quayside { url: url.to_owned(), token: "canary".to_owned() };
        assert!(matches!(Client::new(&quayside("orders.example.com")), Err(QuaysideError::Address)));
        assert!(matches!(Client::new(&quayside("file:///x")), Err(QuaysideError::Address)));
        assert!(!format!("{:?}", quayside("https://orders.example.com")).contains("canary"));
    }
}
