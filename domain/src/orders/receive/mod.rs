//! Revisions in: many documents, few statements.
//!
//! Up to a hundred documents share a transaction: everything they touch is loaded at once, a pure function
//! decides what each of them does, and everything is written at once. One bad document does not spoil its
//! neighbours, because it is found bad before anything is written. A document is put into the tenant's codes
//! first. Two batches that create the same order collide on its unique number; the loser starts over and finds
//! the order there.

mod lists;
mod load;
mod moved;
mod translate;
mod warnings;
mod write;

use quayside_canonical::{
    EventId, Field, Problem, Problems, PurchaseOrderId, SupplierId, WaitingChangeId,
    order::PurchaseOrder,
    states::{DocumentOutcome, ExceptionKind, Severity},
};
use sea_orm::{DbErr, SqlErr};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::change;
use crate::{BuyerScope, Failure, exceptions, idempotency::IdempotencyKey, notifications, outbox, store::Tx};
use load::Loaded;
pub use translate::Translated;

/// The operation's name in idempotency records.
const OPERATION: &str = "purchase_orders.receive";
/// How many documents share a transaction.
const BATCH: usize = 100;
/// How often a batch starts over when it collides with another.
const TRIES: usize = 5;

/// A document as it comes in.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The order, or what was wrong with it.
    pub order: Result<PurchaseOrder, Problems>,
    /// The key of the request and the document's place in it, when the caller gave one.
    pub key: Option<IdempotencyKey>,
    /// The only supplier the caller may speak about, when there is one.
    pub only_supplier: Option<SupplierId>,
}

/// What became of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Received {
    /// What became of it.
    pub outcome: DocumentOutcome,
    /// The order's number, when it could be read.
    pub number: Option<String>,
    /// The order.
    pub order: Option<PurchaseOrderId>,
    /// Our number of the revision.
    pub revision: Option<i32>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// What was taken as it came but is in no list of ours.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Problem>,
    /// Codes that were replaced by the tenant's own, or filled in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub translations: Vec<Translated>,
    /// Whether this is the answer to an earlier request with the same key.
    #[serde(skip)]
    pub replayed: bool,
    /// The change that waits, when it is one.
    #[serde(skip)]
    pub waiting: Option<WaitingChangeId>,
}

/// What a document was made from, when it states only a change.
pub(in crate::orders) struct Basis {
    /// The current revision it was made from; none when the order is not there. The document is filed only if that
    /// still holds.
    pub(in crate::orders) revision: Option<i32>,
    /// What tells the request from another under the same key: the document is not what was sent.
    pub(in crate::orders) request_hash: Vec<u8>,
}

impl Received {
    pub(in crate::orders) fn refused(number: Option<String>, problems: Problems) -> Self {
        Self {
            outcome: DocumentOutcome::Refused,
            number,
            order: None,
            revision: None,
            problems: problems.into_vec(),
            warnings: Vec::new(),
            translations: Vec::new(),
            replayed: false,
            waiting: None,
        }
    }
}

/// Takes documents, in their order, and says what became of each.
///
/// # Errors
/// The database failed. Documents of earlier batches are on file; repeating the request is safe.
pub async fn receive(scope: &BuyerScope, documents: &[Incoming]) -> Result<Vec<Received>, Failure> {
    let mut received = Vec::with_capacity(documents.len());
    for batch in documents.chunks(BATCH) {
        let taken = receive_batch(scope, batch, None).await?.unwrap_or_default();
        // Changes that came before the order were left to wait for it.
        let here = taken.iter().filter(|one| one.order.is_some()).filter_map(|one| one.number.clone());
        change::release(scope, &here.collect::<Vec<_>>()).await?;
        received.extend(taken);
    }
    Ok(received)
}

/// Takes a document that was made from the order as it stood. Nothing when the order moved meanwhile: make it anew.
pub(in crate::orders) async fn receive_made(
    scope: &BuyerScope,
    document: Incoming,
    basis: &Basis,
) -> Result<Option<Received>, Failure> {
    let received = receive_batch(scope, &[document], Some(basis)).await?;
    Ok(received.and_then(|mut received| received.pop()))
}

