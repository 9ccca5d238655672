//! A test event: sent to the one endpoint, by the same way as every other event, and tried once.
use quayside_canonical::{ConnectionId, DeliveryId, events::WebhookEndpointTested, states::ConnectionStatus};
use quayside_entity::webhook_endpoint;

use super::{
    Endpoint, WebhookError, delivery_id,
    endpoint::{check_permission, lock_own, reload, write_endpoint},
};
use crate::{
    Scope,
    idempotency::{self, Claim, IdempotencyKey},
    outbox::{self, Fact},
};

/// A test that is on its way.
#[derive(Clone, Debug)]
pub struct TestSent {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The delivery that will say what came of it. It is there once the event has its place in the log.
    pub delivery: DeliveryId,
    /// Whether this is the result of an earlier request with the same key.
    pub replayed: bool,
}

/// Sends a test to an endpoint of the caller's.
///
/// # Errors
/// The caller may not, there is no such endpoint, or it is disabled.
#[tracing::instrument(skip_all, fields(connection.id = %id))]
pub async fn send_test(
    scope: &Scope,
    id: ConnectionId,
    key: &IdempotencyKey,
) -> Result<TestSent, WebhookError> {
    check_permission(scope)?;
    let tx = scope.write().await?;
    let rows = lock_own(&tx, scope, id).await?;
    let fact = Fact::new(rows.about(), &WebhookEndpointTested { endpoint: id })?;
    let delivery = delivery_id(id, fact.id);
    let claim = idempotency::claim(&tx, scope, "sendTestWebhook", key, &id, &delivery).await?;
    if let Claim::Repeat(delivery) = claim {
        return Ok(TestSent { endpoint: reload(&tx, scope, id).await?, delivery, replayed: true });
    }
    if rows.connection.status != ConnectionStatus::Active {
        return Err(WebhookError::InvalidState("the endpoint is disabled: enable it first"));
    }
    let values = vec![(webhook_endpoint::Column::LastTestId, Some(delivery).into())];
    write_endpoint(&tx, scope, id, values).await?;
    outbox::append(&tx, scope, vec![fact]).await?;
    let endpoint = reload(&tx, scope, id).await?;
    tx.commit().await?;
    Ok(TestSent { endpoint, delivery, replayed: false })
}
