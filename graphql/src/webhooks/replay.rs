//! `replayWebhookDelivery` and `replayWebhooks`: what did not arrive is sent again.
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use quayside_canonical::{ConnectionId, DeliveryId};
use quayside_domain::{
    feed::{decode_cursor, encode_cursor},
    webhooks::{self, MAX_REPLAY, Replay, Start, WebhookError as Refusal},
};

use super::{WebhookDelivery, refused};
use crate::{
    context::{idempotency_key, mark_replayed, scope, writing},
    types::{DateTime, Row, connection::bad_input, user_error::WebhookError},
};

/// A delivery to be sent again.
#[derive(InputObject)]
pub struct ReplayWebhookDeliveryInput {
    /// The delivery.
    id: ID,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// What is to be sent again, from a place in the log on.
#[derive(InputObject)]
pub struct ReplayWebhooksInput {
    /// The endpoint.
    id: ID,
    /// Only behind this cursor: `missedAfter` of the endpoint, or any of the feed's. Give either this or `since`.
    after: Option<String>,
    /// Only what was logged at this time or later.
    since: Option<DateTime>,
    /// Only what was logged before this time.
    until: Option<DateTime>,
    /// Only these types, of those the endpoint gets.
    event_types: Option<Vec<String>>,
    /// Also what arrived. Without this only what did not, or never was for the endpoint.
    #[graphql(default)]
    include_delivered: bool,
    /// How many events of the log to look at, 1 to 1,000.
    #[graphql(default = 1_000)]
    limit: i32,
    /// Say what would be sent, and send nothing.
    #[graphql(default)]
    dry_run: bool,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
}

/// What became of a delivery.
#[derive(Default, SimpleObject)]
pub struct ReplayWebhookDeliveryPayload {
    /// The delivery.
    webhook_delivery: Option<Row<WebhookDelivery>>,
    /// Every problem at once.
    user_errors: Vec<WebhookError>,
}

/// What is sent again, or would be.
#[derive(Default, SimpleObject)]
pub struct ReplayWebhooksPayload {
    /// How many events.
    events: Option<i32>,
    /// Up to where the log was looked through: go on from here while there is more.
    end_cursor: Option<String>,
    /// Whether there is more behind that.
    has_more: Option<bool>,
    /// Every problem at once.
    user_errors: Vec<WebhookError>,
}

/// Mutations that send again.
#[derive(Default)]
pub struct ReplayMutation;

#[Object]
impl ReplayMutation {
    /// Send an event to an endpoint once more, under the same `webhook-id`, however it ended before.
    async fn replay_webhook_delivery(
        &self,
        ctx: &Context<'_>,
        input: ReplayWebhookDeliveryInput,
    ) -> Result<ReplayWebhookDeliveryPayload> {
        let (scope, key) = writing(ctx, input.validate_only, input.idempotency_key.as_ref())?;
        let done = match input.id.parse::<DeliveryId>() {
            Ok(id) => webhooks::replay_delivery(&scope, id, &key).await,
            Err(_) => Err(Refusal::NotFound),
        };
        match done {
            Ok((record, replayed)) => {
                mark_replayed(ctx, replayed);
                Ok(ReplayWebhookDeliveryPayload {
                    webhook_delivery: Some(Row(WebhookDelivery::of(&scope, record))),
                    user_errors: Vec::new(),
                })
            }
            Err(refusal) => Ok(ReplayWebhookDeliveryPayload {
                user_errors: refused(refusal)?,
                ..ReplayWebhookDeliveryPayload::default()
            }),
        }
    }

    /// Send an endpoint what lies behind a cursor or a time: what it missed, or everything. Each event keeps its
    /// `webhook-id`.
    async fn replay_webhooks(
        &self,
        ctx: &Context<'_>,
        input: ReplayWebhooksInput,
    ) -> Result<ReplayWebhooksPayload> {
        let scope = scope(ctx)?;
        let key = match input.dry_run {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let start = match (input.after.as_deref(), input.since) {
            (Some(cursor), None) => decode_cursor(scope.tenant, cursor).map(Start::After),
            (None, Some(time)) => Ok(Start::Since(time.0)),
            _ => return Err(bad_input("give either `after` or `since`")),
        };
        let start = start.map_err(|error| bad_input(&error.to_string()))?;
        let done = match input.id.parse::<ConnectionId>() {
            Ok(endpoint) => {
                let cmd = Replay {
                    endpoint,
                    start,
                    until: input.until.map(|time| time.0),
                    event_types: input.event_types,
                    delivered_too: input.include_delivered,
                    limit: u64::try_from(input.limit).unwrap_or(MAX_REPLAY + 1),
                };
                webhooks::replay(scope, &cmd, key.as_ref()).await
            }
            Err(_) => Err(Refusal::NotFound),
        };
        match done {
            Ok(replayed) => {
                mark_replayed(ctx, replayed.replayed);
                Ok(ReplayWebhooksPayload {
                    events: Some(i32::try_from(replayed.events).unwrap_or(i32::MAX)),
                    end_cursor: Some(encode_cursor(scope.tenant, replayed.end)),
                    has_more: Some(replayed.more),
                    user_errors: Vec::new(),
                })
            }
            Err(refusal) => Ok(ReplayWebhooksPayload {
                user_errors: refused(refusal)?,
                ..ReplayWebhooksPayload::default()
            }),
        }
    }
}
