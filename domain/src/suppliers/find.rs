//! Looking things up by the names people give them.
use quayside_canonical::{TenantId, TradingPartnerId};
use quayside_entity::{supplier, supplier_group, tenant, trading_partner};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::{Failure, Scope, SystemScope};

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

/// The tenant's trading partner with this name.
///
/// # Errors
/// The database failed.
pub async fn partner_by_name(
    system: &SystemScope,
    tenant: TenantId,
    name: &str,
) -> Result<Option<trading_partner::Model>, Failure> {
    let tx = system.read().await?;
    let partner = system
        .find::<trading_partner::Entity>()
        .filter(trading_partner::Column::TenantId.eq(tenant))
        .filter(trading_partner::Column::Name.eq(name));
    Ok(partner.one(&*tx).await?)
}

/// The trading partner that holds this token, and the number of its supplier.
///
/// # Errors
/// The database failed.
pub async fn partner_of(
    scope: &Scope,
    partner: TradingPartnerId,
) -> Result<Option<(trading_partner::Model, supplier::Model)>, Failure> {
    let tx = scope.read().await?;
    let partner = scope.find::<trading_partner::Entity>().filter(trading_partner::Column::Id.eq(partner));
    let Some(partner) = partner.one(&*tx).await? else { return Ok(None) };
    let supplier = scope.find::<supplier::Entity>().filter(supplier::Column::Id.eq(partner.supplier_id));
    Ok(supplier.one(&*tx).await?.map(|supplier| (partner, supplier)))
}
