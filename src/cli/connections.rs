//! Connections by hand: what procurement does over the API, and what only the operator does.
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use quayside_canonical::{TenantId, states::Environment};
use quayside_domain::{
    BuyerScope,
    connections::{
        self, ConnectionChange, ConnectionError, NewConnection, Receives, SIGNING_SECRET, Secrets, Settings,
    },
    deliveries,
    identity::Secret,
    inbound,
};
use quayside_entity::connection;
use serde_json::{Value, json};

use super::set_up::{fresh_key, operator, standard_input, supplier_id, tell, tenant_id, text};
use crate::app::App;

/// Commands about systems.
#[derive(Subcommand)]
pub(super) enum ConnectionCommand {
    /// Create a connection. Its secrets are read from standard input: a JSON object of them, or the signing secret alone.
    Create(CreateArgs),
    /// Change a connection. Secrets, as for `create`, are read from standard input with `--secrets`.
    Update(UpdateArgs),
    /// Call the system without changing anything there.
    Test(NameArgs),
    /// Stop calling the system. What is for it waits.
    Pause {
        #[command(flatten)]
        name: NameArgs,
        /// Why. It stays on record.
        #[arg(long)]
        reason: String,
    },
    /// Use a connection again that was paused, because its credentials were refused or by a person.
    Resume(NameArgs),
    /// Ask the system later for what it took, and open an exception for what it does not have.
    ReadBack(ReadBackArgs),
    /// Poll what a connection is asked for, at once, and say how far each feed is read.
    Poll(PollArgs),
    /// List a tenant's connections.
    List {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
    },
    /// Show a connection, without its secrets.
    Show(NameArgs),
}

/// Commands about secrets.
#[derive(Subcommand)]
pub(super) enum SecretsCommand {
    /// Seal everything again under the current key. May be stopped and started again; others may go on working.
    Rotate,
}

/// Which connection.
#[derive(Args)]
pub(super) struct NameArgs {
    /// The tenant's short name.
    #[arg(long)]
    tenant: String,
    /// What the tenant calls it.
    #[arg(long)]
    name: String,
}

/// What a connection gets, and how.
#[derive(Args, Default)]
struct ProfileArgs {
    /// Where it listens: `endpoint` of its configuration.
    #[arg(long)]
    endpoint: Option<String>,
    /// Its whole configuration as JSON, in a file; `-` for standard input, when that holds no secrets.
    #[arg(long = "config-file", visible_alias = "json", value_name = "FILE")]
    config_file: Option<PathBuf>,
    /// A type of event that it gets; once for each. What an ERP wants when not said.
    #[arg(long = "event-type")]
    event_types: Vec<String>,
    /// A warehouse it gets events for, by its code; once for each. All when not said.
    #[arg(long = "location")]
    locations: Vec<String>,
    /// A supplier it gets events about, by its number; once for each. All when not said.
    #[arg(long = "supplier")]
    suppliers: Vec<String>,
    /// The system of cross-references that holds its codes.
    #[arg(long)]
    code_system: Option<String>,
    /// A file with the jq filter over its outgoing JSON.
    #[arg(long, value_name = "FILE")]
    filter: Option<PathBuf>,
    /// The most calls in a minute.
    #[arg(long)]
    rate_per_minute: Option<i32>,
    /// The most calls at a time.
    #[arg(long)]
    concurrency: Option<i32>,
}

#[derive(Args)]
pub(super) struct CreateArgs {
    #[command(flatten)]
    name: NameArgs,
    /// Which connector.
    #[arg(long, default_value = "generic-rest")]
    kind: String,
    /// Real data or trial data.
    #[arg(long, default_value = "LIVE")]
    environment: Environment,
    #[command(flatten)]
    profile: ProfileArgs,
}

#[derive(Args)]
pub(super) struct UpdateArgs {
    #[command(flatten)]
    name: NameArgs,
    /// What the tenant is to call it.
    #[arg(long)]
    rename: Option<String>,
    /// Real data or trial data.
    #[arg(long)]
    environment: Option<Environment>,
    #[command(flatten)]
    profile: ProfileArgs,
    /// Take the filter away.
    #[arg(long, conflicts_with = "filter")]
    no_filter: bool,
    /// What no longer restricts it; once for each.
    #[arg(long = "unlimited", value_name = "LIMIT")]
    unlimited: Vec<Limit>,
    /// Read secrets from standard input; those not named there stay.
    #[arg(long)]
    secrets: bool,
    /// A secret to take away; once for each.
    #[arg(long = "remove-secret")]
    remove_secrets: Vec<String>,
}

