//! The books: what was taken, decided and stated, in memory and, where wanted, in a journal.
use std::io;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Business;
use super::answer::{Answer, Booked};
use super::faults::{Behaviour, Fault, Faults, TooManyFaults};
use super::journal::Journal;
use super::ledger::{Document, Effect, Entry, Ledger, Report};
use super::outbox::Outbox;
use super::submission::Submission;
use crate::OpenError;
use crate::statement::{Statement, StatementAnswer, StatementReport};

/// One line of the journal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line<N> {
    Effect(Box<Effect>),
    /// Of the delivery with this id.
    Repeat(String),
    /// What was decided.
    Note(N),
    /// What Quayside made of a statement.
    Answered {
        id: String,
        answer: StatementAnswer,
    },
}

pub(crate) struct Books<B: Business> {
    ledger: Ledger,
    faults: Faults,
    outbox: Outbox,
    business: B,
    journal: Option<Journal>,
}

impl<B: Business> Books<B> {
    pub(super) fn open(journal: Option<&Path>, business: B) -> Result<Self, OpenError> {
        let mut books = Self {
            ledger: Ledger::default(),
            faults: Faults::default(),
            outbox: Outbox::default(),
            business,
            journal: None,
        };
        if let Some(path) = journal {
            books.journal = Some(Journal::open(path, |line| books.apply(line))?);
        }
        Ok(books)
    }

    pub(crate) fn business(&self) -> &B {
        &self.business
    }

    pub(crate) fn documents(&self) -> &[Document] {
        self.ledger.documents()
    }

    pub(crate) fn report(&self) -> Report {
        self.ledger.report()
    }

    pub(crate) fn statements(&self) -> &[Statement] {
        self.outbox.statements()
    }

    pub(crate) fn statement_report(&self) -> StatementReport {
        self.outbox.report()
    }

    pub(crate) fn queue(&mut self, fault: Fault) -> Result<(), TooManyFaults> {
        self.faults.queue(fault)
    }

    pub(crate) fn heal(&mut self) {
        self.faults.clear();
    }

    #[cfg(test)]
    pub(crate) fn is_healthy(&self) -> bool {
        self.faults.is_empty()
    }

    pub(super) fn find(&self, key: &str) -> Option<&Document> {
        self.ledger.find(key)
    }

    pub(super) fn receive(&mut self, submission: &Submission, now: DateTime<Utc>) -> Answer {
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
        let booked = self.ledger.answer(&entry);
        let line = match entry {
            Entry::Effect(effect) => Line::Effect(effect),
            Entry::Repeat(key) => Line::Repeat(key),
        };
        self.write(line).map_err(|_| Answer::disk_full())?;
        Ok(booked)
    }

    /// Decides about everything that is due. What cannot be kept is decided again later.
    pub(super) fn decide(&mut self, now: DateTime<Utc>) {
        while let Some(note) = self.business.due(now) {
            if self.note(note).is_err() {
                return;
            }
        }
    }

    pub(super) fn note(&mut self, note: B::Note) -> io::Result<()> {
        self.write(Line::Note(note))
    }

    pub(super) fn next_due(&self, now: DateTime<Utc>) -> Option<&Statement> {
        self.outbox.next_due(now)
    }

    /// An answer that cannot be kept counts until the next start; the statement is repeated then.
    pub(super) fn settle(&mut self, id: &str, answer: StatementAnswer) {
        if self.write(Line::Answered { id: id.to_owned(), answer: answer.clone() }).is_err() {
            self.outbox.settle(id, answer);
        }
    }

    pub(super) fn postpone(&mut self, reason: String, retry_after: Option<Duration>, now: DateTime<Utc>) {
        self.outbox.postpone(reason, retry_after, now);
    }

    pub(super) fn repeat(&mut self, id: &str) -> bool {
        self.outbox.repeat(id)
    }

    fn write(&mut self, line: Line<B::Note>) -> io::Result<()> {
        if let Some(journal) = &mut self.journal {
            journal.append(&line)?;
        }
        self.apply(line);
        Ok(())
    }

    fn apply(&mut self, line: Line<B::Note>) {
        match line {
            Line::Effect(effect) => {
                if self.ledger.effect(effect.document.clone()) {
                    self.business.take(&effect);
                }
            }
            Line::Repeat(key) => self.ledger.repeat(&key),
            Line::Note(note) => {
                for statement in self.business.note(note) {
                    self.outbox.add(statement);
                }
            }
            Line::Answered { id, answer } => self.outbox.settle(&id, answer),
        }
    }
}
