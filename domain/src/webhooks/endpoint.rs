//! An endpoint as its owner sees it, and who may touch it.
use std::{collections::HashMap, fmt, sync::Arc};

use quayside_canonical::{
    ConnectionId, DeliveryId, Problems, SupplierId, Timestamp,
    identity::Permission,
    states::{ConnectionStatus, DisabledReason, EndpointStatus},
};
use quayside_entity::{connection, webhook_endpoint};
use sea_orm::{ColumnTrait, DbErr, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use serde::{Deserialize, Serialize};

use crate::{
    Failure, Scope,
    connections::Receives,
    idempotency::ClaimError,
    outbox::About,
    scope::{in_tenant, update_in_tenant},
    store::Tx,
    vault::Vault,
};

/// Says which host an address names, or why it may not be called.
type Check = dyn Fn(&str) -> Result<String, String> + Send + Sync;

/// What endpoints need of the process.
#[derive(Clone)]
pub struct Desk {
    /// Where their secrets are sealed.
    pub(super) vault: Arc<Vault>,
    pub(super) check: Arc<Check>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

impl Desk {
    /// Seals secrets in `vault`; `check` says which host an address names, or why it may not be called.
    pub fn new(
        vault: Arc<Vault>,
        check: impl Fn(&str) -> Result<String, String> + Send + Sync + 'static,
    ) -> Self {
        Self { vault, check: Arc::new(check) }
    }
}

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its id, and its connection's.
    pub id: ConnectionId,
    /// Whose it is: a supplier's, or the buyer's own.
    pub supplier: Option<SupplierId>,
    /// Where events are posted. Without its query for those whose endpoint it is not.
    pub url: String,
    /// What its owner calls it.
    pub description: Option<String>,
    /// The types it gets; every type its owner may see, when there are none.
    pub event_types: Option<Vec<String>>,
    /// How it fares.
    pub status: EndpointStatus,
    /// Since when nothing arrived, if the last thing did not.
    pub failing_since: Option<Timestamp>,
    /// When it was disabled.
    pub disabled_at: Option<Timestamp>,
    /// Why.
    pub disabled_reason: Option<DisabledReason>,
    /// Why, in the words of whoever did it.
    pub disabled_note: Option<String>,
    /// The position in the log behind which it missed something when it was disabled last.
    pub missed_after: Option<i64>,
    /// Until when the secret before this one signs as well.
    pub previous_secret_until: Option<Timestamp>,
    /// The delivery of the last test.
    pub last_test: Option<DeliveryId>,
    /// When it was set up.
    pub created_at: Timestamp,
}

/// What became of a change.
#[derive(Clone, Debug)]
pub struct Changed {
    /// The endpoint as it stands now.
    pub endpoint: Endpoint,
    /// Events that were waiting for it and are not sent.
    pub skipped: u64,
    /// Whether this is the result of an earlier request with the same key.
    pub replayed: bool,
}

/// Why an endpoint is left as it is, or not shown.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The caller's role or token does not allow it.
    #[error("this needs the permission to manage webhooks")]
    Forbidden,
    /// There is no such endpoint or delivery for the caller.
    #[error("not found")]
    NotFound,
    /// The request is wrong; these are all its problems.
    #[error("{0}")]
    Refused(#[from] Problems),
    /// The endpoint or delivery does not stand where this is possible.
    #[error("{0}")]
    InvalidState(&'static str),
    /// The idempotency key cannot be used.
    #[error(transparent)]
    Key(#[from] ClaimError),
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<DbErr> for WebhookError {
    fn from(error: DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// The configuration of an endpoint's connection, as its connector reads it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Config {
    pub(super) endpoint: String,
    /// Until when the secret before this one signs: RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) previous_until: Option<Timestamp>,
}

/// Both rows of an endpoint.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    pub(super) endpoint: webhook_endpoint::Model,
    pub(super) connection: connection::Model,
}

impl Rows {
    pub(super) fn id(&self) -> ConnectionId {
        self.connection.id
    }

    pub(super) fn config(&self) -> Result<Config, Failure> {
        Ok(serde_json::from_str(&self.connection.config)?)
    }

    pub(super) fn receives(&self) -> Result<Receives, Failure> {
        Ok(serde_json::from_str(&self.connection.receives)?)
    }

    /// What an event about it is about.
    pub(super) fn about(&self) -> About {
        about(&self.endpoint)
    }

    fn shown(self, scope: &Scope) -> Result<Endpoint, Failure> {
        let (config, receives) = (self.config()?, self.receives()?);
        let Self { endpoint: row, connection } = self;
        let status = match connection.status {
            ConnectionStatus::Active if row.failing_since.is_some() => EndpointStatus::Failing,
            ConnectionStatus::Active => EndpointStatus::Active,
            ConnectionStatus::Paused | ConnectionStatus::Disabled => EndpointStatus::Disabled,
        };
        let own = row.supplier_id == scope.supplier;
        let url = if own { config.endpoint } else { without_query(&config.endpoint) };
        Ok(Endpoint {
            id: row.connection_id,
            supplier: row.supplier_id,
            url,
            description: row.description,
            event_types: receives.event_types,
            status,
            failing_since: row.failing_since,
            disabled_at: row.disabled_at,
            disabled_reason: row.disabled_reason,
            disabled_note: row.disabled_note,
            missed_after: row.missed_after,
            previous_secret_until: config.previous_until.filter(|until| *until > scope.now),
            last_test: row.last_test_id,
            created_at: row.created_at,
        })
    }
}

fn without_query(url: &str) -> String {
    url.split('?').next().unwrap_or_default().to_owned()
}

/// What an event about an endpoint is about.
pub(super) fn about(row: &webhook_endpoint::Model) -> About {
    About { subject: row.connection_id.to_string(), supplier: row.supplier_id, order: None }
}

/// At most `limit` endpoints that the caller may see, the oldest first, behind `after`: a supplier's its own, the
/// buyer's all of the tenant, or those of one supplier.
///
/// # Errors
/// The caller may not, or the database failed.
pub async fn endpoints(
    scope: &Scope,
    of: Option<SupplierId>,
    after: Option<ConnectionId>,
    limit: u64,
) -> Result<Vec<Endpoint>, WebhookError> {
    check_reading(scope)?;
    let tx = scope.read().await?;
    let mut rows = scope
        .find::<webhook_endpoint::Entity>()
        .filter(webhook_endpoint::Column::DeletedAt.is_null())
        .order_by_asc(webhook_endpoint::Column::ConnectionId)
        .limit(limit.min(500));
    if let Some(supplier) = of {
        rows = rows.filter(webhook_endpoint::Column::SupplierId.eq(supplier));
    }
    if let Some(after) = after {
        rows = rows.filter(webhook_endpoint::Column::ConnectionId.gt(after));
    }
    let rows = rows.all(&*tx).await?;
    let connections = in_tenant::<connection::Entity>(scope)
        .filter(connection::Column::Id.is_in(rows.iter().map(|row| row.connection_id)))
        .all(&*tx)
        .await?;
    let mut connections: HashMap<_, _> = connections.into_iter().map(|row| (row.id, row)).collect();
    let mut shown = Vec::with_capacity(rows.len());
    for endpoint in rows {
        let connection = connections.remove(&endpoint.connection_id).ok_or_else(missing)?;
        shown.push(Rows { endpoint, connection }.shown(scope)?);
    }
    Ok(shown)
}

/// One endpoint.
///
/// # Errors
/// The caller may not, or there is no such endpoint for it.
pub async fn endpoint(scope: &Scope, id: ConnectionId) -> Result<Endpoint, WebhookError> {
    check_reading(scope)?;
    let tx = scope.read().await?;
    Ok(find(&tx, scope, id).await?.shown(scope)?)
}

/// Whether the caller may look at endpoints. On the buyer's side an auditor may, too.
pub(super) fn check_reading(scope: &Scope) -> Result<(), WebhookError> {
    let reads = scope.supplier.is_none() && scope.may(Permission::OrdersRead);
    if reads { Ok(()) } else { check_permission(scope) }
}

/// Fails unless the caller may manage endpoints.
pub(super) fn check_permission(scope: &Scope) -> Result<(), WebhookError> {
    if scope.may(Permission::WebhooksManage) { Ok(()) } else { Err(WebhookError::Forbidden) }
}

/// An endpoint the caller may see.
pub(super) async fn find(tx: &Tx, scope: &Scope, id: ConnectionId) -> Result<Rows, WebhookError> {
    let row = scope.find::<webhook_endpoint::Entity>().filter(webhook_endpoint::Column::ConnectionId.eq(id));
    let row = row.filter(webhook_endpoint::Column::DeletedAt.is_null()).one(&**tx).await?;
    with_connection(tx, scope, row.ok_or(WebhookError::NotFound)?).await
}

/// An endpoint the caller may see, locked until `tx` ends.
pub(super) async fn lock(tx: &Tx, scope: &Scope, id: ConnectionId) -> Result<Rows, WebhookError> {
    let row = scope.find::<webhook_endpoint::Entity>().filter(webhook_endpoint::Column::ConnectionId.eq(id));
    let row = row.filter(webhook_endpoint::Column::DeletedAt.is_null()).lock_exclusive().one(&**tx).await?;
    with_connection(tx, scope, row.ok_or(WebhookError::NotFound)?).await
}

/// The same of the caller's own: what a supplier set up is not the buyer's to change, though it may look at it.
pub(super) async fn lock_own(tx: &Tx, scope: &Scope, id: ConnectionId) -> Result<Rows, WebhookError> {
    let rows = lock(tx, scope, id).await?;
    if rows.endpoint.supplier_id == scope.supplier { Ok(rows) } else { Err(WebhookError::Forbidden) }
}

async fn with_connection(
    tx: &Tx,
    scope: &Scope,
    endpoint: webhook_endpoint::Model,
) -> Result<Rows, WebhookError> {
    let connection = in_tenant::<connection::Entity>(scope)
        .filter(connection::Column::Id.eq(endpoint.connection_id))
        .one(&**tx)
        .await?
        .ok_or_else(missing)?;
    Ok(Rows { endpoint, connection })
}

/// The endpoint as it stands in `tx`, deleted or not.
pub(super) async fn reload(tx: &Tx, scope: &Scope, id: ConnectionId) -> Result<Endpoint, WebhookError> {
    let row = scope.find::<webhook_endpoint::Entity>().filter(webhook_endpoint::Column::ConnectionId.eq(id));
    let row = row.one(&**tx).await?.ok_or(WebhookError::NotFound)?;
    Ok(with_connection(tx, scope, row).await?.shown(scope)?)
}

/// Writes a connection's new state. What was made of the state before is out of date from then on.
pub(super) async fn write_connection(
    tx: &Tx,
    scope: &Scope,
    id: ConnectionId,
    values: Vec<(connection::Column, sea_orm::Value)>,
) -> Result<(), Failure> {
    use sea_orm::ExprTrait as _; // in here only: elsewhere it hides what numbers can do
    let mut update = update_in_tenant::<connection::Entity>(scope)
        .col_expr(connection::Column::Revision, Expr::col(connection::Column::Revision).add(1))
        .col_expr(connection::Column::UpdatedAt, Expr::value(scope.now));
    for (column, value) in values {
        update = update.col_expr(column, Expr::value(value));
    }
    update.filter(connection::Column::Id.eq(id)).exec(&**tx).await?;
    Ok(())
}

/// Writes what is noted of an endpoint beside its connection.
pub(super) async fn write_endpoint(
    tx: &Tx,
    scope: &Scope,
    id: ConnectionId,
    values: Vec<(webhook_endpoint::Column, sea_orm::Value)>,
) -> Result<(), Failure> {
    let mut update = update_in_tenant::<webhook_endpoint::Entity>(scope);
    for (column, value) in values {
        update = update.col_expr(column, Expr::value(value));
    }
    update.filter(webhook_endpoint::Column::ConnectionId.eq(id)).exec(&**tx).await?;
    Ok(())
}

fn missing() -> Failure {
    Failure::Corrupt("a webhook endpoint's connection is gone".to_owned())
}