/// A limit that can be taken away.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Limit {
    /// It gets what an ERP wants again, not the types of events that were named.
    EventTypes,
    /// All warehouses.
    Locations,
    /// All suppliers.
    Suppliers,
    /// Any number of calls in a minute.
    RatePerMinute,
    /// As many calls at a time as a connection may have.
    Concurrency,
}

#[derive(Args)]
pub(super) struct ReadBackArgs {
    #[command(flatten)]
    name: NameArgs,
    /// After how many minutes what it took is asked for.
    #[arg(long, required_unless_present = "off")]
    after_minutes: Option<u32>,
    /// How many of a hundred deliveries.
    #[arg(long, default_value_t = 100)]
    percent: u32,
    /// Ask for nothing any more.
    #[arg(long, conflicts_with = "after_minutes")]
    off: bool,
}

#[derive(Args)]
pub(super) struct PollArgs {
    #[command(flatten)]
    name: NameArgs,
    /// The feed; every one that is polled when not said.
    #[arg(long)]
    feed: Option<String>,
    /// Read it from the beginning again. What is known already changes nothing.
    #[arg(long)]
    from_start: bool,
    /// How often to poll from now on, in seconds; 0 for how often all are.
    #[arg(long)]
    every: Option<i32>,
}

pub(super) async fn connection(app: &App, command: ConnectionCommand) -> anyhow::Result<()> {
    match command {
        ConnectionCommand::Create(args) => create(app, args).await,
        ConnectionCommand::Update(args) => update(app, args).await,
        ConnectionCommand::Test(name) => test(app, &name).await,
        ConnectionCommand::Pause { name, reason } => {
            let (scope, row) = named(app, &name).await?;
            tell(&deliveries::pause_connection(&scope, row.id, &reason, &fresh_key()?).await?.id)
        }
        ConnectionCommand::Resume(name) => {
            let (scope, row) = named(app, &name).await?;
            tell(&deliveries::resume_connection(&scope, row.id, &fresh_key()?).await?.id)
        }
        ConnectionCommand::ReadBack(args) => read_back(app, args).await,
        ConnectionCommand::Poll(args) => poll(app, args).await,
        ConnectionCommand::List { tenant } => list(app, &tenant).await,
        ConnectionCommand::Show(name) => {
            let (_, row) = named(app, &name).await?;
            tell(&format!("{:#}", shown(app, &row)?))
        }
    }
}

pub(super) async fn secrets(app: &App, command: SecretsCommand) -> anyhow::Result<()> {
    let SecretsCommand::Rotate = command;
    let rotated = connections::rotate(app.system(), app.vault()).await?;
    tell(&format!(
        "sealed again: {}, sealed with the current key before: {}",
        rotated.sealed, rotated.current
    ))
}

async fn create(app: &App, args: CreateArgs) -> anyhow::Result<()> {
    let tenant = tenant_id(app, &args.name.tenant).await?;
    let profile = args.profile;
    let secrets = if has_secrets(&args.kind) { given_secrets()? } else { Secrets::default() };
    let new = NewConnection {
        kind: args.kind,
        settings: Settings {
            name: args.name.name,
            environment: args.environment,
            config: config(&profile, &json!({}))?.unwrap_or_else(|| json!({})),
            receives: receives(app, tenant, &profile, Receives::default()).await?,
            code_system: profile.code_system.unwrap_or_else(|| "ERP".to_owned()),
            filter: profile.filter.as_deref().map(text).transpose()?,
            rate_per_minute: profile.rate_per_minute,
            concurrency: profile.concurrency,
        },
        secrets,
    };
    let scope = operator(app, tenant)?;
    let saved = connections::create_connection(&scope, app.keeper(), new, Some(&fresh_key()?)).await;
    tell(&saved.map_err(in_words)?.context("nothing was saved")?.connection.id)
}

