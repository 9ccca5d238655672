//! Programs behind webhook endpoints: they check each call's signature and time, as a careful receiver does, take each
//! event once, and answer as they were told.
//!
//! One server plays many of them, each at `/hooks/{name}`; a name that nobody [`Hooks::open`]ed answers 404.
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::post;
use chrono::{DateTime, Utc};

use crate::receiver::{Clock, DropConnection, SecretError, Verifier};

/// The most calls that are remembered of one program.
const MOST_CALLS: usize = 100_000;

/// What a program answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookAnswer {
    /// This status, if the call is signed; 401 if it is not.
    Status(u16),
    /// This status, and a wish to be left alone for so many seconds.
    Busy(u16, u64),
    /// Another address.
    Redirect(String),
    /// Takes the event and closes the connection without a word.
    TakeAndDrop,
    /// Nothing, with the connection open.
    Hang,
}

/// One call as it arrived.
#[derive(Debug, Clone)]
pub struct HookCall {
    /// When, by the program's clock.
    pub at: DateTime<Utc>,
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`, as it was sent.
    pub timestamp: String,
    /// `webhook-signature`, as it was sent.
    pub signature: String,
    /// The body, as it was sent.
    pub body: String,
    /// Which of the program's secrets signed it, by their order.
    pub signed_by: Vec<usize>,
    /// What was answered; nothing when the connection was closed or left open.
    pub answered: Option<u16>,
}

/// Programs behind webhook endpoints. Clones share what they have seen.
#[derive(Clone)]
pub struct Hooks(Arc<Inner>);

struct Inner {
    clock: Clock,
    programs: Mutex<HashMap<String, Program>>,
}

#[derive(Default)]
struct Program {
    verifiers: Vec<Verifier>,
    answers: VecDeque<HookAnswer>,
    calls: Vec<HookCall>,
    taken: HashSet<String>,
    repeats: usize,
}

impl Hooks {
    /// No program yet; they look at `clock`.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self(Arc::new(Inner { clock, programs: Mutex::default() }))
    }

    /// A program that knows these secrets and takes what is signed with any of them. One that is there already keeps
    /// what it has seen.
    ///
    /// # Errors
    /// A secret is not `whsec_` and base64.
    pub fn open(&self, name: &str, secrets: &[&str]) -> Result<(), SecretError> {
        let verifiers = secrets.iter().map(|secret| Verifier::new(secret)).collect::<Result<_, _>>()?;
        self.programs().entry(name.to_owned()).or_default().verifiers = verifiers;
        Ok(())
    }

    /// What the program answers next, one for each call; the last one stays. It begins with 204.
    pub fn answer(&self, name: &str, answers: impl IntoIterator<Item = HookAnswer>) {
        self.programs().entry(name.to_owned()).or_default().answers = answers.into_iter().collect();
    }

    /// Every call so far, signed or not.
    #[must_use]
    pub fn calls(&self, name: &str) -> Vec<HookCall> {
        self.programs().get(name).map(|program| program.calls.clone()).unwrap_or_default()
    }

    /// How many events the program has taken, each once.
    #[must_use]
    pub fn taken(&self, name: &str) -> usize {
        self.programs().get(name).map_or(0, |program| program.taken.len())
    }

    /// How often an event came that the program had taken before.
    #[must_use]
    pub fn repeats(&self, name: &str) -> usize {
        self.programs().get(name).map_or(0, |program| program.repeats)
    }

    pub(crate) fn router(&self) -> Router {
        Router::new().route("/hooks/{name}", post(take)).with_state(self.clone())
    }

    fn programs(&self) -> MutexGuard<'_, HashMap<String, Program>> {
        self.0.programs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes the call and decides about it.
    fn hear(&self, name: &str, headers: &HeaderMap, body: &Bytes) -> Option<HookAnswer> {
        let now = (self.0.clock)();
        let mut programs = self.programs();
        let program = programs.get_mut(name)?;
        let text = |name: &str| {
            headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        let id = text("webhook-id");
        let fits = |verifier: &Verifier| verifier.check(headers, &id, body, now).is_ok();
        let signed_by: Vec<usize> = program
            .verifiers
            .iter()
            .enumerate()
            .filter(|(_, verifier)| fits(verifier))
            .map(|(n, _)| n)
            .collect();
        let told = match program.answers.len() {
            0 => HookAnswer::Status(204),
            1 => program.answers[0].clone(),
            _ => program.answers.pop_front().unwrap_or(HookAnswer::Status(204)),
        };
        let answer = if signed_by.is_empty() || id.is_empty() { HookAnswer::Status(401) } else { told };
        let takes = match answer {
            HookAnswer::Status(status) => (200..300).contains(&status),
            HookAnswer::TakeAndDrop => true,
            HookAnswer::Busy(..) | HookAnswer::Redirect(_) | HookAnswer::Hang => false,
        };
        if takes && !program.taken.insert(id.clone()) {
            program.repeats += 1;
        }
        if program.calls.len() < MOST_CALLS {
            program.calls.push(HookCall {
                at: now,
                id,
                timestamp: text("webhook-timestamp"),
                signature: text("webhook-signature"),
                body: String::from_utf8_lossy(body).into_owned(),
                signed_by,
                answered: answer.status(),
            });
        }
        Some(answer)
    }
}

impl HookAnswer {
    const fn status(&self) -> Option<u16> {
        match self {
            Self::Status(status) | Self::Busy(status, _) => Some(*status),
            Self::Redirect(_) => Some(302),
            Self::TakeAndDrop | Self::Hang => None,
        }
    }
}

async fn take(
    State(hooks): State<Hooks>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let answer = hooks.hear(&name, &headers, &body).unwrap_or(HookAnswer::Status(404));
    if answer == HookAnswer::Hang {
        std::future::pending::<()>().await;
    }
    let mut response = Response::new(Body::empty());
    let Some(status) = answer.status() else {
        response.extensions_mut().insert(DropConnection);
        return response;
    };
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match answer {
        HookAnswer::Busy(_, seconds) => {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        HookAnswer::Redirect(to) => {
            if let Ok(to) = HeaderValue::from_str(&to) {
                response.headers_mut().insert(header::LOCATION, to);
            }
        }
        HookAnswer::Status(_) | HookAnswer::TakeAndDrop | HookAnswer::Hang => {}
    }
    response
}
