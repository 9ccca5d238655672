//! Looking things up by the names people give them.
use quayside_canonical::TenantId;
use quayside_entity::{supplier, supplier_group, tenant};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::{Failure, SystemScope};

/// The tenant with this short name.
///
/// # Errors
/// The database failed.
pub async fn tenant_by_slug(system: &SystemScope, slug: &str) -> Result<Option<tenant::Model>, Failure> {
    let tx = system.read().await?;
    Ok(system.find::<tenant::Entity>().filter(tenant::Column::Slug.eq(slug)).one(&*tx).await?)
}

/// The supplier with this number of the tenant's.
///
/// # Errors
/// The database failed.
pub async fn supplier_by_number(
    system: &SystemScope,
    tenant: TenantId,
    number: &str,
) -> Result<Option<supplier::Model>, Failure> {
    let tx = system.read().await?;
    let supplier = system
        .find::<supplier::Entity>()
        .filter(supplier::Column::TenantId.eq(tenant))
        .filter(supplier::Column::Number.eq(number));
    Ok(supplier.one(&*tx).await?)
}

/// The tenant's group of suppliers with this name.
///
/// # Errors
/// The database failed.
pub async fn group_by_name(
    system: &SystemScope,
    tenant: TenantId,
    name: &str,
) -> Result<Option<supplier_group::Model>, Failure> {
    let tx = system.read().await?;
    let group = system
        .find::<supplier_group::Entity>()
        .filter(supplier_group::Column::TenantId.eq(tenant))
        .filter(supplier_group::Column::Name.eq(name));
    Ok(group.one(&*tx).await?)
}
