//! Replies of the ingest endpoints.
use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use quayside_domain::Failure;
use serde::Serialize;

/// A request that cannot be used, as RFC 9457 problem details with a code.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    retry_after: Option<u32>,
}

#[derive(Serialize)]
struct Details<'a> {
    status: u16,
    code: &'a str,
    detail: &'a str,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: &str) -> Self {
        Self { status, code, message: message.to_owned(), retry_after: None }
    }

    /// The request is malformed.
    #[must_use]
    pub fn bad_request(code: &'static str, message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// The media type is none we read.
    #[must_use]
    pub fn unsupported(message: &str) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message)
    }

    /// The request is too large.
    #[must_use]
    pub fn too_large(message: &str) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE", message)
    }

    /// A file of interchanges is too large.
    #[must_use]
    pub fn interchange_too_large(message: &str) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "INTERCHANGE_TOO_LARGE", message)
    }

    /// The sender is nobody we know.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "UNAUTHENTICATED",
            "send the token of a connection or trading partner",
        )
    }

    /// Nobody is signed in.
    #[must_use]
    pub fn not_signed_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", "sign in, or send an API token")
    }

    /// The request is understood, and what it is about does not allow it.
    #[must_use]
    pub fn unprocessable(code: &'static str, message: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
    }

    /// The sender is known, and may not do this.
    #[must_use]
    pub fn forbidden(message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", message)
    }

    /// There is nothing at this address.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", "there is nothing at this address")
    }

    /// The address is there, and takes other methods.
    #[must_use]
    pub fn method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "the address takes another method")
    }

    /// Nobody can be served at the moment.
    #[must_use]
    pub fn busy() -> Self {
        let message = "the service is busy; repeat the request in a moment";
        let busy = Self::new(StatusCode::SERVICE_UNAVAILABLE, "TEMPORARILY_UNAVAILABLE", message);
        Self { retry_after: Some(2), ..busy }
    }

    /// Our failure: a code for the sender, the story for the log, once.
    #[must_use]
    pub fn internal(failure: &Failure) -> Self {
        if failure.is_transient() {
            tracing::warn!(error = %failure, "the database is away or busy");
            return Self::busy();
        }
        tracing::error!(error = %failure, "a request failed");
        let message = "something went wrong on our side; nothing of this request is lost if you repeat it";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR", message)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let details = Details { status: self.status.as_u16(), code: self.code, detail: &self.message };
        let mut response = json(self.status, &details);
        let headers = response.headers_mut();
        headers.insert("content-type", axum::http::HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert("retry-after", axum::http::HeaderValue::from(seconds));
        }
        response
    }
}

/// A JSON reply.
pub fn json(status: StatusCode, body: &impl Serialize) -> Response {
    (status, Json(body)).into_response()
}
