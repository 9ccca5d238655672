//! Takes a change: applied to the current revision, filed as the next one, or left to wait.
use quayside_canonical::{
    Problem, Problems, PurchaseOrderId, SupplierId,
    events::RevisionConflicted,
    order::PurchaseOrder,
    order_change::{Effect, OrderChange},
    states::{DocumentOutcome, ExceptionKind, Severity},
};
use quayside_entity::{purchase_order, purchase_order_revision};
use sea_orm::{ColumnTrait, QueryFilter};

use super::{apply::apply_change, wait};
use crate::{
    BuyerScope, Failure, exceptions,
    idempotency::IdempotencyKey,
    orders::{
        query::document_of,
        receive::{self, Basis, Incoming, Received},
    },
    outbox::{self, About, Fact},
    store::Tx,
};

/// How often a change is applied anew because the order moved meanwhile.
const TRIES: usize = 5;

/// Takes a change and says what became of it. What refuses it, or makes it late, is for the caller to report.
///
/// A change of an order that is not there yet, or that follows one that has not come, waits; when what it waits for
/// arrives it is carried out by what brought that.
///
/// # Errors
/// The database failed, or the order keeps moving. Nothing was written; repeating the request is safe.
pub async fn receive_change(
    scope: &BuyerScope,
    change: &OrderChange,
    key: &IdempotencyKey,
    only_supplier: Option<SupplierId>,
) -> Result<Received, Failure> {
    let request = Request { change, key, only_supplier, gap: Gap::Waits };
    match carry_out(scope, &request).await? {
        Done::Waits(why) => wait::hold(scope, &request, &why).await,
        Done::Now(received) => {
            if received.order.is_some() {
                wait::release(scope, std::slice::from_ref(&change.number)).await?;
            }
            Ok(received)
        }
    }
}

/// The same for a change that a person has decided about: it does not wait for changes before it.
///
/// # Errors
/// See [`receive_change`].
pub async fn force_change(
    scope: &BuyerScope,
    change: &OrderChange,
    key: &IdempotencyKey,
    only_supplier: Option<SupplierId>,
) -> Result<Received, Failure> {
    let request = Request { change, key, only_supplier, gap: Gap::Taken };
    let received = match carry_out(scope, &request).await? {
        Done::Waits(why) => Received::refused(Some(change.number.clone()), one(why)),
        Done::Now(received) => received,
    };
    if received.order.is_some() {
        wait::settle_request(scope, &request, &received).await?;
        wait::release(scope, std::slice::from_ref(&change.number)).await?;
    }
    Ok(received)
}

/// What a change would become. Nothing is written.
///
/// # Errors
/// The database failed.
pub async fn preview_change(
    scope: &BuyerScope,
    change: &OrderChange,
    only_supplier: Option<SupplierId>,
) -> Result<Received, Failure> {
    let tx = scope.read().await?;
    let found = find(&tx, scope, change).await?;
    drop(tx);
    Ok(match decide(change, found, only_supplier, Gap::Waits) {
        Decision::Settled(received) => *received,
        Decision::Wait(why) => wait::waiting(change, &why, None),
        Decision::File { order, .. } => {
            let incoming = Incoming { order: Ok(*order), key: None, only_supplier };
            let previewed = receive::preview(scope, &[incoming]).await?.pop();
            previewed.ok_or_else(|| Failure::System("a document has no preview".to_owned()))?
        }
    })
}

/// A change as it is asked for.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    pub(super) change: &'a OrderChange,
    pub(super) key: &'a IdempotencyKey,
    pub(super) only_supplier: Option<SupplierId>,
    pub(super) gap: Gap,
}

/// What is done about a change that follows one that has not come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// It waits.
    Waits,
    /// It is carried out.
    Taken,
}

/// What came of a change.
pub(super) enum Done {
    /// This.
    Now(Received),
    /// It has to wait, and this is why.
    Waits(Problem),
}

