//! Notes a supplier's GS1 company prefix, from which codes for its handling units are given out.
use quayside_canonical::{Field, Problems, SupplierId, TenantId, events::Gs1PrefixChanged, gs1::Sscc};
use quayside_entity::supplier;
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, QuerySelect, Set};

use crate::{
    SystemScope,
    outbox::{self, About, Fact},
    set_up::{SetUpError, not_found, operator},
};

/// Whose prefix, and which.
#[derive(Clone, Debug)]
pub struct SetGs1Prefix {
    /// The tenant.
    pub tenant: TenantId,
    /// The supplier.
    pub supplier: SupplierId,
    /// The prefix that GS1 gave to the supplier; none to give out no codes any more.
    pub prefix: Option<String>,
}

/// Notes the prefix. The count of codes goes on: a prefix that comes back begins with codes it has not given out.
///
/// # Errors
/// The supplier is not there, or this is no prefix: all problems at once.
pub async fn set_gs1_prefix(system: &SystemScope, cmd: SetGs1Prefix) -> Result<(), SetUpError> {
    let mut problems = Problems::new();
    if cmd.prefix.as_ref().is_some_and(|prefix| Sscc::serials(prefix).is_none()) {
        let words = "a GS1 company prefix has 4 to 12 digits and nothing else";
        problems.add("INVALID_VALUE", &Field::root().at("prefix"), words);
    }
    let tx = system.write().await?;
    let row = system
        .find::<supplier::Entity>()
        .filter(supplier::Column::Id.eq(cmd.supplier))
        .filter(supplier::Column::TenantId.eq(cmd.tenant))
        .lock_exclusive()
        .one(&*tx)
        .await?;
    if row.is_none() {
        not_found(&mut problems, &Field::root().at("supplier"), "supplier of this tenant");
    }
    problems.into_result()?;
    if let Some(row) = row.filter(|row| row.gs1_prefix != cmd.prefix) {
        let changed = supplier::ActiveModel {
            id: Set(row.id),
            gs1_prefix: Set(cmd.prefix.clone()),
            ..Default::default()
        };
        changed.update(&*tx).await?;
        let about = About { subject: row.id.to_string(), supplier: Some(row.id), order: None };
        let event = Gs1PrefixChanged { supplier: row.id, prefix: cmd.prefix };
        outbox::append(&tx, &operator(system, cmd.tenant), vec![Fact::new(about, &event)?]).await?;
    }
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{suppliers::supplier_by_number, testing};

    #[tokio::test]
    async fn only_a_prefix_is_noted_and_only_for_a_supplier_of_the_tenant() {
        let store = testing::store().await;
        let ((tenant, supplier), (other, _)) = (testing::tenant(&store).await, testing::tenant(&store).await);
        let system = SystemScope::new(store);
        let cmd = |tenant, prefix: &str| SetGs1Prefix { tenant, supplier, prefix: Some(prefix.to_owned()) };
        for prefix in ["", "061", "0614141000012", "06141X1"] {
            let refused = set_gs1_prefix(&system, cmd(tenant, prefix)).await.unwrap_err();
            assert!(refused.to_string().starts_with("INVALID_VALUE at prefix"), "{refused}");
        }
        let refused = set_gs1_prefix(&system, cmd(other, "0614141")).await.unwrap_err();
        assert!(refused.to_string().starts_with("NOT_FOUND at supplier"), "{refused}");
        set_gs1_prefix(&system, cmd(tenant, "0614141")).await.unwrap();
        let row = supplier_by_number(&system, tenant, "V-100").await.unwrap().unwrap();
        assert_eq!(row.gs1_prefix.as_deref(), Some("0614141"));
    }
}
