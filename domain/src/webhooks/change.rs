//! Another address, another description, other types.
use quayside_canonical::{ConnectionId, Problems, events::WebhookEndpointUpdated};
use quayside_entity::{connection, webhook_endpoint};
use serde::Serialize;

use super::{
    Changed, Desk, WebhookError,
    create::{check_description, check_types, check_url},
    endpoint::{check_permission, lock_own, reload, write_connection, write_endpoint},
};
use crate::{
    Scope,
    idempotency::{self, Claim, IdempotencyKey},
    outbox::{self, Fact},
    set_up::json,
};

/// What is to hold from now on. What it leaves out stays.
#[derive(Clone, Debug, Serialize)]
pub struct UpdateEndpoint {
    /// The endpoint.
    pub endpoint: ConnectionId,
    /// Where events are to be posted.
    pub url: Option<String>,
    /// What its owner calls it, or that it has no description.
    pub description: Option<Option<String>>,
    /// The types it is to get, or that it gets every type its owner may see.
    pub event_types: Option<Option<Vec<String>>>,
}

/// Changes an endpoint of the caller's. Its secret stays; what waits for it goes to the new address.
///
/// # Errors
/// The caller may not, there is no such endpoint, or the address or the types do not do: all problems at once.
#[tracing::instrument(skip_all, fields(connection.id = %cmd.endpoint))]
pub async fn update(
    scope: &Scope,
    desk: &Desk,
    cmd: UpdateEndpoint,
    key: Option<&IdempotencyKey>,
) -> Result<Changed, WebhookError> {
    check_permission(scope)?;
    let tx = scope.write().await?;
    let id = cmd.endpoint;
    let rows = lock_own(&tx, scope, id).await?;
    if let Some(key) = key
        && let Claim::Repeat(_) =
            idempotency::claim(&tx, scope, "updateWebhookEndpoint", key, &cmd, &id).await?
    {
        return Ok(Changed { endpoint: reload(&tx, scope, id).await?, skipped: 0, replayed: true });
    }
    let (mut config, mut receives) = (rows.config()?, rows.receives()?);
    config.endpoint = cmd.url.unwrap_or(config.endpoint);
    receives.event_types = cmd.event_types.unwrap_or(receives.event_types);
    let description = cmd.description.unwrap_or_else(|| rows.endpoint.description.clone());
    let mut problems = Problems::new();
    let host = check_url(&mut problems, desk, &config.endpoint);
    check_description(&mut problems, description.as_deref());
    check_types(&mut problems, scope, receives.event_types.as_deref());
    problems.into_result()?;
    if key.is_none() {
        return Ok(Changed { endpoint: reload(&tx, scope, id).await?, skipped: 0, replayed: false });
    }
    let values = vec![
        (connection::Column::Config, json(&config)?.into()),
        (connection::Column::Receives, json(&receives)?.into()),
    ];
    write_connection(&tx, scope, id, values).await?;
    let values = vec![(webhook_endpoint::Column::Description, description.into())];
    write_endpoint(&tx, scope, id, values).await?;
    let event = WebhookEndpointUpdated { endpoint: id, host, event_types: receives.event_types };
    outbox::append(&tx, scope, vec![Fact::new(rows.about(), &event)?]).await?;
    let endpoint = reload(&tx, scope, id).await?;
    tx.commit().await?;
    Ok(Changed { endpoint, skipped: 0, replayed: false })
}
