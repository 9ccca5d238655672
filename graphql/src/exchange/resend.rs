//! `resendInterchange`: the same bytes once more.
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use quayside_canonical::SentInterchangeId;
use quayside_domain::exchange::{Resend, ResendError, resend};

use crate::{
    context::{buyer_scope, coded, idempotency_key, internal, mark_replayed},
    types::user_error::{DeliveryError, DeliveryErrorCode},
};

/// Send an interchange once more.
#[derive(InputObject)]
pub struct ResendInterchangeInput {
    /// The interchange.
    id: ID,
    /// Why. It stays on record.
    reason: String,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// What became of it.
#[derive(Default, SimpleObject)]
pub struct ResendInterchangePayload {
    /// The interchange's id.
    interchange_id: Option<ID>,
    /// Every problem at once.
    user_errors: Vec<DeliveryError>,
}

/// Mutations of procurement about what was sent by EDI.
#[derive(Default)]
pub struct ResendMutation;

#[Object]
impl ResendMutation {
    /// Send an interchange once more: the same bytes under the same control number. What the partner's system said to
    /// it counts no more.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn resend_interchange(
        &self,
        ctx: &Context<'_>,
        input: ResendInterchangeInput,
    ) -> Result<ResendInterchangePayload> {
        let scope = buyer_scope(ctx)?;
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let Ok(interchange) = input.id.parse::<SentInterchangeId>() else {
            return refused(&ResendError::NotFound);
        };
        let request = Resend { interchange, reason: input.reason, validate_only: input.validate_only };
        match resend(&scope, &request, key.as_ref()).await {
            Ok(done) => {
                mark_replayed(ctx, done.replayed);
                let interchange_id = Some(ID(done.interchange.to_string()));
                Ok(ResendInterchangePayload { interchange_id, user_errors: Vec::new() })
            }
            Err(error) => refused(&error),
        }
    }
}

/// A refusal as data; what is not business is an error of its own.
fn refused(error: &ResendError) -> Result<ResendInterchangePayload> {
    let (code, field) = match error {
        ResendError::NotFound => (DeliveryErrorCode::NotFound, "id"),
        ResendError::OnItsWay | ResendError::Forgotten => (DeliveryErrorCode::InvalidState, "id"),
        ResendError::InvalidReason => (DeliveryErrorCode::Required, "reason"),
        ResendError::Forbidden => return Err(coded("FORBIDDEN", error.to_string())),
        ResendError::KeyReused => return Err(coded("IDEMPOTENCY_KEY_REUSED", error.to_string())),
        ResendError::InProgress => return Err(coded("IDEMPOTENCY_IN_PROGRESS", error.to_string())),
        ResendError::Internal(failure) => return Err(internal(failure)),
    };
    let user_errors = DeliveryError::one(code, field, error.to_string());
    Ok(ResendInterchangePayload { interchange_id: None, user_errors })
}