/// Carries a change out, unless it has to wait.
pub(super) async fn carry_out(scope: &BuyerScope, request: &Request<'_>) -> Result<Done, Failure> {
    let &Request { change, key, only_supplier, gap: on_gap } = request;
    let request_hash = request_hash(change)?;
    for _ in 0..TRIES {
        let tx = scope.read().await?;
        if let Some((first_hash, earlier)) = receive::earlier(&tx, scope, key).await? {
            drop(tx);
            if first_hash == request_hash {
                return Ok(Done::Now(Received { replayed: true, ..earlier }));
            }
            return Ok(Done::Now(conflict(scope, change, earlier).await?));
        }
        let found = find(&tx, scope, change).await?;
        drop(tx);
        let (order, revision) = match decide(change, found, only_supplier, on_gap) {
            Decision::Settled(received) => return Ok(Done::Now(*received)),
            Decision::Wait(why) => return Ok(Done::Waits(why)),
            Decision::File { order, revision } => (order, revision),
        };
        let warnings = gap(change, revision.as_ref().map(|(_, sequence)| *sequence));
        let incoming = Incoming { order: Ok(*order), key: Some(key.clone()), only_supplier };
        let revision = revision.map(|(number, _)| number);
        let basis = Basis { revision, request_hash: request_hash.clone() };
        if let Some(mut received) = receive::receive_made(scope, incoming, &basis).await? {
            received.warnings.extend(warnings);
            return Ok(Done::Now(received));
        }
    }
    Err(Failure::System(format!("order {} keeps changing; try again", change.number)))
}

/// What tells one change from another under the same key.
pub(super) fn request_hash(change: &OrderChange) -> Result<Vec<u8>, Failure> {
    receive::hash(change_itself(change))
}

/// What makes two messages the same change: when it was sent does not.
fn change_itself(change: &OrderChange) -> &impl serde::Serialize {
    &change.effect
}

/// An order as a change finds it.
struct Found {
    row: purchase_order::Model,
    document: PurchaseOrder,
    /// Our number of the revision with the change's name, when there is one.
    same_name: Option<i32>,
}

async fn find(tx: &Tx, scope: &BuyerScope, change: &OrderChange) -> Result<Option<Found>, Failure> {
    use purchase_order_revision::Column;
    let query = scope.find::<purchase_order::Entity>();
    let row = query.filter(purchase_order::Column::Number.eq(&change.number)).one(&**tx).await?;
    let Some(row) = row else { return Ok(None) };
    let document = document_of(tx, scope, row.id, row.revision).await?;
    let document =
        document.ok_or_else(|| Failure::Corrupt(format!("{} lacks its current revision", row.id)))?;
    let same_name = scope
        .find::<purchase_order_revision::Entity>()
        .filter(Column::OrderId.eq(row.id))
        .filter(Column::SourceRevision.eq(&change.revision.id))
        .one(&**tx)
        .await?;
    Ok(Some(Found { row, document, same_name: same_name.map(|revision| revision.number) }))
}

/// What to do with a change.
enum Decision {
    /// Nothing is to be filed.
    Settled(Box<Received>),
    /// Not yet: what comes before it is not there, as this says.
    Wait(Problem),
    /// This revision, made from our revision of that number and its source's sequence.
    File { order: Box<PurchaseOrder>, revision: Option<(i32, i64)> },
}

fn decide(
    change: &OrderChange,
    found: Option<Found>,
    only_supplier: Option<SupplierId>,
    on_gap: Gap,
) -> Decision {
    let settled = |received| Decision::Settled(Box::new(received));
    let refused = |problems| settled(Received::refused(Some(change.number.clone()), problems));
    let Some(found) = found else {
        return match &change.if_unknown {
            Some(order) => Decision::File { order: order.clone(), revision: None },
            None => Decision::Wait(unknown(change)),
        };
    };
    if only_supplier.is_some_and(|only| only != found.row.supplier_id) {
        // Whose it is stays unsaid. A whole order cannot be taken under a number that is in use, though.
        return match &change.if_unknown {
            Some(_) => refused(Problems::one(
                "SUPPLIER_CHANGED",
                &change.place,
                "the order belongs to another supplier; cancel it and place a new one",
            )),
            None => Decision::Wait(unknown(change)),
        };
    }
    let (order, current) = (found.row.id, found.row.revision);
    if let Some(number) = found.same_name {
        let words = format!("change {} is on file already; it was not applied again", change.revision.id);
        return settled(on_file(
            change,
            order,
            number,
            DocumentOutcome::Unchanged,
            "REVISION_ON_FILE",
            words,
        ));
    }
    let rank = found.document.revision.rank();
    let newer = match change.revision.sequence {
        Some(sequence) => (sequence, change.revision.issued_at, change.revision.id.as_str()) > rank,
        None => (change.revision.issued_at, change.revision.id.as_str()) > (rank.1, rank.2),
    };
    if !newer {
        let words = format!(
            "revision {} is current and newer than change {}; it was not applied",
            found.document.revision.id, change.revision.id
        );
        return settled(on_file(change, order, current, DocumentOutcome::Late, "CHANGE_LATE", words));
    }
    // What states the whole, or ends it, misses nothing.
    let builds_on_it = matches!(change.effect, Effect::Change(_));
    if let (Gap::Waits, true, Some(why)) = (on_gap, builds_on_it, gap(change, Some(rank.0))) {
        return Decision::Wait(why);
    }
    match apply_change(&found.document, change) {
        Ok(next) => Decision::File { order: Box::new(next), revision: Some((current, rank.0)) },
        Err(problems) => settled(Received {
            order: Some(order),
            ..Received::refused(Some(change.number.clone()), problems)
        }),
    }
}

