//! `redriveDelivery` and `skipDelivery`: a person steps in.
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use quayside_canonical::{DeliveryId, states::DeliveryStatus};
use quayside_domain::deliveries::{Intervened, InterventionError, redrive, skip};

use crate::{
    context::{buyer_scope, coded, idempotency_key, internal, mark_replayed},
    types::{
        Code,
        user_error::{DeliveryError, DeliveryErrorCode},
    },
};

/// Try a delivery again that was given up.
#[derive(InputObject)]
pub struct RedriveDeliveryInput {
    /// The delivery.
    id: ID,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
}

/// Decide that a delivery is not sent.
#[derive(InputObject)]
pub struct SkipDeliveryInput {
    /// The delivery.
    id: ID,
    /// Why. It stays on record.
    reason: String,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
}

/// What became of it.
#[derive(Default, SimpleObject)]
pub struct DeliveryPayload {
    /// The delivery's id.
    delivery_id: Option<ID>,
    /// Where the delivery stands now.
    status: Option<Code<DeliveryStatus>>,
    /// Every problem at once.
    user_errors: Vec<DeliveryError>,
}

/// Mutations of procurement about deliveries.
#[derive(Default)]
pub struct DeliveryMutation;

#[Object]
impl DeliveryMutation {
    /// Try a delivery again that was given up.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn redrive_delivery(
        &self,
        ctx: &Context<'_>,
        input: RedriveDeliveryInput,
    ) -> Result<DeliveryPayload> {
        let scope = buyer_scope(ctx)?;
        let key = idempotency_key(ctx, input.idempotency_key.as_ref())?;
        let Ok(id) = input.id.parse::<DeliveryId>() else {
            return payload(ctx, Err(InterventionError::NotFound));
        };
        payload(ctx, redrive(&scope, id, &key).await)
    }

    /// Decide that a delivery is not sent. Later ones of the same order go on.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn skip_delivery(&self, ctx: &Context<'_>, input: SkipDeliveryInput) -> Result<DeliveryPayload> {
        let scope = buyer_scope(ctx)?;
        let key = idempotency_key(ctx, input.idempotency_key.as_ref())?;
        let Ok(id) = input.id.parse::<DeliveryId>() else {
            return payload(ctx, Err(InterventionError::NotFound));
        };
        payload(ctx, skip(&scope, id, &input.reason, &key).await)
    }
}

fn payload(ctx: &Context<'_>, done: Result<Intervened, InterventionError>) -> Result<DeliveryPayload> {
    let refused = |code, field: &str, message: String| {
        let user_errors = DeliveryError::one(code, field, message);
        Ok(DeliveryPayload { user_errors, ..DeliveryPayload::default() })
    };
    match done {
        Ok(Intervened { delivery, replayed }) => {
            mark_replayed(ctx, replayed);
            Ok(DeliveryPayload {
                delivery_id: Some(ID(delivery.id.to_string())),
                status: Some(Code(delivery.status)),
                user_errors: Vec::new(),
            })
        }
        Err(error @ InterventionError::NotFound) => {
            refused(DeliveryErrorCode::NotFound, "id", error.to_string())
        }
        Err(error @ InterventionError::WrongStatus(_)) => {
            refused(DeliveryErrorCode::InvalidState, "id", error.to_string())
        }
        Err(error @ InterventionError::InvalidReason) => {
            refused(DeliveryErrorCode::Required, "reason", error.to_string())
        }
        Err(error @ InterventionError::Forbidden) => Err(coded("FORBIDDEN", error.to_string())),
        Err(error @ InterventionError::KeyReused) => Err(coded("IDEMPOTENCY_KEY_REUSED", error.to_string())),
        Err(error @ InterventionError::InProgress) => {
            Err(coded("IDEMPOTENCY_IN_PROGRESS", error.to_string()))
        }
        Err(InterventionError::Internal(failure)) => Err(internal(&failure)),
    }
}
