//! Everything a batch of documents changes, in few statements.
use quayside_canonical::{
    PurchaseOrderId, SupplierId, Timestamp,
    events::{PurchaseOrderReleased, PurchaseOrderRevised, RevisionConflicted, RevisionFiledLate},
    order::PurchaseOrder,
    states::{DocumentOutcome, ProposalStatus},
};
use quayside_entity::{
    change_proposal, idempotency_key, line_state, purchase_order, purchase_order_line,
    purchase_order_revision,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, Set, sea_query::Expr};

use super::{OPERATION, load::Loaded};
use crate::{
    BuyerScope, Failure,
    acknowledgments::proposals::cure_proposals,
    exceptions::Cure,
    idempotency::IdempotencyKey,
    orders::{
        booked,
        revise::{Filed, OrderState, Revised},
    },
    outbox::{self, About, Fact},
    scope::{in_tenant, update_in_tenant},
    store::Tx,
    writes::Writes,
};

/// A key that a document of the batch used up.
pub(super) struct Key {
    pub(super) key: IdempotencyKey,
    pub(super) request_hash: Vec<u8>,
    pub(super) result: String,
}

pub(super) async fn write(
    tx: &Tx,
    scope: &BuyerScope,
    loaded: &Loaded,
    keys: Vec<Key>,
    facts: Vec<Fact>,
) -> Result<(), Failure> {
    let touched: Vec<(&String, &OrderState)> =
        loaded.orders.iter().filter(|(_, o)| !o.filed.is_empty()).collect();
    let (mut orders, mut revisions, mut lines, mut states) = (vec![], vec![], vec![], vec![]);
    for (number, order) in &touched {
        match loaded.before.get(&order.id) {
            None => orders.push(new_order(scope, number, order)),
            Some(before) => change_order(tx, scope, before, order).await?,
        }
        for filed in &order.filed {
            revisions.push(revision_row(scope, order, filed));
            lines.extend(line_rows(scope, order, filed));
        }
        states.extend(state_rows(scope, order));
    }
    let mut writes = Writes::new(scope.store());
    writes.insert(orders)?;
    writes.insert(revisions)?;
    writes.insert(lines)?;
    writes.insert_or(
        states,
        "on conflict (order_id, line) do update set status = excluded.status,
            acknowledgment_id = excluded.acknowledgment_id, answered_revision = excluded.answered_revision,
            unit = excluded.unit, ordered = excluded.ordered, cancelled = excluded.cancelled,
            acknowledged = excluded.acknowledged, backordered = excluded.backordered,
            due_on = excluded.due_on, fulfillment = excluded.fulfillment",
    )?;
    writes.insert(keys.into_iter().map(|key| key_row(scope, key)).collect())?;
    outbox::add(&mut writes, tx, scope, facts).await?;
    writes.run(tx).await
}

fn new_order(scope: &BuyerScope, number: &str, order: &OrderState) -> purchase_order::ActiveModel {
    let mut row = purchase_order::ActiveModel {
        id: Set(order.id),
        tenant_id: Set(scope.tenant),
        supplier_id: Set(order.supplier),
        number: Set(number.to_owned()),
        created_at: Set(scope.now),
        ..Default::default()
    };
    set_current(&mut row, order, scope.now);
    row
}

/// Writes an order that was there before, and closes proposals the new revision overtook.
async fn change_order(
    tx: &Tx,
    scope: &BuyerScope,
    before: &purchase_order::Model,
    order: &OrderState,
) -> Result<(), Failure> {
    let mut row = purchase_order::ActiveModel { id: Set(before.id), ..Default::default() };
    set_current(&mut row, order, scope.now);
    row.update(&**tx).await?;
    let still_open: Vec<&String> = order
        .lines
        .iter()
        .filter(|(_, line)| line.status == quayside_canonical::states::LineStatus::Proposed)
        .map(|(line, _)| line)
        .collect();
    let overtaken = in_tenant::<change_proposal::Entity>(scope)
        .filter(change_proposal::Column::OrderId.eq(order.id))
        .filter(change_proposal::Column::Status.eq(ProposalStatus::Open))
        .filter(change_proposal::Column::Line.is_not_in(still_open.into_iter().map(String::as_str)))
        .all(&**tx)
        .await?;
    if overtaken.is_empty() {
        return Ok(());
    }
    let overtaken: Vec<_> = overtaken.into_iter().map(|row| row.id).collect();
    update_in_tenant::<change_proposal::Entity>(scope)
        .col_expr(change_proposal::Column::Status, Expr::value(ProposalStatus::Superseded))
        .col_expr(change_proposal::Column::DecidedAt, Expr::value(scope.now))
        .filter(change_proposal::Column::Id.is_in(overtaken.iter().copied()))
        .exec(&**tx)
        .await?;
    let newer = Cure { words: "a newer revision overtook it", event: None };
    cure_proposals(tx, scope, &overtaken, &newer).await
}

fn set_current(row: &mut purchase_order::ActiveModel, order: &OrderState, now: Timestamp) {
    let Some(current) = &order.current else { return };
    let (sequence, issued_at, id) = current.document.revision.rank();
    row.status = Set(order.status);
    row.fulfillment = Set(order.fulfillment_at_rest());
    row.revision = Set(current.number);
    row.source_revision = Set(id.to_owned());
    row.source_sequence = Set(sequence);
    row.source_issued_at = Set(issued_at);
    row.currency = Set(current.document.currency.clone());
    row.ordered_on = Set(current.document.ordered_on);
    row.answer_due_at = Set(order.answer_due_at);
    row.overdue_at = Set(order.overdue_at);
    row.updated_at = Set(now);
}

