//! Setting up and changing a connection, by procurement: checked as a whole, every problem at once.
use std::collections::BTreeSet;

use quayside_canonical::{
    ConnectionId, Field, Problems, SupplierId,
    events::{CATALOGUE, ConnectionCreated, ConnectionUpdated},
    identity::Permission,
    states::{ConnectionStatus, Environment},
};
use quayside_entity::{connection, location, supplier};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbErr, IntoActiveModel, QueryFilter, QuerySelect, SqlErr, sea_query::Expr,
};
use serde::Serialize;
use serde_json::Value;

use super::{Keeper, Profile, Receives, Secrets, open_secrets, query, seal, systems::Proposal};
use crate::{
    BuyerScope, Failure,
    idempotency::{self, Claim, ClaimError, IdempotencyKey},
    outbox::{self, About, Fact},
    scope::update_in_tenant,
    set_up::{check_text, json},
    store::Tx,
    vault::VaultError,
};

const MAX_CONFIG_BYTES: usize = 64 * 1024;
const MAX_SECRET_BYTES: usize = 16 * 1024;
const MAX_ITEMS: usize = 500;
/// The most connections of a tenant.
const MOST_CONNECTIONS: usize = 200;
/// The most calls in a minute that can be asked for.
const MAX_RATE: i32 = 100_000;
/// The most calls at a time that can be asked for.
const MAX_CONCURRENCY: i32 = 64;

/// A new connection.
#[derive(Clone, Debug)]
pub struct NewConnection {
    /// Its kind.
    pub kind: String,
    /// All else.
    pub settings: Settings,
    /// Its secrets.
    pub secrets: Secrets,
}

/// What of a connection can be changed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// What the tenant calls it.
    pub name: String,
    /// Real data or trial data.
    pub environment: Environment,
    /// Its configuration, without secrets.
    pub config: Value,
    /// What it gets.
    pub receives: Receives,
    /// The system of cross-references that holds its codes.
    pub code_system: String,
    /// The tenant's change to outgoing JSON, in jq.
    pub filter: Option<String>,
    /// The most calls in a minute.
    pub rate_per_minute: Option<i32>,
    /// The most calls at a time.
    pub concurrency: Option<i32>,
}

/// Changes to a connection. What is not said stays.
#[derive(Clone, Debug, Serialize)]
pub struct ConnectionChange {
    /// The connection.
    pub connection: ConnectionId,
    /// The revision that the caller has seen.
    pub revision: i64,
    /// The parts that are replaced.
    pub name: Option<String>,
    /// Real data or trial data.
    pub environment: Option<Environment>,
    /// Replaces the whole configuration.
    pub config: Option<Value>,
    /// Replaces all that it gets.
    pub receives: Option<Receives>,
    /// The system of cross-references.
    pub code_system: Option<String>,
    /// The filter; `Some(None)` takes it away.
    pub filter: Option<Option<String>>,
    /// The rate; `Some(None)` takes the limit away.
    pub rate_per_minute: Option<Option<i32>>,
    /// The concurrency; `Some(None)` takes the limit away.
    pub concurrency: Option<Option<i32>>,
    /// Secrets that are replaced.
    #[serde(skip)]
    pub secrets: Secrets,
    /// Secrets that are taken away.
    pub without_secrets: Vec<String>,
}

/// Why a connection was left as it is.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The caller may not.
    #[error("this needs the permission CONNECTIONS_MANAGE")]
    Forbidden,
    /// The request is wrong; these are all its problems.
    #[error("{0}")]
    Refused(Problems),
    /// The idempotency key cannot be used.
    #[error(transparent)]
    Key(#[from] ClaimError),
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<Problems> for ConnectionError {
    fn from(problems: Problems) -> Self {
        Self::Refused(problems)
    }
}

impl From<VaultError> for ConnectionError {
    fn from(error: VaultError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<DbErr> for ConnectionError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Self::Refused(taken()),
            _ => Self::Internal(error.into()),
        }
    }
}

/// A connection that was saved.
#[derive(Clone, Debug)]
pub struct Saved {
    /// As it is now.
    pub connection: connection::Model,
    /// Whether this is the result of an earlier request with the same key.
    pub replayed: bool,
}

