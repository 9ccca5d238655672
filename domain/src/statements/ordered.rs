//! The orders and lines a batch of documents is about: locked, with the unit each line counts in.
use std::collections::{BTreeSet, HashMap, hash_map::Entry};

use quayside_canonical::{
    Field, Micro, Problems, PurchaseOrderId, SupplierId, master_data::CrossReferenceKind,
};
use quayside_entity::{purchase_order, purchase_order_line, unit_factor};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect};

use super::Codes;
use crate::{
    BuyerScope, Failure,
    store::{ROWS, Tx},
};

/// An order line as a document names it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<'a> {
    /// The buyer's order number.
    pub(crate) order: &'a str,
    /// The line number.
    pub(crate) line: &'a str,
    /// How much.
    pub(crate) quantity: Micro,
    /// In which unit; the line's when not said.
    pub(crate) unit: Option<&'a str>,
}

/// A document's line on file, with its quantity in the order line's unit.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) order: PurchaseOrderId,
    pub(crate) order_number: String,
    pub(crate) supplier: SupplierId,
    pub(crate) line: String,
    pub(crate) quantity: Micro,
    pub(crate) unit: String,
}

/// The orders of a batch.
#[derive(Default)]
pub(crate) struct Ordered {
    orders: HashMap<String, purchase_order::Model>,
    lines: HashMap<(PurchaseOrderId, String), purchase_order_line::Model>,
    factors: HashMap<(String, String), (i64, i64)>,
}

impl Ordered {
    /// Locks the orders with these numbers, and those of `also`, in the order every writer does.
    pub(crate) async fn lock(
        tx: &Tx,
        scope: &BuyerScope,
        numbers: BTreeSet<&str>,
        also: &BTreeSet<PurchaseOrderId>,
    ) -> Result<Self, Failure> {
        use purchase_order::Column;
        let mut found = Self::default();
        if numbers.is_empty() && also.is_empty() {
            return Ok(found);
        }
        let mut wanted = Condition::any().add(Column::Number.is_in(numbers));
        if !also.is_empty() {
            wanted = wanted.add(Column::Id.is_in(also.iter().copied()));
        }
        let rows = scope.find::<purchase_order::Entity>().filter(wanted).order_by_asc(Column::Id);
        for row in rows.lock_exclusive().all(&**tx).await? {
            found.orders.insert(row.number.clone(), row);
        }
        Ok(found)
    }

    /// All that were found.
    pub(crate) fn ids(&self) -> impl Iterator<Item = PurchaseOrderId> {
        self.orders.values().map(|order| order.id)
    }

    /// Locks orders that turned out to be touched as well.
    pub(crate) async fn lock_more(
        &mut self,
        tx: &Tx,
        scope: &BuyerScope,
        orders: &BTreeSet<PurchaseOrderId>,
    ) -> Result<(), Failure> {
        let locked: BTreeSet<PurchaseOrderId> = self.ids().collect();
        let more: BTreeSet<PurchaseOrderId> = orders.difference(&locked).copied().collect();
        self.orders.extend(Self::lock(tx, scope, BTreeSet::new(), &more).await?.orders);
        Ok(())
    }

