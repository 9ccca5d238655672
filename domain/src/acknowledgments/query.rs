//! Reading answers.
use std::collections::{BTreeMap, HashMap};

use quayside_canonical::{
    AcknowledgmentId, PurchaseOrderId,
    acknowledgment::{AnswerPart, Deviation},
    states::{LineStatus, ProposalStatus},
};
use quayside_entity::{acknowledgment, acknowledgment_part, change_proposal, line_state};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::{
    Failure, Scope,
    orders::revise::LineState,
    store::{InOrder, Tx},
    writes::among,
};

/// Where a line stands, with the answer given last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Where the line stands.
    pub status: LineStatus,
    /// The answer given last.
    pub acknowledgment: Option<AcknowledgmentId>,
    /// The revision it was given to.
    pub answered_revision: Option<i32>,
    /// Its parts.
    pub parts: Vec<AnswerPart>,
}

impl From<Standing> for LineState {
    fn from(standing: Standing) -> Self {
        let Standing { status, acknowledgment, answered_revision, parts } = standing;
        Self { status, acknowledgment, answered_revision, parts }
    }
}

/// Where every line of `orders` stands. Two statements, however many orders.
///
/// # Errors
/// The database failed.
pub async fn standing_answers(
    tx: &Tx,
    scope: &Scope,
    orders: &[PurchaseOrderId],
) -> Result<HashMap<PurchaseOrderId, BTreeMap<String, Standing>>, Failure> {
    let states = states_of(tx, scope, orders).await?;
    let answers = states.iter().filter_map(|(_, _, state)| state.acknowledgment);
    let mut parts = parts_of(tx, scope, answers.collect()).await?;
    let mut standing: HashMap<_, BTreeMap<_, _>> = HashMap::new();
    for (order, line, mut state) in states {
        let key = state.acknowledgment.map(|answer| (answer, line.clone()));
        state.parts = key.and_then(|key| parts.remove(&key)).unwrap_or_default();
        standing.entry(order).or_default().insert(line, state);
    }
    Ok(standing)
}

/// Where lines stand, without the parts of their answers.
async fn states_of(
    tx: &Tx,
    scope: &Scope,
    orders: &[PurchaseOrderId],
) -> Result<Vec<(PurchaseOrderId, String, Standing)>, Failure> {
    use line_state::Column;
    let backend = tx.get_database_backend();
    let query = scope
        .find::<line_state::Entity>()
        .filter(among(backend, Column::OrderId, orders.iter().copied())?)
        .select_only()
        .columns([Column::OrderId, Column::Line, Column::Status])
        .columns([Column::AcknowledgmentId, Column::AnsweredRevision]);
    let rows = tx.query_all_raw(query.build(backend)).await?;
    let states = rows.iter().map(|row| {
        let mut row = InOrder::of(row);
        let (order, line) = (row.next()?, row.next()?);
        let (status, acknowledgment, answered_revision) = (row.next()?, row.maybe()?, row.maybe()?);
        Ok((order, line, Standing { status, acknowledgment, answered_revision, parts: Vec::new() }))
    });
    states.collect()
}

/// The parts of answers, by answer and line.
pub(crate) async fn parts_of(
    tx: &Tx,
    scope: &Scope,
    mut answers: Vec<AcknowledgmentId>,
) -> Result<BTreeMap<(AcknowledgmentId, String), Vec<AnswerPart>>, Failure> {
    use acknowledgment_part::Column;
    answers.sort_unstable();
    answers.dedup();
    if answers.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = scope
        .find::<acknowledgment_part::Entity>()
        .filter(among(tx.get_database_backend(), Column::AcknowledgmentId, answers)?)
        .order_by_asc(Column::Place)
        .all(&**tx)
        .await?;
    let mut parts: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in rows {
        let key = (row.acknowledgment_id, row.line.clone());
        parts.entry(key).or_default().push(part(row)?);
    }
    Ok(parts)
}

/// A stored part as the trade's word.
///
/// # Errors
/// What is stored is not what we wrote.
pub fn part(row: acknowledgment_part::Model) -> Result<AnswerPart, Failure> {
    Ok(AnswerPart {
        kind: row.kind,
        quantity: row.quantity,
        unit: Some(row.unit),
        promised_on: row.promised_on,
        price: row.price,
        reason: row.reason,
        substitute: row.substitute.map(|json| serde_json::from_str(&json)).transpose()?,
    })
}

