//! Changes what is agreed with a trading partner.
use quayside_canonical::{Field, Problems, TradingPartnerId, events::TradingPartnerUpdated};
use quayside_entity::trading_partner;
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};
use serde::Serialize;

use super::{
    Changes, PartnerError, Saved, Settings,
    check::check,
    error::{may, not_found},
    ground::{ground, take_turns},
    query::{locked, row},
    settings::differences,
    settings_of,
};
use crate::{
    BuyerScope,
    idempotency::{self, Claim, IdempotencyKey},
    outbox::{self, About, Fact},
    scope::update_in_tenant,
    set_up::json,
    store::Tx,
};

/// Changes to a trading partner.
#[derive(Clone, Debug, Serialize)]
pub struct UpdatePartner {
    /// The partner.
    pub partner: TradingPartnerId,
    /// The revision that the caller has seen.
    pub revision: i32,
    /// What is said of it.
    pub changes: Changes,
}

/// Changes a trading partner. Without a key it only validates, and gives nothing.
///
/// # Errors
/// See [`PartnerError`].
#[tracing::instrument(skip_all, fields(partner.id = %cmd.partner))]
pub async fn update_partner(
    scope: &BuyerScope,
    cmd: UpdatePartner,
    key: Option<&IdempotencyKey>,
) -> Result<Option<Saved>, PartnerError> {
    may(scope)?;
    let tx = if key.is_some() { scope.write().await? } else { scope.read().await? };
    if let Some(key) = key {
        let id = cmd.partner;
        let claim = idempotency::claim(&tx, scope, "updateTradingPartner", key, &cmd, &id).await?;
        if let Claim::Repeat(earlier) = claim {
            let partner = row(&tx, scope, earlier).await?.ok_or_else(not_found)?;
            return Ok(Some(Saved { partner, replayed: true }));
        }
        take_turns(&tx, scope).await?;
    }
    let seen = locked(&tx, scope, cmd.partner).await?.ok_or_else(not_found)?;
    let mut problems = Problems::new();
    let before = settings_of(&seen)?;
    let after = cmd.changes.merged(&before, &mut problems);
    if seen.revision != cmd.revision {
        let message = format!("the trading partner is at revision {}: look at it again", seen.revision);
        problems.add("STALE_REVISION", &Field::root().at("revision"), message);
    }
    check(&after, &ground(&tx, scope, &after, Some(seen.id)).await?, &mut problems);
    problems.into_result()?;
    if key.is_none() {
        return Ok(None);
    }
    let changed = differences(&before, &after)?;
    write(&tx, scope, &seen, after, changed).await?;
    let partner = row(&tx, scope, seen.id).await?.ok_or_else(not_found)?;
    tx.commit().await?;
    Ok(Some(Saved { partner, replayed: false }))
}

async fn write(
    tx: &Tx,
    scope: &BuyerScope,
    seen: &trading_partner::Model,
    after: Settings,
    changed: Vec<String>,
) -> Result<(), PartnerError> {
    use trading_partner::Column;
    let revision = seen.revision + 1;
    update_in_tenant::<trading_partner::Entity>(scope)
        .col_expr(Column::Name, Expr::value(after.name))
        .col_expr(Column::Mode, Expr::value(after.mode))
        .col_expr(Column::Environment, Expr::value(after.environment))
        .col_expr(Column::Currency, Expr::value(after.currency))
        .col_expr(Column::Identifiers, Expr::value(json(&after.identifiers)?))
        .col_expr(Column::Agreement, Expr::value(json(&after.agreement)?))
        .col_expr(Column::ConnectionId, Expr::value(after.connection_id))
        .col_expr(Column::Revision, Expr::value(revision))
        .filter(Column::Id.eq(seen.id))
        .exec(&**tx)
        .await?;
    let event = TradingPartnerUpdated { partner: seen.id, supplier: seen.supplier_id, revision, changed };
    let about = About { subject: seen.id.to_string(), supplier: Some(seen.supplier_id), order: None };
    Ok(outbox::append(tx, scope, vec![Fact::new(about, &event)?]).await?)
}
