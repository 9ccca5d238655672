//! Records a supplier's answer, whatever the channel it came by.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use quayside_canonical::{
    AcknowledgmentId, ChangeProposalId, Date, Problems, PurchaseOrderId,
    acknowledgment::{AnswerPart, DeviationKind, SubmitAcknowledgment},
    events::{AcknowledgmentSubmitted, AnsweredLine, ChangeProposalOpened},
    identity::Permission,
    states::{ExceptionKind, FulfillmentStatus, LineStatus, ProposalStatus, Severity},
};
use quayside_entity::{
    acknowledgment, acknowledgment_part, change_proposal, line_state, purchase_order, unit_factor,
};
use sea_orm::{ColumnTrait, IntoActiveModel, QueryFilter, Set, sea_query::Expr};

use super::{
    asked::{self, Asked},
    check::{self, Ground, Judged},
    proposals::cure_proposals,
    query::Answer,
};
use crate::{
    Failure, Scope, SupplierScope,
    exceptions::{self, Cure},
    idempotency::{self, ClaimError, IdempotencyKey, Keyed},
    ledger::Agreed,
    orders::{Diff, diff, query::document_of, status},
    outbox::{self, About, Fact},
    planted,
    scope::{in_tenant, update_in_tenant},
    store::Tx,
    writes::Writes,
};

/// The operation's name in idempotency records.
const OPERATION: &str = "acknowledgments.submit";

