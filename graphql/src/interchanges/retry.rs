//! `retryInterchange`: a person has messages dealt with again.
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use quayside_canonical::{InterchangeId, MessageId};
use quayside_domain::interchanges::{Redo, RedoError, by_ids};

use super::{Interchange, desk};
use crate::{
    context::{buyer_scope, claim_error, coded, idempotency_key, internal, mark_replayed},
    types::user_error::{InterchangeError, InterchangeErrorCode},
};

/// Deal again with messages that were refused.
#[derive(InputObject)]
pub struct RetryInterchangeInput {
    /// The interchange.
    id: ID,
    /// Only these of its messages; all that were refused for what they say, when none are named.
    #[graphql(default)]
    message_ids: Vec<ID>,
    /// Why: what was mended. It stays on record.
    reason: String,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
}

/// What became of it.
#[derive(SimpleObject)]
pub struct RetryInterchangePayload {
    /// The interchange as it stands now.
    interchange: Option<Interchange>,
    /// Every problem at once.
    user_errors: Vec<InterchangeError>,
}

/// Procurement's way to have messages dealt with again.
#[derive(Default)]
pub struct RetryInterchangeMutation;

#[Object]
impl RetryInterchangeMutation {
    /// Deal again with messages that were refused, after what was in their way was mended: an item that was not known,
    /// an order that was missing. A change that waits for one that never came is carried out. What was taken is left
    /// alone, and what is wrong in form has to be sent again.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn retry_interchange(
        &self,
        ctx: &Context<'_>,
        input: RetryInterchangeInput,
    ) -> Result<RetryInterchangePayload> {
        let (scope, desk) = (buyer_scope(ctx)?, desk(ctx)?);
        let key = idempotency_key(ctx, input.idempotency_key.as_ref())?;
        let Ok(interchange) = input.id.parse::<InterchangeId>() else {
            return refused(RedoError::NotFound);
        };
        let messages = input.message_ids.iter().map(|id| id.parse::<MessageId>());
        let Ok(messages) = messages.collect::<std::result::Result<Vec<_>, _>>() else {
            return refused(RedoError::NothingRefused);
        };
        let redo = Redo { interchange, messages, reason: input.reason };
        match desk.redo(&scope, &redo, &key).await {
            Ok(replayed) => {
                mark_replayed(ctx, replayed);
                let found = by_ids(&scope, &[interchange]).await.map_err(|failure| internal(&failure))?;
                let interchange = found.into_iter().next().map(Interchange);
                Ok(RetryInterchangePayload { interchange, user_errors: Vec::new() })
            }
            Err(error) => refused(error),
        }
    }
}

fn refused(error: RedoError) -> Result<RetryInterchangePayload> {
    let message = error.to_string();
    let (code, field) = match error {
        RedoError::NotFound => (InterchangeErrorCode::NotFound, "id"),
        RedoError::Unfinished | RedoError::RefusedWhole | RedoError::NothingRefused => {
            (InterchangeErrorCode::InvalidState, "id")
        }
        RedoError::ReasonMissing => (InterchangeErrorCode::Required, "reason"),
        RedoError::Forbidden => return Err(coded("FORBIDDEN", message)),
        RedoError::Key(error) => return Err(claim_error(error)),
        RedoError::Internal(failure) => return Err(internal(&failure)),
    };
    let user_errors = InterchangeError::one(code, field, message);
    Ok(RetryInterchangePayload { interchange: None, user_errors })
}