/// What of a request its key stands for. Secrets are in it by their name and a fingerprint.
#[derive(Serialize)]
struct Keyed<'a, T> {
    request: T,
    secrets: Vec<(&'a str, String)>,
}

/// Sets a connection up. Without a key it only validates, and gives nothing.
///
/// # Errors
/// See [`ConnectionError`].
#[tracing::instrument(skip_all)]
pub async fn create_connection(
    scope: &BuyerScope,
    keeper: &Keeper,
    new: NewConnection,
    key: Option<&IdempotencyKey>,
) -> Result<Option<Saved>, ConnectionError> {
    may(scope)?;
    let id = ConnectionId::generate();
    let NewConnection { kind, settings, secrets } = new;
    let mut problems = Problems::new();
    problems_of(scope, keeper, &kind, &settings, &secrets, None, &mut problems).await?;
    let tx = if key.is_some() { scope.write().await? } else { scope.read().await? };
    if let Some(key) = key {
        let request = keyed(keeper, (&kind, &settings), &secrets);
        if let Claim::Repeat(earlier) =
            idempotency::claim(&tx, scope, "createConnection", key, &request, &id).await?
        {
            let connection = query::locked(&tx, scope, earlier).await?;
            return Ok(connection.map(|connection| Saved { connection, replayed: true }));
        }
    }
    if query::count(&tx, scope).await? >= MOST_CONNECTIONS {
        let message = format!("a tenant has at most {MOST_CONNECTIONS} connections");
        problems.add("TOO_MANY", &Field::root(), message);
    }
    problems.into_result()?;
    if key.is_none() {
        return Ok(None);
    }
    let row = connection::Model {
        id,
        tenant_id: scope.tenant,
        kind,
        name: settings.name,
        environment: settings.environment,
        config: json(&settings.config)?,
        sealed_secret: seal(&keeper.vault, scope.tenant, id, &secrets)?,
        status: ConnectionStatus::Active,
        paused_reason: None,
        created_at: scope.now,
        supplier_id: Profile::default().supplier,
        receives: json(&settings.receives)?,
        code_system: settings.code_system,
        codes_revision: 0,
        filter: settings.filter,
        rate_per_minute: settings.rate_per_minute,
        concurrency: settings.concurrency,
        revision: 1,
        updated_at: scope.now,
        confirm_after_minutes: None,
        confirm_percent: 100,
    };
    let row = row.into_active_model().reset_all().insert(&*tx).await?;
    let (kind, name) = (row.kind.clone(), row.name.clone());
    let event = ConnectionCreated { connection: id, kind, name, environment: row.environment };
    outbox::append(&tx, scope, vec![Fact::new(About::tenant(&id), &event)?]).await?;
    tx.commit().await?;
    Ok(Some(Saved { connection: row, replayed: false }))
}

/// Changes a connection. Without a key it only validates, and gives nothing.
///
/// # Errors
/// See [`ConnectionError`].
#[tracing::instrument(skip_all, fields(connection.id = %change.connection))]
pub async fn update_connection(
    scope: &BuyerScope,
    keeper: &Keeper,
    change: ConnectionChange,
    key: Option<&IdempotencyKey>,
) -> Result<Option<Saved>, ConnectionError> {
    may(scope)?;
    // Looked at before the row is locked: the checks ask connectors and read events.
    let seen = query::connection(scope, change.connection).await?;
    let mut problems = Problems::new();
    let Some(seen) = seen else {
        return Err(Problems::one("NOT_FOUND", &Field::root().at("id"), "not found").into());
    };
    let before = settings_of(&seen)?;
    let mut secrets = open_secrets(&keeper.vault, &seen)?;
    let old_secrets = secrets.clone();
    let after = merged(&before, &change, &mut secrets);
    let moved = moves(&before.config, &after.config);
    problems_of(scope, keeper, &seen.kind, &after, &secrets, Some(seen.id), &mut problems).await?;
    if moved {
        for name in kept(keeper, &seen.kind, &old_secrets, &change) {
            let message = "the address changes: say the secret again, or take it away";
            problems.add("SECRET_REQUIRED", &Field::root().at("secrets").at(name), message);
        }
    }

    let tx = if key.is_some() { scope.write().await? } else { scope.read().await? };
    if let Some(key) = key {
        let request = keyed(keeper, &change, &change.secrets);
        let claim = idempotency::claim(&tx, scope, "updateConnection", key, &request, &seen.id).await?;
        if let Claim::Repeat(earlier) = claim {
            let connection = query::locked(&tx, scope, earlier).await?;
            return Ok(connection.map(|connection| Saved { connection, replayed: true }));
        }
    }
    let row = query::locked(&tx, scope, change.connection).await?;
    let current = row.map_or(0, |row| row.revision);
    if current != change.revision || current != seen.revision {
        let message = format!("the connection is at revision {current}: look at it again");
        problems.add("STALE_REVISION", &Field::root().at("revision"), message);
    }
    problems.into_result()?;
    if key.is_none() {
        return Ok(None);
    }
    let changed = differences(&before, &after, &old_secrets, &secrets)?;
    write(&tx, scope, keeper, &seen, after, &secrets, changed).await?;
    let connection = query::locked(&tx, scope, change.connection).await?;
    tx.commit().await?;
    scope.store().wake().deliveries_due();
    Ok(connection.map(|connection| Saved { connection, replayed: false }))
}

