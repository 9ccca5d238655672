//! Files on the record of exceptions: handed in and fetched outside GraphQL, whose requests are small.
//!
//! Who may present what is decided as for `/graphql`: a token from anywhere, a session only from our own pages.
use axum::{
    body::Body,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use quayside_canonical::{AttachmentId, Channel, ExceptionId};
use quayside_domain::{
    Scope,
    exceptions::{Attach, AttachError, MAX_ATTACHMENT, attach, attachment},
    identity::{Credential, Via},
};
use serde::Deserialize;
use serde_json::json;

use super::{App, api::origin, routes::read};
use crate::{
    ingest::reply::{self, Refusal},
    web::{
        graphql::{NoCaller, Presented, is_allowed},
        headers::Ids,
    },
};

/// Where a file belongs and what it is called.
#[derive(Deserialize)]
pub(super) struct Upload {
    about: String,
    name: String,
    #[serde(default)]
    internal: bool,
}

/// `POST /files/attachments?about=exc_…&name=…`: the body is the file.
pub(super) async fn upload(
    State(app): State<App>,
    Query(upload): Query<Upload>,
    request: Request,
) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let scope = app.person(&parts.headers).await?;
    let Ok(exception) = upload.about.parse::<ExceptionId>() else { return Err(Refusal::not_found()) };
    let bytes = read(body, MAX_ATTACHMENT).await?.to_vec();
    let cmd = Attach { exception, name: upload.name, bytes, internal: upload.internal };
    let done = match attach(&scope, cmd).await {
        Ok(done) => done,
        Err(AttachError::Refused(problems)) => {
            let body = json!({ "status": 422, "code": "REFUSED", "problems": problems });
            return Ok(reply::json(StatusCode::UNPROCESSABLE_ENTITY, &body));
        }
        Err(error) => return Err(refusal(error)),
    };
    let status = if done.again { StatusCode::OK } else { StatusCode::CREATED };
    let row = done.attachment;
    let path = format!("/files/attachments/{}", row.id);
    let body = json!({
        "id": row.id,
        "path": path,
        "name": row.name,
        "mediaType": row.media_type,
        "sizeBytes": row.size_bytes,
        "sha256": row.sha256.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
    });
    Ok(reply::json(status, &body))
}

/// `GET /files/attachments/{id}`: the file, to be kept and not to be shown.
pub(super) async fn download(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let scope = app.person(&headers).await?;
    let Ok(id) = id.parse::<AttachmentId>() else { return Err(Refusal::not_found()) };
    let (row, bytes) = attachment(&scope, id).await.map_err(refusal)?;
    let mut response = Body::from(bytes).into_response();
    let headers = response.headers_mut();
    let media_type = HeaderValue::from_str(&row.media_type);
    let media_type = media_type.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, media_type);
    if let Ok(value) = HeaderValue::from_str(&disposition(&row.name)) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    let sandbox = HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'");
    headers.insert(header::CONTENT_SECURITY_POLICY, sandbox);
    Ok(response)
}

/// RFC 6266: a name in ASCII for old readers, and the name as it is.
fn disposition(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '_' }).collect();
    let mut exact = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
            exact.push(char::from(byte));
        } else {
            exact.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{}\"; filename*=UTF-8''{exact}", plain.replace(['"', '\\'], "_"))
}

fn refusal(error: AttachError) -> Refusal {
    match error {
        AttachError::NotFound => Refusal::not_found(),
        AttachError::Forbidden => Refusal::forbidden(&error.to_string()),
        AttachError::Refused(problems) => Refusal::bad_request("REFUSED", &problems.to_string()),
        AttachError::Internal(failure) => Refusal::internal(&failure),
    }
}

impl App {
    /// The person who sends a request, in the place they act in.
    pub(super) async fn person(&self, headers: &HeaderMap) -> Result<Scope, Refusal> {
        let presented = Presented::of(headers);
        if !is_allowed(headers, &self.origins(), &presented) {
            return Err(Refusal::forbidden("a session is used from this server's own pages only"));
        }
        let credential = match &presented {
            Presented::Nothing | Presented::Unusable => return Err(Refusal::unauthenticated()),
            Presented::Bearer(token) => Credential::Bearer(token.expose()),
            Presented::Session(secret) => Credential::Session(secret.expose()),
        };
        let principal = self.principal(credential).await.map_err(|none| match none {
            NoCaller::Unauthenticated => Refusal::unauthenticated(),
            NoCaller::Unavailable => Refusal::busy(),
        })?;
        if principal.standing.person.is_none() {
            return Err(Refusal::forbidden("this token is for another entrance"));
        }
        let channel = if matches!(principal.via, Via::Token(..)) { Channel::Api } else { Channel::Portal };
        let ids = Ids::of(headers);
        Ok(Scope::new(self.0.system.store(), &principal.standing, &origin(channel, &ids)))
    }
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_name_cannot_leave_its_header() {
        assert_eq!(
            disposition("Größe \"1\".pdf"),
            "attachment; filename=\"Gr__e _1_.pdf\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%221%22.pdf"
        );
        assert!(!disposition("a\r\nb").contains(['\r', '\n']));
    }
}
