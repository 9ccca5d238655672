//! How the services answer, in the two versions of OData.
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header::ETAG, header::RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// Which version a service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V2,
    V4,
}

/// Why a call is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) code: String,
    pub(super) message: String,
    pub(super) details: Vec<(String, String)>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into(), details: Vec::new() }
    }

    /// A rule of business, in the way SAP says it: a framework's code on top, the application's below.
    pub(super) fn rule(code: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            details: vec![(code.to_owned(), message.clone())],
            ..Self::new(StatusCode::BAD_REQUEST, code, message)
        }
    }

    /// A call that breaks the service's contract.
    pub(super) fn contract(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "/IWBEP/CM_MGW_RT/021", message)
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "/IWBEP/CM_MGW_RT/020", "Resource not found")
    }

    pub(super) fn say(self, version: Version) -> Response {
        let details: Vec<Value> = self
            .details
            .iter()
            .map(|(code, message)| json!({ "code": code, "message": message, "severity": "error", "target": "" }))
            .collect();
        let body = match version {
            Version::V2 => json!({ "error": {
                "code": self.code,
                "message": { "lang": "en", "value": self.message },
                "innererror": { "transactionid": "5F0D", "errordetails": details },
            }}),
            Version::V4 => {
                json!({ "error": { "code": self.code, "message": self.message, "details": details } })
            }
        };
        (self.status, Json(body)).into_response()
    }
}

/// 200 with a list.
pub(super) fn list(version: Version, items: &[Value], next: Option<String>) -> Response {
    let body = match version {
        Version::V2 => json!({ "d": { "results": items } }),
        Version::V4 => {
            let mut body = json!({ "value": items });
            if let Some(next) = next {
                body["@odata.nextLink"] = json!(next);
            }
            body
        }
    };
    Json(body).into_response()
}

/// 201 or 200 with one entity.
pub(super) fn entity(status: StatusCode, version: Version, entity: Value) -> Response {
    let body = if version == Version::V2 { json!({ "d": entity }) } else { entity };
    (status, Json(body)).into_response()
}

/// 204, with the new version where there is one.
pub(super) fn done(etag: Option<String>) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(etag) = etag.and_then(|etag| HeaderValue::from_str(&etag).ok()) {
        response.headers_mut().insert(ETAG, etag);
    }
    response
}

/// A status and how long to wait.
pub(super) fn later(status: StatusCode) -> Response {
    let mut response = Refusal::new(status, "BUSY", "Service is busy").say(Version::V4);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("7"));
    response
}
