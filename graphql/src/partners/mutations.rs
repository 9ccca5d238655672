//! `createTradingPartner` and `updateTradingPartner`.
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use quayside_canonical::{
    ConnectionId, SupplierId, TradingPartnerId,
    states::{Environment, PartnerMode},
};
use quayside_domain::{
    BuyerScope,
    partners::{
        AgreementChanges, Changes, NewPartner, PartnerError as Refusal, Saved, Settings, UpdatePartner,
        create_partner, update_partner, view,
    },
};

use super::{
    TradingPartner,
    input::{EdiAgreementInput, EdiIdentifierInput, identifiers, said},
    refused,
};
use crate::{
    context::{buyer_scope, idempotency_key, internal, mark_replayed},
    types::{
        Code, Row,
        user_error::{TradingPartnerError, TradingPartnerErrorCode},
    },
};

/// Set a supplier up for EDI.
#[derive(InputObject)]
pub struct CreateTradingPartnerInput {
    /// The supplier whose traffic it is.
    supplier_id: ID,
    /// What you call it.
    name: String,
    /// MIRROR: your translator copies its traffic here. EXCHANGE: we are the end point.
    mode: Code<PartnerMode>,
    /// Real data or trial data: interchanges of TEST partners alone may be marked as tests, and all that is sent to
    /// them is.
    environment: Code<Environment>,
    /// The ISO 4217 currency of prices in messages that name none.
    currency: Option<String>,
    /// What it calls itself in envelopes.
    identifiers: Vec<EdiIdentifierInput>,
    /// The connection its traffic goes through, of a kind `edi-…`. Without one it comes by HTTPS, with the partner's
    /// token.
    connection_id: Option<ID>,
    /// What is agreed.
    agreement: Option<EdiAgreementInput>,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// Change what is agreed with a trading partner. What is left out stays; a list replaces the whole list.
#[derive(InputObject)]
pub struct UpdateTradingPartnerInput {
    /// The trading partner.
    id: ID,
    /// The revision you have seen.
    revision: i32,
    /// What you call it.
    name: Option<String>,
    /// How its traffic reaches us.
    mode: Option<Code<PartnerMode>>,
    /// Real data or trial data. From TEST to LIVE is going live.
    environment: Option<Code<Environment>>,
    /// The ISO 4217 currency of prices in messages that name none; null takes it away.
    currency: MaybeUndefined<String>,
    /// What it calls itself in envelopes.
    identifiers: Option<Vec<EdiIdentifierInput>>,
    /// The connection its traffic goes through; null takes it away.
    connection_id: MaybeUndefined<ID>,
    /// What is agreed.
    agreement: Option<EdiAgreementInput>,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// What became of it.
#[derive(Default, SimpleObject)]
pub struct TradingPartnerPayload {
    /// The trading partner as it is now.
    trading_partner: Option<Row<TradingPartner>>,
    /// Every problem at once.
    user_errors: Vec<TradingPartnerError>,
}

/// Mutations that change what is agreed.
#[derive(Default)]
pub struct PartnerMutation;

#[Object]
impl PartnerMutation {
    /// Set a supplier up for EDI.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn create_trading_partner(
        &self,
        ctx: &Context<'_>,
        input: CreateTradingPartnerInput,
    ) -> Result<TradingPartnerPayload> {
        let scope = buyer_scope(ctx)?;
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let Ok(supplier) = input.supplier_id.parse::<SupplierId>() else {
            return Ok(nothing("supplierId", "there is no such supplier"));
        };
        let Ok(connection) = connection(input.connection_id.as_ref()) else {
            return Ok(nothing("connectionId", "there is no such connection"));
        };
        let agreement = input.agreement.map(AgreementChanges::from).unwrap_or_default();
        let new = NewPartner {
            supplier,
            settings: Settings {
                currency: input.currency,
                identifiers: identifiers(input.identifiers),
                connection_id: connection,
                ..Settings::new(input.name, input.mode.0, input.environment.0)
            },
            changes: Changes { agreement, ..Changes::default() },
        };
        payload(ctx, &scope, create_partner(&scope, new, key.as_ref()).await).await
    }

    /// Change what is agreed with a trading partner. What is under way goes on as it was agreed before.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn update_trading_partner(
        &self,
        ctx: &Context<'_>,
        input: UpdateTradingPartnerInput,
    ) -> Result<TradingPartnerPayload> {
        let scope = buyer_scope(ctx)?;
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let Ok(partner) = input.id.parse::<TradingPartnerId>() else {
            return Ok(nothing("id", "not found"));
        };
        let connection = said(input.connection_id).map(|id| connection(id.as_ref()));
        let Ok(connection_id) = connection.transpose() else {
            return Ok(nothing("connectionId", "there is no such connection"));
        };
        let changes = Changes {
            name: input.name,
            mode: input.mode.map(|code| code.0),
            environment: input.environment.map(|code| code.0),
            currency: said(input.currency),
            identifiers: input.identifiers.map(identifiers),
            connection_id,
            agreement: input.agreement.map(AgreementChanges::from).unwrap_or_default(),
        };
        let cmd = UpdatePartner { partner, revision: input.revision, changes };
        payload(ctx, &scope, update_partner(&scope, cmd, key.as_ref()).await).await
    }
}

fn connection(id: Option<&ID>) -> Result<Option<ConnectionId>, quayside_canonical::InvalidId> {
    id.map(|id| id.parse()).transpose()
}

/// An id that nothing can have.
pub(super) fn nothing(field: &str, message: &str) -> TradingPartnerPayload {
    let user_errors = TradingPartnerError::one(TradingPartnerErrorCode::NotFound, field, message);
    TradingPartnerPayload { trading_partner: None, user_errors }
}

pub(super) async fn payload(
    ctx: &Context<'_>,
    scope: &BuyerScope,
    saved: Result<Option<Saved>, Refusal>,
) -> Result<TradingPartnerPayload> {
    match saved {
        Ok(None) => Ok(TradingPartnerPayload::default()),
        Ok(Some(Saved { partner, replayed })) => {
            mark_replayed(ctx, replayed);
            let shown = view(scope, partner).await.map_err(|failure| internal(&failure))?;
            Ok(TradingPartnerPayload { trading_partner: Some(Row(shown.into())), user_errors: Vec::new() })
        }
        Err(error) => Ok(TradingPartnerPayload { trading_partner: None, user_errors: refused(error)? }),
    }
}
