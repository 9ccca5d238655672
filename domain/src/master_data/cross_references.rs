//! Other systems' codes, and what they mean here.
use std::collections::{BTreeMap, BTreeSet};

use quayside_canonical::{
    Field, Problems,
    master_data::{CrossReference, CrossReferenceKind, MasterDataKind},
    states::DocumentOutcome,
};
use quayside_entity::cross_reference::{ActiveModel, Column, Entity};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, Set, sea_query::OnConflict};

use super::{MasterData, Verdict, compare};
use crate::{
    BuyerScope, Failure,
    connections::codes_changed,
    store::{Tx, upsert},
    suppliers::ids_by_number,
};

/// System, kind and the system's code.
type Key = (String, CrossReferenceKind, String);

impl MasterData for CrossReference {
    const KIND: MasterDataKind = MasterDataKind::CrossReference;

    fn code(&self) -> String {
        format!("{}/{}/{}", self.system, self.kind, self.external_code)
    }

    async fn take(tx: &Tx, scope: &BuyerScope, documents: &[&Self]) -> Result<Vec<Verdict>, Failure> {
        let mut on_file = on_file(tx, scope, documents).await?;
        let named = documents.iter().filter(|reference| reference.kind == CrossReferenceKind::Supplier);
        let suppliers =
            ids_by_number(tx, scope, named.map(|reference| reference.code.as_str()).collect()).await?;
        let mut changed = BTreeSet::new();
        let mut verdicts = Vec::with_capacity(documents.len());
        for reference in documents {
            let code = &reference.code;
            if reference.kind == CrossReferenceKind::Supplier && !suppliers.contains_key(code) {
                let message = format!("supplier `{code}` is not known");
                verdicts.push(Err(Problems::one("UNKNOWN_SUPPLIER", &Field::root().at("code"), message)));
                continue;
            }
            let outcome = compare(on_file.get(&key(reference)), code);
            if outcome != DocumentOutcome::Unchanged {
                changed.insert(key(reference));
                on_file.insert(key(reference), code.clone());
            }
            verdicts.push(Ok(outcome));
        }
        on_file.retain(|key, _| changed.contains(key));
        let systems = on_file.keys().map(|(system, ..)| system.clone()).collect();
        write(tx, scope, on_file).await?;
        codes_changed(tx, scope, &systems).await?;
        Ok(verdicts)
    }
}

fn key(reference: &CrossReference) -> Key {
    (reference.system.clone(), reference.kind, reference.external_code.clone())
}

/// The entries that are there, locked until the batch is through. Some more come along: the same code of
/// another system or kind.
async fn on_file(
    tx: &Tx,
    scope: &BuyerScope,
    documents: &[&CrossReference],
) -> Result<BTreeMap<Key, String>, Failure> {
    let systems: BTreeSet<&str> = documents.iter().map(|reference| reference.system.as_str()).collect();
    let codes: BTreeSet<&str> = documents.iter().map(|reference| reference.external_code.as_str()).collect();
    let rows = scope
        .find_own::<Entity>()
        .filter(Column::System.is_in(systems))
        .filter(Column::ExternalCode.is_in(codes))
        .order_by_asc(Column::System)
        .order_by_asc(Column::Kind)
        .order_by_asc(Column::ExternalCode)
        .lock_exclusive()
        .all(&**tx)
        .await?;
    Ok(rows.into_iter().map(|row| ((row.system, row.kind, row.external_code), row.code)).collect())
}

async fn write(tx: &Tx, scope: &BuyerScope, entries: BTreeMap<Key, String>) -> Result<(), Failure> {
    let rows = entries.into_iter().map(|((system, kind, external_code), code)| ActiveModel {
        tenant_id: Set(scope.tenant),
        system: Set(system),
        kind: Set(kind),
        external_code: Set(external_code),
        code: Set(code),
    });
    let key = [Column::TenantId, Column::System, Column::Kind, Column::ExternalCode];
    let again = OnConflict::columns(key).update_column(Column::Code).to_owned();
    upsert(tx, rows.collect(), &again).await
}
