//! Stores the result of an interchange, once.
use quayside_canonical::{
    InterchangeId, Problem, SupplierId, TradingPartnerId,
    events::InterchangeReceived,
    states::{DocumentOutcome, ExceptionKind, Severity},
};
use quayside_entity::{interchange, interchange_message};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::{InterchangeResult, MessageResult, record::Findings};
use crate::{
    BuyerScope, Failure, exceptions,
    outbox::{self, About, Fact},
    scope::update_in_tenant,
    store::Tx,
};

/// What was found about a file beyond its messages.
#[derive(Clone, Debug, Default)]
pub struct Envelope {
    /// What is wrong with it, envelopes included.
    pub problems: Vec<Problem>,
    /// What about it should be known.
    pub warnings: Vec<Problem>,
    /// How many messages were refused without an exception of their own.
    pub untold: usize,
}

/// Stores what became of the interchange and says so in an event. When that was done already, the first result stands.
///
/// # Errors
/// The database failed. Repeating it is safe.
pub async fn finish(
    scope: &BuyerScope,
    id: InterchangeId,
    partner: TradingPartnerId,
    supplier: SupplierId,
    envelope: Envelope,
) -> Result<String, Failure> {
    use interchange::Column;
    let tx = scope.write().await?;
    let untold = envelope.untold;
    let result = InterchangeResult {
        interchange: id,
        messages: messages(&tx, scope, id).await?,
        problems: envelope.problems,
        warnings: envelope.warnings,
    };
    let json = serde_json::to_string(&result)?;
    let stored = update_in_tenant::<interchange::Entity>(scope)
        .col_expr(Column::Result, Expr::value(json.as_str()))
        .filter(Column::Id.eq(id))
        .filter(Column::Result.is_null())
        .exec(&*tx)
        .await?;
    if stored.rows_affected == 0 {
        return first_result(&tx, scope, id).await;
    }
    let refused = result.messages.iter().filter(|message| is_refused(message.outcome)).count();
    let taken = result.messages.len() - refused;
    let about = About { subject: id.to_string(), supplier: Some(supplier), order: None };
    let event = InterchangeReceived { interchange: id, partner, taken, refused };
    outbox::append(&tx, scope, vec![Fact::new(about, &event)?]).await?;
    if let Some(case) = case_of(&result, supplier, untold) {
        exceptions::open(&tx, scope, case).await?;
    }
    tx.commit().await?;
    Ok(json)
}

fn is_refused(outcome: DocumentOutcome) -> bool {
    matches!(outcome, DocumentOutcome::Refused | DocumentOutcome::Conflict)
}

async fn messages(tx: &Tx, scope: &BuyerScope, id: InterchangeId) -> Result<Vec<MessageResult>, Failure> {
    use interchange_message::Column;
    let rows = scope
        .find_own::<interchange_message::Entity>()
        .filter(Column::InterchangeId.eq(id))
        .order_by_asc(Column::Place)
        .all(&**tx)
        .await?;
    let result = |row: interchange_message::Model| {
        let Findings { problems, warnings } = serde_json::from_str(&row.problems)?;
        Ok(MessageResult {
            message_type: row.message_type,
            control_number: row.control_number,
            business_key: row.business_key,
            outcome: row.outcome,
            subject: row.subject,
            problems,
            warnings,
        })
    };
    rows.into_iter().map(result).collect()
}

async fn first_result(tx: &Tx, scope: &BuyerScope, id: InterchangeId) -> Result<String, Failure> {
    let query = scope.find::<interchange::Entity>().filter(interchange::Column::Id.eq(id));
    let stored: Option<Option<String>> =
        query.select_only().column(interchange::Column::Result).into_tuple().one(&**tx).await?;
    stored.flatten().ok_or_else(|| Failure::Corrupt(format!("{id} has no result")))
}

/// What is wrong with the envelopes refuses all that is in them: one piece of work, not one per message.
fn case_of(
    result: &InterchangeResult,
    supplier: SupplierId,
    untold: usize,
) -> Option<exceptions::NewException> {
    let first = result.problems.first().map(|problem| problem.message.clone());
    let rest = (untold > 0).then(|| format!("{untold} more messages were refused"));
    let summary = first.or(rest)?;
    Some(exceptions::NewException {
        kind: ExceptionKind::DocumentRefused,
        subject: result.interchange.to_string(),
        supplier: Some(supplier),
        order: None,
        severity: Severity::Error,
        summary: format!("EDI interchange: {summary}"),
        detail: serde_json::json!({ "interchange": result.interchange.to_string(), "problems": result.problems }),
    })
}
