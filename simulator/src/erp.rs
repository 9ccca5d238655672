//! A fake ERP behind the generic REST contract of `docs/connectors/generic-rest.md`.
//!
//! It takes events of every type, and each makes one document with a number, as a real ERP books one. Told to
//! ([`Invoices`]), it answers a `receipt.recorded` some time later with where the invoice of each line stands.
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use chrono::Utc;

mod billing;
mod outgoing;
mod routes;
#[cfg(test)]
mod tests;
mod wire;

pub use billing::{InvoiceInstruction, InvoiceScenario, Invoices};

use crate::receiver::{Clock, Document, Fault, NotKept, Opening, Receiver, Report, TooManyFaults};
use crate::statement::Statement;
use crate::{OpenError, StatementReport};
use billing::{Billing, Note};
use outgoing::Outgoing;

/// How an ERP is set up.
#[derive(Clone)]
pub struct Settings {
    /// `whsec_<base64>`: what callers must sign with.
    pub secret: String,
    /// Keeps the documents over a restart; `None` keeps them in memory.
    pub journal: Option<PathBuf>,
    /// Its own clock: signatures may be five minutes away from it.
    pub clock: Clock,
    /// Whether and how it matches invoices.
    pub invoices: Option<Invoices>,
}

impl Settings {
    /// In memory, with the system's clock, without invoices.
    pub fn new(secret: impl Into<String>) -> Self {
        Self { secret: secret.into(), journal: None, clock: Arc::new(Utc::now), invoices: None }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("secret", &"***")
            .field("journal", &self.journal)
            .field("invoices", &self.invoices)
            .finish_non_exhaustive()
    }
}

/// A running ERP. Clones share their books.
#[derive(Clone)]
pub struct Erp {
    receiver: Receiver<Billing>,
    outgoing: Outgoing,
}

impl Erp {
    /// Opens the books, and reads the journal where there is one.
    pub fn open(settings: Settings) -> Result<Self, OpenError> {
        let opening = Opening {
            secret: &settings.secret,
            journal: settings.journal,
            clock: settings.clock,
            quayside: settings.invoices.as_ref().map(|invoices| &invoices.quayside),
        };
        let billing = Billing::new(settings.invoices.as_ref());
        Ok(Self { receiver: Receiver::open(opening, billing)?, outgoing: Outgoing::default() })
    }

    /// All effects, in the order they were made.
    pub fn documents(&self) -> Vec<Document> {
        self.receiver.books().documents().to_vec()
    }

    /// What was booked, and what should not have been.
    pub fn report(&self) -> Report {
        self.receiver.books().report()
    }

    /// What was or will be said about invoices.
    pub fn invoice_statuses(&self) -> Vec<Statement> {
        self.receiver.books().statements().to_vec()
    }

    /// How far that is.
    pub fn statement_report(&self) -> StatementReport {
        self.receiver.books().statement_report()
    }

    /// Says how an invoice is to end: that of an order, or the next one.
    pub fn instruct(&self, instruction: InvoiceInstruction) -> Result<(), NotKept> {
        self.receiver.note(Note::Instructed(instruction))
    }

    /// Puts a document behind what it has to say to whoever asks at `/erp/v1/outgoing`: `kind` is `purchaseOrder`,
    /// `receipt`, `appointment` or `invoiceStatus`.
    pub fn publish(&self, kind: &str, document: &serde_json::Value) {
        self.outgoing.publish(kind, document);
    }

    /// Lets the next questions at `/erp/v1/outgoing` go wrong.
    pub fn spoil_questions(&self, fault: Fault) {
        self.outgoing.queue(fault);
    }

    /// The cursors of the questions that were answered, in their order; empty for none.
    pub fn questions(&self) -> Vec<String> {
        self.outgoing.asked()
    }

    /// Queues a fault: the first one queued that fits a call spoils it.
    pub fn queue(&self, fault: Fault) -> Result<(), TooManyFaults> {
        self.receiver.books().queue(fault)
    }

    /// Forgets all queued faults.
    pub fn heal(&self) {
        self.receiver.books().heal();
    }

    /// States everything that is due by its clock, and says how many statements Quayside judged. [`crate::serve`]
    /// does so by itself.
    pub async fn work(&self) -> usize {
        self.receiver.work().await
    }

    /// The routes, for [`crate::serve`] or to be nested elsewhere. Outside of `serve` a dropped connection
    /// shows as 500.
    pub fn router(&self) -> Router {
        routes::router(self.receiver.clone())
            .merge(outgoing::router(self.receiver.clone(), self.outgoing.clone()))
    }

    pub(crate) async fn run(&self) {
        self.receiver.run().await;
    }
}

impl fmt::Debug for Erp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Erp").field("report", &self.report()).finish_non_exhaustive()
    }
}
