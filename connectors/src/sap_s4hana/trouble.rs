//! What SAP means when it does not do as it was told: its errors in words, and the next move.
use std::fmt::Write as _;

use reqwest::StatusCode;
use serde_json::Value;

use super::services::Service;
use crate::DeliveryError;
use crate::http::Answer;
use crate::text::one_line;

const LONGEST: usize = 1000;

/// Codes of SAP's that mean more than "no", and what a person can do. The list is in the connector's page.
const MOVES: &[(&str, Move)] = &[
    ("ME/006", Move::Wait),
    ("M3/897", Move::Wait),
    ("M3/024", Move::Wait),
    ("VL/046", Move::Wait),
    ("F5/201", Move::Person(PERIOD)),
    ("M7/053", Move::Person(PERIOD)),
];

/// How SAP says, in English, that somebody else holds the document. Codes of locks differ by application.
const LOCKED: &[&str] = &[
    "locked by",
    "being processed by",
    "already being processed",
    "already processing",
    "currently processing",
    "enqueue",
];

/// How SAP says that a right is missing.
const FORBIDDEN: &[&str] = &["no authorization", "not authorized", "missing authorization"];

const PERIOD: &str =
    "open the posting period in SAP, or post by hand, and then redrive or skip this delivery";
const RIGHTS: &str = "give the communication user this right in SAP, and then redrive this delivery";

#[derive(Debug, Clone, Copy)]
enum Move {
    /// Somebody else is at it: later it will do.
    Wait,
    /// A person has to do something in SAP first.
    Person(&'static str),
}

/// What SAP said, of either version of OData.
#[derive(Debug, Default, PartialEq, Eq)]
struct Words {
    code: String,
    messages: Vec<String>,
    codes: Vec<String>,
}

impl Words {
    /// `None` when it is not SAP that speaks: a proxy, a sign-in page.
    fn of(body: &[u8]) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let error = body.get("error")?;
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let main = error.get("message")?;
        let main = main.as_str().map(str::to_owned).or_else(|| text(main, "value"))?;
        let mut words = Self { code: text(error, "code").unwrap_or_default(), ..Self::default() };
        words.add(&words.code.clone(), &main);
        let details = error.pointer("/innererror/errordetails").or_else(|| error.get("details"));
        for detail in details.and_then(Value::as_array).into_iter().flatten() {
            if let Some(message) = text(detail, "message") {
                words.add(&text(detail, "code").unwrap_or_default(), &message);
            }
        }
        Some(words)
    }

    /// The same message often comes at the top and among the details, there with its own code.
    fn add(&mut self, code: &str, message: &str) {
        if !code.is_empty() {
            self.codes.push(code.to_owned());
        }
        let message = message.trim();
        if !message.is_empty() && !self.messages.iter().any(|known| known == message) {
            self.messages.push(message.to_owned());
        }
    }

    fn joined(&self) -> String {
        if self.messages.is_empty() { "SAP gave no reason".to_owned() } else { self.messages.join("; ") }
    }

    fn says(&self, phrases: &[&str]) -> bool {
        let said = self.joined().to_lowercase();
        phrases.iter().any(|phrase| said.contains(phrase))
    }

    fn next_move(&self) -> Option<Move> {
        if self.says(LOCKED) {
            return Some(Move::Wait);
        }
        let same = |known: &str, code: &String| code.replace('/', "") == known.replace('/', "");
        let listed = MOVES.iter().find(|(known, _)| self.codes.iter().any(|code| same(known, code)));
        listed.map(|(_, next)| *next).or_else(|| self.says(FORBIDDEN).then_some(Move::Person(RIGHTS)))
    }
}

/// The error an answer states; only for answers that are no complete 2xx.
pub(super) fn error(answer: Answer, service: Service) -> DeliveryError {
    let status = answer.status;
    let words = Words::of(&answer.body);
    match status {
        StatusCode::FORBIDDEN => return forbidden(words, service),
        StatusCode::LOCKED => return wait(&words.unwrap_or_default()),
        StatusCode::NOT_FOUND if words.is_none() => return no_service(service),
        _ => {}
    }
    let decided = status.is_client_error() && !is_temporary(status);
    match (words, answer.judged()) {
        (Some(words), _) if decided => refusal(status, &words),
        // It failed inside of SAP: whether anything was written first, nobody said.
        (Some(words), Err(DeliveryError::Unconfirmed { reason })) => {
            DeliveryError::unconfirmed(one_line(&format!("{reason}: {}", words.joined()), LONGEST))
        }
        (_, Err(error)) => error,
        (_, Ok(reply)) => reply.refusal(),
    }
}

fn is_temporary(status: StatusCode) -> bool {
    matches!(status.as_u16(), 401 | 408 | 425 | 429)
}

fn refusal(status: StatusCode, words: &Words) -> DeliveryError {
    let hint = match words.next_move() {
        Some(Move::Wait) => return wait(words),
        Some(Move::Person(hint)) => Some(hint),
        None => None,
    };
    // The code of a detail says more than the one at the top, which is often that of the framework.
    let mut message = one_line(&words.joined(), LONGEST);
    if let Some(hint) = hint {
        let _ = write!(message, " ({hint})"); // writing to a String cannot fail
    }
    let code = if words.code.is_empty() { status.as_str() } else { &words.code };
    DeliveryError::Refused { code: one_line(code, 100), message }
}

fn wait(words: &Words) -> DeliveryError {
    DeliveryError::Retry {
        reason: one_line(&format!("locked in SAP: {}", words.joined()), LONGEST),
        after: None,
    }
}

/// 403 that is not about the token: SAP knows us, and does not let us.
fn forbidden(words: Option<Words>, service: Service) -> DeliveryError {
    let said = words.map_or_else(String::new, |words| format!("{}; ", words.joined()));
    let message = format!(
        "{said}the communication user may not do this: it needs a communication arrangement for {}, and the rights \
         of its role",
        service.needs()
    );
    DeliveryError::Refused { code: "403".to_owned(), message: one_line(&message, LONGEST) }
}

/// 404 that SAP did not write as OData: nothing is there.
fn no_service(service: Service) -> DeliveryError {
    let message = format!(
        "this host has no service at {}: is it the API host, and is there a communication arrangement for {}?",
        service.root(),
        service.needs()
    );
    DeliveryError::Refused { code: "404".to_owned(), message }
}

/// Warnings that came with a success, for the log.
pub(super) fn warnings(answer: &Answer) -> Option<String> {
    let header = answer.headers.get("sap-message")?.to_str().ok()?;
    let message: Value = serde_json::from_str(header).ok()?;
    let code = message.get("code").and_then(Value::as_str).unwrap_or_default();
    let text = message.get("message").and_then(Value::as_str)?;
    Some(one_line(&format!("{code} {text}"), LONGEST))
}
