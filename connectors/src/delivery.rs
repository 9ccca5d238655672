//! What the delivery worker hands to a connector, and what it does next.
use std::{fmt, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{codes::Codes, content::Content};

/// Why a call is made and when: what its headers say of it, in our logs and in theirs.
#[derive(Debug, Clone)]
pub struct Errand {
    /// Ties this call to the request that caused it.
    pub correlation_id: String,
    /// The request that caused it, where one did.
    pub request_id: Option<String>,
    /// W3C trace context of this attempt.
    pub traceparent: Option<String>,
    /// When it starts: signed into the call, and the base of a dated `Retry-After`.
    pub at: DateTime<Utc>,
}

/// One event on its way to one connection.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// `dlv_…`: stable across attempts, so it is what to send as the receiver's idempotency key.
    pub id: String,
    /// For example `acknowledgment.submitted`.
    pub event_type: String,
    /// The event in its CloudEvents 1.0 envelope, as it goes on the wire.
    pub event: Value,
    /// Deliveries with the same key reach a connection in order.
    pub order_key: String,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// Why and when it is carried.
    pub errand: Errand,
    /// What the receiver calls the tenant's codes.
    pub codes: Arc<Codes>,
    /// The tenant's own change to the outgoing JSON.
    pub reshape: Option<Reshape>,
    /// The bytes of the file that the event is about, where it is about one: an interchange that was composed.
    pub content: Option<Content>,
    /// What the receiver said of this delivery later, by a request of its own.
    pub reply: Option<Content>,
}

impl Delivery {
    /// The outgoing JSON as the tenant wants it: a connector passes what it made through here before it sends it.
    ///
    /// # Errors
    /// The tenant's filter failed, which no repetition will change.
    pub fn shaped(&self, body: Value) -> Result<Value, DeliveryError> {
        match &self.reshape {
            Some(Reshape(change)) => change(body).map_err(DeliveryError::Unmappable),
            None => Ok(body),
        }
    }
}

/// A change to outgoing JSON; the error is for people and quotes no secret.
#[derive(Clone)]
pub struct Reshape(pub Arc<dyn Fn(Value) -> Result<Value, String> + Send + Sync>);

impl fmt::Debug for Reshape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reshape")
    }
}

/// What the receiver said when it took the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The number of the document it made, shown to the supplier.
    pub reference: Option<String>,
}

/// What the delivery worker should do next.
///
/// Texts are short, free of control characters and free of secrets: they go to the attempt log as they are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// It certainly did not happen: wait and send again; `after` if the receiver said how long.
    #[error("not delivered: {reason}")]
    Retry {
        /// Why, in words.
        reason: String,
        /// At least this long, between one second and a day.
        after: Option<Duration>,
    },
    /// It may or may not have happened: read back before sending again. Never shown as "failed".
    #[error("outcome unknown: {reason}")]
    Unconfirmed {
        /// What we saw last.
        reason: String,
    },
    /// Stop: the receiver read the event and refused it. Opens an exception.
    #[error("refused: {code}: {message}")]
    Refused {
        /// The receiver's code, or the HTTP status.
        code: String,
        /// The receiver's words.
        message: String,
    },
    /// Stop and pause the connection: its credentials no longer work.
    #[error("the receiver rejected the credentials")]
    Unauthorized,
    /// Stop: the event cannot be expressed for this receiver. A bug or a missing mapping.
    #[error("cannot be mapped: {0}")]
    Unmappable(String),
}

impl DeliveryError {
    /// One stable word for the attempt log and for metrics.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Retry { .. } => "retry",
            Self::Unconfirmed { .. } => "unconfirmed",
            Self::Refused { .. } => "refused",
            Self::Unauthorized => "unauthorized",
            Self::Unmappable(_) => "unmappable",
        }
    }

    /// `Unconfirmed`, in fewer words.
    pub(crate) fn unconfirmed(reason: impl Into<String>) -> Self {
        Self::Unconfirmed { reason: reason.into() }
    }
}
