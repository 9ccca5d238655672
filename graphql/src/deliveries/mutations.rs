//! `redriveDelivery`, `redriveDeliveries` and `skipDelivery`: a person steps in.
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use quayside_canonical::{DeliveryId, states::DeliveryStatus};
use quayside_domain::deliveries::{
    Intervened, InterventionError, Redrive, RedriveMany, Redriven, SetReadBack, redrive, redrive_many,
    set_read_back, skip,
};

use super::query::DeliveryFilter;
use crate::{
    context::{buyer_scope, buyer_writing, coded, idempotency_key, internal, mark_replayed},
    types::{
        Code,
        user_error::{DeliveryError, DeliveryErrorCode},
    },
};

/// Try a delivery again that was given up, or that the receiver does not have.
#[derive(InputObject)]
pub struct RedriveDeliveryInput {
    /// The delivery.
    id: ID,
    /// Why. It stays on record.
    reason: Option<String>,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// Try many deliveries again.
#[derive(InputObject)]
pub struct RedriveDeliveriesInput {
    /// Which of those that are `DEAD` or `MISSING`.
    filter: DeliveryFilter,
    /// At most so many, 1 to 200, those of the oldest events first.
    limit: i32,
    /// Why. It stays on record.
    reason: String,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Say which they are and change nothing.
    #[graphql(default)]
    validate_only: bool,
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
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
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

/// Say whether what a system took is looked for there later.
#[derive(InputObject)]
pub struct SetConnectionReadBackInput {
    /// The connection.
    connection_id: ID,
    /// After how many minutes, up to a month. Left out: not at all.
    after_minutes: Option<i32>,
    /// How many of a hundred deliveries, 1 to 100.
    #[graphql(default = 100)]
    percent: i32,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// How a system is asked later.
#[derive(Default, SimpleObject)]
pub struct ConnectionReadBackPayload {
    /// After how many minutes, as it stands now.
    after_minutes: Option<i32>,
    /// How many of a hundred, as it stands now.
    percent: Option<i32>,
    /// Every problem at once.
    user_errors: Vec<DeliveryError>,
}

/// What became of many.
#[derive(Default, SimpleObject)]
pub struct RedriveDeliveriesPayload {
    /// Those that are in line again, or with `validateOnly` would be.
    delivery_ids: Vec<ID>,
    /// How many those are.
    count: i32,
    /// Whether there are more that fit.
    more: bool,
    /// Every problem at once.
    user_errors: Vec<DeliveryError>,
}

/// Mutations of procurement about deliveries.
#[derive(Default)]
pub struct DeliveryMutation;

#[Object]
impl DeliveryMutation {
    /// Try a delivery again that was given up, or that the receiver does not have. What may have arrived is asked
    /// for before it is sent.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn redrive_delivery(
        &self,
        ctx: &Context<'_>,
        input: RedriveDeliveryInput,
    ) -> Result<DeliveryPayload> {
        let scope = buyer_scope(ctx)?;
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let Ok(delivery) = input.id.parse::<DeliveryId>() else {
            return payload(ctx, Err(InterventionError::NotFound));
        };
        let request = Redrive { delivery, reason: input.reason, validate_only: input.validate_only };
        payload(ctx, redrive(&scope, &request, key.as_ref()).await)
    }

    /// Try many deliveries again, all or none: with `validateOnly` see which.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn redrive_deliveries(
        &self,
        ctx: &Context<'_>,
        input: RedriveDeliveriesInput,
    ) -> Result<RedriveDeliveriesPayload> {
        let scope = buyer_scope(ctx)?;
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let request = RedriveMany {
            filter: input.filter.checked()?,
            limit: usize::try_from(input.limit).unwrap_or_default(),
            reason: input.reason,
            validate_only: input.validate_only,
        };
        match redrive_many(&scope, &request, key.as_ref()).await {
            Ok(Redriven { deliveries, more, replayed }) => {
                mark_replayed(ctx, replayed);
                Ok(RedriveDeliveriesPayload {
                    count: i32::try_from(deliveries.len()).unwrap_or(i32::MAX),
                    delivery_ids: deliveries.iter().map(|id| ID(id.to_string())).collect(),
                    more,
                    user_errors: Vec::new(),
                })
            }
            Err(error) => {
                let user_errors = user_errors(&error)?;
                Ok(RedriveDeliveriesPayload { user_errors, ..RedriveDeliveriesPayload::default() })
            }
        }
    }

