//! A delivery as procurement sees it: with what was sent and what came back.
use async_graphql::{Context, ID, Object, Result};
use quayside_canonical::states::{CheckState, DeliveryStatus};
use quayside_domain::deliveries;
use quayside_entity::delivery_attempt;

use super::loaders::AttemptsOf;
use crate::{
    loaders::load,
    types::{Code, DateTime, Row, Rows, plain::plain},
};

/// One event on its way to one of the buyer's systems, with all that procurement may know of it.
#[derive(Clone)]
pub struct DeliveryDetail(pub deliveries::DeliveryDetail);

#[Object]
impl DeliveryDetail {
    /// Globally unique id; also what the receiver gets as its idempotency key.
    pub async fn id(&self) -> ID {
        ID(self.0.row.id.to_string())
    }

    /// The id of the connection it goes to.
    async fn connection_id(&self) -> ID {
        ID(self.0.row.connection_id.to_string())
    }

    /// The system, as the buyer calls it.
    async fn connection(&self) -> &str {
        &self.0.connection
    }

    /// The event that is delivered.
    async fn event_id(&self) -> ID {
        ID(self.0.row.event_id.to_string())
    }

    /// The event's type.
    async fn event_type(&self) -> &str {
        &self.0.row.event_type
    }

    /// What the event is about.
    async fn subject(&self) -> &str {
        &self.0.row.subject
    }

    /// The purchase order the event concerns, where it is one.
    async fn purchase_order_id(&self) -> Option<ID> {
        self.0.order.map(|order| ID(order.to_string()))
    }

    /// The supplier the event concerns.
    async fn supplier_id(&self) -> Option<ID> {
        self.0.supplier.map(|supplier| ID(supplier.to_string()))
    }

    /// The event's place in the log. It is decimal digits: it may be larger than an `Int`.
    async fn position(&self) -> String {
        self.0.row.position.to_string()
    }

    /// Where it stands.
    async fn status(&self) -> Code<DeliveryStatus> {
        Code(self.0.row.status)
    }

    /// The document number at the receiver, once delivered.
    async fn reference(&self) -> Option<&str> {
        self.0.row.reference.as_deref()
    }

    /// Why it has not arrived, for programs.
    async fn error_code(&self) -> Option<&str> {
        self.0.row.error_code.as_deref()
    }

    /// Why it has not arrived, for people.
    async fn error_message(&self) -> Option<&str> {
        self.0.row.error_message.as_deref()
    }

    /// How often it was tried since it was last put in line.
    async fn attempts(&self) -> i32 {
        self.0.row.attempts
    }

    /// When it is tried next, while it waits.
    async fn next_attempt_at(&self) -> Option<DateTime> {
        let waits = matches!(self.0.row.status, DeliveryStatus::Waiting | DeliveryStatus::Unconfirmed);
        waits.then_some(DateTime(self.0.row.next_at))
    }

    /// When the event was placed in the log.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.row.created_at)
    }

    /// When it was delivered, given up or skipped.
    async fn finished_at(&self) -> Option<DateTime> {
        self.0.row.finished_at.map(DateTime)
    }

    /// What is known from reading it back, where the connection wants that.
    async fn read_back(&self) -> Option<Row<ReadBack>> {
        let check = self.0.check.as_ref()?;
        let open = matches!(check.state, CheckState::Due | CheckState::Missing);
        let ever = check.next_at.micros() < i64::MAX;
        Some(Row(ReadBack {
            state: Code(check.state),
            checked_at: check.checked_at.map(DateTime),
            next_at: (open && ever).then_some(DateTime(check.next_at)),
        }))
    }

    /// Every attempt that is on file, the newest first, at most 200.
    async fn attempt_log(&self, ctx: &Context<'_>) -> Result<Rows<DeliveryAttempt>> {
        let attempts = load(ctx, AttemptsOf(self.0.row.id)).await?.unwrap_or_default();
        Ok(Rows(attempts.into_iter().map(DeliveryAttempt::from).collect()))
    }
}

plain! {
    /// Whether the receiver still has what it said it had.
    ReadBack {
        /// What is known.
        state as "state": Code<CheckState>,
        /// When the receiver was asked last.
        checked_at as "checkedAt": Option<DateTime>,
        /// When it is asked next.
        next_at as "nextAt": Option<DateTime>,
    }
}

plain! {
    /// One attempt to deliver.
    DeliveryAttempt {
        /// Which attempt. A gap is one that was given back unsent, or whose worker was lost.
        number as "number": i32,
        /// When it began.
        started_at as "startedAt": DateTime,
        /// How long it took, in milliseconds.
        duration_ms as "durationMs": i32,
        /// How it ended: `delivered`, `retry`, `unconfirmed`, `refused`, `unauthorized` or `unmappable`.
        outcome as "outcome": String,
        /// The HTTP status of the answer, where there was one.
        http_status as "httpStatus": Option<i32>,
        /// What was sent, without secrets. Forgotten after a while.
        request as "request": Option<String>,
        /// What came back, without secrets. Forgotten after a while.
        answer as "answer": Option<String>,
        /// What went wrong, in words.
        error as "error": Option<String>,
    }
}

impl From<delivery_attempt::Model> for DeliveryAttempt {
    fn from(row: delivery_attempt::Model) -> Self {
        Self {
            number: row.number,
            started_at: DateTime(row.started_at),
            duration_ms: i32::try_from(row.duration_ms).unwrap_or(i32::MAX),
            outcome: row.outcome,
            http_status: row.http_status,
            request: row.request,
            answer: row.answer,
            error: row.error,
        }
    }
}
