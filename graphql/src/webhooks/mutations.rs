//! Setting up webhook endpoints, changing them, and sending them a test.
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use quayside_canonical::ConnectionId;
use quayside_domain::idempotency::IdempotencyKey;
use quayside_domain::webhooks::{
    self, Changed, CreateEndpoint, Created, Desk, RotateSecret, UpdateEndpoint, WebhookError as Refusal,
};

use super::{WebhookEndpoint, refused};
use crate::{
    context::{idempotency_key, mark_replayed, scope, writing},
    types::{Row, user_error::WebhookError},
};

/// An endpoint to be set up.
#[derive(InputObject)]
pub struct CreateWebhookEndpointInput {
    /// Where events are to be posted: an `https` address without a user or a password.
    url: String,
    /// What you call it.
    description: Option<String>,
    /// The types of event it is to get; every type you may see, when there is no list.
    event_types: Option<Vec<String>>,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Write nothing, and say everything that is wrong.
    #[graphql(default)]
    validate_only: bool,
}

/// What is to hold from now on. What is left out stays.
#[derive(InputObject)]
pub struct UpdateWebhookEndpointInput {
    /// The endpoint.
    id: ID,
    /// Where events are to be posted.
    url: Option<String>,
    /// What you call it; `null` takes it away.
    description: MaybeUndefined<String>,
    /// The types of event it is to get; `null` for every type you may see.
    event_types: MaybeUndefined<Vec<String>>,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Write nothing, and say everything that is wrong.
    #[graphql(default)]
    validate_only: bool,
}

/// An endpoint.
#[derive(InputObject)]
pub struct WebhookEndpointInput {
    /// The endpoint.
    id: ID,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// An endpoint to be disabled.
#[derive(InputObject)]
pub struct DisableWebhookEndpointInput {
    /// The endpoint.
    id: ID,
    /// Why. Its owner sees it.
    note: Option<String>,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// An endpoint whose secret is to be replaced.
#[derive(InputObject)]
pub struct RotateWebhookSecretInput {
    /// The endpoint.
    id: ID,
    /// End the present secret now, because others know it. Without this it signs as well for 24 hours.
    #[graphql(default)]
    at_once: bool,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// What became of an endpoint and its secret.
#[derive(Default, SimpleObject)]
pub struct WebhookSecretPayload {
    /// The endpoint.
    webhook_endpoint: Option<Row<WebhookEndpoint>>,
    /// Its signing secret, shown this once.
    secret: Option<String>,
    /// Every problem at once.
    user_errors: Vec<WebhookError>,
}

/// What became of an endpoint.
#[derive(Default, SimpleObject)]
pub struct WebhookEndpointPayload {
    /// The endpoint.
    webhook_endpoint: Option<Row<WebhookEndpoint>>,
    /// How many events that were waiting for it are not sent.
    skipped_deliveries: Option<i32>,
    /// Every problem at once.
    user_errors: Vec<WebhookError>,
}

/// What became of an endpoint that was to be deleted.
#[derive(Default, SimpleObject)]
pub struct DeleteWebhookEndpointPayload {
    /// The endpoint's id.
    deleted_id: Option<ID>,
    /// How many events that were waiting for it are not sent.
    skipped_deliveries: Option<i32>,
    /// Every problem at once.
    user_errors: Vec<WebhookError>,
}

/// A test that is on its way.
#[derive(Default, SimpleObject)]
pub struct SendTestWebhookPayload {
    /// The endpoint.
    webhook_endpoint: Option<Row<WebhookEndpoint>>,
    /// Ask for `webhookDelivery` with this id to see what came of it, within seconds.
    delivery_id: Option<ID>,
    /// Every problem at once.
    user_errors: Vec<WebhookError>,
}

/// Mutations about webhook endpoints.
#[derive(Default)]
pub struct WebhookMutation;

#[Object]
impl WebhookMutation {
    /// Have events sent to a program of yours as they are logged, signed as Standard Webhooks 1.0.
    async fn create_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        input: CreateWebhookEndpointInput,
    ) -> Result<WebhookSecretPayload> {
        let key = key_unless(ctx, input.validate_only, input.idempotency_key.as_ref())?;
        let cmd =
            CreateEndpoint { url: input.url, description: input.description, event_types: input.event_types };
        let desk = ctx.data::<Desk>()?;
        match webhooks::create(scope(ctx)?, desk, cmd, key.as_ref()).await {
            Ok(None) => Ok(WebhookSecretPayload::default()),
            Ok(Some(created)) => with_secret(ctx, Ok(created)),
            Err(refusal) => with_secret(ctx, Err(refusal)),
        }
    }

    /// Give an endpoint another address, another description or other types of event.
    async fn update_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        input: UpdateWebhookEndpointInput,
    ) -> Result<WebhookEndpointPayload> {
        let key = key_unless(ctx, input.validate_only, input.idempotency_key.as_ref())?;
        let Ok(endpoint) = input.id.parse::<ConnectionId>() else {
            return changed(ctx, Err(Refusal::NotFound));
        };
        let cmd = UpdateEndpoint {
            endpoint,
            url: input.url,
            description: said(input.description),
            event_types: said(input.event_types),
        };
        let desk = ctx.data::<Desk>()?;
        changed(ctx, webhooks::update(scope(ctx)?, desk, cmd, key.as_ref()).await)
    }

