//! The facts of order lines, out of the tables: a fixed number of statements however many lines there are.
use std::collections::{BTreeMap, BTreeSet, HashSet};

use quayside_canonical::{
    PurchaseOrderId, ReceiptId, ShipmentId,
    states::{DiscrepancyStatus, ReceiptKind, ShipmentStatus},
};
use quayside_entity::{
    discrepancy, invoice_status, line_state, receipt, receipt_line, shipment, shipment_line,
};
use sea_orm::{ColumnTrait, Condition, ExprTrait, QueryFilter, QueryOrder, QuerySelect};

use super::facts::{Agreed, Decision, Facts, ReceiptFact, ShipmentFact};
use crate::{Failure, Scope, scope::in_tenant, store::Tx};

/// An order line: its order and its number.
pub(super) type Key = (PurchaseOrderId, String);

/// Everything that bears on some orders.
pub(super) struct Loaded {
    pub(super) lines: BTreeMap<Key, line_state::Model>,
    pub(super) facts: BTreeMap<Key, Facts>,
    /// Shipments that hold goods of the orders, drafts and cancelled ones aside.
    pub(super) shipments: BTreeMap<ShipmentId, shipment::Model>,
    /// What those shipments hold, of these and of other orders.
    pub(super) shipped: Vec<shipment_line::Model>,
    /// Shipments about which a warehouse said its last word.
    pub(super) complete: BTreeSet<ShipmentId>,
    pub(super) discrepancies: Vec<discrepancy::Model>,
    /// What warehouses stated about the lines and nobody took back.
    pub(super) stated: Vec<receipt_line::Model>,
}

/// Loads all that bears on `orders`.
pub(super) async fn load(
    tx: &Tx,
    scope: &Scope,
    orders: &BTreeSet<PurchaseOrderId>,
) -> Result<Loaded, Failure> {
    let ids = || orders.iter().copied();
    let lines = in_tenant::<line_state::Entity>(scope).filter(line_state::Column::OrderId.is_in(ids()));
    let lines: BTreeMap<Key, line_state::Model> =
        lines.all(&**tx).await?.into_iter().map(|row| ((row.order_id, row.line.clone()), row)).collect();
    let mut facts: BTreeMap<Key, Facts> = lines.iter().map(|(key, row)| (key.clone(), of_row(row))).collect();
    let (shipments, shipped) = shipments(tx, scope, orders).await?;
    for row in &shipped {
        if let (Some(facts), Some(shipment)) =
            (facts.get_mut(&(row.order_id, row.line.clone())), shipments.get(&row.shipment_id))
        {
            let (id, number) = (shipment.id, shipment.number.clone());
            facts.shipments.push(ShipmentFact { id, number, quantity: row.quantity });
        }
    }
    for line in facts.values_mut() {
        line.shipments.sort_by_key(|shipped| (shipments[&shipped.id].submitted_at, shipped.id));
    }
    let (complete, stated) = receipts(tx, scope, orders, &shipments, &mut facts).await?;
    let concerned = Condition::any()
        .add(discrepancy::Column::OrderId.is_in(ids()))
        .add(discrepancy::Column::ShipmentId.is_in(shipments.keys().copied()));
    let discrepancies = in_tenant::<discrepancy::Entity>(scope).filter(concerned);
    let discrepancies = discrepancies.order_by_asc(discrepancy::Column::Id).all(&**tx).await?;
    for row in &discrepancies {
        if let (DiscrepancyStatus::Resolved, Some(resolution), Some(quantity), Some(facts)) = (
            row.status,
            row.resolution,
            row.resolved_quantity,
            facts.get_mut(&(row.order_id, row.line.clone())),
        ) {
            facts.decisions.push(Decision {
                kind: row.kind,
                shipment: row.shipment_id,
                quantity,
                resolution,
            });
        }
    }
    let invoices =
        in_tenant::<invoice_status::Entity>(scope).filter(invoice_status::Column::OrderId.is_in(ids()));
    for row in invoices.all(&**tx).await? {
        if let Some(facts) = facts.get_mut(&(row.order_id, row.line)) {
            facts.invoices.insert((row.source, row.invoice), (row.status, row.quantity));
        }
    }
    Ok(Loaded { lines, facts, shipments, shipped, complete, discrepancies, stated })
}

/// What the order's own operations keep beside the line's status.
fn of_row(row: &line_state::Model) -> Facts {
    Facts {
        ordered: row.ordered,
        cancelled: row.cancelled.is_positive(),
        agreed: Agreed { acknowledged: row.acknowledged, backordered: row.backordered },
        due_on: row.due_on,
        ..Facts::default()
    }
}

type Shipments = (BTreeMap<ShipmentId, shipment::Model>, Vec<shipment_line::Model>);

