//! `pollConnectionNow` and `retryInboundMessage`: a person steps in.
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use quayside_canonical::{ConnectionId, InboundMessageId};
use quayside_domain::inbound::{Ask, AskError, Asked, Retried, RetryError, ask, retry};

use super::{InboundFeed, InboundMessage};
use crate::{
    context::{buyer_writing, claim_error, coded, internal, mark_replayed},
    types::{
        Row, Rows,
        user_error::{InboundError, InboundErrorCode},
    },
};

/// Poll what a connection is asked for, at once.
#[derive(InputObject)]
pub struct PollConnectionNowInput {
    /// The connection.
    connection_id: ID,
    /// The feed; every one that is polled when not said.
    feed: Option<String>,
    /// Whether to read it from the beginning again, as far back as the connection is set to look. What is known
    /// already changes nothing.
    #[graphql(default)]
    from_start: bool,
    /// How often to poll from now on, in seconds, 5 to 86400; 0 for how often all are. Unchanged when not said.
    every_seconds: Option<i32>,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// Try again what was refused of a message.
#[derive(InputObject)]
pub struct RetryInboundMessageInput {
    /// The message.
    id: ID,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// What became of it.
#[derive(SimpleObject)]
pub struct PollConnectionNowPayload {
    /// The connection's feeds as they stand.
    feeds: Option<Rows<InboundFeed>>,
    /// Every problem at once.
    user_errors: Vec<InboundError>,
}

/// What became of it.
#[derive(SimpleObject)]
pub struct RetryInboundMessagePayload {
    /// The message as it stands now: `RECEIVED`, until it was dealt with again.
    inbound_message: Option<Row<InboundMessage>>,
    /// Every problem at once.
    user_errors: Vec<InboundError>,
}

/// Mutations of procurement about what comes in.
#[derive(Default)]
pub struct InboundMutation;

#[Object]
impl InboundMutation {
    /// Poll what a connection is asked for, at once. While the connection is paused, it waits until it is resumed.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn poll_connection_now(
        &self,
        ctx: &Context<'_>,
        input: PollConnectionNowInput,
    ) -> Result<PollConnectionNowPayload> {
        let (scope, key) = buyer_writing(ctx, input.validate_only, input.idempotency_key.as_ref())?;
        let Ok(connection) = input.connection_id.parse::<ConnectionId>() else {
            return asked(ctx, Err(AskError::NotFound));
        };
        let PollConnectionNowInput { feed, from_start, every_seconds, .. } = input;
        asked(ctx, ask(&scope, &Ask { connection, feed, from_start, every_seconds }, &key).await)
    }

    /// Try again what was refused of a message, after master data or codes were mended. What was taken of it is left
    /// alone.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn retry_inbound_message(
        &self,
        ctx: &Context<'_>,
        input: RetryInboundMessageInput,
    ) -> Result<RetryInboundMessagePayload> {
        let (scope, key) = buyer_writing(ctx, input.validate_only, input.idempotency_key.as_ref())?;
        let Ok(id) = input.id.parse::<InboundMessageId>() else {
            return retried(ctx, Err(RetryError::NotFound));
        };
        retried(ctx, retry(&scope, id, &key).await)
    }
}

fn asked(ctx: &Context<'_>, done: Result<Asked, AskError>) -> Result<PollConnectionNowPayload> {
    let refused = |code, field: &str, message: String| {
        Ok(PollConnectionNowPayload { feeds: None, user_errors: InboundError::one(code, field, message) })
    };
    match done {
        Ok(Asked { feeds, replayed }) => {
            mark_replayed(ctx, replayed);
            let feeds = Rows(feeds.into_iter().map(InboundFeed::from).collect());
            Ok(PollConnectionNowPayload { feeds: Some(feeds), user_errors: Vec::new() })
        }
        Err(error @ AskError::NotFound) => {
            refused(InboundErrorCode::NotFound, "connectionId", error.to_string())
        }
        Err(error @ AskError::InvalidInterval) => {
            refused(InboundErrorCode::InvalidValue, "everySeconds", error.to_string())
        }
        Err(error @ AskError::Forbidden) => Err(coded("FORBIDDEN", error.to_string())),
        Err(AskError::Key(error)) => Err(claim_error(error)),
        Err(AskError::Internal(failure)) => Err(internal(&failure)),
    }
}

fn retried(ctx: &Context<'_>, done: Result<Retried, RetryError>) -> Result<RetryInboundMessagePayload> {
    let refused = |code, message: String| {
        let user_errors = InboundError::one(code, "id", message);
        Ok(RetryInboundMessagePayload { inbound_message: None, user_errors })
    };
    match done {
        Ok(Retried { message, replayed }) => {
            mark_replayed(ctx, replayed);
            let inbound_message = Some(Row(message.into()));
            Ok(RetryInboundMessagePayload { inbound_message, user_errors: Vec::new() })
        }
        Err(error @ RetryError::NotFound) => refused(InboundErrorCode::NotFound, error.to_string()),
        Err(error @ RetryError::NothingRefused(_)) => {
            refused(InboundErrorCode::InvalidState, error.to_string())
        }
        Err(error @ RetryError::NotKept) => refused(InboundErrorCode::NotKept, error.to_string()),
        Err(error @ RetryError::Forbidden) => Err(coded("FORBIDDEN", error.to_string())),
        Err(RetryError::Key(error)) => Err(claim_error(error)),
        Err(RetryError::Internal(failure)) => Err(internal(&failure)),
    }
}
