//! How a call ends: a booking, a refusal, or one of the ways a receiver leaves its caller in the dark.
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Serialize;

use super::NotKept;
use super::faults::{Behaviour, Fault};

/// After this a hanging call is dropped, so that no simulator holds sockets for ever.
const LONGEST_SILENCE: Duration = Duration::from_secs(600);
/// Between two bytes of a slow body.
const DRIP: Duration = Duration::from_secs(1);

/// What a receiver says about an event it has taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Booked {
    pub(super) document_number: String,
    pub(super) delivery_id: String,
    /// This call changed nothing.
    pub(super) repeat: bool,
}

/// Why a call was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Refusal {
    #[serde(skip)]
    pub(super) status: StatusCode,
    #[serde(skip)]
    pub(super) retry_after: Option<u64>,
    pub(super) code: &'static str,
    pub(super) message: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    Booked(Booked),
    Refused(Refusal),
    /// 200 and a page of HTML.
    Garbage,
    /// The booking, a byte a second.
    Slow(Booked),
    /// Nothing, with the connection open.
    Never,
    /// Nothing, with the connection closed.
    Dropped,
}

/// Marks a response that stands for a connection closed without an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DropConnection;

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, retry_after: None, code, message: message.into() }
    }
}

impl Answer {
    pub(super) fn key_reused() -> Self {
        let message = "this idempotency key was used for another event";
        Self::Refused(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "KEY_REUSED", message))
    }

    pub(super) fn disk_full() -> Self {
        Self::Refused(NotKept.into())
    }

    /// The answer to an event that was booked all the same.
    pub(super) fn spoilt(behaviour: Behaviour, booked: Booked) -> Self {
        match behaviour {
            Behaviour::ResetAfter => Self::Dropped,
            Behaviour::Garbage => Self::Garbage,
            Behaviour::SlowBody => Self::Slow(booked),
            _ => Self::Booked(booked),
        }
    }

    /// Says it, however long that takes.
    pub(super) async fn say(self) -> Response {
        match self {
            Self::Booked(booked) => {
                let status = if booked.repeat { StatusCode::OK } else { StatusCode::CREATED };
                (status, Json(booked)).into_response()
            }
            Self::Refused(refusal) => refusal.into_response(),
            Self::Garbage => "<html><body>Please sign in</body></html>".into_response(),
            Self::Slow(booked) => slow(&booked),
            Self::Never => {
                tokio::time::sleep(LONGEST_SILENCE).await;
                dropped()
            }
            Self::Dropped => dropped(),
        }
    }
}

impl From<NotKept> for Refusal {
    fn from(not_kept: NotKept) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "NOT_KEPT", not_kept.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let retry_after = self.retry_after;
        let mut response = (self.status, Json(self)).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The answer to a question that is to go wrong.
pub(crate) async fn spoiled(fault: &Fault) -> Response {
    let answer = fault.refusal().unwrap_or(match fault.behaviour {
        Behaviour::Hang => Answer::Never,
        Behaviour::ResetBefore | Behaviour::ResetAfter => Answer::Dropped,
        _ => Answer::Garbage,
    });
    answer.say().await
}

/// The status is what a caller in the same process sees; over a socket nothing is sent.
fn dropped() -> Response {
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(DropConnection);
    response
}

/// The whole length is announced, the first byte comes at once.
fn slow(booked: &Booked) -> Response {
    let bytes = serde_json::to_vec(booked).unwrap_or_default();
    let length = bytes.len();
    let drip = stream::unfold((Bytes::from(bytes), true), |(mut rest, first)| async move {
        if rest.is_empty() {
            return None;
        }
        if !first {
            tokio::time::sleep(DRIP).await;
        }
        let byte = rest.split_to(1);
        Some((Ok::<_, std::convert::Infallible>(byte), (rest, false)))
    });
    let headers =
        [(CONTENT_TYPE, HeaderValue::from_static("application/json")), (CONTENT_LENGTH, length.into())];
    (headers, Body::from_stream(drip)).into_response()
}
