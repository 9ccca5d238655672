//! An answer as a message states it: resolved against the order, then judged and recorded like any other.
//!
//! Everything happens under the order's lock, so that "as it stands" means one revision. A line that is answered
//! already is answered anew, and a line that says what stands already is left alone: a message that is sent twice
//! changes nothing, however long ago the first one came. A line may be answered in parts, over several statements.

mod amend;
mod in_part;
mod resolve;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use quayside_canonical::{
    AcknowledgmentId, Problem, Problems, PurchaseOrderId, acknowledgment::SubmitAcknowledgment,
    order::release_number, statement::AcknowledgmentStatement, states::LineStatus,
};
use quayside_entity::purchase_order;
use sea_orm::{ColumnTrait, QueryFilter};

use super::{
    asked,
    check::Judged,
    query::{Standing, standing_answers},
    submit::{self, SubmitError},
};
use crate::{
    Failure, SupplierScope,
    idempotency::{self, Claim, IdempotencyKey},
    orders::status::needs_answer,
    store::Tx,
    writes::Writes,
};
use resolve::Resolved;

/// The operation's name in idempotency records.
const OPERATION: &str = "acknowledgments.state";

/// What became of a statement.
#[derive(Clone, Debug)]
pub struct Stated {
    /// The answer on file; nothing when the statement said nothing new.
    pub acknowledgment: Option<AcknowledgmentId>,
    /// The order, when it had to be looked at.
    pub order: Option<PurchaseOrderId>,
    /// What was read with reservations.
    pub warnings: Vec<Problem>,
    /// Whether this is the result of an earlier request with the same key.
    pub replayed: bool,
}

/// Records what the statement answers, or nothing.
///
/// # Errors
/// See [`SubmitError`]. Problems name the places of the message.
#[tracing::instrument(skip_all, fields(order.number = %statement.number))]
pub async fn state(
    scope: &SupplierScope,
    statement: &AcknowledgmentStatement,
    key: &IdempotencyKey,
) -> Result<Stated, SubmitError> {
    let tx = submit::begin(scope).await?;
    let id = AcknowledgmentId::generate();
    if let Claim::Repeat(earlier) = idempotency::claim(&tx, scope, OPERATION, key, statement, &id).await? {
        return Ok(Stated {
            acknowledgment: Some(earlier),
            order: None,
            warnings: Vec::new(),
            replayed: true,
        });
    }
    let Judgment { order, asked, answer, lines, warnings } = judge(&tx, scope, statement).await?;
    let nothing = Stated { acknowledgment: None, order: Some(order), warnings, replayed: false };
    if lines.is_empty() {
        return Ok(nothing);
    }
    submit::record(&tx, scope, Writes::new(scope.store()), id, &asked, &answer, &lines).await?;
    tx.commit().await?;
    Ok(Stated { acknowledgment: Some(id), ..nothing })
}

/// What the statement would come to. Nothing is written, so that there is no answer in it.
///
/// # Errors
/// See [`SubmitError`]. Problems name the places of the message.
pub async fn preview(
    scope: &SupplierScope,
    statement: &AcknowledgmentStatement,
) -> Result<Stated, SubmitError> {
    submit::may_answer(scope)?;
    let tx = scope.read().await?;
    let Judgment { order, warnings, .. } = judge(&tx, scope, statement).await?;
    Ok(Stated { acknowledgment: None, order: Some(order), warnings, replayed: false })
}

/// What the rules make of a statement.
struct Judgment {
    order: PurchaseOrderId,
    asked: asked::Asked,
    answer: SubmitAcknowledgment,
    /// The lines that say something new.
    lines: Vec<Judged>,
    warnings: Vec<Problem>,
}

async fn judge(
    tx: &Tx,
    scope: &SupplierScope,
    statement: &AcknowledgmentStatement,
) -> Result<Judgment, SubmitError> {
    let order = find(tx, scope, statement).await?.ok_or(SubmitError::OrderNotFound)?;
    let asked = asked::load(tx, scope, order, None).await?;
    let standing = standing_answers(tx, scope, &[order]).await?.remove(&order).unwrap_or_default();
    let Resolved { mut answer, places, in_part, warnings } =
        resolve::resolve(statement, &asked, &standing).map_err(SubmitError::Refused)?;
    if answer.lines.is_empty() {
        return Ok(Judgment { order, asked, answer, lines: Vec::new(), warnings });
    }
    let judged = submit::judge(tx, scope, &asked, &answer, &in_part).await;
    let mut lines = judged.map_err(|error| match error {
        SubmitError::Refused(problems) => SubmitError::Refused(places.of(problems)),
        other => other,
    })?;
    keep_news(&mut answer, &mut lines, &standing);
    Ok(Judgment { order, asked, answer, lines, warnings })
}

/// The supplier's order with this number; the release before the blanket order.
async fn find(
    tx: &Tx,
    scope: &SupplierScope,
    statement: &AcknowledgmentStatement,
) -> Result<Option<PurchaseOrderId>, Failure> {
    let release = statement.release.as_ref().map(|release| release_number(&statement.number, release));
    let numbers = release.iter().chain([&statement.number]);
    let query = scope.find::<purchase_order::Entity>();
    let rows = query.filter(purchase_order::Column::Number.is_in(numbers)).all(&**tx).await?;
    let exact = rows.iter().find(|row| Some(&row.number) == release.as_ref());
    Ok(exact.or(rows.first()).map(|row| row.id))
}

/// Leaves out what stands already.
fn keep_news(
    answer: &mut SubmitAcknowledgment,
    lines: &mut Vec<Judged>,
    standing: &BTreeMap<String, Standing>,
) {
    let stands = |line: &Judged, standing: &Standing| {
        standing.parts == line.parts
            && match line.status {
                LineStatus::AwaitingAnswer => standing.status == LineStatus::AwaitingAnswer,
                _ => !needs_answer(standing.status),
            }
    };
    lines.retain(|line| !standing.get(&line.line).is_some_and(|standing| stands(line, standing)));
    answer.lines.retain(|said| lines.iter().any(|line| line.line == said.line));
}

/// The reason a statement about an unknown order is refused with; another supplier's order is as unknown.
#[must_use]
pub fn unknown_order(statement: &AcknowledgmentStatement) -> Problems {
    let words = format!("order {} is not known", statement.number);
    Problems::one("UNKNOWN_ORDER", &statement.place, words)
}
