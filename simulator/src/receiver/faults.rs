//! What a receiver was told to do wrong, and to whom.
use std::collections::VecDeque;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::answer::{Answer, Refusal};
use super::submission::Submission;

const MOST_QUEUED: usize = 1000;

/// One way of going wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// Reads the call and never answers. No effect.
    Hang,
    /// Closes the connection. No effect.
    ResetBefore,
    /// Books, then closes the connection without an answer.
    ResetAfter,
    /// 500. No effect.
    Err500,
    /// 503 with `Retry-After`. No effect.
    Err503ra,
    /// 429 with `Retry-After`. No effect.
    Err429,
    /// 400: the event is refused for good. No effect.
    Err400,
    /// 401. No effect.
    Unauthorized,
    /// Books, then answers 200 with something that is no JSON.
    Garbage,
    /// Books, then answers a byte a second.
    SlowBody,
    /// Answers with a document number and books nothing.
    Lie200,
    /// Books a repeat once more. Waits for a repeat; only there to prove that checkers notice.
    IgnoreKeys,
}

/// One behaviour and the calls it is meant for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// What to do.
    pub behaviour: Behaviour,
    /// Only for events of this order.
    #[serde(default)]
    pub order_id: Option<String>,
    /// Only for events of this type.
    #[serde(default)]
    pub event_type: Option<String>,
    /// For how many calls.
    #[serde(default = "once")]
    pub count: u32,
    /// For [`Behaviour::Err503ra`] and [`Behaviour::Err429`].
    #[serde(default = "one_second")]
    pub retry_after_seconds: u64,
}

/// No more faults fit in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a thousand faults are queued already")]
pub struct TooManyFaults;

fn once() -> u32 {
    1
}

fn one_second() -> u64 {
    1
}

impl Fault {
    /// For the next call, whatever it is about.
    pub fn once(behaviour: Behaviour) -> Self {
        Self { behaviour, order_id: None, event_type: None, count: once(), retry_after_seconds: one_second() }
    }

    fn fits(&self, submission: &Submission, is_repeat: bool) -> bool {
        let event = &submission.event;
        let order_fits = self.order_id.is_none() || self.order_id == event.order;
        let type_fits = self.event_type.as_ref().is_none_or(|wanted| *wanted == event.event_type);
        order_fits && type_fits && (is_repeat || self.behaviour != Behaviour::IgnoreKeys)
    }

    /// The refusal this fault stands for, if it is one.
    pub(super) fn refusal(&self) -> Option<Answer> {
        let (status, code, waits) = match self.behaviour {
            Behaviour::Err500 => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", false),
            Behaviour::Err503ra => (StatusCode::SERVICE_UNAVAILABLE, "MAINTENANCE", true),
            Behaviour::Err429 => (StatusCode::TOO_MANY_REQUESTS, "TOO_MANY", true),
            Behaviour::Err400 => (StatusCode::BAD_REQUEST, "POSTING_PERIOD_CLOSED", false),
            Behaviour::Unauthorized => (StatusCode::UNAUTHORIZED, "UNAUTHORIZED", false),
            Behaviour::Hang
            | Behaviour::ResetBefore
            | Behaviour::ResetAfter
            | Behaviour::Garbage
            | Behaviour::SlowBody
            | Behaviour::Lie200
            | Behaviour::IgnoreKeys => return None,
        };
        let retry_after = waits.then_some(self.retry_after_seconds);
        Some(Answer::Refused(Refusal {
            retry_after,
            ..Refusal::new(status, code, "the simulator was told to")
        }))
    }
}

#[derive(Debug, Default)]
pub(super) struct Faults(VecDeque<Fault>);

impl Faults {
    pub(super) fn queue(&mut self, fault: Fault) -> Result<(), TooManyFaults> {
        if self.0.len() >= MOST_QUEUED {
            return Err(TooManyFaults);
        }
        if fault.count > 0 {
            self.0.push_back(fault);
        }
        Ok(())
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The first that fits, used up by one.
    pub(super) fn take(&mut self, submission: &Submission, is_repeat: bool) -> Option<Fault> {
        let index = self.0.iter().position(|fault| fault.fits(submission, is_repeat))?;
        let queued = self.0.get_mut(index)?;
        let fault = queued.clone();
        queued.count -= 1;
        if queued.count == 0 {
            self.0.remove(index);
        }
        Some(fault)
    }
}
