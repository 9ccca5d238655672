//! Master data in: items, locations, suppliers and cross-references, as the buyer's systems keep them.
//!
//! A document states one thing whole, and is held against what is on file: nothing there is CREATED, something
//! else is REVISED, the same is UNCHANGED. Repeating a request is therefore harmless and needs no key. Up to a
//! hundred documents share a transaction and one event; a bad one is refused by itself. Later documents win
//! over earlier ones about the same thing.

mod cross_references;
mod items;
mod locations;
mod suppliers;

use std::future::Future;

use quayside_canonical::{
    Problem, Problems, events::MasterDataChanged, master_data::MasterDataKind, states::DocumentOutcome,
};
use serde::Serialize;

use crate::{
    BuyerScope, Failure,
    orders::receive::is_collision,
    outbox::{self, About, Fact},
    store::Tx,
};

/// How many documents share a transaction.
const BATCH: usize = 100;
/// How often a batch starts over when it collides with another.
const TRIES: usize = 5;

/// What a document does, or why it is refused.
pub type Verdict = Result<DocumentOutcome, Problems>;

/// One kind of master data.
pub trait MasterData: Sized + Send + Sync {
    /// The kind.
    const KIND: MasterDataKind;

    /// What people know it by.
    fn code(&self) -> String;

    /// Holds the documents against what is on file, in their order, and writes what differs.
    fn take(
        tx: &Tx,
        scope: &BuyerScope,
        documents: &[&Self],
    ) -> impl Future<Output = Result<Vec<Verdict>, Failure>> + Send;
}

/// What became of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recorded {
    /// What became of it.
    pub outcome: DocumentOutcome,
    /// What people know it by, when it could be read.
    pub code: Option<String>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}

/// Takes documents, in their order, and says what became of each.
///
/// # Errors
/// The database failed. Documents of earlier batches are on file; repeating the request is safe.
pub async fn record<D: MasterData>(
    scope: &BuyerScope,
    documents: &[Result<D, Problems>],
) -> Result<Vec<Recorded>, Failure> {
    let mut recorded = Vec::with_capacity(documents.len());
    for batch in documents.chunks(BATCH) {
        recorded.extend(record_batch(scope, batch, true).await?);
    }
    Ok(recorded)
}

/// What documents would become. Nothing is kept.
///
/// # Errors
/// The database failed.
pub async fn preview<D: MasterData>(
    scope: &BuyerScope,
    documents: &[Result<D, Problems>],
) -> Result<Vec<Recorded>, Failure> {
    let mut recorded = Vec::with_capacity(documents.len());
    for batch in documents.chunks(BATCH) {
        recorded.extend(record_batch(scope, batch, false).await?);
    }
    Ok(recorded)
}

async fn record_batch<D: MasterData>(
    scope: &BuyerScope,
    batch: &[Result<D, Problems>],
    keep: bool,
) -> Result<Vec<Recorded>, Failure> {
    let mut tries = 0;
    loop {
        tries += 1;
        let tx = scope.write().await?;
        match try_batch(&tx, scope, batch).await {
            Ok(recorded) => {
                if keep {
                    tx.commit().await?;
                }
                return Ok(recorded);
            }
            Err(Failure::Database(error)) if tries < TRIES && is_collision(&error) => {}
            Err(failure) => return Err(failure),
        }
    }
}

async fn try_batch<D: MasterData>(
    tx: &Tx,
    scope: &BuyerScope,
    batch: &[Result<D, Problems>],
) -> Result<Vec<Recorded>, Failure> {
    let sound: Vec<&D> = batch.iter().filter_map(|document| document.as_ref().ok()).collect();
    let verdicts = if sound.is_empty() { Vec::new() } else { D::take(tx, scope, &sound).await? };
    let mut verdicts = verdicts.into_iter();
    let mut recorded = Vec::with_capacity(batch.len());
    for document in batch {
        recorded.push(match document {
            Ok(document) => {
                let verdict = verdicts.next();
                let verdict =
                    verdict.ok_or_else(|| Failure::System("a document has no verdict".to_owned()))?;
                result(Some(document.code()), verdict)
            }
            Err(problems) => result(None, Err(problems.clone())),
        });
    }
    announce::<D>(tx, scope, &recorded).await?;
    Ok(recorded)
}

fn result(code: Option<String>, verdict: Verdict) -> Recorded {
    match verdict {
        Ok(outcome) => Recorded { outcome, code, problems: Vec::new() },
        Err(problems) => Recorded { outcome: DocumentOutcome::Refused, code, problems: problems.into_vec() },
    }
}

/// One event for all that changed. The batches of a request share a subject, and are counted in it.
async fn announce<D: MasterData>(tx: &Tx, scope: &BuyerScope, recorded: &[Recorded]) -> Result<(), Failure> {
    let changed =
        |one: &&Recorded| matches!(one.outcome, DocumentOutcome::Created | DocumentOutcome::Revised);
    let mut codes: Vec<String> = recorded.iter().filter(changed).filter_map(|one| one.code.clone()).collect();
    codes.sort_unstable();
    codes.dedup();
    if codes.is_empty() {
        return Ok(());
    }
    let about = About::tenant(&format!("master_data/{}", scope.correlation));
    let event = MasterDataChanged { kind: D::KIND, codes };
    outbox::append(tx, scope, vec![Fact::new(about, &event)?]).await
}

/// How what a document says compares with what is on file.
fn compare<T: PartialEq>(on_file: Option<&T>, stated: &T) -> DocumentOutcome {
    match on_file {
        None => DocumentOutcome::Created,
        Some(on_file) if on_file == stated => DocumentOutcome::Unchanged,
        Some(_) => DocumentOutcome::Revised,
    }
}