    /// Say whether what a system took is looked for there later. What is not there then is an exception of kind
    /// `DELIVERY_MISSING`; it is never sent again by itself.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn set_connection_read_back(
        &self,
        ctx: &Context<'_>,
        input: SetConnectionReadBackInput,
    ) -> Result<ConnectionReadBackPayload> {
        let scope = buyer_scope(ctx)?;
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let refused = |error| {
            let user_errors = user_errors(&error)?;
            Ok(ConnectionReadBackPayload { user_errors, ..ConnectionReadBackPayload::default() })
        };
        let Ok(connection) = input.connection_id.parse() else { return refused(InterventionError::NotFound) };
        let request = SetReadBack {
            connection,
            after_minutes: input.after_minutes.map(|minutes| u32::try_from(minutes).unwrap_or_default()),
            percent: u32::try_from(input.percent).unwrap_or_default(),
            validate_only: input.validate_only,
        };
        match set_read_back(&scope, &request, key.as_ref()).await {
            Ok((row, replayed)) => {
                mark_replayed(ctx, replayed);
                Ok(ConnectionReadBackPayload {
                    after_minutes: row.confirm_after_minutes,
                    percent: Some(row.confirm_percent),
                    user_errors: Vec::new(),
                })
            }
            Err(error) => refused(error),
        }
    }

    /// Decide that a delivery is not sent. Later ones of the same order go on.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn skip_delivery(&self, ctx: &Context<'_>, input: SkipDeliveryInput) -> Result<DeliveryPayload> {
        let (scope, key) = buyer_writing(ctx, input.validate_only, input.idempotency_key.as_ref())?;
        let Ok(id) = input.id.parse::<DeliveryId>() else {
            return payload(ctx, Err(InterventionError::NotFound));
        };
        payload(ctx, skip(&scope, id, &input.reason, &key).await)
    }
}

fn payload(ctx: &Context<'_>, done: Result<Intervened, InterventionError>) -> Result<DeliveryPayload> {
    match done {
        Ok(Intervened { delivery, replayed }) => {
            mark_replayed(ctx, replayed);
            Ok(DeliveryPayload {
                delivery_id: Some(ID(delivery.id.to_string())),
                status: Some(Code(delivery.status)),
                user_errors: Vec::new(),
            })
        }
        Err(error) => Ok(DeliveryPayload { user_errors: user_errors(&error)?, ..DeliveryPayload::default() }),
    }
}

/// A refusal as data; what is not business is an error of its own.
fn user_errors(error: &InterventionError) -> Result<Vec<DeliveryError>> {
    let (code, field) = match error {
        InterventionError::NotFound => (DeliveryErrorCode::NotFound, "id"),
        InterventionError::WrongStatus(_) => (DeliveryErrorCode::InvalidState, "id"),
        InterventionError::InvalidReason => (DeliveryErrorCode::Required, "reason"),
        InterventionError::InvalidLimit => (DeliveryErrorCode::InvalidValue, "limit"),
        InterventionError::InvalidStatuses => (DeliveryErrorCode::InvalidValue, "filter"),
        InterventionError::InvalidPercent => (DeliveryErrorCode::InvalidValue, "percent"),
        InterventionError::InvalidMinutes => (DeliveryErrorCode::InvalidValue, "afterMinutes"),
        InterventionError::Forbidden => return Err(coded("FORBIDDEN", error.to_string())),
        InterventionError::KeyReused => return Err(coded("IDEMPOTENCY_KEY_REUSED", error.to_string())),
        InterventionError::InProgress => return Err(coded("IDEMPOTENCY_IN_PROGRESS", error.to_string())),
        InterventionError::Internal(failure) => return Err(internal(failure)),
    };
    Ok(DeliveryError::one(code, field, error.to_string()))
}
