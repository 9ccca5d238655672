//! Sets up a group of suppliers that share rules.
use quayside_canonical::{
    Field, Problems, SupplierGroupId, TenantId, events::SupplierGroupCreated, policy::Policy,
};
use quayside_entity::supplier_group;
use sea_orm::{ActiveModelTrait, Set};

use super::{find::group_by_name, set_policy::check_policy};
use crate::{
    SystemScope,
    outbox::{self, About, Fact},
    set_up::{SetUpError, check_tenant, check_text, json, operator, or_taken},
};

/// Which group.
#[derive(Clone, Debug)]
pub struct CreateGroup {
    /// The tenant.
    pub tenant: TenantId,
    /// What the tenant calls it.
    pub name: String,
    /// The middle layer of the rules.
    pub policy: Policy,
}

/// Creates a group.
///
/// # Errors
/// The name is in use or unfit, or the rules make no sense: all problems at once.
pub async fn create_group(
    system: &SystemScope,
    cmd: CreateGroup,
) -> Result<supplier_group::Model, SetUpError> {
    let mut problems = Problems::new();
    check_tenant(system, &mut problems, cmd.tenant).await?;
    check_text(&mut problems, "name", &cmd.name, 80);
    check_policy(&mut problems, &cmd.policy);
    if group_by_name(system, cmd.tenant, &cmd.name).await?.is_some() {
        problems.add("TAKEN", &Field::root().at("name"), "another group has this name");
    }
    problems.into_result()?;
    let tx = system.write().await?;
    let row = supplier_group::ActiveModel {
        id: Set(SupplierGroupId::generate()),
        tenant_id: Set(cmd.tenant),
        name: Set(cmd.name),
        policy: Set(json(&cmd.policy)?),
    };
    let row = row.insert(&*tx).await.map_err(|error| or_taken(error, "name"))?;
    let event = SupplierGroupCreated { group: row.id, name: row.name.clone() };
    let fact = Fact::new(About::tenant(&row.id), &event)?;
    outbox::append(&tx, &operator(system, cmd.tenant), vec![fact]).await?;
    tx.commit().await?;
    Ok(row)
}
