//! What holds for suppliers: the layers of tenant, group and supplier, merged, and what was agreed with trading partners.
use std::collections::HashMap;

use quayside_canonical::{
    SupplierId,
    policy::{Policy, Rules},
};
use quayside_entity::{supplier, supplier_group, tenant};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::{Failure, Scope, partners, scope::in_tenant, store::Tx};

/// What holds for each of `suppliers` that is the scope's tenant's. Others are left out.
///
/// # Errors
/// The database failed, or what is stored is not a policy.
pub async fn rules_of(
    tx: &Tx,
    scope: &Scope,
    suppliers: &[SupplierId],
) -> Result<HashMap<SupplierId, Rules>, Failure> {
    let tenant = in_tenant::<tenant::Entity>(scope).one(&**tx).await?;
    let Some(tenant) = tenant else { return Ok(HashMap::new()) };
    let lowest = parse(&tenant.policy)?;
    let ids = suppliers.iter().copied();
    let suppliers =
        in_tenant::<supplier::Entity>(scope).filter(supplier::Column::Id.is_in(ids)).all(&**tx).await?;
    let groups = groups_of(tx, scope, &suppliers).await?;
    let agreed = partners::answered_within(tx, scope, &suppliers).await?;
    let mut rules = HashMap::with_capacity(suppliers.len());
    for supplier in suppliers {
        let middle = supplier.group_id.and_then(|id| groups.iter().find(|group| group.id == id));
        let middle = middle.map(|group| parse(&group.policy)).transpose()?.unwrap_or_default();
        let highest = parse(&supplier.policy)?;
        let mut merged = Rules::from_layers(&[&lowest, &middle, &highest]);
        if let Some(minutes) = agreed.get(&supplier.id) {
            merged.answer_within_minutes = *minutes;
        }
        rules.insert(supplier.id, merged);
    }
    Ok(rules)
}

async fn groups_of(
    tx: &Tx,
    scope: &Scope,
    suppliers: &[supplier::Model],
) -> Result<Vec<supplier_group::Model>, Failure> {
    let ids: Vec<_> = suppliers.iter().filter_map(|supplier| supplier.group_id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let groups = in_tenant::<supplier_group::Entity>(scope).filter(supplier_group::Column::Id.is_in(ids));
    Ok(groups.all(&**tx).await?)
}

fn parse(stored: &str) -> Result<Policy, Failure> {
    Ok(serde_json::from_str(stored)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        SystemScope,
        suppliers::{
            CreateGroup, CreateSupplier, Layer, SetPolicy, create_group, create_supplier, set_policy,
        },
        testing,
    };

    fn late(days: u16) -> Policy {
        Policy { late_days: Some(days), ..Policy::default() }
    }

    #[tokio::test]
    async fn the_layers_are_merged_for_each_supplier_of_the_tenant_and_no_other() {
        let store = testing::store().await;
        let ((tenant, plain), (_, foreign)) = (testing::tenant(&store).await, testing::tenant(&store).await);
        let system = SystemScope::new(store.clone());
        let group = CreateGroup { tenant, name: "Steel".to_owned(), policy: late(2) };
        let group = create_group(&system, group).await.unwrap().id;
        let supplier = |number: &str, policy| CreateSupplier {
            tenant,
            group: Some(group),
            number: number.to_owned(),
            name: "Grouped".to_owned(),
            policy,
        };
        let grouped = create_supplier(&system, supplier("V-1", Policy::default())).await.unwrap().id;
        let special = create_supplier(&system, supplier("V-2", late(3))).await.unwrap().id;
        let at_tenant = SetPolicy { tenant, layer: Layer::Tenant, policy: late(1) };
        set_policy(&system, at_tenant).await.unwrap();

        let scope = testing::scope(&store, tenant, None);
        let tx = scope.read().await.unwrap();
        let rules = rules_of(&tx, &scope, &[plain, grouped, special, foreign]).await.unwrap();
        let days = |id| rules.get(&id).map(|rules| rules.late_days);
        assert_eq!(
            [days(plain), days(grouped), days(special), days(foreign)],
            [Some(1), Some(2), Some(3), None]
        );
        drop(tx);

        let theirs = SetPolicy { tenant, layer: Layer::Supplier(foreign), policy: late(9) };
        assert!(set_policy(&system, theirs).await.unwrap_err().to_string().starts_with("NOT_FOUND"));
        let wrong = SetPolicy { tenant, layer: Layer::Group(group), policy: late(999) };
        assert!(set_policy(&system, wrong).await.unwrap_err().to_string().starts_with("OUT_OF_RANGE"));
        let at_supplier = SetPolicy { tenant, layer: Layer::Supplier(special), policy: Policy::default() };
        set_policy(&system, at_supplier).await.unwrap();
        let tx = scope.read().await.unwrap();
        assert_eq!(rules_of(&tx, &scope, &[special]).await.unwrap()[&special].late_days, 2);
    }
}