async fn write(
    tx: &Tx,
    scope: &BuyerScope,
    keeper: &Keeper,
    seen: &connection::Model,
    after: Settings,
    secrets: &Secrets,
    changed: Vec<String>,
) -> Result<(), ConnectionError> {
    use connection::Column;
    let revision = seen.revision + 1;
    let mut update = update_in_tenant::<connection::Entity>(scope)
        .col_expr(Column::Name, Expr::value(after.name))
        .col_expr(Column::Environment, Expr::value(after.environment))
        .col_expr(Column::Config, Expr::value(json(&after.config)?))
        .col_expr(Column::Receives, Expr::value(json(&after.receives)?))
        .col_expr(Column::CodeSystem, Expr::value(after.code_system))
        .col_expr(Column::Filter, Expr::value(after.filter))
        .col_expr(Column::RatePerMinute, Expr::value(after.rate_per_minute))
        .col_expr(Column::Concurrency, Expr::value(after.concurrency))
        .col_expr(Column::Revision, Expr::value(revision))
        .col_expr(Column::UpdatedAt, Expr::value(scope.now));
    if changed.iter().any(|part| part.starts_with("secrets.")) {
        let sealed = seal(&keeper.vault, scope.tenant, seen.id, secrets)?;
        update = update.col_expr(Column::SealedSecret, Expr::value(sealed));
    }
    update.filter(Column::Id.eq(seen.id)).exec(&**tx).await?;
    let event = ConnectionUpdated { connection: seen.id, revision, changed };
    outbox::append(tx, scope, vec![Fact::new(About::tenant(&seen.id), &event)?]).await?;
    Ok(())
}

/// What a row says, as it can be changed.
///
/// # Errors
/// The row holds no JSON where it should.
pub fn settings_of(row: &connection::Model) -> Result<Settings, Failure> {
    let mut config: Value = serde_json::from_str(&row.config)?;
    let mut receives: Receives = serde_json::from_str(&row.receives)?;
    if let Some(types) = config.as_object_mut().and_then(|config| config.remove("eventTypes"))
        && receives.event_types.is_none()
    {
        receives.event_types = serde_json::from_value(types)?;
    }
    Ok(Settings {
        name: row.name.clone(),
        environment: row.environment,
        config,
        receives,
        code_system: row.code_system.clone(),
        filter: row.filter.clone(),
        rate_per_minute: row.rate_per_minute,
        concurrency: row.concurrency,
    })
}

fn merged(before: &Settings, change: &ConnectionChange, secrets: &mut Secrets) -> Settings {
    for (name, secret) in change.secrets.iter() {
        secrets.set(name, secret.clone());
    }
    for name in &change.without_secrets {
        secrets.remove(name);
    }
    let change = change.clone();
    Settings {
        name: change.name.unwrap_or_else(|| before.name.clone()),
        environment: change.environment.unwrap_or(before.environment),
        config: change.config.unwrap_or_else(|| before.config.clone()),
        receives: change.receives.unwrap_or_else(|| before.receives.clone()),
        code_system: change.code_system.unwrap_or_else(|| before.code_system.clone()),
        filter: change.filter.unwrap_or_else(|| before.filter.clone()),
        rate_per_minute: change.rate_per_minute.unwrap_or(before.rate_per_minute),
        concurrency: change.concurrency.unwrap_or(before.concurrency),
    }
}

