//! Finishes an interchange, and a file with the result that is answered, once each.
use quayside_canonical::{
    InterchangeFileId, InterchangeId, Problem,
    events::InterchangeReceived,
    partner::Identifier,
    states::{ExceptionKind, InterchangeStatus, Severity},
};
use quayside_entity::{interchange, interchange_file, interchange_message};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::{FileResult, InterchangeResult, MessageResult, is_refused, record::Findings, status_of};
use crate::{
    BuyerScope, Failure, Scope, exceptions,
    outbox::{self, About, Fact},
    scope::{in_tenant, update_in_tenant},
    store::Tx,
};

/// What was found about an interchange or a file beyond its messages.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// What is wrong with it, envelopes included.
    pub problems: Vec<Problem>,
    /// What about it should be known.
    pub warnings: Vec<Problem>,
    /// How many messages were refused without an exception of their own.
    pub untold: usize,
}

/// Says what became of an interchange, on its row and in an event. When that was done already, the first word stands.
///
/// # Errors
/// The database failed. Repeating it is safe.
pub async fn finish(scope: &BuyerScope, id: InterchangeId, found: Found) -> Result<(), Failure> {
    use interchange::Column;
    let tx = scope.write().await?;
    let row = in_tenant::<interchange::Entity>(scope).filter(Column::Id.eq(id)).lock_exclusive();
    let row = row.one(&*tx).await?.ok_or_else(|| Failure::Corrupt(format!("{id} is not on record")))?;
    if row.finished_at.is_some() {
        return Ok(());
    }
    let (messages, refused) = counts(&tx, scope, id).await?;
    let status = status_of(messages, refused, !found.problems.is_empty());
    let (untold, problems) = (found.untold, found.problems.clone());
    let findings = Findings { problems: found.problems, warnings: found.warnings };
    update_in_tenant::<interchange::Entity>(scope)
        .col_expr(Column::Status, Expr::value(status))
        .col_expr(Column::Problems, Expr::value(serde_json::to_string(&findings)?))
        .col_expr(Column::Messages, Expr::value(i32::try_from(messages).unwrap_or(i32::MAX)))
        .col_expr(Column::Refused, Expr::value(i32::try_from(refused).unwrap_or(i32::MAX)))
        .col_expr(Column::FinishedAt, Expr::value(scope.now))
        .filter(Column::Id.eq(id))
        .exec(&*tx)
        .await?;
    if let Some(partner) = row.partner_id {
        let about = About { subject: id.to_string(), supplier: row.supplier_id, order: None };
        let event = InterchangeReceived { interchange: id, partner, taken: messages - refused, refused };
        outbox::append(&tx, scope, vec![Fact::new(about, &event)?]).await?;
    }
    if let Some(case) = case_of(&row, &problems, untold) {
        exceptions::open(&tx, scope, case).await?;
    }
    tx.commit().await
}

/// How many messages an interchange has, and how many of them were refused.
pub(super) async fn counts(tx: &Tx, scope: &Scope, id: InterchangeId) -> Result<(usize, usize), Failure> {
    let outcomes: Vec<quayside_canonical::states::DocumentOutcome> =
        in_tenant::<interchange_message::Entity>(scope)
            .filter(interchange_message::Column::InterchangeId.eq(id))
            .select_only()
            .column(interchange_message::Column::Outcome)
            .into_tuple()
            .all(&**tx)
            .await?;
    let refused = outcomes.iter().filter(|outcome| is_refused(**outcome)).count();
    Ok((outcomes.len(), refused))
}

/// Stores the result of a file: what became of each of these interchanges. When that was done already, the first
/// result stands.
///
/// # Errors
/// The database failed. Repeating it is safe.
pub async fn close(
    scope: &BuyerScope,
    file: InterchangeFileId,
    interchanges: &[InterchangeId],
    found: Found,
) -> Result<String, Failure> {
    use interchange_file::Column;
    let tx = scope.write().await?;
    let mut results = Vec::with_capacity(interchanges.len());
    for id in interchanges {
        results.push(result_of(&tx, scope, *id).await?);
    }
    let result =
        FileResult { file, interchanges: results, problems: found.problems, warnings: found.warnings };
    let json = serde_json::to_string(&result)?;
    let stored = update_in_tenant::<interchange_file::Entity>(scope)
        .col_expr(Column::Result, Expr::value(json.as_str()))
        .filter(Column::Id.eq(file))
        .filter(Column::Result.is_null())
        .exec(&*tx)
        .await?;
    if stored.rows_affected == 0 {
        return first_result(&tx, scope, file).await;
    }
    tx.commit().await?;
    Ok(json)
}

