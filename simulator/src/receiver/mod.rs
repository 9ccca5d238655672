//! What an ERP and a WMS behind the contract of `docs/connectors/generic-rest.md` have in common.
//!
//! Each event makes one document with a number. What breaks the contract (signature, clock, idempotency key,
//! envelope) is refused, a repeat is recognised, and what must never happen is counted: two effects of one
//! event, and effects of one order out of order. What a system does because of an event is its [`Business`]:
//! it notes what it decided, and what it has to state goes through the [`Outbox`] to Quayside.
//!
//! Everything that is remembered is a [`Line`]: written to the journal, then applied; a restart applies the
//! same lines again. Decisions are lines too, so that other settings do not rewrite what was said.
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::Notify;

mod answer;
mod books;
mod envelope;
mod faults;
mod journal;
mod ledger;
mod outbox;
mod routes;
mod signature;
mod submission;

pub use faults::{Behaviour, Fault, TooManyFaults};
pub use ledger::{Document, Report};
pub use signature::SecretError;

pub(crate) use answer::{DropConnection, Refusal, spoiled};
pub(crate) use books::Books;
pub(crate) use ledger::Effect;
pub(crate) use routes::routes;
pub(crate) use signature::Verifier;

use crate::OpenError;
use crate::quayside::{Client, Heard, Quayside};
use crate::statement::Statement;
use answer::Answer;
use submission::Submission;

/// Where a simulated system takes the time from.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// How often to look for what is due, at the least.
const TICK: Duration = Duration::from_millis(200);

/// The journal cannot be written, so nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what was asked could not be kept")]
pub struct NotKept;

/// What a system does with the events it takes.
pub(crate) trait Business: Send + 'static {
    /// What it decides and is told to do.
    type Note: Serialize + DeserializeOwned + Send;

    /// Whether it can use an event whose envelope is in order.
    fn check(&self, event_type: &str, data: &Value) -> Result<(), Refusal>;

    /// Remembers the first effect of an event.
    fn take(&mut self, effect: &Effect);

    /// Decides about one thing that is due, if there is one.
    fn due(&self, now: DateTime<Utc>) -> Option<Self::Note>;

    /// Remembers a decision, and gives what is to be stated because of it.
    fn note(&mut self, note: Self::Note) -> Vec<Statement>;
}

/// What to open a receiver with.
pub(crate) struct Opening<'a> {
    pub(crate) secret: &'a str,
    pub(crate) journal: Option<PathBuf>,
    pub(crate) clock: Clock,
    pub(crate) quayside: Option<&'a Quayside>,
}

/// A running system. Clones share their books.
pub(crate) struct Receiver<B: Business>(Arc<Inner<B>>);

struct Inner<B: Business> {
    clock: Clock,
    verifier: Verifier,
    client: Option<Client>,
    books: Mutex<Books<B>>,
    /// Held while statements are sent, so that none is sent twice at the same time.
    sending: tokio::sync::Mutex<()>,
    news: Notify,
}

impl<B: Business> Clone for Receiver<B> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<B: Business> Receiver<B> {
    /// Opens the books, and reads the journal where there is one.
    pub(crate) fn open(opening: Opening<'_>, business: B) -> Result<Self, OpenError> {
        let verifier = Verifier::new(opening.secret)?;
        let client = opening.quayside.map(Client::new).transpose()?;
        let books = Mutex::new(Books::open(opening.journal.as_deref(), business)?);
        let sending = tokio::sync::Mutex::default();
        let clock = opening.clock;
        Ok(Self(Arc::new(Inner { clock, verifier, client, books, sending, news: Notify::new() })))
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        (self.0.clock)()
    }

    pub(crate) fn books(&self) -> MutexGuard<'_, Books<B>> {
        // A test that panicked elsewhere must not hide what was booked.
        self.0.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decides about one well-formed call; fault, effect and answer are one step.
    fn receive(&self, submission: &Submission) -> Answer {
        let answer = self.books().receive(submission, self.now());
        self.0.news.notify_one();
        answer
    }

    /// A question that names itself must be signed like a call.
    pub(crate) fn check_question(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let id = submission::header(headers, "webhook-id");
        self.0.verifier.check(headers, id, b"", self.now())
    }

    /// Keeps a decision that was made from outside.
    pub(crate) fn note(&self, note: B::Note) -> Result<(), NotKept> {
        self.books().note(note).map_err(|_| NotKept)?;
        self.0.news.notify_one();
        Ok(())
    }

    /// Sends a statement once more. Says whether it is there.
    pub(crate) fn repeat(&self, id: &str) -> bool {
        let known = self.books().repeat(id);
        self.0.news.notify_one();
        known
    }

    /// Does everything that is due by the system's clock, and says how many statements were judged.
    pub(crate) async fn work(&self) -> usize {
        let _alone = self.0.sending.lock().await;
        self.books().decide(self.now());
        let Some(client) = &self.0.client else { return 0 };
        let mut judged = 0;
        while let Some(statement) = self.next_due() {
            let now = self.now();
            match client.say(&statement, now).await {
                Heard::Answered(answer) => self.books().settle(&statement.id, answer),
                Heard::Away { reason, retry_after } => {
                    self.books().postpone(reason, retry_after, now);
                    break;
                }
            }
            judged += 1;
        }
        judged
    }

    fn next_due(&self) -> Option<Statement> {
        self.books().next_due(self.now()).cloned()
    }

    /// Works until it is dropped: on news, and when something comes due.
    pub(crate) async fn run(&self) {
        loop {
            self.work().await;
            // Time passing is no news: the clock may be a test's.
            let _ = tokio::time::timeout(TICK, self.0.news.notified()).await;
        }
    }
}