/// An answer with everything it says.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The answer itself.
    pub row: acknowledgment::Model,
    /// What it says, by line.
    pub lines: BTreeMap<String, Vec<AnswerPart>>,
    /// What procurement had, or has, to decide about it.
    pub proposals: Vec<change_proposal::Model>,
}

impl Answer {
    /// The lines of which it says only what becomes of some of the quantity.
    ///
    /// # Errors
    /// What is stored is not what we wrote.
    pub fn in_part(&self) -> Result<Vec<String>, Failure> {
        Ok(self.row.in_part.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default())
    }
}

/// Answers by id.
///
/// # Errors
/// The database failed.
pub async fn by_ids(tx: &Tx, scope: &Scope, ids: &[AcknowledgmentId]) -> Result<Vec<Answer>, Failure> {
    let rows = scope
        .find::<acknowledgment::Entity>()
        .filter(acknowledgment::Column::Id.is_in(ids.iter().copied()))
        .all(&**tx)
        .await?;
    complete(tx, scope, rows).await
}

/// The answers to `orders`, oldest first, at most `limit` of each call.
///
/// # Errors
/// The database failed.
pub async fn of_orders(tx: &Tx, scope: &Scope, orders: &[PurchaseOrderId]) -> Result<Vec<Answer>, Failure> {
    let rows = scope
        .find::<acknowledgment::Entity>()
        .filter(acknowledgment::Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(acknowledgment::Column::SubmittedAt)
        .order_by_asc(acknowledgment::Column::Id)
        .limit(1_000)
        .all(&**tx)
        .await?;
    complete(tx, scope, rows).await
}

async fn complete(tx: &Tx, scope: &Scope, rows: Vec<acknowledgment::Model>) -> Result<Vec<Answer>, Failure> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut parts = parts_of(tx, scope, ids.clone()).await?;
    let proposals = scope
        .find::<change_proposal::Entity>()
        .filter(change_proposal::Column::AcknowledgmentId.is_in(ids))
        .order_by_asc(change_proposal::Column::Id)
        .all(&**tx)
        .await?;
    let mut answers: Vec<Answer> =
        rows.into_iter().map(|row| Answer { row, lines: BTreeMap::new(), proposals: Vec::new() }).collect();
    for answer in &mut answers {
        let first = (answer.row.id, String::new());
        let own: Vec<_> = parts
            .range(first..)
            .take_while(|((id, _), _)| *id == answer.row.id)
            .map(|(key, _)| key.clone())
            .collect();
        for key in own {
            let said = parts.remove(&key).unwrap_or_default();
            answer.lines.insert(key.1, said);
        }
        answer.proposals =
            proposals.iter().filter(|p| p.acknowledgment_id == answer.row.id).cloned().collect();
    }
    Ok(answers)
}

/// A page of change proposals.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProposalFilter {
    /// Only in this status.
    pub status: Option<ProposalStatus>,
    /// Only of this order.
    pub order: Option<PurchaseOrderId>,
}

/// Change proposals, newest first, those after `after`.
///
/// # Errors
/// The database failed.
pub async fn proposals(
    tx: &Tx,
    scope: &Scope,
    filter: ProposalFilter,
    after: Option<quayside_canonical::ChangeProposalId>,
    limit: u64,
) -> Result<Vec<change_proposal::Model>, Failure> {
    use change_proposal::Column;
    let condition = Condition::all()
        .add_option(filter.status.map(|status| Column::Status.eq(status)))
        .add_option(filter.order.map(|order| Column::OrderId.eq(order)))
        .add_option(after.map(|after| Column::Id.lt(after)));
    let query = scope.find::<change_proposal::Entity>().filter(condition);
    Ok(query.order_by_desc(Column::Id).limit(limit).all(&**tx).await?)
}

/// The deviations a proposal was opened for.
///
/// # Errors
/// What is stored is not what we wrote.
pub fn deviations(proposal: &change_proposal::Model) -> Result<Vec<Deviation>, Failure> {
    Ok(serde_json::from_str(&proposal.deviations)?)
}