/// What documents would become. Nothing is written.
///
/// # Errors
/// The database failed.
pub async fn preview(scope: &BuyerScope, documents: &[Incoming]) -> Result<Vec<Received>, Failure> {
    let mut received = Vec::with_capacity(documents.len());
    for batch in documents.chunks(BATCH) {
        let tx = scope.read().await?;
        let batch = translate::translate(&tx, scope, batch).await?;
        let mut loaded = load::load(&tx, scope, &batch).await?;
        for document in &batch {
            received.push(take(&mut loaded, document, scope)?.0);
        }
    }
    Ok(received)
}

async fn receive_batch(
    scope: &BuyerScope,
    batch: &[Incoming],
    basis: Option<&Basis>,
) -> Result<Option<Vec<Received>>, Failure> {
    let mut tries = 0;
    loop {
        tries += 1;
        let tx = scope.write().await?;
        match try_batch(&tx, scope, batch, basis).await {
            Ok(received) => {
                tx.commit().await?;
                return Ok(received);
            }
            Err(Failure::Database(error)) if tries < TRIES && is_collision(&error) => {}
            Err(failure) => return Err(failure),
        }
    }
}

/// Whether another batch got there first.
pub(crate) fn is_collision(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
        || crate::failure::is_lock_timeout(error)
}

async fn try_batch(
    tx: &Tx,
    scope: &BuyerScope,
    batch: &[Incoming],
    basis: Option<&Basis>,
) -> Result<Option<Vec<Received>>, Failure> {
    let batch = &translate::translate(tx, scope, batch).await?;
    let mut loaded = load::load(tx, scope, batch).await?;
    let mut received = Vec::with_capacity(batch.len());
    let mut facts = Vec::new();
    let mut keys = Vec::new();
    let mut cases = Vec::new();
    let mut news = Vec::new();
    for document in batch {
        if let Some(earlier) = loaded.repeat_of(document, basis)? {
            received.push(earlier);
            continue;
        }
        if basis.is_some_and(|basis| loaded.current_of(document) != basis.revision) {
            return Ok(None);
        }
        let (result, fact) = take(&mut loaded, document, scope)?;
        news.extend(fact.as_ref().and_then(|fact| news_of(&loaded, document, &result, fact.id)));
        facts.extend(fact);
        cases.extend(case_of(&result, document));
        // A refused document leaves its key free: what was wrong may be put right.
        if let (Some(key), Ok(order)) = (&document.key, &document.order)
            && result.outcome != DocumentOutcome::Refused
        {
            keys.push(write::Key {
                key: key.clone(),
                request_hash: request_hash(order, basis)?,
                result: serde_json::to_string(&result)?,
            });
        }
        received.push(result);
    }
    write::write(tx, scope, &loaded, keys, facts).await?;
    exceptions::open_many(tx, scope, cases).await?;
    notifications::tell_of_orders(tx, scope, news).await?;
    moved::settle(tx, scope, &loaded).await?;
    loaded.resolve_overdue(tx, scope).await?;
    Ok(Some(received))
}

/// Decides what one document does to the orders loaded.
fn take(
    loaded: &mut Loaded,
    document: &Incoming,
    scope: &BuyerScope,
) -> Result<(Received, Option<outbox::Fact>), Failure> {
    let order = match &document.order {
        Ok(order) => order,
        Err(problems) => return Ok((Received::refused(None, problems.clone()), None)),
    };
    let number = order.number.clone();
    let (supplier, rules) = match loaded.supplier_for(order, document.only_supplier) {
        Ok(found) => found,
        Err(problems) => return Ok((Received::refused(Some(number), problems), None)),
    };
    let state = loaded.order_mut(&number, supplier);
    if state.supplier != supplier {
        let field = Field::root().at("supplier");
        let message = "the order belongs to another supplier; cancel it and place a new one";
        return Ok((
            Received::refused(Some(number), Problems::one("SUPPLIER_CHANGED", &field, message)),
            None,
        ));
    }
    let revised = state.take(order.clone(), &rules, scope.now)?;
    let (id, current) = (state.id, state.current.as_ref().map_or(0, |current| current.number));
    let fact = write::fact(order, id, supplier, &revised, current, state)?;
    let received = Received {
        outcome: revised.outcome,
        number: Some(number),
        order: Some(id),
        revision: Some(revised.revision),
        problems: Vec::new(),
        warnings: loaded.warnings(order),
        translations: translate::made_in(order),
        replayed: false,
        waiting: None,
    };
    Ok((received, fact))
}