fn revision_row(
    scope: &BuyerScope,
    order: &OrderState,
    filed: &Filed,
) -> purchase_order_revision::ActiveModel {
    let (sequence, issued_at, id) = filed.document.revision.rank();
    purchase_order_revision::ActiveModel {
        order_id: Set(order.id),
        number: Set(filed.number),
        tenant_id: Set(scope.tenant),
        supplier_id: Set(order.supplier),
        source_revision: Set(id.to_owned()),
        source_sequence: Set(sequence),
        source_issued_at: Set(issued_at),
        late: Set(filed.late),
        content_hash: Set(filed.content_hash.clone()),
        document: Set(filed.json.clone()),
        channel: Set(scope.channel),
        received_at: Set(scope.now),
    }
}

fn line_rows(
    scope: &BuyerScope,
    order: &OrderState,
    filed: &Filed,
) -> impl Iterator<Item = purchase_order_line::ActiveModel> {
    filed.document.lines.iter().zip(0..).map(move |(line, place)| purchase_order_line::ActiveModel {
        order_id: Set(order.id),
        revision: Set(filed.number),
        place: Set(place),
        tenant_id: Set(scope.tenant),
        supplier_id: Set(order.supplier),
        line: Set(line.number.clone()),
        buyer_part: Set(line.buyer_part.clone()),
        supplier_part: Set(line.supplier_part.clone()),
        gtin: Set(line.gtin.clone()),
        description: Set(line.description.clone()),
        quantity: Set(line.quantity),
        unit: Set(line.unit.clone()),
        unit_price: Set(line.unit_price),
        price_per: Set(line.price_per),
        deliver_from: Set(line.deliver_from),
        deliver_to: Set(line.deliver_to),
        cancelled: Set(line.cancelled),
    })
}

fn state_rows(scope: &BuyerScope, order: &OrderState) -> impl Iterator<Item = line_state::ActiveModel> {
    order.lines.iter().map(move |(line, state)| {
        let (booked, agreed) = (order.booked.get(line).cloned().unwrap_or_default(), order.agreed(line));
        line_state::ActiveModel {
            order_id: Set(order.id),
            line: Set(line.clone()),
            tenant_id: Set(scope.tenant),
            supplier_id: Set(order.supplier),
            status: Set(state.status),
            acknowledgment_id: Set(state.acknowledgment),
            answered_revision: Set(state.answered_revision),
            unit: Set(booked.unit.clone()),
            ordered: Set(booked.ordered),
            cancelled: Set(booked.ordered - booked.wanted()),
            acknowledged: Set(agreed.acknowledged),
            backordered: Set(agreed.backordered),
            due_on: Set(booked.due_on),
            fulfillment: Set(booked::at_rest(&booked)),
            ..Default::default()
        }
    })
}

fn key_row(scope: &BuyerScope, used: Key) -> idempotency_key::ActiveModel {
    idempotency_key::ActiveModel {
        tenant_id: Set(scope.tenant),
        principal: Set(scope.actor.to_string()),
        operation: Set(OPERATION.to_owned()),
        key: Set(used.key.to_string()),
        request_hash: Set(used.request_hash),
        result: Set(used.result),
        created_at: Set(scope.now),
    }
}

/// The event of a document, when it changed anything or must be known.
pub(super) fn fact(
    document: &PurchaseOrder,
    order: PurchaseOrderId,
    supplier: SupplierId,
    revised: &Revised,
    current_revision: i32,
    state: &OrderState,
) -> Result<Option<Fact>, Failure> {
    let (answer_due_at, lines) = (state.answer_due_at, state.ordered(document));
    let about = About::order(order, supplier);
    let number = document.number.clone();
    let (supplier_number, ordered_on) = (Some(document.supplier.clone()), document.ordered_on);
    let source_revision = document.revision.id.clone();
    let revision = revised.revision;
    let location = document.ship_to.as_ref().and_then(|party| party.code.clone());
    let fact = match revised.outcome {
        DocumentOutcome::Created => Fact::new(
            about,
            &PurchaseOrderReleased {
                order,
                number,
                supplier,
                supplier_number,
                ordered_on,
                revision,
                source_revision,
                location,
                answer_due_at,
                lines,
            },
        )?,
        DocumentOutcome::Revised => {
            let (lines_to_answer, cancelled) = (revised.lines_to_answer.clone(), document.cancelled);
            Fact::new(
                about,
                &PurchaseOrderRevised {
                    order,
                    number,
                    supplier,
                    supplier_number,
                    ordered_on,
                    revision,
                    source_revision,
                    location,
                    lines_to_answer,
                    cancelled,
                    answer_due_at,
                    lines,
                },
            )?
        }
        DocumentOutcome::Late => {
            Fact::new(about, &RevisionFiledLate { order, revision, source_revision, current_revision })?
        }
        DocumentOutcome::Conflict => {
            Fact::new(about, &RevisionConflicted { order, revision, source_revision })?
        }
        DocumentOutcome::Unchanged
        | DocumentOutcome::Answered
        | DocumentOutcome::Waiting
        | DocumentOutcome::Recorded
        | DocumentOutcome::Refused => return Ok(None),
    };
    Ok(Some(fact.occurred_at(document.revision.issued_at)))
}
