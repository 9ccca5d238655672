//! Webhook endpoints in the schema: a supplier's own, and the buyer's with a look at its suppliers'.

pub mod mutations;
pub mod query;
pub mod replay;

use async_graphql::{Error, ID};
use quayside_canonical::states::{DeliveryStatus, DisabledReason, EndpointStatus};
use quayside_domain::{
    Scope,
    feed::encode_cursor,
    webhooks::{AttemptRecord, Endpoint, Record, WebhookError as Refusal},
};

pub use mutations::WebhookMutation;
pub use query::WebhookQuery;
pub use replay::ReplayMutation;

use crate::{
    context::{claim_error, coded, internal},
    types::{
        Code, DateTime,
        plain::plain,
        user_error::{WebhookError, WebhookErrorCode},
    },
};

plain! {
    /// An address of a program, which gets events as they are logged.
    WebhookEndpoint {
        /// Globally unique id.
        id as "id": ID,
        /// The supplier whose it is; none when it is the buyer's own.
        supplier_id as "supplierId": Option<ID>,
        /// Where events are posted. Of a supplier's the buyer sees it without its query.
        url as "url": String,
        /// What its owner calls it.
        description as "description": Option<String>,
        /// The types of event it gets; every type its owner may see, when there is no list.
        event_types as "eventTypes": Option<Vec<String>>,
        /// How it fares.
        status as "status": Code<EndpointStatus>,
        /// Since when nothing arrived, if the last thing did not.
        failing_since as "failingSince": Option<DateTime>,
        /// When it was disabled.
        disabled_at as "disabledAt": Option<DateTime>,
        /// Why it is disabled.
        disabled_reason as "disabledReason": Option<Code<DisabledReason>>,
        /// Why, in the words of whoever did it.
        disabled_note as "disabledNote": Option<String>,
        /// What it missed when it was disabled last lies behind this cursor: replay from there.
        missed_after as "missedAfter": Option<String>,
        /// Until when the secret before the present one signs as well.
        previous_secret_until as "previousSecretUntil": Option<DateTime>,
        /// The delivery of the last test.
        last_test_id as "lastTestId": Option<ID>,
        /// When it was set up.
        created_at as "createdAt": DateTime,
    }

    /// An event on its way to an endpoint, or there.
    WebhookDelivery {
        /// Globally unique id, and what the endpoint gets as `webhook-id`: the same for every attempt and replay.
        id as "id": ID,
        /// The endpoint.
        endpoint_id as "endpointId": ID,
        /// The event.
        event_id as "eventId": ID,
        /// Its type.
        event_type as "eventType": String,
        /// The id of what the event is about.
        subject as "subject": ID,
        /// The event's place in the log.
        cursor as "cursor": String,
        /// Where the delivery stands.
        status as "status": Code<DeliveryStatus>,
        /// Why it has not arrived, for programs.
        error_code as "errorCode": Option<String>,
        /// Why it has not arrived, for people.
        error_message as "errorMessage": Option<String>,
        /// Attempts since it was put in line, or replayed.
        attempt_count as "attemptCount": i32,
        /// When it is tried next, while it waits.
        next_attempt_at as "nextAttemptAt": Option<DateTime>,
        /// When it was first put in line.
        created_at as "createdAt": DateTime,
        /// When it arrived, was given up or skipped.
        finished_at as "finishedAt": Option<DateTime>,
        /// What was tried, the oldest first.
        attempts as "attempts": Vec<WebhookAttempt>,
    }

    /// One attempt to deliver. Secrets are left out of what is shown.
    WebhookAttempt {
        /// When it began.
        started_at as "startedAt": DateTime,
        /// How long it took, in milliseconds.
        duration_ms as "durationMs": i32,
        /// How it ended, in one word.
        outcome as "outcome": String,
        /// The status of the answer, where there was one.
        http_status as "httpStatus": Option<i32>,
        /// What was sent.
        request as "request": Option<String>,
        /// The beginning of what came back.
        answer as "answer": Option<String>,
        /// What went wrong, for people.
        error as "error": Option<String>,
    }
}

impl WebhookEndpoint {
    fn of(scope: &Scope, endpoint: Endpoint) -> Self {
        Self {
            id: ID(endpoint.id.to_string()),
            supplier_id: endpoint.supplier.map(|supplier| ID(supplier.to_string())),
            url: endpoint.url,
            description: endpoint.description,
            event_types: endpoint.event_types,
            status: Code(endpoint.status),
            failing_since: endpoint.failing_since.map(DateTime),
            disabled_at: endpoint.disabled_at.map(DateTime),
            disabled_reason: endpoint.disabled_reason.map(Code),
            disabled_note: endpoint.disabled_note,
            missed_after: endpoint.missed_after.map(|position| encode_cursor(scope.tenant, position)),
            previous_secret_until: endpoint.previous_secret_until.map(DateTime),
            last_test_id: endpoint.last_test.map(|delivery| ID(delivery.to_string())),
            created_at: DateTime(endpoint.created_at),
        }
    }
}

impl WebhookDelivery {
    fn of(scope: &Scope, record: Record) -> Self {
        let waits = matches!(record.status, DeliveryStatus::Waiting | DeliveryStatus::Unconfirmed);
        let (error_code, error_message) = record.error.unzip();
        Self {
            id: ID(record.id.to_string()),
            endpoint_id: ID(record.endpoint.to_string()),
            event_id: ID(record.event.to_string()),
            event_type: record.event_type,
            subject: ID(record.subject),
            cursor: encode_cursor(scope.tenant, record.position),
            status: Code(record.status),
            error_code,
            error_message,
            attempt_count: record.attempts,
            next_attempt_at: waits.then_some(DateTime(record.next_at)),
            created_at: DateTime(record.created_at),
            finished_at: record.finished_at.map(DateTime),
            attempts: record.log.into_iter().map(WebhookAttempt::from).collect(),
        }
    }
}

impl From<AttemptRecord> for WebhookAttempt {
    fn from(attempt: AttemptRecord) -> Self {
        Self {
            started_at: DateTime(attempt.started_at),
            duration_ms: i32::try_from(attempt.duration_ms).unwrap_or(i32::MAX),
            outcome: attempt.outcome,
            http_status: attempt.http_status,
            request: attempt.request,
            answer: attempt.answer,
            error: attempt.error,
        }
    }
}

/// A refusal as data, or as an error where it is no business of the request's.
fn refused(refusal: Refusal) -> Result<Vec<WebhookError>, Error> {
    let message = refusal.to_string();
    match refusal {
        Refusal::Refused(problems) => Ok(WebhookError::all(problems)),
        Refusal::NotFound => Ok(not_found()),
        Refusal::InvalidState(_) => Ok(WebhookError::one(WebhookErrorCode::InvalidState, "id", message)),
        Refusal::Forbidden => Err(coded("FORBIDDEN", message)),
        Refusal::Key(error) => Err(claim_error(error)),
        Refusal::Internal(failure) => Err(internal(&failure)),
    }
}

fn not_found() -> Vec<WebhookError> {
    WebhookError::one(WebhookErrorCode::NotFound, "id", "there is no such endpoint or delivery for you")
}
