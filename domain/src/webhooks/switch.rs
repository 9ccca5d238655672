//! Disabling, enabling and deleting an endpoint. What it misses stays in the log.
use quayside_canonical::{
    ConnectionId,
    events::{WebhookEndpointDeleted, WebhookEndpointEnabled},
    states::{ConnectionStatus, DisabledReason},
};
use quayside_entity::{connection, webhook_endpoint};

use super::{
    Changed, WebhookError,
    endpoint::{Config, check_permission, lock, lock_own, reload, write_connection, write_endpoint},
    health::{disable as stop, skip_waiting},
};
use crate::{
    Scope,
    connections::Receives,
    idempotency::{self, Claim, IdempotencyKey},
    outbox::{self, Fact},
    set_up::json,
};

/// The longest note, in characters.
const MAX_NOTE: usize = 500;

/// Sends nothing more to an endpoint: to one's own, or, for the buyer, to a supplier's. What waits for it is not
/// sent, and can be replayed once it is enabled.
///
/// # Errors
/// The caller may not, there is no such endpoint, it is disabled, or the note is too long.
#[tracing::instrument(skip_all, fields(connection.id = %id))]
pub async fn disable(
    scope: &Scope,
    id: ConnectionId,
    note: Option<&str>,
    key: &IdempotencyKey,
) -> Result<Changed, WebhookError> {
    check_permission(scope)?;
    if note.is_some_and(|note| note.chars().count() > MAX_NOTE) {
        let field = quayside_canonical::Field::root().at("note");
        let problems = quayside_canonical::Problems::one("TOO_LONG", &field, "at most 500 characters");
        return Err(problems.into());
    }
    let tx = scope.write().await?;
    let rows = lock(&tx, scope, id).await?;
    let claim = idempotency::claim(&tx, scope, "disableWebhookEndpoint", key, &(id, note), &id).await?;
    if let Claim::Repeat(_) = claim {
        return Ok(Changed { endpoint: reload(&tx, scope, id).await?, skipped: 0, replayed: true });
    }
    if rows.connection.status == ConnectionStatus::Disabled {
        return Err(WebhookError::InvalidState("the endpoint is disabled"));
    }
    let own = rows.endpoint.supplier_id == scope.supplier;
    let reason = if own { DisabledReason::Owner } else { DisabledReason::Buyer };
    let skipped = stop(&tx, scope, &rows.endpoint, reason, note).await?;
    let endpoint = reload(&tx, scope, id).await?;
    tx.commit().await?;
    Ok(Changed { endpoint, skipped, replayed: false })
}

/// Sends what happens from now on. Who disabled it enables it: one the buyer disabled is the buyer's to enable.
///
/// # Errors
/// The caller may not, there is no such endpoint, or it is not disabled.
#[tracing::instrument(skip_all, fields(connection.id = %id))]
pub async fn enable(scope: &Scope, id: ConnectionId, key: &IdempotencyKey) -> Result<Changed, WebhookError> {
    check_permission(scope)?;
    let tx = scope.write().await?;
    let rows = lock(&tx, scope, id).await?;
    let claim = idempotency::claim(&tx, scope, "enableWebhookEndpoint", key, &id, &id).await?;
    if let Claim::Repeat(_) = claim {
        return Ok(Changed { endpoint: reload(&tx, scope, id).await?, skipped: 0, replayed: true });
    }
    if rows.connection.status == ConnectionStatus::Active {
        return Err(WebhookError::InvalidState("the endpoint is not disabled"));
    }
    let by_buyer = rows.endpoint.disabled_reason == Some(DisabledReason::Buyer);
    let own = rows.endpoint.supplier_id == scope.supplier;
    if by_buyer && own && scope.supplier.is_some() {
        return Err(WebhookError::InvalidState(
            "the buyer disabled the endpoint, and only the buyer enables it",
        ));
    }
    if !by_buyer && !own {
        return Err(WebhookError::Forbidden);
    }
    use webhook_endpoint::Column;
    let none = None::<i64>;
    let values = vec![
        (Column::FailingSince, none.into()),
        (Column::LastFailureAt, none.into()),
        (Column::ToldOfDayAt, none.into()),
        (Column::ToldOfExhaustionAt, none.into()),
        (Column::DisabledAt, none.into()),
        (Column::DisabledReason, None::<String>.into()),
        (Column::DisabledNote, None::<String>.into()),
    ];
    write_endpoint(&tx, scope, id, values).await?;
    let values = vec![
        (connection::Column::Status, ConnectionStatus::Active.into()),
        (connection::Column::PausedReason, None::<String>.into()),
    ];
    write_connection(&tx, scope, id, values).await?;
    let event = WebhookEndpointEnabled { endpoint: id };
    outbox::append(&tx, scope, vec![Fact::new(rows.about(), &event)?]).await?;
    let endpoint = reload(&tx, scope, id).await?;
    tx.commit().await?;
    Ok(Changed { endpoint, skipped: 0, replayed: false })
}

/// Deletes an endpoint of the caller's, with its address and its secrets. What waits for it is not sent, and its
/// number is told.
///
/// # Errors
/// The caller may not, or there is no such endpoint.
#[tracing::instrument(skip_all, fields(connection.id = %id))]
pub async fn delete(scope: &Scope, id: ConnectionId, key: &IdempotencyKey) -> Result<Changed, WebhookError> {
    check_permission(scope)?;
    let tx = scope.write().await?;
    let claim = idempotency::claim(&tx, scope, "deleteWebhookEndpoint", key, &id, &id).await?;
    if let Claim::Repeat(_) = claim {
        return Ok(Changed { endpoint: reload(&tx, scope, id).await?, skipped: 0, replayed: true });
    }
    let rows = lock_own(&tx, scope, id).await?;
    let skipped = skip_waiting(&tx, scope, id, "ENDPOINT_DELETED", "The endpoint was deleted.").await?;
    let nothing = Config { endpoint: String::new(), previous_until: None };
    let values = vec![
        (connection::Column::Status, ConnectionStatus::Disabled.into()),
        (connection::Column::Config, json(&nothing)?.into()),
        (connection::Column::Receives, json(&Receives::default())?.into()),
        (connection::Column::SealedSecret, Vec::<u8>::new().into()),
    ];
    write_connection(&tx, scope, id, values).await?;
    write_endpoint(&tx, scope, id, vec![(webhook_endpoint::Column::DeletedAt, Some(scope.now).into())])
        .await?;
    let event = WebhookEndpointDeleted { endpoint: id, skipped };
    outbox::append(&tx, scope, vec![Fact::new(rows.about(), &event)?]).await?;
    let endpoint = reload(&tx, scope, id).await?;
    tx.commit().await?;
    Ok(Changed { endpoint, skipped, replayed: false })
}
