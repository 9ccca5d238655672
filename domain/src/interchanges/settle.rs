//! What becomes of messages after their interchange was answered: a change that waited is through with waiting.
use quayside_canonical::{
    InterchangeId, MessageId, Problem, WaitingChangeId,
    states::{DocumentOutcome, ExceptionKind, MessageStage, Severity},
};
use quayside_entity::{interchange, interchange_message, waiting_change};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect, sea_query::Expr};

use super::{
    finish::{message_result, recount},
    is_refused,
    record::{Findings, case_of, stage_of},
};
use crate::{
    Failure, Scope, exceptions,
    orders::Received,
    scope::{in_tenant, update_in_tenant},
    store::Tx,
};

/// Writes what became of a change that waited on the messages that brought it.
pub(crate) async fn settled(
    tx: &Tx,
    scope: &Scope,
    waiting: WaitingChangeId,
    received: &Received,
) -> Result<(), Failure> {
    let findings = Findings::in_place(received.problems.clone(), received.warnings.clone());
    let subject = received.order.map(|order| order.to_string());
    let done = Done {
        stage: stage_of(received.outcome),
        outcome: received.outcome,
        subject,
        order: received.order,
        waiting: None,
        findings,
    };
    for row in waiting_messages(tx, scope, waiting).await? {
        write(tx, scope, row.id, &done).await?;
        let is_taken = !is_refused(received.outcome) && received.outcome != DocumentOutcome::Late;
        if is_taken {
            let words = "what the change waited for came, and it was carried out";
            let subject = row.id.to_string();
            exceptions::resolve(tx, scope, ExceptionKind::DocumentRefused, &subject, words).await?;
        }
        recount(tx, scope, row.interchange_id).await?;
        if !is_taken {
            open_case(tx, scope, row.id).await?;
        }
    }
    Ok(())
}

/// Writes on the messages that brought a change that it has waited too long, and tells a person.
pub(crate) async fn expired(
    tx: &Tx,
    scope: &Scope,
    waited: &waiting_change::Model,
    why: Problem,
) -> Result<(), Failure> {
    let messages = waiting_messages(tx, scope, waited.id).await?;
    if messages.is_empty() {
        let case = exceptions::NewException {
            kind: ExceptionKind::DocumentRefused,
            subject: waited.id.to_string(),
            supplier: waited.supplier_id,
            order: None,
            severity: Severity::Error,
            summary: why.message.clone(),
            detail: serde_json::json!({ "number": waited.order_number, "problems": [why] }),
        };
        exceptions::open(tx, scope, case).await?;
        return Ok(());
    }
    let done = Done {
        stage: MessageStage::Validated,
        outcome: DocumentOutcome::Refused,
        subject: None,
        order: None,
        waiting: Some(waited.id),
        findings: Findings::in_place(vec![why], Vec::new()),
    };
    for row in messages {
        write(tx, scope, row.id, &done).await?;
        recount(tx, scope, row.interchange_id).await?;
        open_case(tx, scope, row.id).await?;
    }
    Ok(())
}

async fn waiting_messages(
    tx: &Tx,
    scope: &Scope,
    waiting: WaitingChangeId,
) -> Result<Vec<interchange_message::Model>, Failure> {
    let rows = in_tenant::<interchange_message::Entity>(scope)
        .filter(interchange_message::Column::WaitingId.eq(waiting))
        .lock_exclusive();
    Ok(rows.all(&**tx).await?)
}

/// What a message has come to.
pub(super) struct Done {
    pub(super) stage: MessageStage,
    pub(super) outcome: DocumentOutcome,
    pub(super) subject: Option<String>,
    pub(super) order: Option<quayside_canonical::PurchaseOrderId>,
    pub(super) waiting: Option<WaitingChangeId>,
    pub(super) findings: Findings,
}

pub(super) async fn write(tx: &Tx, scope: &Scope, id: MessageId, done: &Done) -> Result<(), Failure> {
    use interchange_message::Column;
    update_in_tenant::<interchange_message::Entity>(scope)
        .col_expr(Column::Stage, Expr::value(done.stage))
        .col_expr(Column::Outcome, Expr::value(done.outcome))
        .col_expr(Column::Subject, Expr::value(done.subject.clone()))
        .col_expr(Column::OrderId, Expr::value(done.order))
        .col_expr(Column::WaitingId, Expr::value(done.waiting))
        .col_expr(Column::Problems, Expr::value(serde_json::to_string(&done.findings)?))
        .filter(Column::Id.eq(id))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Opens the exception of a message that was not taken after all.
async fn open_case(tx: &Tx, scope: &Scope, id: MessageId) -> Result<(), Failure> {
    let row = in_tenant::<interchange_message::Entity>(scope).filter(interchange_message::Column::Id.eq(id));
    let Some(row) = row.one(&**tx).await? else { return Ok(()) };
    let (interchange, place, order): (InterchangeId, _, _) = (row.interchange_id, row.place, row.order_id);
    let of = in_tenant::<interchange::Entity>(scope).filter(interchange::Column::Id.eq(interchange));
    let supplier = of.one(&**tx).await?.and_then(|row| row.supplier_id);
    let result = message_result(row)?;
    exceptions::open(tx, scope, case_of(id, interchange, supplier, order, place, &result)).await?;
    Ok(())
}
