//! A fake WMS behind the same contract as the ERP, `docs/connectors/generic-rest.md`.
//!
//! It takes shipments and requests for appointments, refuses any other type of event, and answers at
//! Quayside's ingest endpoints: a slot and a dock at once, and, a while after a shipment was announced, its
//! arrival and what was received. Whether that is everything, too little, damaged, in several statements or
//! wrong at first is a [`Course`]: the one in its settings, or that of an [`Instruction`].
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use chrono::Utc;
use serde::Serialize;

mod appointment;
mod orders;
mod receipt;
mod routes;
mod scenario;
mod shipment;
#[cfg(test)]
mod tests;
mod warehouse;
mod wire;

pub use appointment::{Slot, SlotStatus};
pub use scenario::{AppointmentScenario, Course, Instruction, Scenario};
pub use shipment::{ReceiveError, Shipment, ShipmentLine, ShipmentStage};

use crate::receiver::{Clock, Document, Fault, NotKept, Opening, Receiver, Report, TooManyFaults};
use crate::statement::{Statement, StatementKind};
use crate::{OpenError, Quayside, StatementReport};
use warehouse::{Note, Warehouse};

/// How a WMS is set up.
#[derive(Clone)]
pub struct WmsSettings {
    /// `whsec_<base64>`: what callers must sign with.
    pub secret: String,
    /// Where it states appointments and receipts; without it they wait.
    pub quayside: Option<Quayside>,
    /// Keeps what it took, decided and stated over a restart; `None` keeps it in memory.
    pub journal: Option<PathBuf>,
    /// Its own clock: signatures may be five minutes away from it, and goods arrive by it.
    pub clock: Clock,
    /// How long after its announcement a shipment arrives and is received.
    pub receive_after: Duration,
    /// Between two statements about the same shipment.
    pub pause: Duration,
    /// What happens to a shipment without an instruction.
    pub course: Course,
    /// How appointments are answered without an instruction.
    pub appointment: AppointmentScenario,
    /// The code of the warehouse, for shipments that name none.
    pub location: Option<String>,
}

impl WmsSettings {
    /// In memory, with the system's clock: everything is received whole, and at once.
    pub fn new(secret: impl Into<String>) -> Self {
        Self {
            secret: secret.into(),
            quayside: None,
            journal: None,
            clock: Arc::new(Utc::now),
            receive_after: Duration::ZERO,
            pause: Duration::ZERO,
            course: Course::default(),
            appointment: AppointmentScenario::default(),
            location: None,
        }
    }
}

impl fmt::Debug for WmsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WmsSettings")
            .field("secret", &"***")
            .field("quayside", &self.quayside)
            .field("journal", &self.journal)
            .field("receive_after", &self.receive_after)
            .field("course", &self.course)
            .finish_non_exhaustive()
    }
}

/// The verdict on the books, and how far the statements are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WmsReport {
    /// Of the events that were taken.
    #[serde(flatten)]
    pub events: Report,
    /// Of what was said because of them.
    pub statements: StatementReport,
}

/// A running WMS. Clones share their books.
#[derive(Clone)]
pub struct Wms {
    receiver: Receiver<Warehouse>,
}

impl Wms {
    /// Opens the books, and reads the journal where there is one.
    pub fn open(settings: WmsSettings) -> Result<Self, OpenError> {
        let warehouse = Warehouse::new(&settings);
        let opening = Opening {
            secret: &settings.secret,
            journal: settings.journal,
            clock: settings.clock,
            quayside: settings.quayside.as_ref(),
        };
        Ok(Self { receiver: Receiver::open(opening, warehouse)? })
    }

    /// All effects of events, in the order they were made.
    pub fn documents(&self) -> Vec<Document> {
        self.receiver.books().documents().to_vec()
    }

    /// What was booked and stated, and what should not have been.
    pub fn report(&self) -> WmsReport {
        report(&self.receiver)
    }

    /// What was announced, and how far it is.
    pub fn shipments(&self) -> Vec<Shipment> {
        self.receiver.books().business().shipments().cloned().collect()
    }

    /// What was or will be said about receipts.
    pub fn receipts(&self) -> Vec<Statement> {
        statements(&self.receiver, StatementKind::Receipt)
    }

    /// What was or will be said about appointments.
    pub fn appointments(&self) -> Vec<Statement> {
        statements(&self.receiver, StatementKind::Appointment)
    }

    /// Says what is to happen to a shipment or appointment: that of a number, or the next one.
    pub fn instruct(&self, instruction: Instruction) -> Result<(), NotKept> {
        self.receiver.note(Note::Instructed(instruction))
    }

    /// Receives a shipment now, whenever it was to arrive, and gives the statements that follow.
    pub fn receive(&self, number: &str, course: Option<Course>) -> Result<Vec<Statement>, ReceiveError> {
        receive(&self.receiver, number, course)
    }

    /// Sends a statement once more, word for word. Says whether it is there.
    pub fn repeat(&self, statement_id: &str) -> bool {
        self.receiver.repeat(statement_id)
    }

    /// Queues a fault: the first one queued that fits a call spoils it.
    pub fn queue(&self, fault: Fault) -> Result<(), TooManyFaults> {
        self.receiver.books().queue(fault)
    }

    /// Forgets all queued faults.
    pub fn heal(&self) {
        self.receiver.books().heal();
    }

    /// Does everything that is due by its clock, and says how many statements Quayside judged.
    /// [`crate::serve_wms`] does so by itself.
    pub async fn work(&self) -> usize {
        self.receiver.work().await
    }

    /// The routes, for [`crate::serve_wms`] or to be nested elsewhere. Outside of `serve_wms` a dropped
    /// connection shows as 500.
    pub fn router(&self) -> Router {
        routes::router(self.receiver.clone())
    }

    pub(crate) async fn run(&self) {
        self.receiver.run().await;
    }
}

impl fmt::Debug for Wms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wms").field("report", &self.report()).finish_non_exhaustive()
    }
}

fn report(receiver: &Receiver<Warehouse>) -> WmsReport {
    let books = receiver.books();
    WmsReport { events: books.report(), statements: books.statement_report() }
}

fn statements(receiver: &Receiver<Warehouse>, kind: StatementKind) -> Vec<Statement> {
    let books = receiver.books();
    books.statements().iter().filter(|statement| statement.kind == kind).cloned().collect()
}

fn receive(
    receiver: &Receiver<Warehouse>,
    number: &str,
    course: Option<Course>,
) -> Result<Vec<Statement>, ReceiveError> {
    let received = receiver.books().business().receive_now(number, course, receiver.now())?;
    let statements = received.statements.clone();
    receiver.note(Note::Received(received))?;
    Ok(statements)
}
