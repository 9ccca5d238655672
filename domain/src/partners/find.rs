//! Looking partners up for programs: by the name people give them, and by the token they hold.
use quayside_canonical::{TenantId, TradingPartnerId};
use quayside_entity::{supplier, trading_partner};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::{Failure, Scope, SystemScope};

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

/// The trading partner that holds this token, and its supplier.
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
