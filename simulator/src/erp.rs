//! A fake ERP behind the generic REST contract of `docs/connectors/generic-rest.md`.
//!
//! Each event makes one document with a number, as a real ERP books one. It refuses what breaks the contract
//! (signature, clock, idempotency key, envelope), recognises a repeat, and keeps count of what must never
//! happen: two effects of one event, and effects of one order out of order.
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

mod answer;
mod envelope;
mod faults;
mod journal;
mod ledger;
mod routes;
mod signature;
mod submission;
#[cfg(test)]
mod tests;

pub use faults::{Behaviour, Fault, TooManyFaults};
pub use ledger::{Document, Report};
pub use signature::SecretError;

pub(crate) use answer::DropConnection;
use answer::{Answer, Booked};
use faults::Faults;
use journal::Journal;
use ledger::Ledger;
use signature::Verifier;
use submission::Submission;

/// Where the ERP takes the time from.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// How an ERP is set up.
#[derive(Clone)]
pub struct Settings {
    /// `whsec_<base64>`: what callers must sign with.
    pub secret: String,
    /// Keeps the documents over a restart; `None` keeps them in memory.
    pub journal: Option<PathBuf>,
    /// Its own clock: signatures may be five minutes away from it.
    pub clock: Clock,
}

impl Settings {
    /// In memory, with the system's clock.
    pub fn new(secret: impl Into<String>) -> Self {
        Self { secret: secret.into(), journal: None, clock: Arc::new(Utc::now) }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("secret", &"***")
            .field("journal", &self.journal)
            .finish_non_exhaustive()
    }
}

/// Why an ERP cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The secret is no signing secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The journal cannot be opened.
    #[error("the journal cannot be used")]
    Journal(#[from] io::Error),
    /// The journal holds something that this version did not write.
    #[error("line {line} of the journal cannot be read")]
    Line {
        /// Counted from 1.
        line: usize,
    },
}

/// A running ERP. Clones share their books.
#[derive(Clone)]
pub struct Erp {
    clock: Clock,
    verifier: Arc<Verifier>,
    books: Arc<Mutex<Books>>,
}

struct Books {
    ledger: Ledger,
    journal: Option<Journal>,
    faults: Faults,
}

impl Erp {
    /// Opens the books, and reads the journal where there is one.
    pub fn open(settings: Settings) -> Result<Self, OpenError> {
        let verifier = Arc::new(Verifier::new(&settings.secret)?);
        let mut ledger = Ledger::default();
        let journal = match &settings.journal {
            Some(path) => Some(Journal::open(path, &mut ledger)?),
            None => None,
        };
        let books = Books { ledger, journal, faults: Faults::default() };
        Ok(Self { clock: settings.clock, verifier, books: Arc::new(Mutex::new(books)) })
    }

    /// All effects, in the order they were made.
    pub fn documents(&self) -> Vec<Document> {
        self.books().ledger.documents().to_vec()
    }

    /// What was booked, and what should not have been.
    pub fn report(&self) -> Report {
        self.books().ledger.report()
    }

    /// Queues a fault: the first one queued that fits a call spoils it.
    pub fn queue(&self, fault: Fault) -> Result<(), TooManyFaults> {
        self.books().faults.queue(fault)
    }

    /// Forgets all queued faults.
    pub fn heal(&self) {
        self.books().faults.clear();
    }

    fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        // A test that panicked elsewhere must not hide what was booked.
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decides about one well-formed call; fault, effect and answer are one step.
    fn receive(&self, submission: &Submission) -> Answer {
        self.books().receive(submission, self.now())
    }
}

impl fmt::Debug for Erp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Erp").field("report", &self.report()).finish_non_exhaustive()
    }
}

impl Books {
    fn receive(&mut self, submission: &Submission, now: DateTime<Utc>) -> Answer {
        if self.ledger.conflicts(submission) {
            return Answer::key_reused();
        }
        let is_repeat = self.ledger.find(&submission.key).is_some();
        let Some(fault) = self.faults.take(submission, is_repeat) else {
            return self.book(submission, now, false).map_or_else(|failed| failed, Answer::Booked);
        };
        if let Some(refusal) = fault.refusal() {
            return refusal;
        }
        match fault.behaviour {
            Behaviour::Hang => Answer::Never,
            Behaviour::ResetBefore => Answer::Dropped,
            Behaviour::Lie200 => Answer::Booked(self.ledger.pretend(submission)),
            spoilt => match self.book(submission, now, spoilt == Behaviour::IgnoreKeys) {
                Ok(booked) => Answer::spoilt(spoilt, booked),
                Err(failed) => failed,
            },
        }
    }

    /// Journal first: what cannot be kept is not acknowledged.
    fn book(
        &mut self,
        submission: &Submission,
        now: DateTime<Utc>,
        ignore_key: bool,
    ) -> Result<Booked, Answer> {
        let entry = self.ledger.next_entry(submission, now, ignore_key);
        if let Some(journal) = &mut self.journal {
            journal.append(&entry).map_err(|_| Answer::disk_full())?;
        }
        Ok(self.ledger.apply(entry))
    }
}
