//! `disableTradingPartner`, `enableTradingPartner` and `createTradingPartnerToken`.
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use quayside_canonical::{TradingPartnerId, states::Environment};
use quayside_domain::partners::{CreatePartnerToken, create_partner_token, disable_partner, enable_partner};

use super::{
    mutations::{TradingPartnerPayload, nothing, payload},
    refused,
};
use crate::{
    context::{buyer_scope, idempotency_key, mark_replayed},
    identity::tokens::ApiToken,
    types::{
        Code, DateTime, Row,
        user_error::{TradingPartnerError, TradingPartnerErrorCode},
    },
};

/// Take nothing more from a trading partner, and send nothing to it.
#[derive(InputObject)]
pub struct DisableTradingPartnerInput {
    /// The trading partner.
    id: ID,
    /// Why. It stays on record.
    reason: String,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// Let a trading partner take part again.
#[derive(InputObject)]
pub struct EnableTradingPartnerInput {
    /// The trading partner.
    id: ID,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// A token to hand in a trading partner's interchanges with.
#[derive(InputObject)]
pub struct CreateTradingPartnerTokenInput {
    /// The trading partner.
    id: ID,
    /// What you call the token.
    name: String,
    /// Real data or trial data; the trading partner's, when not said.
    environment: Option<Code<Environment>>,
    /// Until when it works; until it is revoked, when not said.
    expires_at: Option<DateTime>,
    /// Your key for this request: the same key with the same request gives the first result again, without the secret.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// What became of it.
#[derive(Default, SimpleObject)]
pub struct TradingPartnerTokenPayload {
    /// The token: `revokeApiToken` revokes it.
    api_token: Option<Row<ApiToken>>,
    /// Its secret, shown this once: send it as `Authorization: Bearer …`.
    secret: Option<String>,
    /// Every problem at once.
    user_errors: Vec<TradingPartnerError>,
}

/// Mutations that stop and start trading partners, and let them in.
#[derive(Default)]
pub struct PartnerStepMutation;

#[Object]
impl PartnerStepMutation {
    /// Take nothing more from a trading partner, and send nothing to it. What it sends from now on is filed and refused.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn disable_trading_partner(
        &self,
        ctx: &Context<'_>,
        input: DisableTradingPartnerInput,
    ) -> Result<TradingPartnerPayload> {
        let scope = buyer_scope(ctx)?;
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let Ok(id) = input.id.parse::<TradingPartnerId>() else { return Ok(nothing("id", "not found")) };
        payload(ctx, &scope, disable_partner(&scope, id, &input.reason, key.as_ref()).await).await
    }

    /// Let a trading partner take part again, if all that was agreed still holds.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn enable_trading_partner(
        &self,
        ctx: &Context<'_>,
        input: EnableTradingPartnerInput,
    ) -> Result<TradingPartnerPayload> {
        let scope = buyer_scope(ctx)?;
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let Ok(id) = input.id.parse::<TradingPartnerId>() else { return Ok(nothing("id", "not found")) };
        payload(ctx, &scope, enable_partner(&scope, id, key.as_ref()).await).await
    }

    /// Make a token to hand in a trading partner's interchanges with.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn create_trading_partner_token(
        &self,
        ctx: &Context<'_>,
        input: CreateTradingPartnerTokenInput,
    ) -> Result<TradingPartnerTokenPayload> {
        let scope = buyer_scope(ctx)?;
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let Ok(partner) = input.id.parse::<TradingPartnerId>() else {
            let user_errors = TradingPartnerError::one(TradingPartnerErrorCode::NotFound, "id", "not found");
            return Ok(TradingPartnerTokenPayload { user_errors, ..TradingPartnerTokenPayload::default() });
        };
        let cmd = CreatePartnerToken {
            partner,
            name: input.name,
            environment: input.environment.map(|code| code.0),
            expires_at: input.expires_at.map(|at| at.0),
        };
        match create_partner_token(&scope, cmd, key.as_ref()).await {
            Ok(None) => Ok(TradingPartnerTokenPayload::default()),
            Ok(Some(created)) => {
                mark_replayed(ctx, created.replayed);
                Ok(TradingPartnerTokenPayload {
                    api_token: Some(Row(created.token.into())),
                    secret: created.secret.map(|secret| secret.expose().to_owned()),
                    user_errors: Vec::new(),
                })
            }
            Err(error) => Ok(TradingPartnerTokenPayload {
                user_errors: refused(error)?,
                ..TradingPartnerTokenPayload::default()
            }),
        }
    }
}