fn unknown(change: &OrderChange) -> Problem {
    told(change, "UNKNOWN_ORDER", format!("order {} is not known", change.number))
}

fn one(problem: Problem) -> Problems {
    let mut problems = Problems::new();
    problems.push(problem);
    problems
}

/// A problem at the place where the change names its order.
pub(super) fn told(change: &OrderChange, code: &str, message: String) -> Problem {
    Problem { code: code.to_owned(), field: change.place.steps().to_vec(), message }
}

/// A change that is not filed: `revision` stays.
fn on_file(
    change: &OrderChange,
    order: PurchaseOrderId,
    revision: i32,
    outcome: DocumentOutcome,
    code: &str,
    words: String,
) -> Received {
    let told = Problems::one(code, &change.place, words).into_vec();
    let (problems, warnings) =
        if outcome == DocumentOutcome::Unchanged { (vec![], told) } else { (told, vec![]) };
    Received {
        translations: Vec::new(),
        outcome,
        number: Some(change.number.clone()),
        order: Some(order),
        revision: Some(revision),
        problems,
        warnings,
        replayed: false,
        waiting: None,
    }
}

/// A count that leaves one out: that change is missing, and its effect with it.
fn gap(change: &OrderChange, before: Option<i64>) -> Option<Problem> {
    match (change.revision.sequence, before) {
        (Some(sequence), Some(before)) if sequence > before + 1 => {
            let words = format!("change {sequence} follows {before}; what is between them has not come");
            Some(told(change, "SEQUENCE_GAP", words))
        }
        _ => None,
    }
}

/// The same change again with other content: the first stays, and a person is told.
async fn conflict(scope: &BuyerScope, change: &OrderChange, first: Received) -> Result<Received, Failure> {
    let words = format!(
        "change {} of order {} came again with other content; the first stays",
        change.revision.id, change.number
    );
    if let (Some(order), Some(revision)) = (first.order, first.revision) {
        let tx = scope.write().await?;
        let query = scope.find::<purchase_order::Entity>();
        // Locked, so that nobody else counts the order's events on.
        let row = sea_orm::QuerySelect::lock_exclusive(query.filter(purchase_order::Column::Id.eq(order)));
        if let Some(row) = row.one(&*tx).await? {
            let event = RevisionConflicted { order, revision, source_revision: change.revision.id.clone() };
            outbox::append(&tx, scope, vec![Fact::new(About::order(order, row.supplier_id), &event)?])
                .await?;
            let case = exceptions::NewException {
                kind: ExceptionKind::RevisionConflict,
                subject: order.to_string(),
                supplier: None,
                order: Some(order),
                severity: Severity::Error,
                summary: words.clone(),
                detail: serde_json::json!({ "number": change.number, "revision": change.revision.id }),
            };
            exceptions::open(&tx, scope, case).await?;
            tx.commit().await?;
        }
    }
    let problems = Problems::one("REVISION_CONFLICT", &change.place, words).into_vec();
    Ok(Received {
        outcome: DocumentOutcome::Conflict,
        problems,
        warnings: Vec::new(),
        replayed: false,
        ..first
    })
}
