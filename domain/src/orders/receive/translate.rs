//! The codes of a source, put into the tenant's own, before anything else looks at a document.
//!
//! Only an exact entry of the cross-reference counts; a code without one stays as it came and is reported by
//! [`super::warnings`]. Each replacement is noted in the document ([`Translation`]), so that the revision keeps
//! what the source had written and is recognised by it when it comes again.
use std::collections::{BTreeSet, HashMap};

use quayside_canonical::{
    Channel, SupplierId,
    master_data::CrossReferenceKind::{self, Item, Location, Supplier, Unit},
    order::{Line, Party, PurchaseOrder},
    translation::{CodeField, Translation},
};
use quayside_entity::{cross_reference, supplier_item};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};

use super::Incoming;
use crate::{
    BuyerScope, Failure,
    store::{ROWS, Tx},
    suppliers::ids_by_number,
};

/// A code that was replaced, with the way to it in the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translated {
    /// The path, such as `["lines", "0", "unit"]`.
    pub field: Vec<String>,
    /// What the source wrote; nothing when it left the code out.
    pub from: Option<String>,
    /// What stands there now.
    pub to: String,
}

/// What a source's codes mean, by kind and code.
type Crosswalk = HashMap<(CrossReferenceKind, String), String>;
/// Part numbers by supplier and item.
type Parts = HashMap<(SupplierId, String), String>;

/// The documents in the tenant's codes.
pub(super) async fn translate(
    tx: &Tx,
    scope: &BuyerScope,
    batch: &[Incoming],
) -> Result<Vec<Incoming>, Failure> {
    let mut batch = batch.to_vec();
    let mut orders: Vec<&mut PurchaseOrder> =
        batch.iter_mut().filter_map(|document| document.order.as_mut().ok()).collect();
    let crosswalk = crosswalk(tx, scope, &orders).await?;
    if !crosswalk.is_empty() {
        for order in &mut orders {
            replace(order, &crosswalk);
        }
    }
    fill_in(tx, scope, &mut orders).await?;
    Ok(batch)
}

/// Every replacement in `order`.
pub(super) fn made_in(order: &PurchaseOrder) -> Vec<Translated> {
    let show = |path: &[String], made: &Translation| Translated {
        field: path.iter().cloned().chain(made.field.path().iter().map(|&step| step.to_owned())).collect(),
        from: made.from.clone(),
        to: made.to.clone(),
    };
    let mut found: Vec<_> = order.translations.iter().map(|made| show(&[], made)).collect();
    for (index, line) in order.lines.iter().enumerate() {
        let path = ["lines".to_owned(), index.to_string()];
        found.extend(line.translations.iter().map(|made| show(&path, made)));
    }
    found
}

/// Whose codes a document is in: the list it is translated by.
const fn system(channel: Channel) -> &'static str {
    match channel {
        Channel::Edi => "EDI",
        Channel::Api | Channel::Portal | Channel::Ingest | Channel::Cli | Channel::System => "ERP",
    }
}

async fn crosswalk(tx: &Tx, scope: &BuyerScope, orders: &[&mut PurchaseOrder]) -> Result<Crosswalk, Failure> {
    use cross_reference::Column;
    let codes: Vec<&str> =
        orders.iter().flat_map(|order| codes_of(order)).collect::<BTreeSet<_>>().into_iter().collect();
    let mut crosswalk = Crosswalk::new();
    for codes in codes.chunks(ROWS) {
        let rows: Vec<(CrossReferenceKind, String, String)> = scope
            .find_own::<cross_reference::Entity>()
            .filter(Column::System.eq(system(scope.channel)))
            .filter(Column::ExternalCode.is_in(codes.iter().copied()))
            .select_only()
            .columns([Column::Kind, Column::ExternalCode, Column::Code])
            .into_tuple()
            .all(&**tx)
            .await?;
        crosswalk.extend(rows.into_iter().map(|(kind, external, code)| ((kind, external), code)));
    }
    Ok(crosswalk)
}

fn codes_of(order: &PurchaseOrder) -> impl Iterator<Item = &str> {
    let heading = [Some(order.supplier.as_str()), code_of(order.ship_to.as_ref())];
    let lines = order.lines.iter().flat_map(|line| {
        [Some(line.unit.as_str()), line.buyer_part.as_deref(), code_of(line.ship_to.as_ref())]
    });
    heading.into_iter().chain(lines).flatten()
}