    /// Loads what the locked orders say about the lines named.
    pub(crate) async fn load(
        &mut self,
        tx: &Tx,
        scope: &BuyerScope,
        named: &[Named<'_>],
        codes: &Codes,
    ) -> Result<(), Failure> {
        let orders: BTreeSet<PurchaseOrderId> =
            named.iter().filter_map(|line| self.orders.get(line.order)).map(|order| order.id).collect();
        let lines: BTreeSet<&str> = named.iter().map(|line| line.line).collect();
        for lines in lines.into_iter().collect::<Vec<_>>().chunks(ROWS) {
            self.add_lines(tx, scope, &orders, lines).await?;
        }
        let items: BTreeSet<&str> = named
            .iter()
            .filter_map(|line| {
                let (_, ordered) = self.line(line)?;
                let other = line.unit.is_some_and(|unit| own_unit(codes, unit) != ordered.unit);
                ordered.buyer_part.as_deref().filter(|_| other)
            })
            .collect();
        if !items.is_empty() {
            self.factors = factors(tx, scope, &items).await?;
        }
        Ok(())
    }

    /// A line counts in the unit of the current revision, or of the last one that had it.
    async fn add_lines(
        &mut self,
        tx: &Tx,
        scope: &BuyerScope,
        orders: &BTreeSet<PurchaseOrderId>,
        lines: &[&str],
    ) -> Result<(), Failure> {
        use purchase_order_line::Column;
        let current: HashMap<PurchaseOrderId, i32> =
            self.orders.values().map(|order| (order.id, order.revision)).collect();
        let rows = scope
            .find::<purchase_order_line::Entity>()
            .filter(Column::OrderId.is_in(orders.iter().copied()))
            .filter(Column::Line.is_in(lines.iter().copied()))
            .order_by_asc(Column::Revision)
            .all(&**tx)
            .await?;
        for row in rows {
            match self.lines.entry((row.order_id, row.line.clone())) {
                Entry::Vacant(free) => drop(free.insert(row)),
                Entry::Occupied(mut taken) => {
                    if current.get(&row.order_id) != Some(&taken.get().revision) {
                        taken.insert(row);
                    }
                }
            }
        }
        Ok(())
    }

    fn line(&self, named: &Named<'_>) -> Option<(&purchase_order::Model, &purchase_order_line::Model)> {
        let order = self.orders.get(named.order)?;
        Some((order, self.lines.get(&(order.id, named.line.to_owned()))?))
    }

    /// The order line that is meant, and how much of it in its unit. Notes what is wrong below `field`.
    pub(crate) fn find(
        &self,
        named: &Named<'_>,
        only: Option<SupplierId>,
        codes: &Codes,
        field: &Field,
        problems: &mut Problems,
    ) -> Option<Found> {
        let order = self.orders.get(named.order);
        let Some(order) = order.filter(|order| only.is_none_or(|only| only == order.supplier_id)) else {
            let message = format!("order `{}` is not on file", named.order);
            problems.add("UNKNOWN_ORDER", &field.at("order"), message);
            return None;
        };
        let Some((_, line)) = self.line(named) else {
            let message = format!("order {} has no line {}", order.number, named.line);
            problems.add("UNKNOWN_LINE", &field.at("line"), message);
            return None;
        };
        let quantity = self.in_line_unit(named, line, codes);
        if quantity.is_none() {
            let unit = named.unit.unwrap_or_default();
            let message =
                format!("line {} is in {}, and {unit} does not convert to it exactly", line.line, line.unit);
            problems.add("UNIT_MISMATCH", &field.at("unit"), message);
        }
        Some(Found {
            order: order.id,
            order_number: order.number.clone(),
            supplier: order.supplier_id,
            line: line.line.clone(),
            quantity: quantity?,
            unit: line.unit.clone(),
        })
    }

    fn in_line_unit(
        &self,
        named: &Named<'_>,
        line: &purchase_order_line::Model,
        codes: &Codes,
    ) -> Option<Micro> {
        let Some(unit) = named.unit.map(|unit| own_unit(codes, unit)).filter(|unit| *unit != line.unit)
        else {
            return Some(named.quantity);
        };
        let item = line.buyer_part.as_ref()?;
        let factor = |unit: &str| self.factors.get(&(item.clone(), unit.to_owned())).copied();
        let (from_numerator, from_denominator) = factor(unit)?;
        let (to_numerator, to_denominator) = factor(&line.unit)?;
        let numerator = from_numerator.checked_mul(to_denominator)?;
        named.quantity.scaled(numerator, from_denominator.checked_mul(to_numerator)?)
    }
}

fn own_unit<'a>(codes: &'a Codes, unit: &'a str) -> &'a str {
    codes.own(CrossReferenceKind::Unit, unit)
}

async fn factors(
    tx: &Tx,
    scope: &BuyerScope,
    items: &BTreeSet<&str>,
) -> Result<HashMap<(String, String), (i64, i64)>, Failure> {
    let rows = scope
        .find_shared::<unit_factor::Entity>()
        .filter(unit_factor::Column::ItemNumber.is_in(items.iter().copied()))
        .all(&**tx)
        .await?;
    Ok(rows.into_iter().map(|row| ((row.item_number, row.unit), (row.numerator, row.denominator))).collect())
}
