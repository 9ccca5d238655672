//! What a status, a broken body or a transport failure means for the delivery.
//!
//! The rule: *not done* is claimed only where the receiver cannot have acted (we never connected, or it
//! said so with 408, 425, 429 or 503). Everything else that is not a clear yes or no is *unknown*.
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::Value;

use super::guard::Forbidden;
use crate::delivery::DeliveryError;
use crate::text::one_line;

const SHORTEST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// A complete 2xx, or a 4xx that is the receiver's decision about this event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// At most 1 MiB; for a 4xx it may be cut.
    pub body: Vec<u8>,
}

impl Reply {
    /// 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The refusal this answer states: `code` and `message`, or the `title` and `detail` of a problem document.
    pub fn refusal(&self) -> DeliveryError {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let text = |names: [&str; 2]| names.iter().find_map(|name| body.get(*name)?.as_str());
        DeliveryError::Refused {
            code: text(["code", "title"]).map_or_else(|| self.status.to_string(), |code| one_line(code, 100)),
            message: text(["message", "detail"])
                .map_or_else(|| "the receiver gave no reason".to_owned(), |message| one_line(message, 1000)),
        }
    }
}

/// An answer as it was read, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// At most 1 MiB.
    pub body: Vec<u8>,
    /// Why the body ended early, if it did: then it proves nothing.
    pub cut: Option<String>,
    /// When the call started: the base of a dated `Retry-After`.
    pub(super) at: DateTime<Utc>,
}

impl Answer {
    /// Whether its body was cut because it is longer than we read.
    pub fn is_too_long(&self) -> bool {
        self.body.len() >= super::LONGEST_ANSWER
    }

    /// What the answer means by the rules of HTTP alone.
    ///
    /// # Errors
    /// Everything but a complete 2xx and a 4xx for the connector to read.
    pub fn judged(self) -> Result<Reply, DeliveryError> {
        judge(self)
    }

    /// How long the receiver asks us to stay away, if it does: between a second and a day.
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(&self.headers, self.at)
    }
}

fn judge(heard: Answer) -> Result<Reply, DeliveryError> {
    let status = heard.status.as_u16();
    match (status, &heard.cut) {
        (200..=299, Some(cut)) => Err(DeliveryError::unconfirmed(format!("answer {status}, {cut}"))),
        (401 | 403, _) => Err(DeliveryError::Unauthorized),
        (408 | 425 | 429 | 503, _) => Err(DeliveryError::Retry {
            reason: format!("the receiver answered {}", heard.status),
            after: retry_after(&heard.headers, heard.at),
        }),
        (200..=299 | 400..=499, _) => Ok(Reply { status, body: heard.body }),
        (300..=399, _) => Err(DeliveryError::Refused {
            code: status.to_string(),
            message: "the endpoint redirects; calls are not sent on".to_owned(),
        }),
        _ => Err(DeliveryError::unconfirmed(format!("the receiver answered {}", heard.status))),
    }
}

/// Seconds or an HTTP date, held between a second and a day.
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().map_or(LONGEST_WAIT, Duration::from_secs) // all digits fails only by being too large
    } else {
        let until = DateTime::parse_from_rfc2822(text).ok()?;
        until.signed_duration_since(now).to_std().unwrap_or(SHORTEST_WAIT) // in the past
    };
    Some(wait.clamp(SHORTEST_WAIT, LONGEST_WAIT))
}

/// What it means that no answer came.
pub(super) fn unanswered(error: &reqwest::Error) -> DeliveryError {
    if let Some(forbidden) = cause::<Forbidden>(error) {
        return (*forbidden).into();
    }
    if error.is_builder() {
        return DeliveryError::Unmappable(reason(error));
    }
    if error.is_connect() {
        return DeliveryError::Retry { reason: format!("could not connect: {}", reason(error)), after: None };
    }
    DeliveryError::unconfirmed(format!("no answer: {}", reason(error)))
}

/// Why a body ended early.
pub(super) fn broken(error: &reqwest::Error) -> String {
    format!("its body broke off: {}", reason(error))
}

/// The innermost cause: the outer ones repeat the URL or say "error sending request".
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "time-out".to_owned();
    }
    let innermost = chain(error).last().map_or_else(|| "unknown".to_owned(), ToString::to_string);
    one_line(&innermost, 200)
}

fn cause<E: std::error::Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    chain(error).find_map(|link| link.downcast_ref::<E>())
}

fn chain(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(std::error::Error::source(error), |link| link.source())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(status: u16, retry_after: Option<&str>, cut: Option<&str>) -> Answer {
        let headers = retry_after.map(|value| (RETRY_AFTER, value.parse().unwrap())).into_iter().collect();
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: vec![],
            cut: cut.map(str::to_owned),
            at: DateTime::parse_from_rfc3339("2026-03-02T10:00:00Z").unwrap().to_utc(),
        }
    }

    fn word(status: u16, cut: Option<&str>) -> &'static str {
        judge(heard(status, None, cut)).map_or_else(|error| error.word(), |_| "read on")
    }

    #[test]
    fn every_status_leads_to_one_move() {
        for (statuses, expected) in [
            (vec![200, 201, 202, 204, 299, 400, 404, 405, 409, 410, 413, 422, 451], "read on"),
            (vec![401, 403], "unauthorized"),
            (vec![408, 425, 429, 503], "retry"),
            (vec![301, 302, 303, 304, 307, 308], "refused"),
            (vec![500, 501, 502, 504, 507, 599, 600, 999], "unconfirmed"),
        ] {
            for status in statuses {
                assert_eq!(word(status, None), expected, "{status}");
            }
        }
    }

    #[test]
    fn a_cut_body_spoils_a_yes_but_not_a_no() {
        assert_eq!(word(200, Some("cut")), "unconfirmed");
        assert_eq!(word(422, Some("cut")), "read on");
        assert_eq!(word(401, Some("cut")), "unauthorized");
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_held_between_a_second_and_a_day() {
        for (value, seconds) in [
            ("120", Some(120)),
            ("0", Some(1)),
            ("86401", Some(86_400)),
            ("99999999999999999999999", Some(86_400)),
            ("Mon, 02 Mar 2026 10:05:00 GMT", Some(300)),
            ("Mon, 02 Mar 2026 09:00:00 GMT", Some(1)),
            ("Wed, 02 Mar 2033 10:05:00 GMT", Some(86_400)),
            ("soon", None),
            ("-5", None),
            ("", None),
        ] {
            let Err(DeliveryError::Retry { after, .. }) = judge(heard(429, Some(value), None)) else {
                panic!("429 is a retry");
            };
            assert_eq!(after, seconds.map(Duration::from_secs), "{value}");
        }
    }

    #[test]
    fn a_refusal_carries_the_receivers_words_and_stays_short() {
        let reply = |body: &str| Reply { status: 422, body: body.as_bytes().to_vec() }.refusal();
        let refused =
            |code: &str, message: &str| DeliveryError::Refused { code: code.into(), message: message.into() };
        assert_eq!(reply(r#"{"code":"E1","message":"no\r\nplant"}"#), refused("E1", "no plant"));
        assert_eq!(reply(r#"{"title":"Bad","detail":"no plant"}"#), refused("Bad", "no plant"));
        assert_eq!(reply("<html>"), refused("422", "the receiver gave no reason"));
        let DeliveryError::Refused { message, .. } =
            reply(&format!(r#"{{"message":"{}"}}"#, "x".repeat(5000)))
        else {
            panic!("a refusal");
        };
        assert!(message.len() <= 1000);
    }
}
