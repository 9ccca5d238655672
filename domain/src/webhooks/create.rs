//! Setting up an endpoint.
use base64::{Engine, prelude::BASE64_STANDARD};
use quayside_canonical::{
    ConnectionId, Field, Problems,
    events::{CATALOGUE, WebhookEndpointCreated, visible_to_supplier},
    states::{ConnectionStatus, Environment},
};
use quayside_entity::{connection, webhook_endpoint};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::Serialize;

use super::{
    Desk, Endpoint, KIND, MAX_ENDPOINTS, TEST, WebhookError,
    endpoint::{Config, about, check_permission, reload},
};
use crate::{
    Failure, Scope,
    connections::{Receives, Secrets, seal},
    idempotency::{self, Claim, IdempotencyKey},
    identity::Secret,
    outbox::{self, Fact},
    scope::in_tenant,
    set_up::check_text,
    store::Tx,
};

/// The longest description, in characters.
const MAX_DESCRIPTION: usize = 200;

/// What is asked for.
#[derive(Clone, Debug, Serialize)]
pub struct CreateEndpoint {
    /// Where events are to be posted.
    pub url: String,
    /// What its owner calls it.
    pub description: Option<String>,
    /// The types it is to get; every type its owner may see, when nothing is said.
    pub event_types: Option<Vec<String>>,
}

/// An endpoint that was set up.
#[derive(Clone, Debug)]
pub struct Created {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// Its signing secret, the first time only.
    pub secret: Option<Secret>,
    /// Whether this is the result of an earlier request with the same key.
    pub replayed: bool,
}

/// Sets up an endpoint of the caller's: of the supplier it acts for, or of the buyer. It gets what happens from then
/// on.
///
/// # Errors
/// The caller may not, or the address, the types or the number of endpoints do not do: all problems at once.
#[tracing::instrument(skip_all)]
pub async fn create(
    scope: &Scope,
    desk: &Desk,
    cmd: CreateEndpoint,
    key: Option<&IdempotencyKey>,
) -> Result<Option<Created>, WebhookError> {
    check_permission(scope)?;
    let tx = scope.write().await?;
    let id = ConnectionId::generate();
    if let Some(key) = key
        && let Claim::Repeat(earlier) =
            idempotency::claim(&tx, scope, "createWebhookEndpoint", key, &cmd, &id).await?
    {
        let endpoint = reload(&tx, scope, earlier).await?;
        return Ok(Some(Created { endpoint, secret: None, replayed: true }));
    }
    let mut problems = Problems::new();
    let host = check_url(&mut problems, desk, &cmd.url);
    check_description(&mut problems, cmd.description.as_deref());
    check_types(&mut problems, scope, cmd.event_types.as_deref());
    if count(&tx, scope).await? >= MAX_ENDPOINTS {
        let message = format!("at most {MAX_ENDPOINTS} endpoints; delete one first");
        problems.add("TOO_MANY", &Field::root(), message);
    }
    problems.into_result()?;
    if key.is_none() {
        return Ok(None);
    }

    let secret = new_secret()?;
    let row = endpoint_row(scope, id, cmd.description);
    let fact = Fact::new(
        about(&row),
        &WebhookEndpointCreated { endpoint: id, host, event_types: cmd.event_types.clone() },
    )?;
    connection_row(scope, desk, id, (cmd.url, cmd.event_types), &secret)?
        .into_active_model()
        .reset_all()
        .insert(&*tx)
        .await?;
    row.into_active_model().reset_all().insert(&*tx).await?;
    outbox::append(&tx, scope, vec![fact.first_of_its_subject()]).await?;
    let endpoint = reload(&tx, scope, id).await?;
    tx.commit().await?;
    Ok(Some(Created { endpoint, secret: Some(secret), replayed: false }))
}

