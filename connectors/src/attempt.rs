//! One attempt: how it ended, and what went over the wire, for the attempt log.
use crate::delivery::DeliveryError;

/// The outcome of one call together with its record, which exists for failures too.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "the record belongs in the attempt log"]
pub struct Attempted<T> {
    /// What the worker acts on.
    pub outcome: Result<T, DeliveryError>,
    /// What was said; `None` when the call was never made.
    pub exchange: Option<Exchange>,
}

/// One request and its answer as a person may see them: redacted, printable, at most 4 KiB each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// `POST`, `GET` …
    pub method: String,
    /// Without user, password, query and fragment.
    pub url: String,
    /// `None` when no answer came.
    pub status: Option<u16>,
    /// Headers, an empty line, the body.
    pub request: String,
    /// The same for the answer; empty when none came.
    pub answer: String,
    /// From before the connection was opened to the last byte read.
    pub duration_ms: u64,
}

impl<T> Attempted<T> {
    /// The call was not made.
    pub fn unsent(error: DeliveryError) -> Self {
        Self { outcome: Err(error), exchange: None }
    }

    /// Reads a successful outcome further; the record stays.
    pub fn and_then<U>(self, read: impl FnOnce(T) -> Result<U, DeliveryError>) -> Attempted<U> {
        Attempted { outcome: self.outcome.and_then(read), exchange: self.exchange }
    }
}
