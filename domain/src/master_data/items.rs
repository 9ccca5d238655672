//! Items, each with its units and the suppliers' part numbers.
//!
//! The base unit is kept as a factor of one, so that converting from and to it needs no special case.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use quayside_canonical::{
    Field, Problems, SupplierId,
    master_data::{Item, MasterDataKind},
    states::DocumentOutcome,
};
use quayside_entity::{item, supplier_item, unit_factor};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, Set, sea_query::OnConflict};

use super::{MasterData, Verdict, compare};
use crate::{
    BuyerScope, Failure,
    scope::delete_in_tenant,
    store::{Tx, insert, upsert},
    suppliers::ids_by_number,
};

impl MasterData for Item {
    const KIND: MasterDataKind = MasterDataKind::Item;

    fn code(&self) -> String {
        self.number.clone()
    }

    async fn take(tx: &Tx, scope: &BuyerScope, documents: &[&Self]) -> Result<Vec<Verdict>, Failure> {
        let mut on_file = on_file(tx, scope, documents).await?;
        let named = documents.iter().flat_map(|item| &item.suppliers).map(|of| of.supplier.as_str());
        let suppliers = ids_by_number(tx, scope, named.collect()).await?;
        let mut changed = BTreeSet::new();
        let mut verdicts = Vec::with_capacity(documents.len());
        for item in documents {
            verdicts.push(Kept::of(item, &suppliers).map(|stated| {
                let outcome = compare(on_file.get(&item.number), &stated);
                if outcome != DocumentOutcome::Unchanged {
                    changed.insert(item.number.as_str());
                    on_file.insert(item.number.clone(), stated);
                }
                outcome
            }));
        }
        on_file.retain(|number, _| changed.contains(number.as_str()));
        write(tx, scope, &on_file).await?;
        Ok(verdicts)
    }
}

/// What is kept of an item.
#[derive(PartialEq, Eq)]
struct Kept {
    description: Option<String>,
    unit: String,
    factors: BTreeMap<String, (i64, i64)>,
    parts: BTreeMap<SupplierId, String>,
}

impl Kept {
    fn of(item: &Item, suppliers: &HashMap<String, SupplierId>) -> Result<Self, Problems> {
        let mut problems = Problems::new();
        let mut factors: BTreeMap<_, _> =
            item.units.iter().map(|of| (of.unit.clone(), (of.numerator, of.denominator))).collect();
        factors.insert(item.unit.clone(), (1, 1));
        let mut parts = BTreeMap::new();
        for (index, of) in item.suppliers.iter().enumerate() {
            if let Some(id) = suppliers.get(&of.supplier) {
                parts.insert(*id, of.supplier_part.clone());
            } else {
                let field = Field::root().at("suppliers").at(index).at("supplier");
                let message = format!("supplier `{}` is not known", of.supplier);
                problems.add("UNKNOWN_SUPPLIER", &field, message);
            }
        }
        let (description, unit) = (item.description.clone(), item.unit.clone());
        problems.into_result().map(|()| Self { description, unit, factors, parts })
    }
}

/// The items that are there, locked until the batch is through.
async fn on_file(
    tx: &Tx,
    scope: &BuyerScope,
    documents: &[&Item],
) -> Result<BTreeMap<String, Kept>, Failure> {
    let numbers: BTreeSet<&str> = documents.iter().map(|item| item.number.as_str()).collect();
    let items = scope
        .find_shared::<item::Entity>()
        .filter(item::Column::Number.is_in(numbers.iter().copied()))
        .order_by_asc(item::Column::Number)
        .lock_exclusive()
        .all(&**tx)
        .await?;
    let factors = scope
        .find_shared::<unit_factor::Entity>()
        .filter(unit_factor::Column::ItemNumber.is_in(numbers.iter().copied()))
        .all(&**tx)
        .await?;
    let parts = scope
        .find::<supplier_item::Entity>()
        .filter(supplier_item::Column::ItemNumber.is_in(numbers))
        .all(&**tx)
        .await?;
    let mut kept: BTreeMap<String, Kept> = items
        .into_iter()
        .map(|row| {
            let (factors, parts) = (BTreeMap::new(), BTreeMap::new());
            (row.number, Kept { description: row.description, unit: row.unit, factors, parts })
        })
        .collect();
    for row in factors {
        if let Some(item) = kept.get_mut(&row.item_number) {
            item.factors.insert(row.unit, (row.numerator, row.denominator));
        }
    }
    for row in parts {
        if let Some(item) = kept.get_mut(&row.item_number) {
            item.parts.insert(row.supplier_id, row.supplier_part);
        }
    }
    Ok(kept)
}

async fn write(tx: &Tx, scope: &BuyerScope, items: &BTreeMap<String, Kept>) -> Result<(), Failure> {
    if items.is_empty() {
        return Ok(());
    }
    let again = OnConflict::columns([item::Column::TenantId, item::Column::Number])
        .update_columns([item::Column::Description, item::Column::Unit])
        .to_owned();
    // First the item: whoever writes the same one waits here, and then replaces what hangs on it.
    upsert(tx, items.iter().map(|(number, kept)| item_row(scope, number, kept)).collect(), &again).await?;
    let numbers = || items.keys().map(String::as_str);
    delete_in_tenant::<unit_factor::Entity>(scope)
        .filter(unit_factor::Column::ItemNumber.is_in(numbers()))
        .exec(&**tx)
        .await?;
    delete_in_tenant::<supplier_item::Entity>(scope)
        .filter(supplier_item::Column::ItemNumber.is_in(numbers()))
        .exec(&**tx)
        .await?;
    insert(tx, items.iter().flat_map(|(number, kept)| factor_rows(scope, number, kept)).collect()).await?;
    insert(tx, items.iter().flat_map(|(number, kept)| part_rows(scope, number, kept)).collect()).await
}

fn item_row(scope: &BuyerScope, number: &str, kept: &Kept) -> item::ActiveModel {
    item::ActiveModel {
        tenant_id: Set(scope.tenant),
        number: Set(number.to_owned()),
        description: Set(kept.description.clone()),
        unit: Set(kept.unit.clone()),
    }
}

fn factor_rows(
    scope: &BuyerScope,
    number: &str,
    kept: &Kept,
) -> impl Iterator<Item = unit_factor::ActiveModel> {
    kept.factors.iter().map(move |(unit, (numerator, denominator))| unit_factor::ActiveModel {
        tenant_id: Set(scope.tenant),
        item_number: Set(number.to_owned()),
        unit: Set(unit.clone()),
        numerator: Set(*numerator),
        denominator: Set(*denominator),
    })
}

fn part_rows(
    scope: &BuyerScope,
    number: &str,
    kept: &Kept,
) -> impl Iterator<Item = supplier_item::ActiveModel> {
    kept.parts.iter().map(move |(supplier, part)| supplier_item::ActiveModel {
        tenant_id: Set(scope.tenant),
        supplier_id: Set(*supplier),
        item_number: Set(number.to_owned()),
        supplier_part: Set(part.clone()),
    })
}
