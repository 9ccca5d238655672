//! The tenant's own numbers of its suppliers, many at once.
use std::collections::{BTreeSet, HashMap};

use quayside_canonical::SupplierId;
use quayside_entity::supplier::{Column, Entity};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

use crate::{
    BuyerScope, Failure,
    store::{ROWS, Tx},
};

/// The suppliers with these numbers. A number nobody has is left out.
pub(crate) async fn ids_by_number(
    tx: &Tx,
    scope: &BuyerScope,
    numbers: BTreeSet<&str>,
) -> Result<HashMap<String, SupplierId>, Failure> {
    let mut found = HashMap::new();
    for numbers in numbers.into_iter().collect::<Vec<_>>().chunks(ROWS) {
        let rows: Vec<(String, SupplierId)> = scope
            .find::<Entity>()
            .filter(Column::Number.is_in(numbers.iter().copied()))
            .select_only()
            .columns([Column::Number, Column::Id])
            .into_tuple()
            .all(&**tx)
            .await?;
        found.extend(rows);
    }
    Ok(found)
}