async fn update(app: &App, args: UpdateArgs) -> anyhow::Result<()> {
    let (scope, row) = named(app, &args.name).await?;
    let before = connections::settings_of(&row)?;
    let profile = args.profile;
    let says = |limit: Limit| args.unlimited.contains(&limit);
    let mut wanted = before.receives.clone();
    wanted.event_types = wanted.event_types.filter(|_| !says(Limit::EventTypes));
    wanted.locations = wanted.locations.filter(|_| !says(Limit::Locations));
    wanted.suppliers = wanted.suppliers.filter(|_| !says(Limit::Suppliers));
    let wanted = receives(app, row.tenant_id, &profile, wanted).await?;
    let limit = |given: Option<i32>, limit| if says(limit) { Some(None) } else { given.map(Some) };
    let change = ConnectionChange {
        connection: row.id,
        revision: row.revision,
        name: args.rename,
        environment: args.environment,
        config: config(&profile, &before.config)?,
        receives: (wanted != before.receives).then_some(wanted),
        code_system: profile.code_system,
        filter: match (profile.filter, args.no_filter) {
            (Some(file), _) => Some(Some(text(&file)?)),
            (None, true) => Some(None),
            (None, false) => None,
        },
        rate_per_minute: limit(profile.rate_per_minute, Limit::RatePerMinute),
        concurrency: limit(profile.concurrency, Limit::Concurrency),
        secrets: if args.secrets { given_secrets()? } else { Secrets::default() },
        without_secrets: args.remove_secrets,
    };
    let saved = connections::update_connection(&scope, app.keeper(), change, Some(&fresh_key()?)).await;
    let saved = saved.map_err(in_words)?.context("nothing was saved")?;
    tell(&format!("{} revision {}", saved.connection.id, saved.connection.revision))
}

async fn test(app: &App, name: &NameArgs) -> anyhow::Result<()> {
    let (scope, row) = named(app, name).await?;
    let tested = connections::test_connection(&scope, app.keeper(), row.id).await.map_err(in_words)?;
    let words = tested.message.unwrap_or_default();
    tell(&format!("{} in {} ms {words}", tested.outcome, tested.duration.as_millis()))?;
    if tested.outcome != "OK" {
        bail!("the connection does not work");
    }
    Ok(())
}

async fn read_back(app: &App, args: ReadBackArgs) -> anyhow::Result<()> {
    let ReadBackArgs { name, after_minutes, percent, off: _ } = args;
    let (scope, row) = named(app, &name).await?;
    let cmd = deliveries::SetReadBack { connection: row.id, after_minutes, percent, validate_only: false };
    let (row, _) = deliveries::set_read_back(&scope, &cmd, Some(&fresh_key()?)).await?;
    tell(&format!("{} revision {}", row.id, row.revision))
}

/// Asks a process that works to poll: this one ends.
async fn poll(app: &App, args: PollArgs) -> anyhow::Result<()> {
    let PollArgs { name, feed, from_start, every } = args;
    let (scope, row) = named(app, &name).await?;
    let ask = inbound::Ask { connection: row.id, feed, from_start, every_seconds: every };
    for feed in inbound::ask(&scope, &ask, &fresh_key()?).await?.feeds {
        let read = feed.succeeded_at.map_or("never".to_owned(), |at| at.to_string());
        let error = feed.error.unwrap_or_else(|| "-".to_owned());
        tell(&format!("{} {} read={read} failures={} error={error}", feed.name, feed.way, feed.failures))?;
    }
    Ok(())
}

async fn list(app: &App, tenant: &str) -> anyhow::Result<()> {
    let scope = operator(app, tenant_id(app, tenant).await?)?;
    for row in connections::connections(&scope).await.map_err(in_words)? {
        tell(&format!("{}\t{}\t{}\t{}\t{}", row.id, row.name, row.kind, row.environment, row.status))?;
    }
    Ok(())
}

fn shown(app: &App, row: &connection::Model) -> anyhow::Result<Value> {
    let settings = connections::settings_of(row)?;
    let secrets = connections::open_secrets(app.vault(), row)?;
    let names: Vec<&str> = secrets.names().collect();
    Ok(
        json!({ "id": row.id.to_string(), "kind": row.kind, "status": row.status, "pausedReason": row.paused_reason,
        "revision": row.revision, "secretsSet": names, "settings": settings }),
    )
}

