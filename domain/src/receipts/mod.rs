//! Receipts in: what warehouses say they received.
//!
//! A receipt is known by its source and number, and is never changed. Another statement of the same source may take
//! it back or correct it by naming it in `replaces`; either may arrive first. A reversal that arrives before what
//! it takes back concerns nobody yet: it is kept, and told of when the other arrives. What follows for lines,
//! shipments and discrepancies is the ledger's business ([`crate::ledger::settle`]).

mod judge;
mod load;
pub mod query;
mod state;
mod write;

use quayside_canonical::{
    Problems, SupplierId,
    receipt::ReceiptDocument,
    states::{DocumentOutcome, ExceptionKind},
};

use crate::{
    BuyerScope, Failure, exceptions, ledger, outbox,
    statements::{self, Recorded, Statement, case_of},
    store::Tx,
};

/// Takes receipts, in their order, and says what became of each.
///
/// # Errors
/// The database failed. Documents of earlier batches are on file; repeating the request is safe.
pub async fn record(
    scope: &BuyerScope,
    documents: &[Result<ReceiptDocument, Problems>],
) -> Result<Vec<Recorded>, Failure> {
    statements::record(scope, documents).await
}

/// What receipts would become. Nothing is kept.
///
/// # Errors
/// The database failed.
pub async fn preview(
    scope: &BuyerScope,
    documents: &[Result<ReceiptDocument, Problems>],
) -> Result<Vec<Recorded>, Failure> {
    statements::preview(scope, documents).await
}

/// Takes one receipt that came by a supplier's own channel, such as a copy of its EDI traffic.
///
/// # Errors
/// The database failed.
pub async fn record_of_supplier(
    scope: &BuyerScope,
    document: ReceiptDocument,
    supplier: SupplierId,
) -> Result<Recorded, Failure> {
    statements::record_of_supplier(scope, document, supplier).await
}

pub use state::{preview_statement, state};

impl Statement for ReceiptDocument {
    const KIND: &'static str = "receipt";

    async fn take(
        tx: &Tx,
        scope: &BuyerScope,
        documents: &[&Self],
        only: Option<SupplierId>,
    ) -> Result<Vec<Recorded>, Failure> {
        let mut loaded = load::load(tx, scope, documents).await?;
        let mut taken = Vec::with_capacity(documents.len());
        let mut recorded = Vec::with_capacity(documents.len());
        for document in documents {
            let (result, new) = judge::judge(&mut loaded, scope, document, only)?;
            taken.extend(new);
            recorded.push(result);
        }
        let facts = write::facts(&loaded, &taken)?;
        let cause = if let [only] = facts.as_slice() { Some(only.id) } else { None };
        write::insert(tx, scope, &taken).await?;
        outbox::append(tx, scope, facts).await?;
        tell(tx, scope, &recorded, only).await?;
        ledger::settle(tx, scope, &loaded.touched(&taken), cause).await?;
        Ok(recorded)
    }
}

/// Opens the buyer's work about documents that were not taken as they came, and closes that about those that now are.
async fn tell(
    tx: &Tx,
    scope: &BuyerScope,
    recorded: &[Recorded],
    only: Option<SupplierId>,
) -> Result<(), Failure> {
    let subject =
        |one: &Recorded| format!("receipt {} of {}", one.number.as_deref().unwrap_or_default(), scope.actor);
    let cases = recorded.iter().filter_map(|one| case_of(one, "Receipt", &subject(one), only));
    exceptions::open_many(tx, scope, cases.collect()).await?;
    let now_taken = recorded.iter().filter(|one| one.outcome == DocumentOutcome::Recorded);
    let cured: Vec<String> = now_taken.map(subject).collect();
    let words = "the receipt was taken when it came again";
    exceptions::resolve_many(tx, scope, ExceptionKind::DocumentRefused, &cured, words).await?;
    Ok(())
}