/// Announced shipments of the orders, with all they hold.
async fn shipments(tx: &Tx, scope: &Scope, orders: &BTreeSet<PurchaseOrderId>) -> Result<Shipments, Failure> {
    let ids: Vec<ShipmentId> = in_tenant::<shipment_line::Entity>(scope)
        .filter(shipment_line::Column::OrderId.is_in(orders.iter().copied()))
        .select_only()
        .column(shipment_line::Column::ShipmentId)
        .distinct()
        .into_tuple()
        .all(&**tx)
        .await?;
    if ids.is_empty() {
        return Ok(Shipments::default());
    }
    let shipments = in_tenant::<shipment::Entity>(scope)
        .filter(shipment::Column::Id.is_in(ids))
        .filter(shipment::Column::Status.is_not_in([ShipmentStatus::Draft, ShipmentStatus::Cancelled]))
        .order_by_asc(shipment::Column::Id)
        .lock_exclusive()
        .all(&**tx)
        .await?;
    let shipments: BTreeMap<_, _> = shipments.into_iter().map(|row| (row.id, row)).collect();
    let shipped = in_tenant::<shipment_line::Entity>(scope)
        .filter(shipment_line::Column::ShipmentId.is_in(shipments.keys().copied()))
        .all(&**tx)
        .await?;
    Ok((shipments, shipped))
}

/// Adds the statements of warehouses to the facts of the lines they concern, and says which shipments are complete.
async fn receipts(
    tx: &Tx,
    scope: &Scope,
    orders: &BTreeSet<PurchaseOrderId>,
    shipments: &BTreeMap<ShipmentId, shipment::Model>,
    facts: &mut BTreeMap<Key, Facts>,
) -> Result<(BTreeSet<ShipmentId>, Vec<receipt_line::Model>), Failure> {
    let mut lines = in_tenant::<receipt_line::Entity>(scope)
        .filter(receipt_line::Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(receipt_line::Column::Place)
        .all(&**tx)
        .await?;
    let named: BTreeSet<ReceiptId> = lines.iter().map(|line| line.receipt_id).collect();
    let of_shipments = shipments.values().fold(Condition::any(), |any, shipment| {
        let same = receipt::Column::ShipmentNumber.eq(shipment.number.as_str());
        any.add(same.and(receipt::Column::SupplierId.eq(shipment.supplier_id)))
    });
    if named.is_empty() && shipments.is_empty() {
        return Ok(Default::default());
    }
    let wanted = of_shipments.add(receipt::Column::Id.is_in(named));
    let rows = in_tenant::<receipt::Entity>(scope).filter(wanted).all(&**tx).await?;
    let void = replaced(tx, scope, &rows).await?;
    let mut complete = BTreeSet::new();
    for row in rows {
        if void.contains(&(row.source.clone(), row.number.clone())) {
            lines.retain(|line| line.receipt_id != row.id);
            continue;
        }
        let shipment = shipments.values().find(|shipment| {
            Some(shipment.supplier_id) == row.supplier_id
                && Some(&shipment.number) == row.shipment_number.as_ref()
        });
        if let Some(shipment) = shipment
            && row.kind == ReceiptKind::Final
        {
            complete.insert(shipment.id);
        }
        let last_word = row.kind == ReceiptKind::Final && shipment.is_some();
        for (key, facts) in &mut *facts {
            let said = lines.iter().filter(|line| line.receipt_id == row.id);
            let said = said.filter(|line| line.order_id == key.0 && line.line == key.1);
            let quantities: Vec<_> = said.map(|line| (line.condition, line.quantity)).collect();
            let concerned = shipment.is_some_and(|it| facts.shipments.iter().any(|fact| fact.id == it.id));
            if !quantities.is_empty() || (last_word && concerned) {
                facts.receipts.push(ReceiptFact {
                    source: row.source.clone(),
                    number: row.number.clone(),
                    kind: row.kind,
                    basis: row.basis,
                    shipment: row.shipment_number.clone(),
                    sequence: row.sequence,
                    received_at: row.received_at,
                    quantities,
                });
            }
        }
    }
    Ok((complete, lines))
}

/// Which of `rows` another statement of the same source takes back or corrects.
async fn replaced(
    tx: &Tx,
    scope: &Scope,
    rows: &[receipt::Model],
) -> Result<HashSet<(String, String)>, Failure> {
    let numbers: BTreeSet<&str> = rows.iter().map(|row| row.number.as_str()).collect();
    if numbers.is_empty() {
        return Ok(HashSet::new());
    }
    let pairs: Vec<(String, String)> = in_tenant::<receipt::Entity>(scope)
        .filter(receipt::Column::Replaces.is_in(numbers))
        .select_only()
        .columns([receipt::Column::Source, receipt::Column::Replaces])
        .into_tuple()
        .all(&**tx)
        .await?;
    Ok(pairs.into_iter().collect())
}