/// Why an answer was refused. Every variant but the last is the supplier's to act on.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// There is no such order, or it is not this supplier's.
    #[error("no such purchase order")]
    OrderNotFound,
    /// The caller may not answer.
    #[error("answering needs the permission ORDERS_ANSWER")]
    Forbidden,
    /// A newer revision is current.
    #[error("revision {submitted} is not current any more; the current one is {current}")]
    StaleRevision {
        /// The revision answered.
        submitted: i32,
        /// The revision to answer.
        current: i32,
        /// What changed between the two; nothing when the revision answered never was.
        changes: Option<Box<Diff>>,
    },
    /// The answer breaks rules.
    #[error("{0}")]
    Refused(Problems),
    /// The idempotency key cannot be used.
    #[error(transparent)]
    Key(#[from] ClaimError),
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<sea_orm::DbErr> for SubmitError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// What became of an answer.
#[derive(Clone, Debug)]
pub struct Submitted {
    /// The answer on file; nothing when it was only validated.
    pub acknowledgment: Option<AcknowledgmentId>,
    /// What is on file, when it was put there just now.
    pub answer: Option<Answer>,
    /// What the rules made of each line; empty when this is a repeat.
    pub lines: Vec<Judged>,
    /// Whether this is the result of an earlier request with the same key.
    pub replayed: bool,
}

impl Submitted {
    pub(super) const fn filed(answer: Answer, lines: Vec<Judged>) -> Self {
        Self { acknowledgment: Some(answer.row.id), answer: Some(answer), lines, replayed: false }
    }

    pub(super) const fn validated(lines: Vec<Judged>) -> Self {
        Self { acknowledgment: None, answer: None, lines, replayed: false }
    }

    pub(super) const fn repeat(earlier: AcknowledgmentId) -> Self {
        Self { acknowledgment: Some(earlier), answer: None, lines: Vec::new(), replayed: true }
    }
}

/// Records the answer and its events, or nothing.
///
/// # Errors
/// See [`SubmitError`].
#[tracing::instrument(skip_all, fields(order.id = %answer.order, order.revision = answer.revision))]
pub async fn submit(
    scope: &SupplierScope,
    answer: &SubmitAcknowledgment,
    key: &IdempotencyKey,
) -> Result<Submitted, SubmitError> {
    let tx = begin(scope).await?;
    let id = AcknowledgmentId::generate();
    let key = Keyed::new(OPERATION, key, answer)?;
    let asked = asked::load(&tx, scope, answer.order, Some(&key)).await?;
    if let Some((hash, result)) = &asked.earlier {
        return Ok(Submitted::repeat(key.again(hash, result)?));
    }
    let lines = judge(&tx, scope, &asked, answer, &BTreeSet::new()).await?;
    let mut writes = Writes::new(scope.store());
    if !planted::forget_key() {
        writes.insert(vec![key.row(scope, &id)?])?;
    }
    let filed = record(&tx, scope, writes, id, &asked, answer, &lines).await.map_err(claimed_meanwhile)?;
    if planted::answer_before_commit() {
        planted::commit_later(tx);
    } else {
        tx.commit().await?;
    }
    Ok(Submitted::filed(filed, lines))
}

/// Applies the same rules and writes nothing.
///
/// # Errors
/// See [`SubmitError`].
pub async fn validate(
    scope: &SupplierScope,
    answer: &SubmitAcknowledgment,
) -> Result<Submitted, SubmitError> {
    may_answer(scope)?;
    let tx = scope.read().await?;
    let asked = asked::load(&tx, scope, answer.order, None).await?;
    let lines = judge(&tx, scope, &asked, answer, &BTreeSet::new()).await?;
    Ok(Submitted::validated(lines))
}

/// The same key was used for another order at the same time.
fn claimed_meanwhile(failure: Failure) -> SubmitError {
    if idempotency::is_claimed(&failure) { ClaimError::InProgress.into() } else { failure.into() }
}

pub(super) async fn begin(scope: &SupplierScope) -> Result<Tx, SubmitError> {
    may_answer(scope)?;
    Ok(scope.write().await?)
}

pub(super) fn may_answer(scope: &SupplierScope) -> Result<(), SubmitError> {
    if scope.may(Permission::OrdersAnswer) { Ok(()) } else { Err(SubmitError::Forbidden) }
}

/// What the rules make of an answer. The lines of `in_part` may leave some of their quantity open.
pub(super) async fn judge(
    tx: &Tx,
    scope: &SupplierScope,
    asked: &Asked,
    answer: &SubmitAcknowledgment,
    in_part: &BTreeSet<String>,
) -> Result<Vec<Judged>, SubmitError> {
    if answer.revision != asked.row.revision {
        let earlier = document_of(tx, scope, answer.order, answer.revision).await?;
        let changes = earlier.map(|earlier| Box::new(diff::diff(&earlier, &asked.document)));
        let (submitted, current) = (answer.revision, asked.row.revision);
        return Err(SubmitError::StaleRevision { submitted, current, changes });
    }
    let units = unit_factors(tx, scope, asked, answer).await?;
    let ground = Ground {
        order: &asked.document,
        standing: &asked.standing,
        rules: &asked.rules,
        units: &units,
        in_part,
    };
    check::check(answer, &ground).map_err(SubmitError::Refused)
}

/// Unit factors of the items on the order, when a part is in another unit than its line.
async fn unit_factors(
    tx: &Tx,
    scope: &Scope,
    asked: &Asked,
    answer: &SubmitAcknowledgment,
) -> Result<HashMap<(String, String), (i64, i64)>, SubmitError> {
    let units = &asked.document.lines;
    let other = |unit: &String| units.iter().any(|line| line.unit != *unit);
    if !answer.lines.iter().flat_map(|line| &line.parts).filter_map(|part| part.unit.as_ref()).any(other) {
        return Ok(HashMap::new());
    }
    let items = asked.document.lines.iter().filter_map(|line| line.buyer_part.as_deref());
    let rows = scope
        .find_shared::<unit_factor::Entity>()
        .filter(unit_factor::Column::ItemNumber.is_in(items))
        .all(&**tx)
        .await?;
    Ok(rows.into_iter().map(|row| ((row.item_number, row.unit), (row.numerator, row.denominator))).collect())
}

/// Writes the answer, where its lines and the order now stand, and what happened, together with `writes`.
pub(super) async fn record(
    tx: &Tx,
    scope: &SupplierScope,
    mut writes: Writes,
    id: AcknowledgmentId,
    asked: &Asked,
    answer: &SubmitAcknowledgment,
    lines: &[Judged],
) -> Result<Answer, Failure> {
    let about = About::part_of(&id, answer.order, scope.supplier);
    let submitted = Fact::new(about, &event(scope, id, asked, answer, lines))?.first_of_its_subject();
    let row = answer_row(scope, id, submitted.id, answer, lines)?;
    let (cause, overtaken) = (submitted.id, supersede_proposals(tx, scope, asked, lines).await?);
    let opened = open_proposals(scope, id, asked, lines, submitted.id)?;
    writes.insert(vec![row.clone().into_active_model()])?;
    writes.insert(part_rows(scope, id, answer.order, lines)?)?;
    writes.insert(opened.rows.iter().cloned().map(IntoActiveModel::into_active_model).collect())?;
    stand(&mut writes, scope, id, asked, lines)?;
    let facts = std::iter::once(submitted).chain(opened.facts).collect();
    outbox::add(&mut writes, tx, scope, facts).await?;
    writes.run(tx).await?;
    cure(tx, scope, &asked.row, &statuses(asked, lines), cause).await?;
    let newer = Cure { words: "a newer answer overtook it", event: Some(cause) };
    cure_proposals(tx, scope, &overtaken, &newer).await?;
    exceptions::open_many(tx, scope, opened.cases).await?;
    let lines = lines.iter().map(|line| (line.line.clone(), line.parts.clone())).collect();
    Ok(Answer { row, lines, proposals: opened.rows })
}

fn event(
    scope: &SupplierScope,
    id: AcknowledgmentId,
    asked: &Asked,
    answer: &SubmitAcknowledgment,
    lines: &[Judged],
) -> AcknowledgmentSubmitted {
    let lines = lines.iter().map(|line| AnsweredLine {
        line: line.line.clone(),
        status: line.status,
        parts: line.parts.clone(),
        deviations: line.deviations.clone(),
    });
    let (in_part, lines) = lines.partition(|line| line.status == LineStatus::AwaitingAnswer);
    AcknowledgmentSubmitted {
        acknowledgment: id,
        order: asked.row.id,
        order_number: asked.row.number.clone(),
        supplier: scope.supplier,
        revision: asked.row.revision,
        source_revision: asked.row.source_revision.clone(),
        supplier_reference: answer.supplier_reference.clone(),
        note: answer.note.clone(),
        lines,
        in_part,
    }
}

fn answer_row(
    scope: &SupplierScope,
    id: AcknowledgmentId,
    event: quayside_canonical::EventId,
    answer: &SubmitAcknowledgment,
    lines: &[Judged],
) -> Result<acknowledgment::Model, Failure> {
    let in_part = lines.iter().filter(|line| line.status == LineStatus::AwaitingAnswer);
    let in_part: Vec<&str> = in_part.map(|line| line.line.as_str()).collect();
    Ok(acknowledgment::Model {
        id,
        tenant_id: scope.tenant,
        supplier_id: scope.supplier,
        order_id: answer.order,
        revision: answer.revision,
        supplier_reference: answer.supplier_reference.clone(),
        note: answer.note.clone(),
        channel: scope.channel,
        actor: scope.actor.to_string(),
        event_id: event,
        submitted_at: scope.now,
        in_part: (!in_part.is_empty()).then(|| serde_json::to_string(&in_part)).transpose()?,
    })
}

fn part_rows(
    scope: &SupplierScope,
    id: AcknowledgmentId,
    order: PurchaseOrderId,
    lines: &[Judged],
) -> Result<Vec<acknowledgment_part::ActiveModel>, Failure> {
    let mut rows = Vec::new();
    for line in lines {
        for (part, place) in line.parts.iter().zip(0..) {
            rows.push(acknowledgment_part::ActiveModel {
                acknowledgment_id: Set(id),
                line: Set(line.line.clone()),
                place: Set(place),
                tenant_id: Set(scope.tenant),
                supplier_id: Set(scope.supplier),
                order_id: Set(order),
                kind: Set(part.kind),
                quantity: Set(part.quantity),
                unit: Set(part.unit.clone().unwrap_or_default()),
                promised_on: Set(part.promised_on),
                price: Set(part.price),
                reason: Set(part.reason.clone()),
                substitute: Set(part.substitute.as_ref().map(serde_json::to_string).transpose()?),
            });
        }
    }
    Ok(rows)
}

/// A new answer to a line overtakes what was proposed about it.
async fn supersede_proposals(
    tx: &Tx,
    scope: &SupplierScope,
    asked: &Asked,
    lines: &[Judged],
) -> Result<Vec<ChangeProposalId>, Failure> {
    use change_proposal::Column;
    let proposed = |line: &&Judged| {
        asked.standing.get(&line.line).is_some_and(|standing| standing.status == LineStatus::Proposed)
    };
    let overtaken: Vec<&str> = lines.iter().filter(proposed).map(|line| line.line.as_str()).collect();
    if overtaken.is_empty() {
        return Ok(Vec::new());
    }
    let open = in_tenant::<change_proposal::Entity>(scope)
        .filter(Column::OrderId.eq(asked.row.id))
        .filter(Column::Status.eq(ProposalStatus::Open))
        .filter(Column::Line.is_in(overtaken))
        .all(&**tx)
        .await?;
    let ids: Vec<ChangeProposalId> = open.into_iter().map(|row| row.id).collect();
    update_in_tenant::<change_proposal::Entity>(scope)
        .col_expr(Column::Status, Expr::value(ProposalStatus::Superseded))
        .col_expr(Column::DecidedAt, Expr::value(scope.now))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .exec(&**tx)
        .await?;
    Ok(ids)
}

/// Proposals that an answer opens.
#[derive(Default)]
struct Opened {
    rows: Vec<change_proposal::Model>,
    facts: Vec<Fact>,
    cases: Vec<exceptions::NewException>,
}

fn open_proposals(
    scope: &SupplierScope,
    acknowledgment: AcknowledgmentId,
    asked: &Asked,
    lines: &[Judged],
    cause: quayside_canonical::EventId,
) -> Result<Opened, Failure> {
    let mut opened = Opened::default();
    let order = asked.row.id;
    for line in lines.iter().filter(|line| line.status == LineStatus::Proposed) {
        let proposal = ChangeProposalId::generate();
        let (number, deviations) = (line.line.clone(), line.deviations.clone());
        let about = About::part_of(&proposal, order, scope.supplier);
        let event = ChangeProposalOpened { proposal, acknowledgment, order, line: number, deviations };
        opened.facts.push(Fact::new(about, &event)?.caused_by(cause).first_of_its_subject());
        let other_item = line.deviations.iter().any(|it| it.kind == DeviationKind::Substitution);
        let (kind, wrong) = match other_item {
            true => (ExceptionKind::Substitution, "the supplier would ship another item"),
            false => (ExceptionKind::AnswerOverTolerance, "the answer is beyond tolerance"),
        };
        opened.cases.push(exceptions::NewException {
            kind,
            subject: proposal.to_string(),
            supplier: Some(scope.supplier),
            order: Some(order),
            severity: Severity::Warning,
            summary: format!("Order {}, line {}: {wrong}", asked.row.number, line.line),
            detail: serde_json::to_value(&line.deviations)?,
        });
        opened.rows.push(change_proposal::Model {
            id: proposal,
            tenant_id: scope.tenant,
            supplier_id: scope.supplier,
            order_id: order,
            acknowledgment_id: acknowledgment,
            revision: asked.row.revision,
            line: line.line.clone(),
            status: ProposalStatus::Open,
            deviations: serde_json::to_string(&line.deviations)?,
            opened_at: scope.now,
            decided_at: None,
            decided_by: None,
            note: None,
        });
    }
    Ok(opened)
}

/// Writes where the lines and the order now stand.
fn stand(
    writes: &mut Writes,
    scope: &Scope,
    id: AcknowledgmentId,
    asked: &Asked,
    lines: &[Judged],
) -> Result<(), Failure> {
    let rows = lines.iter().map(|line| {
        let agreed = Agreed::of(line.status, &line.parts);
        line_state::ActiveModel {
            order_id: Set(asked.row.id),
            line: Set(line.line.clone()),
            tenant_id: Set(asked.row.tenant_id),
            supplier_id: Set(asked.row.supplier_id),
            status: Set(line.status),
            acknowledgment_id: Set(Some(id)),
            answered_revision: Set(Some(asked.row.revision)),
            acknowledged: Set(agreed.acknowledged),
            backordered: Set(agreed.backordered),
            due_on: Set(promised_on(line.status, &line.parts)),
            ..Default::default()
        }
    });
    writes.insert_or(
        rows.collect(),
        "on conflict (order_id, line) do update set status = excluded.status,
            acknowledgment_id = excluded.acknowledgment_id, answered_revision = excluded.answered_revision,
            acknowledged = excluded.acknowledged, backordered = excluded.backordered,
            due_on = coalesce(excluded.due_on, line_state.due_on)",
    )?;
    settle(writes, scope, &asked.row, &statuses(asked, lines));
    Ok(())
}

/// The last day of a promise that is agreed: from then on the line is late.
pub(super) fn promised_on(status: LineStatus, parts: &[AnswerPart]) -> Option<Date> {
    let promised = parts.iter().filter_map(|part| part.promised_on).max();
    if status == LineStatus::Accepted { promised } else { None }
}

/// Where every line of the order stands once it is answered.
fn statuses(asked: &Asked, lines: &[Judged]) -> Vec<LineStatus> {
    let mut statuses: BTreeMap<&str, LineStatus> =
        asked.standing.iter().map(|(line, standing)| (line.as_str(), standing.status)).collect();
    statuses.extend(lines.iter().map(|line| (line.line.as_str(), line.status)));
    statuses.into_values().collect()
}

/// Writes where the order stands, and stops the clock when nothing is left to answer.
pub(super) fn settle(
    writes: &mut Writes,
    scope: &Scope,
    order: &purchase_order::Model,
    lines: &[LineStatus],
) {
    let stopped = if is_open(lines) { "" } else { ", answer_due_at = null, overdue_at = null" };
    writes.statement(
        &format!(
            "update purchase_order set status = ?, updated_at = ?{stopped} where tenant_id = ? and id = ?"
        ),
        [
            status::of_lines(lines.iter().copied()).into(),
            scope.now.into(),
            scope.tenant.into(),
            order.id.into(),
        ],
    );
}

/// Closes what was opened about an order that was overdue, once nothing is left to answer.
pub(super) async fn cure(
    tx: &Tx,
    scope: &Scope,
    order: &purchase_order::Model,
    lines: &[LineStatus],
    event: quayside_canonical::EventId,
) -> Result<(), Failure> {
    let cure = Cure { words: "the order is answered", event: Some(event) };
    if order.overdue_at.is_some() && !is_open(lines) {
        let kind = ExceptionKind::AcknowledgmentOverdue;
        exceptions::cure(tx, scope, kind, &[order.id.to_string()], &cure).await?;
    }
    if order.fulfillment != FulfillmentStatus::NotShipped && !is_open(lines) {
        let kind = ExceptionKind::ShipmentUnacknowledged;
        exceptions::cure(tx, scope, kind, &[order.id.to_string()], &cure).await?;
    }
    Ok(())
}

fn is_open(lines: &[LineStatus]) -> bool {
    lines.iter().any(|line| status::needs_answer(*line))
}
