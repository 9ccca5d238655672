//! A new signing secret. For a day both sign, so that the receiver can change over without missing a call.
use std::time::Duration;

use quayside_canonical::{ConnectionId, events::WebhookSecretRotated};
use quayside_entity::connection;
use serde::Serialize;

use super::{
    Created, Desk, WebhookError,
    create::new_secret,
    endpoint::{check_permission, lock_own, reload, write_connection},
};
use crate::{
    Failure, Scope,
    connections::{SIGNING_SECRET, open_secrets, seal},
    idempotency::{self, Claim, IdempotencyKey},
    outbox::{self, Fact},
    set_up::json,
};

/// How long the secret before signs as well.
const BOTH: Duration = Duration::from_secs(24 * 60 * 60);

/// The secret before this one.
const PREVIOUS: &str = "previous_signing_secret";

/// What is asked for.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct RotateSecret {
    /// The endpoint.
    pub endpoint: ConnectionId,
    /// That what signed before does not any more: it became known to others.
    pub at_once: bool,
}

/// Gives an endpoint of the caller's a new secret.
///
/// # Errors
/// The caller may not, there is no such endpoint, or the last change of secrets is not over: a third one would cut
/// short the day that was promised to the first.
#[tracing::instrument(skip_all, fields(connection.id = %cmd.endpoint))]
pub async fn rotate_secret(
    scope: &Scope,
    desk: &Desk,
    cmd: RotateSecret,
    key: &IdempotencyKey,
) -> Result<Created, WebhookError> {
    check_permission(scope)?;
    let tx = scope.write().await?;
    let id = cmd.endpoint;
    let rows = lock_own(&tx, scope, id).await?;
    let claim = idempotency::claim(&tx, scope, "rotateWebhookSecret", key, &cmd, &id).await?;
    if let Claim::Repeat(_) = claim {
        return Ok(Created { endpoint: reload(&tx, scope, id).await?, secret: None, replayed: true });
    }
    let mut config = rows.config()?;
    if !cmd.at_once && config.previous_until.is_some_and(|until| until > scope.now) {
        let message =
            "the secret before the present one still signs: wait until it ends, or end both at once";
        return Err(WebhookError::InvalidState(message));
    }
    let mut secrets = open_secrets(&desk.vault, &rows.connection).map_err(Failure::from)?;
    let current = secrets.iter().find(|(name, _)| *name == SIGNING_SECRET).map(|(_, secret)| secret.clone());
    let secret = new_secret()?;
    secrets.set(SIGNING_SECRET, secret.clone());
    match current.filter(|_| !cmd.at_once) {
        Some(current) => {
            secrets.set(PREVIOUS, current);
            config.previous_until = Some(scope.now.plus(BOTH));
        }
        None => {
            secrets.remove(PREVIOUS);
            config.previous_until = None;
        }
    }
    let sealed = seal(&desk.vault, scope.tenant, id, &secrets)?;
    let values = vec![
        (connection::Column::Config, json(&config)?.into()),
        (connection::Column::SealedSecret, sealed.into()),
    ];
    write_connection(&tx, scope, id, values).await?;
    let event = WebhookSecretRotated { endpoint: id, previous_until: config.previous_until };
    outbox::append(&tx, scope, vec![Fact::new(rows.about(), &event)?]).await?;
    let endpoint = reload(&tx, scope, id).await?;
    tx.commit().await?;
    Ok(Created { endpoint, secret: Some(secret), replayed: false })
}
