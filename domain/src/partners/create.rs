//! Sets a supplier up for EDI.
use quayside_canonical::{Field, Problems, SupplierId, TradingPartnerId, events::TradingPartnerCreated};
use quayside_entity::{supplier, trading_partner};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter};
use serde::Serialize;

use super::{
    Changes, PartnerError, Saved, Settings,
    check::check,
    error::{may, not_found},
    ground::{ground, take_turns},
    query::row,
};
use crate::{
    BuyerScope,
    idempotency::{self, Claim, IdempotencyKey},
    outbox::{self, About, Fact},
    set_up::json,
    store::Tx,
};

/// A new trading partner.
#[derive(Clone, Debug, Serialize)]
pub struct NewPartner {
    /// The supplier whose traffic it is.
    pub supplier: SupplierId,
    /// What it begins with.
    pub settings: Settings,
    /// What else is said of it.
    pub changes: Changes,
}

impl NewPartner {
    /// A partner of which `settings` say everything.
    #[must_use]
    pub fn new(supplier: SupplierId, settings: Settings) -> Self {
        Self { supplier, settings, changes: Changes::default() }
    }
}

/// Creates a trading partner. Without a key it only validates, and gives nothing.
///
/// # Errors
/// See [`PartnerError`].
#[tracing::instrument(skip_all)]
pub async fn create_partner(
    scope: &BuyerScope,
    new: NewPartner,
    key: Option<&IdempotencyKey>,
) -> Result<Option<Saved>, PartnerError> {
    may(scope)?;
    let id = TradingPartnerId::generate();
    let tx = if key.is_some() { scope.write().await? } else { scope.read().await? };
    if let Some(key) = key {
        let claim = idempotency::claim(&tx, scope, "createTradingPartner", key, &new, &id).await?;
        if let Claim::Repeat(earlier) = claim {
            let partner = row(&tx, scope, earlier).await?.ok_or_else(not_found)?;
            return Ok(Some(Saved { partner, replayed: true }));
        }
        take_turns(&tx, scope).await?;
    }
    let mut problems = Problems::new();
    let settings = new.changes.merged(&new.settings, &mut problems);
    supplier_is_there(&tx, scope, new.supplier, &mut problems).await?;
    check(&settings, &ground(&tx, scope, &settings, None).await?, &mut problems);
    problems.into_result()?;
    if key.is_none() {
        return Ok(None);
    }
    let partner = write(&tx, scope, id, new.supplier, settings).await?;
    tx.commit().await?;
    Ok(Some(Saved { partner, replayed: false }))
}

async fn write(
    tx: &Tx,
    scope: &BuyerScope,
    id: TradingPartnerId,
    supplier: SupplierId,
    settings: Settings,
) -> Result<trading_partner::Model, PartnerError> {
    let row = trading_partner::Model {
        id,
        tenant_id: scope.tenant,
        supplier_id: supplier,
        identifiers: json(&settings.identifiers)?,
        agreement: json(&settings.agreement)?,
        name: settings.name,
        mode: settings.mode,
        environment: settings.environment,
        currency: settings.currency,
        created_at: scope.now,
        connection_id: settings.connection_id,
        revision: 1,
        disabled_at: None,
    };
    let row = row.into_active_model().reset_all().insert(&**tx).await?;
    let event = TradingPartnerCreated { partner: id, supplier, name: row.name.clone(), mode: row.mode };
    let about = About { subject: id.to_string(), supplier: Some(supplier), order: None };
    outbox::append(tx, scope, vec![Fact::new(about, &event)?.first_of_its_subject()]).await?;
    Ok(row)
}

async fn supplier_is_there(
    tx: &Tx,
    scope: &BuyerScope,
    supplier: SupplierId,
    problems: &mut Problems,
) -> Result<(), PartnerError> {
    let found = scope.find::<supplier::Entity>().filter(supplier::Column::Id.eq(supplier));
    if found.one(&**tx).await?.is_none() {
        problems.add("NOT_FOUND", &Field::root().at("supplierId"), "there is no such supplier");
    }
    Ok(())
}