/// What tells one request from another under the same key: what was sent, in the codes of the sender.
fn request_hash(order: &PurchaseOrder, basis: Option<&Basis>) -> Result<Vec<u8>, Failure> {
    match basis {
        Some(basis) => Ok(basis.request_hash.clone()),
        None => hash(&*order.as_received()),
    }
}

/// The hash of what was asked for.
pub(in crate::orders) fn hash(request: &impl Serialize) -> Result<Vec<u8>, Failure> {
    Ok(Sha256::digest(serde_json::to_vec(request)?).to_vec())
}

/// The result of an earlier request with this key, and the hash of what it asked for.
pub(in crate::orders) async fn earlier(
    tx: &Tx,
    scope: &BuyerScope,
    key: &IdempotencyKey,
) -> Result<Option<(Vec<u8>, Received)>, Failure> {
    Ok(load::repeats(tx, scope, vec![key.to_string()]).await?.remove(&key.to_string()))
}

/// What a supplier is told of a result, if anything.
fn news_of(
    loaded: &Loaded,
    document: &Incoming,
    received: &Received,
    event: EventId,
) -> Option<notifications::OrderNews> {
    let (document, order) = (document.order.as_ref().ok()?, received.order?);
    let state = loaded.orders.get(&document.number)?;
    matches!(received.outcome, DocumentOutcome::Created | DocumentOutcome::Revised).then(|| {
        notifications::OrderNews {
            event,
            order,
            supplier: state.supplier,
            number: document.number.clone(),
            outcome: received.outcome,
            cancelled: document.cancelled,
            answer_due_at: state.answer_due_at,
        }
    })
}

/// The piece of work a result makes for the buyer, if any.
fn case_of(received: &Received, document: &Incoming) -> Option<exceptions::NewException> {
    let order = document.order.as_ref().ok()?;
    let subject = received.order.map_or_else(|| format!("order {}", order.number), |id| id.to_string());
    let (kind, severity, summary) = match received.outcome {
        DocumentOutcome::Conflict => (
            ExceptionKind::RevisionConflict,
            Severity::Error,
            format!(
                "Revision {} of order {} came again with other content; the first stays",
                order.revision.id, order.number
            ),
        ),
        DocumentOutcome::Refused => (
            ExceptionKind::DocumentRefused,
            Severity::Error,
            format!("Order {} was refused: {}", order.number, first_words(&received.problems)),
        ),
        _ if received.warnings.is_empty() => return None,
        _ => (
            ExceptionKind::UnknownCode,
            Severity::Warning,
            format!("Order {}: {}", order.number, first_words(&received.warnings)),
        ),
    };
    let found = if received.problems.is_empty() { &received.warnings } else { &received.problems };
    let detail =
        serde_json::json!({ "number": order.number, "revision": order.revision.id, "problems": found });
    Some(exceptions::NewException {
        kind,
        subject,
        supplier: None,
        order: received.order,
        severity,
        summary,
        detail,
    })
}

fn first_words(problems: &[Problem]) -> String {
    let rest = problems.len().saturating_sub(1);
    let first = problems.first().map_or("", |problem| problem.message.as_str());
    if rest == 0 { first.to_owned() } else { format!("{first} (and {rest} more)") }
}