/// Whether some address in the configuration is another one. Secrets that nobody can read could otherwise be sent to
/// whom they were never for.
fn moves(before: &Value, after: &Value) -> bool {
    addresses(before) != addresses(after)
}

fn addresses(config: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![config];
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) if text.contains("://") => {
                let origin: String = text.split('/').take(3).collect::<Vec<_>>().join("/");
                found.insert(origin);
            }
            Value::Array(items) => open.extend(items),
            Value::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    found
}

/// The secrets that the change leaves as they are. Those that only sign are no use to another receiver.
fn kept(keeper: &Keeper, kind: &str, old: &Secrets, change: &ConnectionChange) -> Vec<String> {
    let kinds = keeper.systems.kinds();
    let known = kinds.iter().find(|known| known.name == kind).map(|kind| kind.secrets).unwrap_or_default();
    let replaced: BTreeSet<&str> = change.secrets.names().collect();
    old.names()
        .filter(|name| known.contains(name) && !name.ends_with("signing_secret"))
        .filter(|name| !replaced.contains(name) && !change.without_secrets.iter().any(|gone| gone == name))
        .map(str::to_owned)
        .collect()
}

/// The names of what differs.
fn differences(
    before: &Settings,
    after: &Settings,
    old: &Secrets,
    new: &Secrets,
) -> Result<Vec<String>, Failure> {
    let (before, after) = (serde_json::to_value(before)?, serde_json::to_value(after)?);
    let members = after.as_object().into_iter().flatten();
    let mut changed: Vec<String> = members
        .filter(|(name, value)| before.get(name) != Some(value))
        .map(|(name, _)| name.clone())
        .collect();
    let names: BTreeSet<&str> = old.names().chain(new.names()).collect();
    for name in names {
        let secret =
            |secrets: &Secrets| secrets.iter().find(|(known, _)| *known == name).map(|(_, it)| it.clone());
        if secret(old) != secret(new) {
            changed.push(format!("secrets.{name}"));
        }
    }
    changed.sort();
    Ok(changed)
}

fn keyed<'a, T>(keeper: &Keeper, request: T, secrets: &'a Secrets) -> Keyed<'a, T> {
    let secrets = secrets.iter().map(|(name, secret)| (name, keeper.vault.fingerprint(secret)));
    Keyed { request, secrets: secrets.collect() }
}

pub(super) fn may(scope: &BuyerScope) -> Result<(), ConnectionError> {
    if scope.may(Permission::ConnectionsManage) { Ok(()) } else { Err(ConnectionError::Forbidden) }
}

fn taken() -> Problems {
    Problems::one("TAKEN", &Field::root().at("name"), "another connection has this name")
}

/// All that is wrong.
async fn problems_of(
    scope: &BuyerScope,
    keeper: &Keeper,
    kind: &str,
    settings: &Settings,
    secrets: &Secrets,
    own: Option<ConnectionId>,
    problems: &mut Problems,
) -> Result<(), ConnectionError> {
    let root = Field::root();
    check_text(problems, "name", &settings.name, 80);
    check_text(problems, "codeSystem", &settings.code_system, 40);
    let config_size = json(&settings.config)?.len();
    if !settings.config.is_object() || config_size > MAX_CONFIG_BYTES {
        let message = format!("expected a JSON object of at most {MAX_CONFIG_BYTES} bytes");
        problems.add("INVALID_CONFIG", &root.at("config"), message);
    }
    for (name, secret) in secrets.iter() {
        if secret.expose().is_empty() || secret.expose().len() > MAX_SECRET_BYTES {
            let message = format!("expected 1 to {MAX_SECRET_BYTES} bytes");
            problems.add("INVALID_VALUE", &root.at("secrets").at(name), message);
        }
    }
    for (field, value, most) in [
        ("ratePerMinute", settings.rate_per_minute, MAX_RATE),
        ("concurrency", settings.concurrency, MAX_CONCURRENCY),
    ] {
        if value.is_some_and(|value| !(1..=most).contains(&value)) {
            problems.add("INVALID_VALUE", &root.at(field), format!("expected 1 to {most}"));
        }
    }
    let mut kinds = keeper.systems.kinds();
    kinds.retain(|kind| kind.name != crate::webhooks::KIND); // set up by `webhooks::create`, with a row of its own
    let Some(known) = kinds.iter().find(|known| known.name == kind) else {
        let names: Vec<_> = kinds.iter().map(|kind| kind.name).collect();
        problems.add("UNKNOWN_KIND", &root.at("kind"), format!("expected one of {}", names.join(", ")));
        return Ok(());
    };
    for name in secrets.names().filter(|name| !known.secrets.contains(name)) {
        let message = format!("`{kind}` has no such secret; it has {}", known.secrets.join(", "));
        problems.add("UNKNOWN_SECRET", &root.at("secrets").at(name), message);
    }
    for name in known.secrets.iter().filter(|name| settings.config.get(**name).is_some()) {
        let message = format!("`{name}` is a secret: it belongs to `secrets`");
        problems.add("SECRET_IN_CONFIG", &root.at("config").at(name), message);
    }
    event_types(settings, known.accepts, kind, problems);
    named(scope, settings, own, problems).await?;
    let samples = match &settings.filter {
        Some(_) => query::samples(scope, &settings.receives).await?,
        None => Vec::new(),
    };
    let proposal = Proposal {
        tenant: scope.tenant,
        kind,
        config: &settings.config,
        secrets,
        filter: settings.filter.as_deref(),
        samples: &samples,
    };
    problems.extend(keeper.systems.check(proposal).await);
    Ok(())
}

