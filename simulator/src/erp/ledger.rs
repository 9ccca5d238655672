//! The books: every effect there was, in order, and what is wrong with them.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::answer::Booked;
use super::submission::Submission;

/// Document numbers look like an ERP's: ten digits in one range.
const FIRST_NUMBER: u64 = 4_500_000_001;
/// The range of numbers that a lie is given; no document is ever found under one.
const FIRST_LIE: u64 = 4_900_000_001;

/// One effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// Assigned by the ERP.
    pub document_number: String,
    /// The idempotency key it came with.
    pub delivery_id: String,
    /// The event it is the effect of.
    pub event_id: String,
    /// For example `acknowledgment.submitted`.
    pub event_type: String,
    /// What the event is about.
    pub subject: String,
    /// Whose event it is.
    pub tenant_id: String,
    /// The order it belongs to.
    pub order_id: Option<String>,
    /// Counts the events of the subject.
    pub sequence: i64,
    /// Place in the tenant's log: must rise within an order.
    pub position: i64,
    /// Counts the effects, from 1.
    pub received_order: u64,
    /// By the ERP's clock.
    pub received_at: DateTime<Utc>,
    /// To be searched for on both sides.
    pub correlation_id: String,
    /// The same as the request's header said it.
    #[serde(default)]
    pub correlation_header: Option<String>,
    /// Calls that were recognised as repeats of this one.
    pub repeats: u64,
}

/// The verdict on the books. In a healthy system the last two are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Effects.
    pub documents: u64,
    /// Calls that were recognised as repeats and had no effect.
    pub repeats: u64,
    /// Effects beyond the first of the same event.
    pub duplicate_effects: u64,
    /// First effects of an event whose order had already seen a later one.
    pub out_of_order: u64,
}

/// One line of the journal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Entry {
    Effect(Box<Document>),
    /// Of the delivery with this id.
    Repeat(String),
}

#[derive(Debug, Default)]
pub(super) struct Ledger {
    documents: Vec<Document>,
    /// Delivery id → its first document.
    by_key: HashMap<String, usize>,
    events: HashSet<String>,
    /// (tenant, order) → the last position seen.
    latest: HashMap<(String, String), i64>,
    lies: u64,
    report: Report,
}

impl Ledger {
    pub(super) fn documents(&self) -> &[Document] {
        &self.documents
    }

    pub(super) fn report(&self) -> Report {
        self.report
    }

    pub(super) fn find(&self, key: &str) -> Option<&Document> {
        self.documents.get(*self.by_key.get(key)?)
    }

    /// The key stands for another event already.
    pub(super) fn conflicts(&self, submission: &Submission) -> bool {
        self.find(&submission.key).is_some_and(|document| document.event_id != submission.event.id)
    }

    /// What this call comes to, before it is done.
    pub(super) fn next_entry(&self, submission: &Submission, now: DateTime<Utc>, ignore_key: bool) -> Entry {
        if !ignore_key && self.by_key.contains_key(&submission.key) {
            return Entry::Repeat(submission.key.clone());
        }
        let event = submission.event.clone();
        Entry::Effect(Box::new(Document {
            document_number: (FIRST_NUMBER + self.report.documents).to_string(),
            delivery_id: submission.key.clone(),
            event_id: event.id,
            event_type: event.event_type,
            subject: event.subject,
            tenant_id: event.tenant,
            order_id: event.order,
            sequence: event.sequence,
            position: event.position,
            received_order: self.report.documents + 1,
            received_at: now,
            correlation_id: event.correlation,
            correlation_header: submission.correlation.clone(),
            repeats: 0,
        }))
    }

    /// Does it.
    pub(super) fn apply(&mut self, entry: Entry) -> Booked {
        match entry {
            Entry::Effect(document) => self.effect(*document),
            Entry::Repeat(key) => self.repeat(key),
        }
    }

    /// An answer without an effect.
    pub(super) fn pretend(&mut self, submission: &Submission) -> Booked {
        let document_number = (FIRST_LIE + self.lies).to_string();
        self.lies += 1;
        Booked { document_number, delivery_id: submission.key.clone(), repeat: false }
    }

    fn effect(&mut self, document: Document) -> Booked {
        self.report.documents += 1;
        if self.events.insert(document.event_id.clone()) {
            self.judge_order(&document);
        } else {
            self.report.duplicate_effects += 1;
        }
        self.by_key.entry(document.delivery_id.clone()).or_insert(self.documents.len());
        let booked = Booked {
            document_number: document.document_number.clone(),
            delivery_id: document.delivery_id.clone(),
            repeat: false,
        };
        self.documents.push(document);
        booked
    }

    fn judge_order(&mut self, document: &Document) {
        let Some(order) = &document.order_id else { return };
        let latest = self.latest.entry((document.tenant_id.clone(), order.clone())).or_insert(0);
        if document.position <= *latest {
            self.report.out_of_order += 1;
        }
        *latest = document.position.max(*latest);
    }

    fn repeat(&mut self, key: String) -> Booked {
        self.report.repeats += 1;
        let first = self.by_key.get(&key).and_then(|index| self.documents.get_mut(*index));
        let document_number = first.map(|document| {
            document.repeats += 1;
            document.document_number.clone()
        });
        Booked { document_number: document_number.unwrap_or_default(), delivery_id: key, repeat: true }
    }
}
