//! EDI: files of X12 and EDIFACT interchanges, by HTTPS (`POST /edi/v1/interchanges` with a trading partner's token) or
//! through a connection.
//!
//! In MIRROR mode the tenant's own translator copies the traffic with one supplier to us, both ways: the buyer's 850
//! and 860, the supplier's 855. None of it can touch another supplier's orders: whose an interchange is, its envelope
//! says, and it must be the partner whose channel brought it. Every message ends in the operation that serves the
//! portal and the API.

mod act;
mod arrived;
mod desk;
mod entrance;
pub(crate) mod outcome;
mod process;
mod read;
mod split;
#[cfg(test)]
mod tests;
mod trial;

use axum::{
    body::Bytes,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use quayside_domain::{Store, interchanges::FileError};

use super::reply::Refusal;

pub use arrived::arrived;
pub(crate) use desk::Desk;
pub use entrance::Entrance;
pub use outcome::{Acknowledgment, MessageOutcome, Outcome, outcome};
pub use process::{InterchangeReply, process};

/// The largest file we take. Whoever mounts the handler limits the body to the same.
pub const LIMIT: usize = 64 << 20;

/// What the body of a request may be called.
const TAKEN: &[&str] =
    &["application/edi-x12", "application/edifact", "text/plain", "application/octet-stream"];

/// Answers a request: 200 with what became of each message, 422 when nothing could be read.
///
/// # Errors
/// The body is none that is taken, or something failed on our side: then it is on file or not, and sending it again is
/// safe either way.
pub async fn interchange(
    store: &Store,
    entrance: &Entrance,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    if !is_edi(headers) {
        return Err(Refusal::unsupported(&format!("send the interchange as one of {}", TAKEN.join(", "))));
    }
    match process(store, entrance, body).await {
        Ok(reply) => {
            let status =
                if reply.result.is_readable() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
            Ok((status, [(header::CONTENT_TYPE, "application/json")], reply.body).into_response())
        }
        Err(error @ FileError::TooLarge { .. }) => Err(Refusal::interchange_too_large(&error.to_string())),
        Err(FileError::Internal(failure)) => {
            let correlation = entrance.correlation();
            tracing::error!(request.id = %correlation, error = %failure, "an interchange is not finished");
            Err(Refusal::internal(&failure))
        }
    }
}

/// Without a content type, the path says enough.
fn is_edi(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else { return true };
    let kind = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    TAKEN.iter().any(|taken| kind.eq_ignore_ascii_case(taken))
}