async fn first_result(tx: &Tx, scope: &BuyerScope, id: InterchangeFileId) -> Result<String, Failure> {
    let query = scope.find::<interchange_file::Entity>().filter(interchange_file::Column::Id.eq(id));
    let stored: Option<Option<String>> =
        query.select_only().column(interchange_file::Column::Result).into_tuple().one(&**tx).await?;
    stored.flatten().ok_or_else(|| Failure::Corrupt(format!("{id} has no result")))
}

/// What became of an interchange.
pub(super) async fn result_of(
    tx: &Tx,
    scope: &Scope,
    id: InterchangeId,
) -> Result<InterchangeResult, Failure> {
    let row = in_tenant::<interchange::Entity>(scope).filter(interchange::Column::Id.eq(id));
    let row = row.one(&**tx).await?.ok_or_else(|| Failure::Corrupt(format!("{id} is not on record")))?;
    let Findings { problems, warnings } = serde_json::from_str(&row.problems)?;
    let messages = in_tenant::<interchange_message::Entity>(scope)
        .filter(interchange_message::Column::InterchangeId.eq(id))
        .order_by_asc(interchange_message::Column::Place)
        .all(&**tx)
        .await?;
    Ok(InterchangeResult {
        interchange: id,
        syntax: row.syntax,
        sender: party(row.sender_qualifier, row.sender),
        receiver: party(row.receiver_qualifier, row.receiver),
        control_number: row.control_number,
        status: row.status,
        messages: messages.into_iter().map(message_result).collect::<Result<_, _>>()?,
        problems,
        warnings,
    })
}

pub(super) fn party(qualifier: Option<String>, id: Option<String>) -> Option<Identifier> {
    Some(Identifier { qualifier: qualifier?, id: id? })
}

pub(super) fn message_result(row: interchange_message::Model) -> Result<MessageResult, Failure> {
    let Findings { problems, warnings } = serde_json::from_str(&row.problems)?;
    Ok(MessageResult {
        message_type: row.message_type,
        group: row.group_number,
        control_number: row.control_number,
        business_key: row.business_key,
        stage: row.stage,
        outcome: row.outcome,
        subject: row.subject,
        problems,
        warnings,
    })
}

/// What is wrong with the envelopes refuses all that is in them: one piece of work, not one per message.
fn case_of(
    row: &interchange::Model,
    problems: &[Problem],
    untold: usize,
) -> Option<exceptions::NewException> {
    let first = problems.first().map(|problem| problem.message.clone());
    let rest = (untold > 0).then(|| format!("{untold} more messages were refused"));
    let summary = first.or(rest)?;
    Some(exceptions::NewException {
        kind: ExceptionKind::DocumentRefused,
        subject: row.id.to_string(),
        supplier: row.supplier_id,
        order: None,
        severity: Severity::Error,
        summary: format!("EDI interchange: {summary}"),
        detail: serde_json::json!({
            "interchange": row.id.to_string(),
            "controlNumber": row.control_number,
            "problems": problems,
        }),
    })
}

/// Counts an interchange anew, after a message of it came to something else.
pub(super) async fn recount(tx: &Tx, scope: &Scope, id: InterchangeId) -> Result<InterchangeStatus, Failure> {
    use interchange::Column;
    let (messages, refused) = counts(tx, scope, id).await?;
    let status = status_of(messages, refused, false);
    update_in_tenant::<interchange::Entity>(scope)
        .col_expr(Column::Status, Expr::value(status))
        .col_expr(Column::Refused, Expr::value(i32::try_from(refused).unwrap_or(i32::MAX)))
        .filter(Column::Id.eq(id))
        .filter(Column::FinishedAt.is_not_null())
        .exec(&**tx)
        .await?;
    Ok(status)
}
