//! What procurement decides about answers beyond tolerance.
use quayside_canonical::{
    ChangeProposalId, Field, Problems, PurchaseOrderId,
    acknowledgment::AnswerPart,
    events::{ChangeProposalAccepted, ChangeProposalDeclined},
    identity::Permission,
    states::{ExceptionKind, LineStatus, ProposalStatus},
};
use quayside_entity::{change_proposal, line_state, purchase_order};
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, QuerySelect, Set};
use serde::Serialize;

use super::{
    query::standing_answers,
    submit::{cure, promised_on, settle},
};
use crate::{
    BuyerScope, Failure, Scope,
    exceptions::{self, Cure},
    idempotency::{self, Claim, ClaimError, IdempotencyKey},
    ledger::Agreed,
    notifications,
    outbox::{self, About, Fact},
    store::Tx,
    writes::Writes,
};

/// The operation's name in idempotency records.
const OPERATION: &str = "change_proposals.decide";

/// Procurement's word on a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Decision {
    /// The order is changed to what the supplier proposed.
    Accept,
    /// The supplier has to answer the line again.
    Decline,
}

/// Decides a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecideProposal {
    /// The proposal.
    pub proposal: ChangeProposalId,
    /// The decision.
    pub decision: Decision,
    /// Words to the supplier.
    pub note: Option<String>,
}

/// Why a decision was refused.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// There is no such proposal in this tenant.
    #[error("no such change proposal")]
    NotFound,
    /// The caller may not decide.
    #[error("deciding needs the permission PROPOSALS_DECIDE")]
    Forbidden,
    /// The decision breaks rules.
    #[error("{0}")]
    Refused(Problems),
    /// The idempotency key cannot be used.
    #[error(transparent)]
    Key(#[from] ClaimError),
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<sea_orm::DbErr> for DecideError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// A decision on file, or validated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The order the proposal is about.
    pub order: PurchaseOrderId,
    /// Whether this is the result of an earlier request with the same key.
    pub replayed: bool,
}

/// Records the decision and its event, or nothing. Without a key it only validates.
///
/// # Errors
/// See [`DecideError`].
pub async fn decide(
    scope: &BuyerScope,
    request: &DecideProposal,
    key: Option<&IdempotencyKey>,
) -> Result<Decided, DecideError> {
    if !scope.may(Permission::ProposalsDecide) {
        return Err(DecideError::Forbidden);
    }
    let tx = if key.is_some() { scope.write().await? } else { scope.read().await? };
    let claim = match key {
        Some(key) => idempotency::claim(&tx, scope, OPERATION, key, request, &request.proposal).await?,
        None => Claim::First,
    };
    let (proposal, order) = load(&tx, scope, request.proposal).await?;
    let decided = Decided { order: order.id, replayed: claim != Claim::First };
    if decided.replayed {
        return Ok(decided);
    }
    check(request, &proposal)?;
    if key.is_some() {
        record(&tx, scope, request, &proposal, &order).await?;
        tx.commit().await?;
    }
    Ok(decided)
}

/// Loads the proposal and locks its order, in the order every writer does.
async fn load(
    tx: &Tx,
    scope: &BuyerScope,
    id: ChangeProposalId,
) -> Result<(change_proposal::Model, purchase_order::Model), DecideError> {
    let by_id = || scope.find::<change_proposal::Entity>().filter(change_proposal::Column::Id.eq(id));
    let seen = by_id().one(&**tx).await?.ok_or(DecideError::NotFound)?;
    let order = scope
        .find::<purchase_order::Entity>()
        .filter(purchase_order::Column::Id.eq(seen.order_id))
        .lock_exclusive()
        .one(&**tx)
        .await?
        .ok_or(DecideError::NotFound)?;
    let proposal = by_id().one(&**tx).await?.ok_or(DecideError::NotFound)?;
    Ok((proposal, order))
}

fn check(request: &DecideProposal, proposal: &change_proposal::Model) -> Result<(), DecideError> {
    let mut problems = Problems::new();
    if proposal.status != ProposalStatus::Open {
        let message = format!("the proposal is {} already", proposal.status);
        problems.add("NOT_OPEN", &Field::root().at("id"), message);
    }
    if request.note.as_ref().is_some_and(|note| note.chars().count() > 2_000) {
        problems.add("TOO_LONG", &Field::root().at("note"), "at most 2000 characters");
    }
    problems.into_result().map_err(DecideError::Refused)
}

