//! Everything a batch of receipts adds, in few statements.
use std::collections::BTreeSet;

use quayside_canonical::{
    PurchaseOrderId, SupplierId,
    events::{ReceiptRecorded, ReceivedQuantity},
};
use quayside_entity::{receipt, receipt_line};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::{
    judge::{Taken, TakenLine, shipment_of},
    load::Loaded,
};
use crate::{
    BuyerScope, Failure,
    outbox::{About, Fact},
    store::{self, Tx},
};

pub(super) async fn insert(tx: &Tx, scope: &BuyerScope, taken: &[Taken]) -> Result<(), Failure> {
    let rows = taken.iter().map(|it| it.row.clone().into_active_model().reset_all());
    store::insert(tx, rows.collect()).await?;
    let mut lines = Vec::new();
    for it in taken {
        for (line, place) in it.lines.iter().zip(0..) {
            lines.push(line_row(scope, &it.row, line, place)?);
        }
    }
    store::insert(tx, lines).await
}

fn line_row(
    scope: &BuyerScope,
    receipt: &receipt::Model,
    TakenLine { found, stated }: &TakenLine,
    place: i32,
) -> Result<receipt_line::ActiveModel, Failure> {
    Ok(receipt_line::ActiveModel {
        receipt_id: Set(receipt.id),
        place: Set(place),
        tenant_id: Set(scope.tenant),
        supplier_id: Set(found.supplier),
        order_id: Set(found.order),
        line: Set(found.line.clone()),
        quantity: Set(found.quantity),
        unit: Set(found.unit.clone()),
        condition: Set(stated.condition),
        condition_code: Set(stated.condition_code.clone()),
        evidence: Set(serde_json::to_string(&stated.evidence)?),
    })
}

/// The event of each statement about which somebody can be told now: new ones, and reversals that waited for what
/// they take back.
pub(super) fn facts(loaded: &Loaded, taken: &[Taken]) -> Result<Vec<Fact>, Failure> {
    let mut facts = Vec::with_capacity(taken.len());
    let mut told: BTreeSet<&str> = loaded.told.iter().map(String::as_str).collect();
    for it in taken {
        if let Some(supplier) = it.row.supplier_id {
            facts.push(fact(loaded, &it.row, &it.lines, supplier)?);
            told.insert(&it.row.number);
        }
    }
    for (number, row) in &loaded.statements {
        if let Some(supplier) = loaded.supplier_of(number).filter(|_| !told.contains(number.as_str())) {
            facts.push(fact(loaded, row, &[], supplier)?);
        }
    }
    Ok(facts)
}

fn fact(
    loaded: &Loaded,
    row: &receipt::Model,
    lines: &[TakenLine],
    supplier: SupplierId,
) -> Result<Fact, Failure> {
    let event = ReceiptRecorded {
        receipt: row.id,
        supplier,
        number: row.number.clone(),
        source: row.source.clone(),
        kind: row.kind,
        basis: row.basis,
        replaces: row.replaces.clone(),
        shipment_number: row.shipment_number.clone(),
        shipment: shipment_of(loaded, row, supplier),
        location: row.location.clone(),
        received_at: row.received_at,
        sequence: Some(row.sequence).filter(|sequence| *sequence != 0),
        lines: lines.iter().map(received).collect(),
    };
    let orders: BTreeSet<PurchaseOrderId> = lines.iter().map(|line| line.found.order).collect();
    let order = orders.first().copied().filter(|_| orders.len() == 1);
    let about = About { subject: row.id.to_string(), supplier: Some(supplier), order };
    Ok(Fact::new(about, &event)?.occurred_at(row.received_at).first_of_its_subject())
}

fn received(TakenLine { found, stated }: &TakenLine) -> ReceivedQuantity {
    ReceivedQuantity {
        order: found.order,
        order_number: found.order_number.clone(),
        line: found.line.clone(),
        quantity: found.quantity,
        unit: found.unit.clone(),
        condition: stated.condition,
        condition_code: stated.condition_code.clone(),
    }
}
