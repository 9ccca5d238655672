//! What became of one document, and the work it makes for people.
use quayside_canonical::{
    ConnectionId, Problem, Problems,
    states::{DocumentOutcome, ExceptionKind, InboundKind, InboundStatus, Severity},
};
use serde::{Deserialize, Serialize};

use crate::{
    Failure, Scope,
    exceptions::{self, NewException},
    orders::Received,
    statements::Recorded,
    store::Tx,
};

/// How many documents of one message get an exception of their own. The others share one.
const TOLD: usize = 50;
/// The longest key that is kept, in characters.
const LONGEST_KEY: usize = 200;

/// What became of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// What it is.
    pub kind: InboundKind,
    /// What the system calls it.
    pub key: String,
    /// What became of it.
    pub outcome: DocumentOutcome,
    /// What it became: the id of an order, a receipt or an appointment; of a hint, the feed's name.
    pub subject: Option<String>,
    /// Why it was not taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// What was taken as it came but is not known to us.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Problem>,
    /// Whether an operation has told people about it already.
    #[serde(default)]
    pub told: bool,
}

impl Outcome {
    /// A document that could not be read, or that no operation could take.
    #[must_use]
    pub fn unreadable(kind: InboundKind, key: &str, problems: Problems) -> Self {
        Self {
            kind,
            key: shown(key, LONGEST_KEY),
            outcome: DocumentOutcome::Refused,
            subject: None,
            problems: problems.into_vec().iter().map(fit).collect(),
            warnings: Vec::new(),
            told: false,
        }
    }

    /// What an operation made of a purchase order.
    #[must_use]
    pub fn of_order(key: &str, received: Received) -> Self {
        Self {
            kind: InboundKind::PurchaseOrder,
            key: shown(key, LONGEST_KEY),
            outcome: received.outcome,
            subject: received.order.map(|order| order.to_string()),
            problems: received.problems,
            warnings: received.warnings,
            told: true,
        }
    }

    /// What an operation made of a receipt, an appointment or an invoice status.
    #[must_use]
    pub fn of_statement(kind: InboundKind, key: &str, recorded: Recorded) -> Self {
        Self {
            kind,
            key: shown(key, LONGEST_KEY),
            outcome: recorded.outcome,
            subject: recorded.id,
            problems: recorded.problems,
            warnings: recorded.warnings,
            told: true,
        }
    }

    /// A hint was heard, and the feed it names is due.
    #[must_use]
    pub fn hint(feed: &str, key: &str) -> Self {
        Self {
            kind: InboundKind::Change,
            key: shown(key, LONGEST_KEY),
            outcome: DocumentOutcome::Recorded,
            subject: Some(feed.to_owned()),
            problems: Vec::new(),
            warnings: Vec::new(),
            told: true,
        }
    }

    /// Whether it is still to be taken, should somebody try again.
    #[must_use]
    pub const fn is_refused(&self) -> bool {
        matches!(self.outcome, DocumentOutcome::Refused | DocumentOutcome::Conflict)
    }

    fn what(&self) -> &'static str {
        match self.kind {
            InboundKind::PurchaseOrder => "purchase order",
            InboundKind::Receipt => "receipt",
            InboundKind::Appointment => "appointment",
            InboundKind::InvoiceStatus => "invoice status",
            InboundKind::Change => "hint",
            InboundKind::Interchange => "interchange",
            InboundKind::Unknown => "document",
        }
    }

    /// What the exception about it is about.
    fn cause(&self, connection: ConnectionId) -> String {
        format!("{} {} of {connection}", self.what(), self.key)
    }
}

/// Where documents leave the message that held them.
pub(super) fn status(outcomes: &[Outcome], problems: &[Problem]) -> InboundStatus {
    let refused = outcomes.iter().filter(|outcome| outcome.is_refused()).count();
    match (refused, problems.is_empty()) {
        (0, true) => InboundStatus::Applied,
        (refused, _) if refused == outcomes.len() => InboundStatus::Refused,
        _ => InboundStatus::Partly,
    }
}

/// Opens the work about documents that no operation told of, and closes that about those that are taken now.
pub(super) async fn tell(
    tx: &Tx,
    scope: &Scope,
    connection: (ConnectionId, &str),
    feed: &str,
    outcomes: &[Outcome],
) -> Result<(), Failure> {
    let (id, name) = connection;
    let untold: Vec<_> = outcomes.iter().filter(|outcome| outcome.is_refused() && !outcome.told).collect();
    let mut cases: Vec<_> =
        untold.iter().take(TOLD).map(|outcome| case_of(outcome, id, name, feed)).collect();
    if let Some(rest) = untold.len().checked_sub(TOLD).filter(|rest| *rest > 0) {
        cases.push(NewException {
            subject: format!("{feed} of {id}"),
            summary: format!("{name} sent {rest} more documents by `{feed}` that could not be taken"),
            ..case_of(untold[TOLD], id, name, feed)
        });
    }
    exceptions::open_many(tx, scope, cases).await?;
    let taken =
        outcomes.iter().filter(|outcome| !outcome.is_refused() && outcome.kind != InboundKind::Change);
    let cured: Vec<String> = taken
        .flat_map(|outcome| {
            let order =
                (outcome.kind == InboundKind::PurchaseOrder).then(|| format!("order {}", outcome.key));
            [Some(outcome.cause(id)), order].into_iter().flatten()
        })
        .collect();
    for subjects in cured.chunks(500) {
        let words = "It was taken when it came again.";
        exceptions::resolve_many(tx, scope, ExceptionKind::DocumentRefused, subjects, words).await?;
    }
    Ok(())
}

fn case_of(outcome: &Outcome, connection: ConnectionId, name: &str, feed: &str) -> NewException {
    let first = outcome.problems.first().map_or("", |problem| problem.message.as_str());
    let more = outcome.problems.len().saturating_sub(1);
    let more = if more == 0 { String::new() } else { format!(" (and {more} more)") };
    NewException {
        kind: ExceptionKind::DocumentRefused,
        subject: outcome.cause(connection),
        supplier: None,
        order: None,
        severity: Severity::Error,
        summary: format!("{name}: {} {} could not be taken: {first}{more}", outcome.what(), outcome.key),
        detail: serde_json::json!({
            "connection": connection,
            "feed": feed,
            "key": outcome.key,
            "problems": outcome.problems,
        }),
    }
}

/// The first `most` characters, none of which is a control character: PostgreSQL cannot store a NUL.
pub(super) fn shown(text: &str, most: usize) -> String {
    text.chars().take(most).map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// A connector quotes what a system wrote.
pub(super) fn fit(problem: &Problem) -> Problem {
    Problem {
        code: shown(&problem.code, 80),
        field: problem.field.iter().map(|step| shown(step, 200)).collect(),
        message: shown(&problem.message, 1_000),
    }
}