    /// Delete an endpoint, its address and its secrets. What waits for it is not sent.
    async fn delete_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        input: WebhookEndpointInput,
    ) -> Result<DeleteWebhookEndpointPayload> {
        let (scope, key) = writing(ctx, input.validate_only, input.idempotency_key.as_ref())?;
        let deleted = match input.id.parse::<ConnectionId>() {
            Ok(id) => webhooks::delete(&scope, id, &key).await,
            Err(_) => Err(Refusal::NotFound),
        };
        match deleted {
            Ok(deleted) => {
                mark_replayed(ctx, deleted.replayed);
                Ok(DeleteWebhookEndpointPayload {
                    deleted_id: Some(ID(deleted.endpoint.id.to_string())),
                    skipped_deliveries: Some(count(deleted.skipped)),
                    user_errors: Vec::new(),
                })
            }
            Err(refusal) => Ok(DeleteWebhookEndpointPayload {
                user_errors: refused(refusal)?,
                ..DeleteWebhookEndpointPayload::default()
            }),
        }
    }

    /// Send nothing more to an endpoint. What it misses can be replayed once it is enabled. The buyer may disable
    /// a supplier's too.
    async fn disable_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        input: DisableWebhookEndpointInput,
    ) -> Result<WebhookEndpointPayload> {
        let (scope, key) = writing(ctx, input.validate_only, input.idempotency_key.as_ref())?;
        let Ok(id) = input.id.parse::<ConnectionId>() else {
            return changed(ctx, Err(Refusal::NotFound));
        };
        changed(ctx, webhooks::disable(&scope, id, input.note.as_deref(), &key).await)
    }

    /// Send to a disabled endpoint what happens from now on. What it missed lies behind `missedAfter`.
    async fn enable_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        input: WebhookEndpointInput,
    ) -> Result<WebhookEndpointPayload> {
        let (scope, key) = writing(ctx, input.validate_only, input.idempotency_key.as_ref())?;
        let Ok(id) = input.id.parse::<ConnectionId>() else {
            return changed(ctx, Err(Refusal::NotFound));
        };
        changed(ctx, webhooks::enable(&scope, id, &key).await)
    }

    /// Replace an endpoint's signing secret. For 24 hours the present one signs as well.
    async fn rotate_webhook_secret(
        &self,
        ctx: &Context<'_>,
        input: RotateWebhookSecretInput,
    ) -> Result<WebhookSecretPayload> {
        let (scope, key) = writing(ctx, input.validate_only, input.idempotency_key.as_ref())?;
        let Ok(endpoint) = input.id.parse::<ConnectionId>() else {
            return with_secret(ctx, Err(Refusal::NotFound));
        };
        let cmd = RotateSecret { endpoint, at_once: input.at_once };
        let desk = ctx.data::<Desk>()?;
        let rotated = webhooks::rotate_secret(&scope, desk, cmd, &key).await;
        let shown =
            |created: Created| Created { secret: created.secret.filter(|_| !input.validate_only), ..created };
        with_secret(ctx, rotated.map(shown))
    }

    /// Send an endpoint a test: an event of type `webhook_endpoint.tested`, tried once.
    async fn send_test_webhook(
        &self,
        ctx: &Context<'_>,
        input: WebhookEndpointInput,
    ) -> Result<SendTestWebhookPayload> {
        let (scope, key) = writing(ctx, input.validate_only, input.idempotency_key.as_ref())?;
        let sent = match input.id.parse::<ConnectionId>() {
            Ok(id) => webhooks::send_test(&scope, id, &key).await,
            Err(_) => Err(Refusal::NotFound),
        };
        match sent {
            Ok(sent) => {
                mark_replayed(ctx, sent.replayed);
                Ok(SendTestWebhookPayload {
                    webhook_endpoint: Some(Row(WebhookEndpoint::of(&scope, sent.endpoint))),
                    delivery_id: (!input.validate_only).then(|| ID(sent.delivery.to_string())),
                    user_errors: Vec::new(),
                })
            }
            Err(refusal) => Ok(SendTestWebhookPayload {
                user_errors: refused(refusal)?,
                ..SendTestWebhookPayload::default()
            }),
        }
    }
}

/// The key of a request that writes.
fn key_unless(
    ctx: &Context<'_>,
    validate_only: bool,
    given: Option<&String>,
) -> Result<Option<IdempotencyKey>> {
    if validate_only { Ok(None) } else { idempotency_key(ctx, given).map(Some) }
}

fn said<T>(value: MaybeUndefined<T>) -> Option<Option<T>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

fn with_secret(ctx: &Context<'_>, done: Result<Created, Refusal>) -> Result<WebhookSecretPayload> {
    match done {
        Ok(created) => {
            mark_replayed(ctx, created.replayed);
            Ok(WebhookSecretPayload {
                webhook_endpoint: Some(Row(WebhookEndpoint::of(scope(ctx)?, created.endpoint))),
                secret: created.secret.map(|secret| secret.expose().to_owned()),
                user_errors: Vec::new(),
            })
        }
        Err(refusal) => {
            Ok(WebhookSecretPayload { user_errors: refused(refusal)?, ..WebhookSecretPayload::default() })
        }
    }
}

fn changed(ctx: &Context<'_>, done: Result<Changed, Refusal>) -> Result<WebhookEndpointPayload> {
    match done {
        Ok(changed) => {
            mark_replayed(ctx, changed.replayed);
            Ok(WebhookEndpointPayload {
                webhook_endpoint: Some(Row(WebhookEndpoint::of(scope(ctx)?, changed.endpoint))),
                skipped_deliveries: Some(count(changed.skipped)),
                user_errors: Vec::new(),
            })
        }
        Err(refusal) => {
            Ok(WebhookEndpointPayload { user_errors: refused(refusal)?, ..WebhookEndpointPayload::default() })
        }
    }
}

fn count(skipped: u64) -> i32 {
    i32::try_from(skipped).unwrap_or(i32::MAX)
}
