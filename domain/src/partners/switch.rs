//! Disabling and enabling a trading partner. What it sent and got stays on file.
use quayside_canonical::{
    Field, Problems, Timestamp, TradingPartnerId,
    events::{TradingPartnerDisabled, TradingPartnerEnabled},
};
use quayside_entity::trading_partner;
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};
use serde::Serialize;

use super::{
    PartnerError, Saved,
    check::check,
    error::{may, not_found},
    ground::{ground, take_turns},
    query::{locked, row},
    settings_of,
};
use crate::{
    BuyerScope,
    idempotency::{self, Claim, IdempotencyKey},
    outbox::{self, About, Fact},
    scope::update_in_tenant,
    store::Tx,
};

/// The longest reason, in characters.
const MAX_REASON: usize = 500;

/// Takes nothing more from a trading partner and sends nothing to it. Without a key it only validates.
///
/// # Errors
/// See [`PartnerError`].
#[tracing::instrument(skip_all, fields(partner.id = %id))]
pub async fn disable_partner(
    scope: &BuyerScope,
    id: TradingPartnerId,
    reason: &str,
    key: Option<&IdempotencyKey>,
) -> Result<Option<Saved>, PartnerError> {
    may(scope)?;
    let Step { tx, seen } = match step(scope, "disableTradingPartner", id, &(id, reason), key).await? {
        Begun::First(step) => step,
        Begun::Repeat(saved) => return Ok(Some(saved)),
    };
    let mut problems = Problems::new();
    check_reason(reason, &mut problems);
    if let Some(since) = seen.disabled_at {
        let message = format!("the trading partner is disabled since {since}");
        problems.add("INVALID_STATE", &Field::root().at("id"), message);
    }
    problems.into_result()?;
    let (partner, supplier, revision) = (seen.id, seen.supplier_id, seen.revision + 1);
    let reason = reason.to_owned();
    let fact = Fact::new(about(&seen), &TradingPartnerDisabled { partner, supplier, revision, reason })?;
    if key.is_none() {
        return Ok(None);
    }
    finish(tx, scope, &seen, Some(scope.now), fact).await
}

/// Takes part again. All that is checked when a partner is saved is checked again: its connection may be gone
/// meanwhile, or its identifiers another's. Without a key it only validates.
///
/// # Errors
/// See [`PartnerError`].
#[tracing::instrument(skip_all, fields(partner.id = %id))]
pub async fn enable_partner(
    scope: &BuyerScope,
    id: TradingPartnerId,
    key: Option<&IdempotencyKey>,
) -> Result<Option<Saved>, PartnerError> {
    may(scope)?;
    let Step { tx, seen } = match step(scope, "enableTradingPartner", id, &id, key).await? {
        Begun::First(step) => step,
        Begun::Repeat(saved) => return Ok(Some(saved)),
    };
    let mut problems = Problems::new();
    if seen.disabled_at.is_none() {
        problems.add("INVALID_STATE", &Field::root().at("id"), "the trading partner is not disabled");
    }
    let settings = settings_of(&seen)?;
    check(&settings, &ground(&tx, scope, &settings, Some(seen.id)).await?, &mut problems);
    problems.into_result()?;
    let (partner, supplier, revision) = (seen.id, seen.supplier_id, seen.revision + 1);
    let fact = Fact::new(about(&seen), &TradingPartnerEnabled { partner, supplier, revision })?;
    if key.is_none() {
        return Ok(None);
    }
    finish(tx, scope, &seen, None, fact).await
}

/// A transaction that holds the partner's row.
struct Step {
    tx: Tx,
    seen: trading_partner::Model,
}

enum Begun {
    First(Step),
    Repeat(Saved),
}

async fn step(
    scope: &BuyerScope,
    operation: &str,
    id: TradingPartnerId,
    request: &impl Serialize,
    key: Option<&IdempotencyKey>,
) -> Result<Begun, PartnerError> {
    let tx = if key.is_some() { scope.write().await? } else { scope.read().await? };
    if let Some(key) = key {
        if let Claim::Repeat(earlier) = idempotency::claim(&tx, scope, operation, key, request, &id).await? {
            let partner = row(&tx, scope, earlier).await?.ok_or_else(not_found)?;
            return Ok(Begun::Repeat(Saved { partner, replayed: true }));
        }
        take_turns(&tx, scope).await?;
    }
    let seen = locked(&tx, scope, id).await?.ok_or_else(not_found)?;
    Ok(Begun::First(Step { tx, seen }))
}

async fn finish(
    tx: Tx,
    scope: &BuyerScope,
    seen: &trading_partner::Model,
    disabled_at: Option<Timestamp>,
    fact: Fact,
) -> Result<Option<Saved>, PartnerError> {
    use trading_partner::Column;
    update_in_tenant::<trading_partner::Entity>(scope)
        .col_expr(Column::DisabledAt, Expr::value(disabled_at))
        .col_expr(Column::Revision, Expr::value(seen.revision + 1))
        .filter(Column::Id.eq(seen.id))
        .exec(&*tx)
        .await?;
    // What its tokens may do follows from the row.
    tx.takes_standing();
    outbox::append(&tx, scope, vec![fact]).await?;
    let partner = row(&tx, scope, seen.id).await?.ok_or_else(not_found)?;
    tx.commit().await?;
    Ok(Some(Saved { partner, replayed: false }))
}

fn about(row: &trading_partner::Model) -> About {
    About { subject: row.id.to_string(), supplier: Some(row.supplier_id), order: None }
}

fn check_reason(reason: &str, problems: &mut Problems) {
    let field = Field::root().at("reason");
    if reason.trim().is_empty() {
        problems.add("REQUIRED", &field, "say why: it stays on record");
    }
    if reason.chars().count() > MAX_REASON {
        problems.add("TOO_LONG", &field, format!("at most {MAX_REASON} characters"));
    }
}
