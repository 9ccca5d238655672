//! Places goods are shipped to.
use std::collections::{BTreeMap, BTreeSet};

use quayside_canonical::{
    master_data::{Location, MasterDataKind},
    states::DocumentOutcome,
};
use quayside_entity::location;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, Set, sea_query::OnConflict};

use super::{MasterData, Verdict, compare};
use crate::{
    BuyerScope, Failure,
    store::{Tx, upsert},
};

impl MasterData for Location {
    const KIND: MasterDataKind = MasterDataKind::Location;

    fn code(&self) -> String {
        self.code.clone()
    }

    async fn take(tx: &Tx, scope: &BuyerScope, documents: &[&Self]) -> Result<Vec<Verdict>, Failure> {
        let mut on_file = on_file(tx, scope, documents).await?;
        let mut changed = BTreeSet::new();
        let mut verdicts = Vec::with_capacity(documents.len());
        for place in documents {
            let outcome = compare(on_file.get(&place.code), *place);
            if outcome != DocumentOutcome::Unchanged {
                changed.insert(place.code.as_str());
                on_file.insert(place.code.clone(), (*place).clone());
            }
            verdicts.push(Ok(outcome));
        }
        let rows = changed.into_iter().filter_map(|code| on_file.get(code)).map(|place| row(scope, place));
        let again = OnConflict::columns([location::Column::TenantId, location::Column::Code])
            .update_columns([location::Column::Name, location::Column::Address])
            .to_owned();
        upsert(tx, rows.collect::<Result<_, _>>()?, &again).await?;
        Ok(verdicts)
    }
}

/// The locations that are there, locked until the batch is through.
async fn on_file(
    tx: &Tx,
    scope: &BuyerScope,
    documents: &[&Location],
) -> Result<BTreeMap<String, Location>, Failure> {
    let rows = scope
        .find_shared::<location::Entity>()
        .filter(location::Column::Code.is_in(documents.iter().map(|place| place.code.as_str())))
        .order_by_asc(location::Column::Code)
        .lock_exclusive()
        .all(&**tx)
        .await?;
    rows.into_iter()
        .map(|row| {
            let address = serde_json::from_str(&row.address)?;
            Ok((row.code.clone(), Location { code: row.code, name: row.name, address }))
        })
        .collect()
}

fn row(scope: &BuyerScope, place: &Location) -> Result<location::ActiveModel, Failure> {
    Ok(location::ActiveModel {
        tenant_id: Set(scope.tenant),
        code: Set(place.code.clone()),
        name: Set(place.name.clone()),
        address: Set(serde_json::to_string(&place.address)?),
    })
}