fn endpoint_row(scope: &Scope, id: ConnectionId, description: Option<String>) -> webhook_endpoint::Model {
    webhook_endpoint::Model {
        connection_id: id,
        tenant_id: scope.tenant,
        supplier_id: scope.supplier,
        description,
        failing_since: None,
        last_failure_at: None,
        told_of_day_at: None,
        told_of_exhaustion_at: None,
        disabled_at: None,
        disabled_reason: None,
        disabled_note: None,
        missed_after: None,
        last_test_id: None,
        deleted_at: None,
        created_at: scope.now,
    }
}

fn connection_row(
    scope: &Scope,
    desk: &Desk,
    id: ConnectionId,
    (url, event_types): (String, Option<Vec<String>>),
    secret: &Secret,
) -> Result<connection::Model, Failure> {
    let config = Config { endpoint: url, previous_until: None };
    let receives = Receives { event_types, ..Receives::default() };
    Ok(connection::Model {
        id,
        tenant_id: scope.tenant,
        kind: KIND.to_owned(),
        // Names are the tenant's; a supplier's endpoint has none to take away.
        name: format!("webhook {id}"),
        environment: Environment::Live,
        config: serde_json::to_string(&config)?,
        sealed_secret: seal(&desk.vault, scope.tenant, id, &Secrets::signing(secret.clone()))?,
        status: ConnectionStatus::Active,
        paused_reason: None,
        created_at: scope.now,
        supplier_id: scope.supplier,
        receives: serde_json::to_string(&receives)?,
        code_system: "ERP".to_owned(),
        codes_revision: 0,
        filter: None,
        rate_per_minute: None,
        concurrency: None,
        revision: 1,
        updated_at: scope.now,
        confirm_after_minutes: None,
        confirm_percent: 100,
    })
}

/// How many endpoints the owner has. They are locked first, so that two that are set up at once count each other; who
/// has none yet has room for both.
async fn count(tx: &Tx, scope: &Scope) -> Result<u64, Failure> {
    use webhook_endpoint::Column;
    let own = match scope.supplier {
        Some(supplier) => Column::SupplierId.eq(supplier),
        None => Column::SupplierId.is_null(),
    };
    let rows = in_tenant::<webhook_endpoint::Entity>(scope).filter(own).filter(Column::DeletedAt.is_null());
    rows.clone().order_by_asc(Column::ConnectionId).lock_exclusive().all(&**tx).await?;
    Ok(rows.count(&**tx).await?)
}

/// The host of an address that may be called.
pub(super) fn check_url(problems: &mut Problems, desk: &Desk, url: &str) -> String {
    match (desk.check)(url) {
        Ok(host) => host,
        Err(problem) => {
            problems.add("INVALID_URL", &Field::root().at("url"), problem);
            String::new()
        }
    }
}

pub(super) fn check_description(problems: &mut Problems, description: Option<&str>) {
    if let Some(description) = description {
        check_text(problems, "description", description, MAX_DESCRIPTION);
    }
}

/// Every type must be one that the owner may see: another would never come.
pub(super) fn check_types(problems: &mut Problems, scope: &Scope, types: Option<&[String]>) {
    let Some(types) = types else { return };
    let field = Field::root().at("eventTypes");
    if types.is_empty() {
        problems.add("REQUIRED", &field, "name at least one type, or leave it out for all of them");
    }
    for (index, wanted) in types.iter().enumerate() {
        let known = CATALOGUE.iter().any(|entry| entry.event_type == wanted) && wanted != TEST;
        let visible = scope.supplier.is_none() || visible_to_supplier(wanted);
        if !known || !visible {
            problems.add("UNKNOWN_TYPE", &field.at(index), "there is no such type of event for you");
        }
        if types[..index].contains(wanted) {
            problems.add("DUPLICATE", &field.at(index), "this type is named twice");
        }
    }
}

/// 32 random bytes, the way Standard Webhooks writes them.
pub(super) fn new_secret() -> Result<Secret, Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|_| Failure::System("the system gave no random numbers".to_owned()))?;
    Ok(Secret::new(format!("whsec_{}", BASE64_STANDARD.encode(bytes))))
}
