//! Accepting an order as it stands: one click, the same rules.
use std::collections::BTreeSet;

use quayside_canonical::{
    AcknowledgmentId, Field, Problems, PurchaseOrderId,
    acknowledgment::{AnswerPart, LineAnswer, SubmitAcknowledgment},
    states::AnswerKind,
};
use serde::Serialize;

use super::{
    asked::{self, Asked},
    submit::{self, SubmitError, Submitted},
};
use crate::{
    SupplierScope,
    idempotency::{self, Claim, IdempotencyKey},
    orders::status::needs_answer,
    writes::Writes,
};

/// The operation's name in idempotency records.
const OPERATION: &str = "acknowledgments.accept";

/// Accepts every line of a revision that waits for an answer, as ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AcceptPurchaseOrder {
    /// The order.
    pub order: PurchaseOrderId,
    /// Our number of the revision that is accepted.
    pub revision: i32,
    /// The supplier's own number for the order.
    pub supplier_reference: Option<String>,
}

/// Records the answer and its events, or nothing. Without a key it only validates.
///
/// # Errors
/// See [`SubmitError`].
pub async fn accept(
    scope: &SupplierScope,
    request: &AcceptPurchaseOrder,
    key: Option<&IdempotencyKey>,
) -> Result<Submitted, SubmitError> {
    let id = AcknowledgmentId::generate();
    let tx = match key {
        Some(_) => submit::begin(scope).await?,
        None => {
            submit::may_answer(scope)?;
            scope.read().await?
        }
    };
    if let Some(key) = key
        && let Claim::Repeat(earlier) = idempotency::claim(&tx, scope, OPERATION, key, request, &id).await?
    {
        return Ok(Submitted::repeat(earlier));
    }
    let asked = asked::load(&tx, scope, request.order, None).await?;
    let answer = as_ordered(request, &asked)?;
    let lines = submit::judge(&tx, scope, &asked, &answer, &BTreeSet::new()).await?;
    if key.is_none() {
        return Ok(Submitted::validated(lines));
    }
    let filed = submit::record(&tx, scope, Writes::new(scope.store()), id, &asked, &answer, &lines).await?;
    tx.commit().await?;
    Ok(Submitted::filed(filed, lines))
}

/// The answer that takes every open line as it is ordered.
fn as_ordered(request: &AcceptPurchaseOrder, asked: &Asked) -> Result<SubmitAcknowledgment, SubmitError> {
    let open = asked.document.lines.iter().filter(|line| {
        asked.standing.get(&line.number).is_some_and(|standing| needs_answer(standing.status))
    });
    let lines: Vec<LineAnswer> = open
        .map(|line| LineAnswer {
            line: line.number.clone(),
            replaces: None,
            parts: vec![AnswerPart {
                kind: AnswerKind::Accepted,
                quantity: line.quantity,
                unit: None,
                promised_on: None,
                price: None,
                reason: None,
                substitute: None,
            }],
        })
        .collect();
    if lines.is_empty() && request.revision == asked.row.revision {
        let message = "every line of this order is answered or cancelled";
        return Err(SubmitError::Refused(Problems::one(
            "NOTHING_TO_ANSWER",
            &Field::root().at("id"),
            message,
        )));
    }
    Ok(SubmitAcknowledgment {
        order: request.order,
        revision: request.revision,
        supplier_reference: request.supplier_reference.clone(),
        note: None,
        lines,
    })
}