async fn named(app: &App, name: &NameArgs) -> anyhow::Result<(BuyerScope, connection::Model)> {
    let tenant: TenantId = tenant_id(app, &name.tenant).await?;
    let found = connections::connection_by_name(app.system(), tenant, &name.name).await?;
    let row = found.with_context(|| format!("there is no connection `{}`", name.name))?;
    Ok((operator(app, tenant)?, row))
}

/// The configuration, when anything is said of it.
fn config(profile: &ProfileArgs, before: &Value) -> anyhow::Result<Option<Value>> {
    let whole = profile.config_file.as_ref().map(|file| text(file)).transpose()?;
    let whole = whole.map(|text| serde_json::from_str::<Value>(&text)).transpose();
    let whole = whole.context("reading the configuration")?;
    if whole.is_none() && profile.endpoint.is_none() {
        return Ok(None);
    }
    let mut config = whole.unwrap_or_else(|| before.clone());
    if let Some(endpoint) = &profile.endpoint {
        let members = config.as_object_mut().context("the configuration is no JSON object")?;
        members.insert("endpoint".to_owned(), endpoint.clone().into());
    }
    Ok(Some(config))
}

async fn receives(
    app: &App,
    tenant: TenantId,
    profile: &ProfileArgs,
    before: Receives,
) -> anyhow::Result<Receives> {
    let mut suppliers = Vec::with_capacity(profile.suppliers.len());
    for number in &profile.suppliers {
        suppliers.push(supplier_id(app, tenant, number).await?);
    }
    Ok(Receives {
        event_types: said(&profile.event_types, before.event_types),
        locations: said(&profile.locations, before.locations),
        suppliers: said(&suppliers, before.suppliers),
    })
}

fn said<T: Clone>(list: &[T], before: Option<Vec<T>>) -> Option<Vec<T>> {
    if list.is_empty() { before } else { Some(list.to_vec()) }
}

/// Whether a kind of connection holds any secret: nothing is asked for that it would not take.
fn has_secrets(kind: &str) -> bool {
    let known = quayside_connectors::KINDS.iter().find(|known| known.name == kind);
    known.is_none_or(|known| !known.secrets.is_empty())
}

/// A JSON object of secrets, or the signing secret alone.
fn given_secrets() -> anyhow::Result<Secrets> {
    let given = standard_input("secrets")?;
    Ok(read_secrets(given.expose()))
}

fn read_secrets(given: &str) -> Secrets {
    match serde_json::from_str::<std::collections::BTreeMap<String, String>>(given) {
        Ok(members) => members.into_iter().map(|(name, value)| (name, Secret::new(value))).collect(),
        Err(_) if given.is_empty() => Secrets::default(),
        Err(_) => [(SIGNING_SECRET.to_owned(), Secret::new(given))].into_iter().collect(),
    }
}

fn in_words(error: ConnectionError) -> anyhow::Error {
    anyhow::Error::new(error).context("this connection cannot work")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_kinds_that_hold_secrets_ask_for_them() {
        assert!(has_secrets("generic-rest") && has_secrets("edi-as2") && !has_secrets("edi-folder"));
        assert!(has_secrets("no such kind"), "what is refused is refused for its kind");
    }

    #[test]
    fn secrets_come_as_json_or_as_one_word() {
        assert_eq!(read_secrets("whsec_a"), Secrets::signing(Secret::new("whsec_a")));
        let two = read_secrets(r#"{"signing_secret": "a", "bearer_token": "b"}"#);
        assert_eq!(two.names().collect::<Vec<_>>(), ["bearer_token", "signing_secret"]);
        assert!(read_secrets("").is_empty());
    }

    #[test]
    fn an_endpoint_is_a_member_of_the_configuration() {
        let profile =
            ProfileArgs { endpoint: Some("https://erp.example.com/in".to_owned()), ..ProfileArgs::default() };
        let before = json!({ "endpoint": "https://old.example.com", "client": "100" });
        let after = config(&profile, &before).unwrap().unwrap();
        assert_eq!(after, json!({ "endpoint": "https://erp.example.com/in", "client": "100" }));
        assert_eq!(config(&ProfileArgs::default(), &before).unwrap(), None);
    }
}
