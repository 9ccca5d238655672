//! A message in the schema.
use async_graphql::ID;
use quayside_canonical::{
    Problem,
    states::{DocumentOutcome, InboundKind, InboundStatus},
};
use quayside_domain::inbound::{self, Outcome};

use crate::types::{Code, DateTime, plain::plain};

plain! {
    /// What one of the buyer's systems said at once: a message it sent, or a page that was asked for in which something
    /// was new.
    InboundMessage {
        /// Globally unique id.
        id as "id": ID,
        /// The connection.
        connection_id as "connectionId": ID,
        /// The feed it came by.
        feed as "feed": String,
        /// What the system said that it is.
        media_type as "mediaType": String,
        /// When it came in.
        received_at as "receivedAt": DateTime,
        /// Where it stands.
        status as "status": Code<InboundStatus>,
        /// When it was dealt with.
        finished_at as "finishedAt": Option<DateTime>,
        /// What was in the way, while it waits to be dealt with.
        error as "error": Option<String>,
        /// Whether it is on file as it came: only then can it be tried again.
        kept as "kept": bool,
        /// What is wrong with it as a whole.
        problems as "problems": Vec<InboundProblem>,
        /// What became of each document, in their order.
        documents as "documents": Vec<InboundDocument>,
    }

    /// What became of one document of a message.
    InboundDocument {
        /// What it is.
        kind as "kind": Code<InboundKind>,
        /// What the system calls it.
        key as "key": String,
        /// What became of it.
        outcome as "outcome": Code<DocumentOutcome>,
        /// What it became: the id of an order, a receipt or an appointment.
        subject as "subject": Option<String>,
        /// Why it was not taken.
        problems as "problems": Vec<InboundProblem>,
        /// What was taken as it came but is not known.
        warnings as "warnings": Vec<InboundProblem>,
    }

    /// One thing that is wrong with what a system said.
    InboundProblem {
        /// What is wrong, for programs.
        code as "code": String,
        /// Where: the path into the document.
        field as "field": Vec<String>,
        /// What is wrong, for people.
        message as "message": String,
    }
}

impl From<inbound::InboundMessage> for InboundMessage {
    fn from(message: inbound::InboundMessage) -> Self {
        let inbound::InboundMessage { row, kept, outcomes, problems } = message;
        Self {
            id: ID(row.id.to_string()),
            connection_id: ID(row.connection_id.to_string()),
            feed: row.feed,
            media_type: row.media_type,
            received_at: DateTime(row.received_at),
            status: Code(row.status),
            finished_at: row.finished_at.map(DateTime),
            error: row.error,
            kept,
            problems: all(problems),
            documents: outcomes.into_iter().map(InboundDocument::from).collect(),
        }
    }
}

impl From<Outcome> for InboundDocument {
    fn from(outcome: Outcome) -> Self {
        Self {
            kind: Code(outcome.kind),
            key: outcome.key,
            outcome: Code(outcome.outcome),
            subject: outcome.subject,
            problems: all(outcome.problems),
            warnings: all(outcome.warnings),
        }
    }
}

fn all(problems: Vec<Problem>) -> Vec<InboundProblem> {
    let shown = |Problem { code, field, message }| InboundProblem { code, field, message };
    problems.into_iter().map(shown).collect()
}
