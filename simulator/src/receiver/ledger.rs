//! The books: every effect there was, in order, and what is wrong with them.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer::Booked;
use super::submission::Submission;

/// Document numbers look like those of an ERP: ten digits in one range.
const FIRST_NUMBER: u64 = 4_500_000_001;
/// The range of numbers that a lie is given; no document is ever found under one.
const FIRST_LIE: u64 = 4_900_000_001;

/// One effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// Assigned by the receiver.
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
    /// By the receiver's clock.
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
    /// First effects of an event whose order, or subject where there is no order, had already seen a later one.
    pub out_of_order: u64,
}

/// A document and what the event said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Effect {
    #[serde(flatten)]
    pub(crate) document: Document,
    #[serde(default)]
    pub(crate) data: Value,
}

/// What a call comes to.
#[derive(Debug)]
pub(super) enum Entry {
    Effect(Box<Effect>),
    /// Of the delivery with this id.
    Repeat(String),
}

#[derive(Debug, Default)]
pub(super) struct Ledger {
    documents: Vec<Document>,
    /// Delivery id → its first document.
    by_key: HashMap<String, usize>,
    events: HashSet<String>,
    /// (tenant, order or subject) → the last position seen.
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
        let document = Document {
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
        };
        Entry::Effect(Box::new(Effect { document, data: event.data }))
    }

    /// What the caller is told about it.
    pub(super) fn answer(&self, entry: &Entry) -> Booked {
        let (document, delivery_id, repeat) = match entry {
            Entry::Effect(effect) => (Some(&effect.document), &effect.document.delivery_id, false),
            Entry::Repeat(key) => (self.find(key), key, true),
        };
        let document_number = document.map(|document| document.document_number.clone()).unwrap_or_default();
        Booked { document_number, delivery_id: delivery_id.clone(), repeat }
    }

    /// An answer without an effect.
    pub(super) fn pretend(&mut self, submission: &Submission) -> Booked {
        let document_number = (FIRST_LIE + self.lies).to_string();
        self.lies += 1;
        Booked { document_number, delivery_id: submission.key.clone(), repeat: false }
    }

    /// Books it. Says whether it is the first effect of its event.
    pub(super) fn effect(&mut self, document: Document) -> bool {
        self.report.documents += 1;
        let first = self.events.insert(document.event_id.clone());
        if first {
            self.judge_order(&document);
        } else {
            self.report.duplicate_effects += 1;
        }
        self.by_key.entry(document.delivery_id.clone()).or_insert(self.documents.len());
        self.documents.push(document);
        first
    }

    /// Events of one order come in order, and of one subject where there is no order.
    fn judge_order(&mut self, document: &Document) {
        let kept_in_order = document.order_id.as_ref().unwrap_or(&document.subject);
        let latest = self.latest.entry((document.tenant_id.clone(), kept_in_order.clone())).or_insert(0);
        if document.position <= *latest {
            self.report.out_of_order += 1;
        }
        *latest = document.position.max(*latest);
    }

    pub(super) fn repeat(&mut self, key: &str) {
        self.report.repeats += 1;
        let first = self.by_key.get(key).and_then(|index| self.documents.get_mut(*index));
        if let Some(document) = first {
            document.repeats += 1;
        }
    }
}
