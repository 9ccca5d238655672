//! What the buyer's systems state about goods, docks and invoices: receipts, appointments, invoice statuses.
//!
//! Up to a hundred documents share a transaction: what they touch is loaded at once, each is judged, and what
//! is sound is written. One bad document does not spoil its neighbours. A statement is recognised when it comes
//! again, so repeating a request is harmless and needs no key.

mod codes;
mod ordered;
mod shipped;

use std::future::Future;

use quayside_canonical::{
    Problem, Problems, SupplierId,
    states::{DocumentOutcome, ExceptionKind, Severity},
};
use serde::Serialize;

use crate::{BuyerScope, Failure, exceptions::NewException, orders::receive::is_collision, store::Tx};

pub(crate) use codes::Codes;
pub(crate) use ordered::{Found, Named, Ordered};
pub(crate) use shipped::{NoShipment, Shipped};

/// How many documents share a transaction.
const BATCH: usize = 100;
/// How often a batch starts over when it collides with another.
const TRIES: usize = 5;

/// One kind of statement.
pub trait Statement: Sized + Send + Sync {
    /// The kind, in the words of the metrics.
    const KIND: &'static str;

    /// Judges the documents, in their order, and writes what is sound. `only` is the one supplier they may be
    /// about, where they come by that supplier's channel.
    fn take(
        tx: &Tx,
        scope: &BuyerScope,
        documents: &[&Self],
        only: Option<SupplierId>,
    ) -> impl Future<Output = Result<Vec<Recorded>, Failure>> + Send;
}

/// What became of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recorded {
    /// What became of it.
    pub outcome: DocumentOutcome,
    /// The source's number of it, when it could be read.
    pub number: Option<String>,
    /// The id of what it is on file as: a receipt, an appointment; of an invoice status, the order.
    pub id: Option<String>,
    /// Why it was refused, or is in conflict.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// What was taken as it came but is not known to us.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Problem>,
}

impl Recorded {
    pub(crate) fn of(outcome: DocumentOutcome, number: &str, id: &impl ToString) -> Self {
        Self {
            outcome,
            number: Some(number.to_owned()),
            id: Some(id.to_string()),
            problems: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub(crate) fn refused(number: Option<&str>, problems: Problems) -> Self {
        Self {
            outcome: DocumentOutcome::Refused,
            number: number.map(str::to_owned),
            id: None,
            problems: problems.into_vec(),
            warnings: Vec::new(),
        }
    }

    /// The same statement is on file with other content.
    pub(crate) fn conflict(number: &str, id: &impl ToString, message: &str) -> Self {
        let problems = Problems::one("CONFLICT", &quayside_canonical::Field::root(), message);
        Self { problems: problems.into_vec(), ..Self::of(DocumentOutcome::Conflict, number, id) }
    }
}

/// Takes documents, in their order, and says what became of each.
///
/// # Errors
/// The database failed. Documents of earlier batches are on file; repeating the request is safe.
pub async fn record<S: Statement>(
    scope: &BuyerScope,
    documents: &[Result<S, Problems>],
) -> Result<Vec<Recorded>, Failure> {
    let mut recorded = Vec::with_capacity(documents.len());
    for batch in documents.chunks(BATCH) {
        recorded.extend(take_batch(scope, batch, None, true).await?);
    }
    Ok(recorded)
}

/// What documents would become. Nothing is kept.
///
/// # Errors
/// The database failed.
pub async fn preview<S: Statement>(
    scope: &BuyerScope,
    documents: &[Result<S, Problems>],
) -> Result<Vec<Recorded>, Failure> {
    let mut recorded = Vec::with_capacity(documents.len());
    for batch in documents.chunks(BATCH) {
        recorded.extend(take_batch(scope, batch, None, false).await?);
    }
    Ok(recorded)
}

/// Takes one document that came by a supplier's own channel: it is about that supplier, or refused.
///
/// # Errors
/// The database failed.
pub async fn record_of_supplier<S: Statement>(
    scope: &BuyerScope,
    document: S,
    supplier: SupplierId,
) -> Result<Recorded, Failure> {
    let recorded = take_batch(scope, &[Ok(document)], Some(supplier), true).await?;
    recorded.into_iter().next().ok_or_else(|| Failure::System("a document has no result".to_owned()))
}

/// What such a document would become. Nothing is kept.
///
/// # Errors
/// The database failed.
pub async fn preview_of_supplier<S: Statement>(
    scope: &BuyerScope,
    document: S,
    supplier: SupplierId,
) -> Result<Recorded, Failure> {
    let recorded = take_batch(scope, &[Ok(document)], Some(supplier), false).await?;
    recorded.into_iter().next().ok_or_else(|| Failure::System("a document has no result".to_owned()))
}

async fn take_batch<S: Statement>(
    scope: &BuyerScope,
    batch: &[Result<S, Problems>],
    only: Option<SupplierId>,
    keep: bool,
) -> Result<Vec<Recorded>, Failure> {
    let sound: Vec<&S> = batch.iter().filter_map(|document| document.as_ref().ok()).collect();
    let taken = if sound.is_empty() { Vec::new() } else { take_sound(scope, &sound, only, keep).await? };
    let mut taken = taken.into_iter();
    let result = |document: &Result<S, Problems>| match document {
        Ok(_) => taken.next().ok_or_else(|| Failure::System("a document has no result".to_owned())),
        Err(problems) => Ok(Recorded::refused(None, problems.clone())),
    };
    batch.iter().map(result).collect()
}

async fn take_sound<S: Statement>(
    scope: &BuyerScope,
    sound: &[&S],
    only: Option<SupplierId>,
    keep: bool,
) -> Result<Vec<Recorded>, Failure> {
    let mut tries = 0;
    loop {
        tries += 1;
        let tx = scope.write().await?;
        match S::take(&tx, scope, sound, only).await {
            Ok(taken) => {
                if keep {
                    tx.commit().await?;
                }
                return Ok(taken);
            }
            Err(Failure::Database(error)) if tries < TRIES && is_collision(&error) => {}
            Err(failure) => return Err(failure),
        }
    }
}

/// The piece of work a result makes for the buyer, if any. `subject` names the statement.
pub(crate) fn case_of(
    recorded: &Recorded,
    what: &str,
    subject: &str,
    supplier: Option<SupplierId>,
) -> Option<NewException> {
    let number = recorded.number.as_deref().unwrap_or_default();
    let (kind, severity, told, words) = match recorded.outcome {
        DocumentOutcome::Conflict => (
            ExceptionKind::RevisionConflict,
            Severity::Error,
            &recorded.problems,
            "came again with other content; the first stays",
        ),
        DocumentOutcome::Refused => {
            (ExceptionKind::DocumentRefused, Severity::Error, &recorded.problems, "was refused")
        }
        // A shipment that is not on file is no code: the ledger tells of the goods that came with it.
        _ if recorded.warnings.iter().all(|warning| warning.code == "UNKNOWN_SHIPMENT") => return None,
        _ => (ExceptionKind::UnknownCode, Severity::Warning, &recorded.warnings, "was taken"),
    };
    Some(NewException {
        kind,
        subject: subject.to_owned(),
        supplier: None,
        order: None,
        severity,
        summary: format!("{what} {number} {words}: {}", first_words(told)),
        detail: serde_json::json!({ "number": number, "supplier": supplier, "problems": told }),
    })
}

fn first_words(problems: &[Problem]) -> String {
    let rest = problems.len().saturating_sub(1);
    let first = problems.first().map_or("", |problem| problem.message.as_str());
    if rest == 0 { first.to_owned() } else { format!("{first} (and {rest} more)") }
}
