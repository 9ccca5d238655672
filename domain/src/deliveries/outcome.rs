//! What became of an attempt, and where that leaves the delivery. No I/O.
use std::time::Duration;

use quayside_canonical::{Timestamp, states::DeliveryStatus};

use super::{Claimed, Manner, UNCONFIRMED, backoff};

/// How one attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptResult {
    /// The receiver has it.
    Delivered {
        /// The number of the document it made.
        reference: Option<String>,
    },
    /// It certainly did not happen: try again later.
    Retry {
        /// Why, in words.
        reason: String,
        /// The receiver asked for so much time.
        after: Option<Duration>,
    },
    /// It may or may not have happened: ask, later, before sending again.
    Unconfirmed {
        /// What was seen last.
        reason: String,
    },
    /// The receiver read it and will not have it.
    Refused {
        /// The receiver's code.
        code: String,
        /// The receiver's words.
        message: String,
    },
    /// The receiver does not accept our credentials: nothing more is sent until a person resumes.
    Unauthorized,
    /// It cannot be expressed for this receiver.
    Unmappable {
        /// What is in the way.
        message: String,
    },
    /// Not tried: the worker stops, or its lease is nearly over.
    Released,
}

impl AttemptResult {
    /// One stable word for the attempt log and for metrics.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Delivered { .. } => "delivered",
            Self::Retry { .. } => "retry",
            Self::Unconfirmed { .. } => "unconfirmed",
            Self::Refused { .. } => "refused",
            Self::Unauthorized => "unauthorized",
            Self::Unmappable { .. } => "unmappable",
            Self::Released => "released",
        }
    }
}

/// One attempt, for the log.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// How it ended.
    pub result: AttemptResult,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub duration: Duration,
    /// The status of the answer, where there was one.
    pub http_status: Option<u16>,
    /// What was sent, redacted.
    pub request: Option<String>,
    /// What came back, redacted.
    pub answer: Option<String>,
}

impl Attempt {
    /// An attempt that made no call.
    #[must_use]
    pub const fn without_call(result: AttemptResult, now: Timestamp) -> Self {
        let duration = Duration::ZERO;
        Self { result, started_at: now, duration, http_status: None, request: None, answer: None }
    }
}

/// What the delivery's row says from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Next {
    pub(super) status: DeliveryStatus,
    pub(super) attempts: i32,
    pub(super) next_at: Timestamp,
    pub(super) reference: Option<String>,
    pub(super) error: Option<(String, String)>,
    pub(super) finished_at: Option<Timestamp>,
}

/// Where `result` leaves a claimed delivery.
pub(super) fn next(claimed: &Claimed, result: &AttemptResult, now: Timestamp) -> Next {
    match result {
        AttemptResult::Delivered { reference } => Next {
            status: DeliveryStatus::Delivered,
            attempts: claimed.attempt,
            next_at: now,
            reference: reference.as_deref().map(|text| shortened(text, 255)),
            error: None,
            finished_at: Some(now),
        },
        AttemptResult::Retry { reason, after } => {
            later(claimed, DeliveryStatus::Waiting, ("RETRY", reason), *after, now)
        }
        AttemptResult::Unconfirmed { reason } => {
            later(claimed, DeliveryStatus::Unconfirmed, (UNCONFIRMED, reason), None, now)
        }
        AttemptResult::Refused { code, message } => dead(claimed, code, message, now),
        AttemptResult::Unmappable { message } => dead(claimed, "UNMAPPABLE", message, now),
        AttemptResult::Unauthorized => untried(claimed, now, Some("The receiver rejected the credentials.")),
        AttemptResult::Released => untried(claimed, now, None),
    }
}

/// To be tried again, unless it was tried often enough.
fn later(
    claimed: &Claimed,
    status: DeliveryStatus,
    (code, reason): (&str, &str),
    after: Option<Duration>,
    now: Timestamp,
) -> Next {
    let schedule = Manner::of(&claimed.receiver.kind).for_event(&claimed.event_type).schedule;
    let Some(wait) = backoff::wait(schedule, claimed.id, claimed.attempt, after) else {
        // An unconfirmed one stays marked as such: should a person redrive it, the receiver is asked first.
        let code = if code == UNCONFIRMED { UNCONFIRMED } else { "ATTEMPTS_EXHAUSTED" };
        return dead(claimed, code, reason, now);
    };
    Next {
        status,
        attempts: claimed.attempt,
        next_at: now.plus(wait),
        reference: None,
        error: error(code, reason),
        finished_at: None,
    }
}

fn dead(claimed: &Claimed, code: &str, message: &str, now: Timestamp) -> Next {
    Next {
        status: DeliveryStatus::Dead,
        attempts: claimed.attempt,
        next_at: now,
        reference: None,
        error: error(code, message),
        finished_at: Some(now),
    }
}

/// As it was before the claim: the attempt does not count, and what was not known is still not known.
fn untried(claimed: &Claimed, now: Timestamp, message: Option<&str>) -> Next {
    let row = &claimed.row;
    let error = match (claimed.must_confirm, message) {
        (false, Some(message)) => error("UNAUTHORIZED", message),
        _ => row.error_code.clone().zip(row.error_message.clone()),
    };
    Next {
        status: if claimed.must_confirm { DeliveryStatus::Unconfirmed } else { DeliveryStatus::Waiting },
        attempts: claimed.attempt - 1,
        next_at: now,
        reference: None,
        error,
        finished_at: None,
    }
}

fn error(code: &str, message: &str) -> Option<(String, String)> {
    Some((shortened(code, 80), shortened(message, 1_000)))
}

/// The first `most` characters: what a receiver says does not grow our rows without end.
pub(super) fn shortened(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
