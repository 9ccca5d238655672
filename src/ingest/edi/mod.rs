//! EDI by HTTPS: `POST /edi/v1/interchanges` takes the bytes of an interchange with a trading partner's token.
//!
//! In MIRROR mode the tenant's own translator copies the traffic with one supplier to us, both ways: the buyer's 850
//! and 860, the supplier's 855. All of it arrives with that partner's token, and none of it can touch another
//! supplier's orders. Every message ends in the operation that serves the portal and the API.

mod act;
mod arrived;
mod process;
mod read;
#[cfg(test)]
mod tests;

use axum::{
    body::Bytes,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use quayside_canonical::{Actor, SupplierId, TradingPartnerId, partner::Agreement, states::Environment};
use quayside_domain::{
    Failure, Scope, Store,
    interchanges::FileError,
    partners,
    scope::{Origin, Standing},
};

pub use arrived::arrived;
pub use process::{InterchangeReply, process};

/// The largest interchange we take. Whoever mounts the handler limits the body to the same.
pub const LIMIT: usize = 64 << 20;

/// Whose interchange it is, out of the partner's token.
#[derive(Clone, Debug)]
pub struct Partner {
    /// The trading partner.
    pub id: TradingPartnerId,
    /// The supplier it is.
    pub supplier: SupplierId,
    /// The number the tenant knows the supplier by.
    pub supplier_number: String,
    /// The currency of prices where no CUR names one. Without it such an order is refused.
    pub currency: Option<String>,
    /// What was agreed with the partner.
    pub agreement: Agreement,
    /// Whether interchanges with ISA15 `T` are taken: only where trial data belongs.
    pub takes_test_data: bool,
    /// The partner as a caller.
    pub standing: Standing,
    /// Where the request came from.
    pub origin: Origin,
}

impl Partner {
    /// The trading partner whose token made `scope`.
    ///
    /// # Errors
    /// The database failed, or the scope is not a partner's.
    pub async fn of(scope: &Scope) -> Result<Self, Failure> {
        let Actor::Partner(id) = scope.actor else {
            return Err(Failure::System("an interchange comes with a trading partner's token".to_owned()));
        };
        let found = partners::partner_of(scope, id).await?;
        let (partner, supplier) = found.ok_or_else(|| Failure::Corrupt(format!("{id} has no supplier")))?;
        Ok(Self {
            id,
            supplier: supplier.id,
            supplier_number: supplier.number,
            currency: partner.currency,
            agreement: serde_json::from_str(&partner.agreement)?,
            takes_test_data: partner.environment == Environment::Test,
            standing: Standing {
                tenant: scope.tenant,
                supplier: scope.supplier,
                actor: scope.actor,
                person: None,
                permissions: scope.permissions.clone(),
            },
            origin: Origin {
                channel: scope.channel,
                correlation: scope.correlation.clone(),
                trace_parent: scope.trace_parent.clone(),
            },
        })
    }
}

/// Answers a request: 200 with what became of each message, 422 when nothing could be read.
pub async fn interchange(store: &Store, partner: &Partner, headers: &HeaderMap, body: Bytes) -> Response {
    if !is_edi(headers) {
        let words = "send the interchange as application/edi-x12, text/plain or application/octet-stream";
        return refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", words);
    }
    match process(store, partner, body).await {
        Ok(reply) => {
            let status = if reply.readable { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
            (status, [(header::CONTENT_TYPE, "application/json")], reply.body).into_response()
        }
        Err(error @ FileError::TooLarge { .. }) => {
            refusal(StatusCode::PAYLOAD_TOO_LARGE, "INTERCHANGE_TOO_LARGE", &error.to_string())
        }
        Err(FileError::Internal(failure)) => our_failure(partner, &failure),
    }
}

/// Without a content type, the path says enough.
fn is_edi(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else { return true };
    let kind = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    ["application/edi-x12", "text/plain", "application/octet-stream"]
        .iter()
        .any(|taken| kind.eq_ignore_ascii_case(taken))
}

/// The interchange is on file, or not; sending it again is safe either way.
fn our_failure(partner: &Partner, failure: &Failure) -> Response {
    let correlation = &partner.origin.correlation;
    tracing::error!(partner.id = %partner.id, request.id = %correlation, error = %failure, "interchange not finished");
    if failure.is_transient() {
        let words = "the service is busy; send the same interchange again in a moment";
        let mut response = refusal(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", words);
        response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("5"));
        return response;
    }
    let words =
        format!("something failed on our side; send it again, or tell us the request id {correlation}");
    refusal(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", &words)
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let body = serde_json::json!({ "error": { "code": code, "message": message } }).to_string();
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