fn event_types(settings: &Settings, accepts: &[&str], kind: &str, problems: &mut Problems) {
    let field = Field::root().at("eventTypes");
    for (index, wanted) in settings.receives.event_types.iter().flatten().enumerate() {
        let field = field.at(index);
        if !CATALOGUE.iter().any(|entry| entry.event_type == wanted) {
            problems.add("UNKNOWN_EVENT_TYPE", &field, "there is no such type of event");
        } else if !accepts.contains(&wanted.as_str()) {
            let message = format!("`{kind}` does not send it on; it sends {}", accepts.join(", "));
            problems.add("NOT_ACCEPTED", &field, message);
        }
    }
}

/// What is named must be there: warehouses, suppliers; and the name must be free.
async fn named(
    scope: &BuyerScope,
    settings: &Settings,
    own: Option<ConnectionId>,
    problems: &mut Problems,
) -> Result<(), ConnectionError> {
    let root = Field::root();
    let receives = &settings.receives;
    for (field, count) in [
        ("eventTypes", receives.event_types.as_ref().map_or(0, Vec::len)),
        ("locations", receives.locations.as_ref().map_or(0, Vec::len)),
        ("supplierIds", receives.suppliers.as_ref().map_or(0, Vec::len)),
    ] {
        if count > MAX_ITEMS {
            problems.add("TOO_MANY", &root.at(field), format!("at most {MAX_ITEMS}"));
            return Ok(());
        }
    }
    let tx = scope.read().await?;
    if let Some(codes) = &receives.locations {
        let rows =
            scope.find_own::<location::Entity>().filter(location::Column::Code.is_in(codes.iter().cloned()));
        let rows = rows.select_only().column(location::Column::Code).into_tuple::<String>().all(&*tx).await?;
        let known: BTreeSet<String> = rows.into_iter().collect();
        for (index, _) in codes.iter().enumerate().filter(|(_, code)| !known.contains(*code)) {
            problems.add("NOT_FOUND", &root.at("locations").at(index), "no such location");
        }
    }
    if let Some(ids) = &receives.suppliers {
        let rows = scope.find::<supplier::Entity>().filter(supplier::Column::Id.is_in(ids.iter().copied()));
        let rows =
            rows.select_only().column(supplier::Column::Id).into_tuple::<SupplierId>().all(&*tx).await?;
        let known: BTreeSet<SupplierId> = rows.into_iter().collect();
        for (index, _) in ids.iter().enumerate().filter(|(_, id)| !known.contains(id)) {
            problems.add("NOT_FOUND", &root.at("supplierIds").at(index), "no such supplier");
        }
    }
    let same = scope.find_own::<connection::Entity>().filter(connection::Column::Name.eq(&settings.name));
    let same = same.one(&*tx).await?;
    if same.is_some_and(|row| Some(row.id) != own) {
        problems.extend(taken());
    }
    Ok(())
}
