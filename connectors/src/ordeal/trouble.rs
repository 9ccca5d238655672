//! What can go wrong with an answer, and the one thing it means.
use std::time::Duration;

use super::{Candidate, Request};
use crate::stub::{PATIENT, Say, local_http};
use crate::{DeliveryError, Http};

/// One way of spoiling an answer.
#[derive(Clone)]
pub(super) struct Trouble {
    pub(super) name: &'static str,
    pub(super) timing: Timing,
    pub(super) say: fn(&Request) -> Say,
    pub(super) means: Means,
}

/// The clients of a test: making one reads the machine's certificates.
pub(super) struct Clients {
    /// For answers that never end: real time, because a socket cannot be paused.
    pub(super) hasty: Http,
    /// For everything else.
    pub(super) patient: Http,
}

impl Clients {
    pub(super) fn new() -> Self {
        Self { hasty: local_http(Duration::from_secs(1)), patient: local_http(PATIENT) }
    }

    /// The one to meet the trouble with.
    pub(super) fn to_meet(&self, trouble: &Trouble) -> &Http {
        let endless = ["silence", "silence after success", "a slow body after success"];
        if endless.contains(&trouble.name) { &self.hasty } else { &self.patient }
    }
}

/// Whether the vendor did what it was asked before it answered wrongly.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Timing {
    InsteadOfTheEffect,
    AfterTheEffect,
}

/// The one right class of outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Means {
    Unconfirmed,
    Unauthorized,
    /// What the candidate says a 403 is.
    Forbidden,
    /// What the candidate says a 409 is.
    Conflict,
    Refused,
    /// Not before so many seconds.
    Wait(u64),
}

impl Means {
    /// Fails unless the error is of this class.
    pub(super) fn assert(self, candidate: &Candidate, case: &str, error: &DeliveryError) {
        self.assert_one_of(candidate, case, error, &[]);
    }

    /// The same of a question: it changes nothing, so one that was not answered may simply be asked again.
    pub(super) fn assert_of_question(self, candidate: &Candidate, case: &str, error: &DeliveryError) {
        let also: &[&str] = if self == Self::Unconfirmed { &["retry"] } else { &[] };
        self.assert_one_of(candidate, case, error, also);
    }

    /// The same of a test, which a person reads: a host that is not the vendor's may be called just that.
    pub(super) fn assert_of_test(self, candidate: &Candidate, case: &str, error: &DeliveryError) {
        let also: &[&str] = if self == Self::Unconfirmed { &["retry", "refused"] } else { &[] };
        self.assert_one_of(candidate, case, error, also);
    }

    fn assert_one_of(self, candidate: &Candidate, case: &str, error: &DeliveryError, also: &[&str]) {
        let word = match self {
            Self::Unconfirmed => "unconfirmed",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => candidate.forbidden,
            Self::Conflict => candidate.conflict,
            Self::Refused => "refused",
            Self::Wait(_) => "retry",
        };
        let said = error.word();
        assert!(
            said == word || also.contains(&said),
            "{}: {case}: {said}, not {word}: {error}",
            candidate.kind
        );
        if let (Self::Wait(seconds), DeliveryError::Retry { after, .. }) = (self, error) {
            assert_eq!(*after, Some(Duration::from_secs(seconds)), "{}: {case}", candidate.kind);
        }
    }
}

/// Every trouble that a request can meet once it was sent. Error pages show the request, its credentials included.
pub(super) fn troubles() -> Vec<Trouble> {
    use Timing::{AfterTheEffect, InsteadOfTheEffect};
    let one = |name, timing, means, say| Trouble { name, timing, say, means };
    vec![
        one("silence after success", AfterTheEffect, Means::Unconfirmed, |_| Say::Hold(vec![])),
        one("a reset after success", AfterTheEffect, Means::Unconfirmed, |_| Say::Bytes(vec![])),
        one("a slow body after success", AfterTheEffect, Means::Unconfirmed, |_| {
            Say::Hold(b"HTTP/1.1 200 Said\r\ncontent-length: 90000\r\n\r\n{".to_vec())
        }),
        one("garbage after success", AfterTheEffect, Means::Unconfirmed, garbage),
        one("a sign-in page", InsteadOfTheEffect, Means::Unconfirmed, |request| {
            Say::answer(200, "content-type: text/html\r\n", &format!("<html>Sign in {}", request.echo()))
        }),
        one("a huge body after success", AfterTheEffect, Means::Unconfirmed, |_| {
            Say::answer(200, "", &"{".repeat(2 * 1024 * 1024))
        }),
        one("silence", InsteadOfTheEffect, Means::Unconfirmed, |_| Say::Hold(vec![])),
        one("401", InsteadOfTheEffect, Means::Unauthorized, |request| page(401, "", request)),
        one("403", InsteadOfTheEffect, Means::Forbidden, |request| page(403, "", request)),
        one("409", InsteadOfTheEffect, Means::Conflict, |request| page(409, "", request)),
        one("429", InsteadOfTheEffect, Means::Wait(120), |request| {
            page(429, "retry-after: 120\r\n", request)
        }),
        one("500", InsteadOfTheEffect, Means::Unconfirmed, |request| page(500, "", request)),
        one("500 after success", AfterTheEffect, Means::Unconfirmed, |request| page(500, "", request)),
        one("502 after success", AfterTheEffect, Means::Unconfirmed, |request| page(502, "", request)),
        one("503", InsteadOfTheEffect, Means::Wait(30), |request| page(503, "retry-after: 30\r\n", request)),
        one("504 after success", AfterTheEffect, Means::Unconfirmed, |request| page(504, "", request)),
        one("a redirect", InsteadOfTheEffect, Means::Refused, |request| {
            page(307, "location: /elsewhere\r\n", request)
        }),
    ]
}

/// An error page that quotes what it was sent, as text and as JSON: a connector may look into either.
fn page(status: u16, headers: &str, request: &Request) -> Say {
    let echo = request.echo();
    let json = serde_json::json!({ "code": "TROUBLE", "message": echo, "detail": echo }).to_string();
    Say::answer(status, &format!("content-type: application/json\r\n{headers}"), &json)
}

fn garbage(_: &Request) -> Say {
    let mut bytes = b"HTTP/1.1 200 Said\r\ncontent-length: 6\r\nconnection: close\r\n\r\n".to_vec();
    bytes.extend([0xff, 0xfe, 0x00, b'<', b'{', 0x80]);
    Say::Bytes(bytes)
}