async fn record(
    tx: &Tx,
    scope: &BuyerScope,
    request: &DecideProposal,
    proposal: &change_proposal::Model,
    order: &purchase_order::Model,
) -> Result<(), DecideError> {
    let (status, line_status) = match request.decision {
        Decision::Accept => (ProposalStatus::Accepted, LineStatus::Accepted),
        Decision::Decline => (ProposalStatus::Declined, LineStatus::Declined),
    };
    change_proposal::ActiveModel {
        id: Set(proposal.id),
        status: Set(status),
        decided_at: Set(Some(scope.now)),
        decided_by: Set(Some(scope.actor.to_string())),
        note: Set(request.note.clone()),
        ..Default::default()
    }
    .update(&**tx)
    .await?;
    let mut standing = standing_answers(tx, scope, &[order.id]).await?.remove(&order.id).unwrap_or_default();
    let mut parts = Vec::new();
    if let Some(line) = standing.get_mut(&proposal.line) {
        line.status = line_status;
        parts = std::mem::take(&mut line.parts);
    }
    let agreed = Agreed::of(line_status, &parts);
    let mut line = line_state::ActiveModel {
        order_id: Set(order.id),
        line: Set(proposal.line.clone()),
        status: Set(line_status),
        acknowledged: Set(agreed.acknowledged),
        backordered: Set(agreed.backordered),
        ..Default::default()
    };
    if let Some(day) = promised_on(line_status, &parts) {
        line.due_on = Set(Some(day));
    }
    line.update(&**tx).await?;
    let lines: Vec<LineStatus> = standing.values().map(|line| line.status).collect();
    let mut writes = Writes::new(scope.store());
    settle(&mut writes, scope, order, &lines);
    writes.run(tx).await?;
    let fact = fact(request, proposal, order, parts)?;
    let event = fact.id;
    outbox::append(tx, scope, vec![fact]).await?;
    let decision = notifications::Decision {
        event,
        order: order.id,
        supplier: order.supplier_id,
        number: &order.number,
        line: &proposal.line,
        decided: match request.decision {
            Decision::Accept => notifications::Decided::ProposalAccepted,
            Decision::Decline => notifications::Decided::ProposalDeclined,
        },
        note: request.note.as_deref(),
    };
    notifications::tell_of_decision(tx, scope, &decision).await?;
    cure(tx, scope, order, &lines, event).await?;
    if line_status == LineStatus::Declined {
        ask_again(tx, scope, order).await?;
    }
    let decided = Cure { words: "procurement decided", event: Some(event) };
    cure_proposals(tx, scope, &[proposal.id], &decided).await?;
    Ok(())
}

fn fact(
    request: &DecideProposal,
    row: &change_proposal::Model,
    order: &purchase_order::Model,
    parts: Vec<AnswerPart>,
) -> Result<Fact, Failure> {
    let about = About::part_of(&row.id, order.id, order.supplier_id);
    let (proposal, acknowledgment, line) = (row.id, row.acknowledgment_id, row.line.clone());
    let (order, order_number, note) = (order.id, order.number.clone(), request.note.clone());
    match request.decision {
        Decision::Accept => Fact::new(
            about,
            &ChangeProposalAccepted { proposal, acknowledgment, order, order_number, line, parts, note },
        ),
        Decision::Decline => Fact::new(
            about,
            &ChangeProposalDeclined { proposal, acknowledgment, order, order_number, line, note },
        ),
    }
}

/// Resolves what was opened about proposals that are decided or overtaken.
pub(crate) async fn cure_proposals(
    tx: &Tx,
    scope: &Scope,
    proposals: &[ChangeProposalId],
    cure: &Cure<'_>,
) -> Result<(), Failure> {
    let subjects: Vec<String> = proposals.iter().map(ToString::to_string).collect();
    for kind in [ExceptionKind::AnswerOverTolerance, ExceptionKind::Substitution] {
        exceptions::cure(tx, scope, kind, &subjects, cure).await?;
    }
    Ok(())
}

/// A declined line is a new question: the supplier gets the time for it anew.
async fn ask_again(tx: &Tx, scope: &BuyerScope, order: &purchase_order::Model) -> Result<(), DecideError> {
    let rules = crate::suppliers::rules_of(tx, scope, &[order.supplier_id]).await?;
    let rules = rules.get(&order.supplier_id).ok_or(DecideError::NotFound)?;
    let minutes = u64::from(rules.answer_within_minutes);
    purchase_order::ActiveModel {
        id: Set(order.id),
        answer_due_at: Set(Some(scope.now.plus(std::time::Duration::from_secs(minutes * 60)))),
        overdue_at: Set(None),
        ..Default::default()
    }
    .update(&**tx)
    .await?;
    Ok(())
}
