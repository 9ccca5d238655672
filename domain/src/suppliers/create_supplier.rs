//! Sets up a supplier of a tenant.
use quayside_canonical::{
    Field, Problems, SupplierGroupId, SupplierId, TenantId, events::SupplierCreated, policy::Policy,
};
use quayside_entity::{supplier, supplier_group};
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, Set};

use super::{find::supplier_by_number, set_policy::check_policy};
use crate::{
    Failure, SystemScope,
    outbox::{self, About, Fact},
    set_up::{SetUpError, check_tenant, check_text, json, not_found, operator, or_taken},
};

/// Who it is.
#[derive(Clone, Debug)]
pub struct CreateSupplier {
    /// The tenant.
    pub tenant: TenantId,
    /// The group whose rules it shares.
    pub group: Option<SupplierGroupId>,
    /// The tenant's number for it, as in the purchase orders.
    pub number: String,
    /// The name.
    pub name: String,
    /// The highest layer of the rules.
    pub policy: Policy,
}

/// Creates a supplier.
///
/// # Errors
/// The number is in use, the group is not there, or the rules make no sense: all problems at once.
pub async fn create_supplier(
    system: &SystemScope,
    cmd: CreateSupplier,
) -> Result<supplier::Model, SetUpError> {
    check(system, &cmd).await?;
    let tx = system.write().await?;
    let row = supplier::ActiveModel {
        id: Set(SupplierId::generate()),
        tenant_id: Set(cmd.tenant),
        group_id: Set(cmd.group),
        number: Set(cmd.number),
        name: Set(cmd.name),
        policy: Set(json(&cmd.policy)?),
        gs1_prefix: Set(None),
        sscc_serial: Set(0),
        created_at: Set(system.now()),
    };
    let row = row.insert(&*tx).await.map_err(|error| or_taken(error, "number"))?;
    let event = SupplierCreated {
        supplier: row.id,
        number: row.number.clone(),
        name: row.name.clone(),
        group: row.group_id,
    };
    let about = About { subject: row.id.to_string(), supplier: Some(row.id), order: None };
    outbox::append(&tx, &operator(system, cmd.tenant), vec![Fact::new(about, &event)?]).await?;
    tx.commit().await?;
    Ok(row)
}

async fn check(system: &SystemScope, cmd: &CreateSupplier) -> Result<(), SetUpError> {
    let mut problems = Problems::new();
    check_tenant(system, &mut problems, cmd.tenant).await?;
    check_text(&mut problems, "number", &cmd.number, 40);
    check_text(&mut problems, "name", &cmd.name, 120);
    check_policy(&mut problems, &cmd.policy);
    if supplier_by_number(system, cmd.tenant, &cmd.number).await?.is_some() {
        problems.add("TAKEN", &Field::root().at("number"), "another supplier has this number");
    }
    if let Some(group) = cmd.group
        && !group_exists(system, cmd.tenant, group).await?
    {
        not_found(&mut problems, &Field::root().at("group"), "group of this tenant");
    }
    Ok(problems.into_result()?)
}

async fn group_exists(system: &SystemScope, tenant: TenantId, id: SupplierGroupId) -> Result<bool, Failure> {
    let tx = system.read().await?;
    let group = system
        .find::<supplier_group::Entity>()
        .filter(supplier_group::Column::Id.eq(id))
        .filter(supplier_group::Column::TenantId.eq(tenant));
    Ok(group.one(&*tx).await?.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        suppliers::{CreateGroup, create_group},
        testing,
    };

    #[tokio::test]
    async fn another_tenants_group_reads_as_not_there_and_the_number_is_given_once() {
        let store = testing::store().await;
        let ((tenant, _), (other, _)) = (testing::tenant(&store).await, testing::tenant(&store).await);
        let system = SystemScope::new(store);
        let group = CreateGroup { tenant: other, name: "Steel".to_owned(), policy: Policy::default() };
        let theirs = create_group(&system, group.clone()).await.unwrap();
        assert!(create_group(&system, group).await.unwrap_err().to_string().starts_with("TAKEN"));
        let cmd = CreateSupplier {
            tenant,
            group: Some(theirs.id),
            number: "V-100".to_owned(),
            name: "Twice".to_owned(),
            policy: Policy::default(),
        };
        let refused = create_supplier(&system, cmd.clone()).await.unwrap_err();
        let SetUpError::Refused(problems) = refused else { panic!("{refused:?}") };
        let codes: Vec<_> = problems.as_slice().iter().map(|problem| problem.code.as_str()).collect();
        assert_eq!(codes, ["TAKEN", "NOT_FOUND"]);
        let supplier =
            create_supplier(&system, CreateSupplier { tenant: other, number: "V-7".to_owned(), ..cmd })
                .await
                .unwrap();
        assert_eq!(supplier_by_number(&system, other, "V-7").await.unwrap(), Some(supplier));
        assert_eq!(supplier_by_number(&system, tenant, "V-7").await.unwrap(), None);
    }
}
