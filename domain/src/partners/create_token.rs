//! A token with which a trading partner's EDI traffic is handed in.
use quayside_canonical::{
    AccessTokenId, Field, Problems, Timestamp, TradingPartnerId,
    identity::{Permission, TokenKind},
    states::Environment,
};
use quayside_entity::access_token;
use sea_orm::{ColumnTrait, ExprTrait, PaginatorTrait, QueryFilter};
use serde::Serialize;

use super::{
    PartnerError,
    error::{may, not_found},
    query::locked,
};
use crate::{
    BuyerScope, Failure,
    idempotency::{self, Claim, IdempotencyKey},
    identity::{AccessToken, NewToken, Owner, Secret, issue},
    scope::in_tenant,
    set_up::{check_expiry, check_text},
    store::Tx,
};

/// Tokens of one partner that work at the same time.
const MAX_TOKENS: u64 = 20;

/// What is asked for.
#[derive(Clone, Debug, Serialize)]
pub struct CreatePartnerToken {
    /// The partner.
    pub partner: TradingPartnerId,
    /// What the tenant calls the token.
    pub name: String,
    /// Real data or trial data; the partner's, when nothing is said.
    pub environment: Option<Environment>,
    /// Until when it works; until it is revoked, when nothing is said.
    pub expires_at: Option<Timestamp>,
}

/// A token that was made.
#[derive(Clone, Debug)]
pub struct CreatedPartnerToken {
    /// The token.
    pub token: AccessToken,
    /// Its secret, the first time only.
    pub secret: Option<Secret>,
    /// Whether the request was carried out before.
    pub replayed: bool,
}

/// Makes a token that acts for the partner's supplier: it may answer orders and announce shipments. The secret is
/// shown this once. Without a key it only validates, and gives nothing.
///
/// # Errors
/// See [`PartnerError`].
#[tracing::instrument(skip_all, fields(partner.id = %cmd.partner))]
pub async fn create_partner_token(
    scope: &BuyerScope,
    cmd: CreatePartnerToken,
    key: Option<&IdempotencyKey>,
) -> Result<Option<CreatedPartnerToken>, PartnerError> {
    may(scope)?;
    let id = AccessTokenId::generate();
    let tx = if key.is_some() { scope.write().await? } else { scope.read().await? };
    if let Some(key) = key {
        let claim = idempotency::claim(&tx, scope, "createTradingPartnerToken", key, &cmd, &id).await?;
        if let Claim::Repeat(earlier) = claim {
            let token = earlier_token(&tx, scope, earlier).await?;
            return Ok(Some(CreatedPartnerToken { token, secret: None, replayed: true }));
        }
    }
    let partner = locked(&tx, scope, cmd.partner).await?.ok_or_else(not_found)?;
    let mut problems = Problems::new();
    check_text(&mut problems, "name", &cmd.name, 80);
    check_expiry(&mut problems, cmd.expires_at, scope.now);
    if partner.disabled_at.is_some() {
        problems.add("INVALID_STATE", &Field::root().at("id"), "the trading partner is disabled");
    }
    if live_tokens(&tx, scope, partner.id).await? >= MAX_TOKENS {
        let message = format!("at most {MAX_TOKENS} tokens can be in use; revoke one first");
        problems.add("TOO_MANY", &Field::root(), message);
    }
    problems.into_result()?;
    if key.is_none() {
        return Ok(None);
    }
    let new = NewToken {
        id,
        owner: Owner::Partner(partner.id, partner.supplier_id),
        environment: cmd.environment.unwrap_or(partner.environment),
        name: cmd.name,
        scopes: vec![Permission::OrdersAnswer, Permission::ShipmentsManage],
        expires_at: cmd.expires_at,
    };
    let (token, secret) = issue(&tx, scope, new).await?;
    tx.commit().await?;
    Ok(Some(CreatedPartnerToken { token, secret: Some(secret), replayed: false }))
}

async fn live_tokens(tx: &Tx, scope: &BuyerScope, partner: TradingPartnerId) -> Result<u64, PartnerError> {
    let unending = access_token::Column::ExpiresAt.is_null();
    let live = in_tenant::<access_token::Entity>(scope)
        .filter(access_token::Column::PartnerId.eq(partner))
        .filter(access_token::Column::RevokedAt.is_null())
        .filter(unending.or(access_token::Column::ExpiresAt.gt(scope.now)));
    Ok(live.count(&**tx).await?)
}

/// The token of an earlier request. Its secret was shown then, and is not known any more.
async fn earlier_token(tx: &Tx, scope: &BuyerScope, id: AccessTokenId) -> Result<AccessToken, PartnerError> {
    let row = in_tenant::<access_token::Entity>(scope)
        .filter(access_token::Column::Id.eq(id))
        .filter(access_token::Column::Kind.eq(TokenKind::Partner))
        .one(&**tx)
        .await?;
    let row = row.ok_or_else(|| Failure::Corrupt("an idempotency key without its token".to_owned()))?;
    Ok(row.try_into()?)
}
