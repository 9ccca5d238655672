//! What one receipt does: the same statement again, another one under its number, or something new. Pure, but for
//! what was loaded.
use std::collections::BTreeSet;

use quayside_canonical::{
    Field, Problems, ReceiptId, ShipmentId, SupplierId,
    master_data::CrossReferenceKind,
    receipt::{ReceiptDocument, ReceiptLine},
    states::{DocumentOutcome, GoodsCondition, ReceiptKind},
};
use quayside_entity::receipt;
use sha2::{Digest, Sha256};

use super::load::{Loaded, named};
use crate::{
    BuyerScope, Failure,
    statements::{Found, NoShipment, Recorded},
};

/// A receipt that is to be written.
pub(super) struct Taken {
    pub(super) row: receipt::Model,
    pub(super) lines: Vec<TakenLine>,
}

/// A line of it, in the order line's unit.
pub(super) struct TakenLine {
    pub(super) found: Found,
    pub(super) stated: ReceiptLine,
}

/// Judges a document, and adds it to what is known when it is new.
pub(super) fn judge(
    loaded: &mut Loaded,
    scope: &BuyerScope,
    document: &ReceiptDocument,
    only: Option<SupplierId>,
) -> Result<(Recorded, Option<Taken>), Failure> {
    let json = serde_json::to_string(document)?;
    let content_hash = Sha256::digest(&json).to_vec();
    if let Some(row) = loaded.statements.get(&document.number) {
        let recorded = if row.content_hash == content_hash {
            Recorded::of(DocumentOutcome::Unchanged, &document.number, &row.id)
        } else {
            let message = "a receipt with this number is on file and says something else; to correct it, send \
                another one that names it in `replaces`";
            Recorded::conflict(&document.number, &row.id, message)
        };
        return Ok((recorded, None));
    }
    let mut problems = Problems::new();
    let lines = lines(loaded, document, only, &mut problems);
    let supplier = supplier(loaded, document, &lines, only, &mut problems);
    if !problems.is_empty() {
        return Ok((Recorded::refused(Some(&document.number), problems), None));
    }
    let location = document.location.as_deref();
    let location = location.map(|code| loaded.codes.own(CrossReferenceKind::Location, code).to_owned());
    let row = receipt::Model {
        id: ReceiptId::generate(),
        tenant_id: scope.tenant,
        supplier_id: supplier,
        source: scope.actor.to_string(),
        number: document.number.clone(),
        kind: document.kind,
        basis: document.basis,
        replaces: document.replaces.clone(),
        shipment_number: document.shipment.clone(),
        location,
        received_at: document.received_at,
        sequence: document.rank().0,
        content_hash,
        document: json,
        channel: scope.channel,
        actor: scope.actor.to_string(),
        recorded_at: scope.now,
    };
    let mut recorded = Recorded::of(DocumentOutcome::Recorded, &row.number, &row.id);
    recorded.warnings = warnings(loaded, document, &row).into_vec();
    loaded.statements.insert(row.number.clone(), row.clone());
    Ok((recorded, Some(Taken { row, lines })))
}

fn lines(
    loaded: &Loaded,
    document: &ReceiptDocument,
    only: Option<SupplierId>,
    problems: &mut Problems,
) -> Vec<TakenLine> {
    let mut lines = Vec::with_capacity(document.lines.len());
    for ((index, stated), named) in document.lines.iter().enumerate().zip(named(document)) {
        let field = Field::root().at("lines").at(index);
        if let Some(found) = loaded.ordered.find(&named, only, &loaded.codes, &field, problems) {
            lines.push(TakenLine { found, stated: stated.clone() });
        }
    }
    lines
}

/// Whom the receipt is about. Nobody yet, when it takes back a statement that has not arrived.
fn supplier(
    loaded: &Loaded,
    document: &ReceiptDocument,
    lines: &[TakenLine],
    only: Option<SupplierId>,
    problems: &mut Problems,
) -> Option<SupplierId> {
    let root = Field::root();
    let named = document.supplier.as_deref().and_then(|number| {
        let named = loaded.supplier(number).filter(|found| only.is_none_or(|only| only == *found));
        if named.is_none() {
            let message = format!("supplier `{number}` is not known");
            problems.add("UNKNOWN_SUPPLIER", &root.at("supplier"), message);
        }
        named
    });
    let suppliers: BTreeSet<SupplierId> = lines.iter().map(|line| line.found.supplier).collect();
    if suppliers.len() > 1 {
        let message = "the lines are of orders of several suppliers; send a receipt for each";
        problems.add("SEVERAL_SUPPLIERS", &root.at("lines"), message);
        return None;
    }
    let replaced = document.replaces.as_deref().and_then(|number| loaded.supplier_of(number));
    let told = suppliers.into_iter().next().or(replaced);
    if let (Some(named), Some(told)) = (named, told)
        && named != told
    {
        let message = "the orders, or the statement it replaces, are another supplier's";
        problems.add("ANOTHER_SUPPLIER", &root.at("supplier"), message);
    }
    let supplier = told.or(named).or(only);
    if document.kind == ReceiptKind::Reversal || !document.lines.is_empty() {
        return supplier;
    }
    of_shipment(loaded, document, supplier, problems)
}

/// A receipt without lines is about the lines of its shipment, which has to be there.
fn of_shipment(
    loaded: &Loaded,
    document: &ReceiptDocument,
    supplier: Option<SupplierId>,
    problems: &mut Problems,
) -> Option<SupplierId> {
    let number = document.shipment.as_deref().unwrap_or_default();
    match loaded.shipped.get(number, supplier) {
        Ok(shipment) => Some(shipment.supplier_id),
        Err(NoShipment::Unknown) => {
            let message = format!("shipment `{number}` is not on file; without it, say what was received");
            problems.add("UNKNOWN_SHIPMENT", &Field::root().at("shipment"), message);
            None
        }
        Err(NoShipment::Ambiguous) => {
            let message = format!("several suppliers have a shipment `{number}`; name the supplier");
            problems.add("AMBIGUOUS_SHIPMENT", &Field::root().at("shipment"), message);
            None
        }
    }
}

/// The shipment a statement names, when it is on file.
pub(super) fn shipment_of(loaded: &Loaded, row: &receipt::Model, supplier: SupplierId) -> Option<ShipmentId> {
    let number = row.shipment_number.as_deref()?;
    loaded.shipped.get(number, Some(supplier)).ok().map(|shipment| shipment.id)
}

/// What is taken as it came although we do not know it.
fn warnings(loaded: &Loaded, document: &ReceiptDocument, row: &receipt::Model) -> Problems {
    let mut found = Problems::new();
    if let (Some(number), Some(supplier)) = (&row.shipment_number, row.supplier_id)
        && shipment_of(loaded, row, supplier).is_none()
    {
        let message = format!("shipment `{number}` is not on file yet");
        found.add("UNKNOWN_SHIPMENT", &Field::root().at("shipment"), message);
    }
    if let Some(code) = row.location.as_deref().filter(|code| loaded.codes.is_unknown_location(code)) {
        let message = format!("location `{code}` is not in the location list");
        found.add("UNKNOWN_LOCATION", &Field::root().at("location"), message);
    }
    for (index, line) in document.lines.iter().enumerate() {
        if line.condition == GoodsCondition::Unknown {
            let code = line.condition_code.as_deref().unwrap_or("none");
            let message = format!("condition code `{code}` is in no list; the goods count as held");
            found.add("UNKNOWN_CONDITION", &Field::root().at("lines").at(index).at("condition"), message);
        }
    }
    found
}
