//! Suppliers as the ERP knows them: a number and a name. What holds for a supplier is not the ERP's to say.
use std::collections::{BTreeMap, BTreeSet};

use quayside_canonical::{
    SupplierId,
    events::SupplierCreated,
    master_data::{MasterDataKind, SupplierRecord},
    policy::Policy,
    states::DocumentOutcome,
};
use quayside_entity::supplier;
use sea_orm::{ColumnTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict};

use super::{MasterData, Verdict};
use crate::{
    BuyerScope, Failure,
    outbox::{self, About, Fact},
    store::{Tx, insert, upsert},
};

impl MasterData for SupplierRecord {
    const KIND: MasterDataKind = MasterDataKind::Supplier;

    fn code(&self) -> String {
        self.number.clone()
    }

    async fn take(tx: &Tx, scope: &BuyerScope, documents: &[&Self]) -> Result<Vec<Verdict>, Failure> {
        let mut on_file = on_file(tx, scope, documents).await?;
        let (mut created, mut renamed) = (BTreeSet::new(), BTreeSet::new());
        let mut verdicts = Vec::with_capacity(documents.len());
        for record in documents {
            let number = record.number.as_str();
            let outcome = match on_file.get_mut(number) {
                None => {
                    created.insert(number);
                    on_file.insert(number.to_owned(), new(scope, record)?);
                    DocumentOutcome::Created
                }
                Some(row) if row.name == record.name => DocumentOutcome::Unchanged,
                Some(row) => {
                    renamed.insert(number);
                    row.name.clone_from(&record.name);
                    DocumentOutcome::Revised
                }
            };
            verdicts.push(Ok(outcome));
        }
        let rows = |numbers: BTreeSet<&str>| -> Vec<&supplier::Model> {
            numbers.into_iter().filter_map(|number| on_file.get(number)).collect()
        };
        renamed.retain(|number| !created.contains(number));
        create(tx, scope, &rows(created)).await?;
        rename(tx, &rows(renamed)).await?;
        Ok(verdicts)
    }
}

/// The suppliers that are there, locked until the batch is through.
async fn on_file(
    tx: &Tx,
    scope: &BuyerScope,
    documents: &[&SupplierRecord],
) -> Result<BTreeMap<String, supplier::Model>, Failure> {
    let rows = scope
        .find::<supplier::Entity>()
        .filter(supplier::Column::Number.is_in(documents.iter().map(|record| record.number.as_str())))
        .order_by_asc(supplier::Column::Number)
        .lock_exclusive()
        .all(&**tx)
        .await?;
    Ok(rows.into_iter().map(|row| (row.number.clone(), row)).collect())
}

/// A supplier for whom the tenant's rules hold as they are.
fn new(scope: &BuyerScope, record: &SupplierRecord) -> Result<supplier::Model, Failure> {
    Ok(supplier::Model {
        id: SupplierId::generate(),
        tenant_id: scope.tenant,
        group_id: None,
        number: record.number.clone(),
        name: record.name.clone(),
        policy: serde_json::to_string(&Policy::default())?,
        gs1_prefix: None,
        sscc_serial: 0,
        created_at: scope.now,
    })
}

/// Writes new suppliers. When another batch has created one meanwhile, the unique number says so.
async fn create(tx: &Tx, scope: &BuyerScope, rows: &[&supplier::Model]) -> Result<(), Failure> {
    insert(tx, rows.iter().map(|row| every_column((*row).clone())).collect()).await?;
    let facts = rows.iter().map(|row| {
        let about = About { subject: row.id.to_string(), supplier: Some(row.id), order: None };
        let (number, name) = (row.number.clone(), row.name.clone());
        Fact::new(about, &SupplierCreated { supplier: row.id, number, name, group: row.group_id })
    });
    outbox::append(tx, scope, facts.collect::<Result<_, _>>()?).await
}

async fn rename(tx: &Tx, rows: &[&supplier::Model]) -> Result<(), Failure> {
    let again = OnConflict::column(supplier::Column::Id).update_column(supplier::Column::Name).to_owned();
    upsert(tx, rows.iter().map(|row| every_column((*row).clone())).collect(), &again).await
}

/// A row as it is written whole.
fn every_column(row: supplier::Model) -> supplier::ActiveModel {
    use sea_orm::ActiveModelTrait;
    row.into_active_model().reset_all()
}