fn code_of(party: Option<&Party>) -> Option<&str> {
    party.and_then(|party| party.code.as_deref())
}

fn replace(order: &mut PurchaseOrder, crosswalk: &Crosswalk) {
    let mut notes = Notes { crosswalk, made: &mut order.translations };
    notes.replace(Supplier, CodeField::Supplier, Some(&mut order.supplier));
    notes.replace(Location, CodeField::ShipTo, code_mut(order.ship_to.as_mut()));
    for line in &mut order.lines {
        let mut notes = Notes { crosswalk, made: &mut line.translations };
        notes.replace(Unit, CodeField::Unit, Some(&mut line.unit));
        notes.replace(Item, CodeField::BuyerPart, line.buyer_part.as_mut());
        notes.replace(Location, CodeField::ShipTo, code_mut(line.ship_to.as_mut()));
    }
}

fn code_mut(party: Option<&mut Party>) -> Option<&mut String> {
    party.and_then(|party| party.code.as_mut())
}

/// Replaces codes and notes what was there.
struct Notes<'a> {
    crosswalk: &'a Crosswalk,
    made: &'a mut Vec<Translation>,
}

impl Notes<'_> {
    fn replace(&mut self, kind: CrossReferenceKind, field: CodeField, code: Option<&mut String>) {
        let Some(code) = code else { return };
        // A revision made from the one before it brings codes that are the tenant's already.
        if self.made.iter().any(|made| made.field == field && made.to == *code) {
            return;
        }
        let Some(to) = self.crosswalk.get(&(kind, code.clone())).filter(|to| *to != code) else { return };
        self.made.retain(|made| made.field != field);
        let from = Some(std::mem::replace(code, to.clone()));
        self.made.push(Translation { field, from, to: to.clone() });
    }
}

/// Gives lines without a supplier's part number the one on file.
async fn fill_in(tx: &Tx, scope: &BuyerScope, orders: &mut [&mut PurchaseOrder]) -> Result<(), Failure> {
    let asking = || orders.iter().filter(|order| order.lines.iter().any(|line| asked_part(line).is_some()));
    let items: BTreeSet<&str> =
        asking().flat_map(|order| order.lines.iter().filter_map(asked_part)).collect();
    if items.is_empty() {
        return Ok(());
    }
    let suppliers = ids_by_number(tx, scope, asking().map(|order| order.supplier.as_str()).collect()).await?;
    let parts = parts(tx, scope, suppliers.values().copied(), &items).await?;
    if parts.is_empty() {
        return Ok(());
    }
    for order in orders {
        let Some(supplier) = suppliers.get(&order.supplier) else { continue };
        for line in &mut order.lines {
            let Some(item) = asked_part(line) else { continue };
            let Some(part) = parts.get(&(*supplier, item.to_owned())) else { continue };
            line.supplier_part = Some(part.clone());
            let made = Translation { field: CodeField::SupplierPart, from: None, to: part.clone() };
            line.translations.push(made);
        }
    }
    Ok(())
}

/// The item whose part number the line lacks.
fn asked_part(line: &Line) -> Option<&str> {
    if line.supplier_part.is_some() { None } else { line.buyer_part.as_deref() }
}

async fn parts(
    tx: &Tx,
    scope: &BuyerScope,
    suppliers: impl Iterator<Item = SupplierId>,
    items: &BTreeSet<&str>,
) -> Result<Parts, Failure> {
    let suppliers: Vec<SupplierId> = suppliers.collect();
    let items: Vec<&str> = items.iter().copied().collect();
    let mut parts = Parts::new();
    for items in items.chunks(ROWS) {
        let rows = scope
            .find::<supplier_item::Entity>()
            .filter(supplier_item::Column::SupplierId.is_in(suppliers.iter().copied()))
            .filter(supplier_item::Column::ItemNumber.is_in(items.iter().copied()))
            .all(&**tx)
            .await?;
        parts.extend(rows.into_iter().map(|row| ((row.supplier_id, row.item_number), row.supplier_part)));
    }
    Ok(parts)
}
