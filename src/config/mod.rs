//! Settings: defaults, then a file, then the environment.
//!
//! [`table`] declares every setting once: its key, default, meaning and whether it is secret. Everything that
//! is wrong is told at once, before anything starts; the reference page is generated from the same table.

mod load;
mod problem;
pub mod table;

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

use quayside_connectors::{AllowList, Folders};

use quayside_canonical::TenantId;

pub use load::{Source, load};
pub use problem::{ConfigError, Problem};

/// Every setting, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where everything is kept that the database does not keep, and the database itself by default.
    pub data_dir: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The address people use, when it is not the one listened on.
    pub public_url: Option<String>,
    /// The database.
    pub database: DatabaseConfig,
    /// Limits of the HTTP server.
    pub http: HttpConfig,
    /// Where background work is done.
    pub work: WorkConfig,
    /// The message bus.
    pub bus: BusConfig,
    /// How long sign-ins last.
    pub session: SessionConfig,
    /// What the API grants each caller.
    pub api: ApiConfig,
    /// How results are delivered.
    pub delivery: DeliveryConfig,
    /// How people are told.
    pub mail: MailConfig,
    /// The key that seals other systems' secrets.
    pub secrets: SecretsConfig,
    /// Logs.
    pub log: LogConfig,
    /// Traces.
    pub telemetry: TelemetryConfig,
    /// How large documents may be.
    pub ingest: IngestConfig,
    /// How what other systems say is read.
    pub inbound: InboundConfig,
    /// How EDI travels.
    pub edi: EdiConfig,
    /// How often the audit chain is anchored outside the database.
    pub anchor_every: Duration,
    /// Each setting as text and where it came from, for `config print`.
    pub(crate) values: Vec<Value>,
}

/// One setting as it was given.
#[derive(Clone)]
pub(crate) struct Value {
    pub(crate) setting: &'static table::Setting,
    pub(crate) text: String,
    pub(crate) source: Source,
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} = {}", self.setting.key, self.shown())
    }
}

impl Value {
    /// The value as it may be shown: a secret is not, and neither is the password inside a URL.
    pub(crate) fn shown(&self) -> String {
        if self.setting.secret && !self.text.is_empty() {
            return "***".to_owned();
        }
        match (self.text.split_once("://"), self.text.rsplit_once('@')) {
            (Some((scheme, _)), Some((credentials, host))) if credentials.matches(':').count() > 1 => {
                let user = credentials.trim_start_matches(scheme).trim_start_matches("://");
                let user = user.split(':').next().unwrap_or_default();
                format!("{scheme}://{user}:***@{host}")
            }
            _ => self.text.clone(),
        }
    }
}

/// The database.
#[derive(Clone)]
pub struct DatabaseConfig {
    /// Its URL.
    pub url: String,
    /// The URL of its owner, for migrations.
    pub owner_url: String,
    /// Connections per role.
    pub connections: u32,
    /// Whether to migrate at start.
    pub migrate: bool,
}

impl std::fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A URL may hold a password.
        f.debug_struct("DatabaseConfig").field("connections", &self.connections).finish_non_exhaustive()
    }
}

/// Limits of the HTTP server.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// Connections at once.
    pub max_connections: usize,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// Other origins whose pages may use the API with a session.
    pub allowed_origins: Vec<String>,
    /// How long a stopping server still takes requests while it says that it is not ready.
    pub leave: Duration,
    /// How long a stopping server waits for requests and deliveries in flight.
    pub drain: Duration,
}

/// Where background work is done.
#[derive(Clone, Copy, Debug)]
pub struct WorkConfig {
    /// Whether `serve` does it too.
    pub in_serve: bool,
    /// Where `work` tells how it is.
    pub listen: Option<SocketAddr>,
}

/// The message bus.
#[derive(Clone)]
pub struct BusConfig {
    /// NATS; nothing for no bus.
    pub nats_url: Option<String>,
    /// The stream's name.
    pub nats_stream: String,
    /// The first word of its subjects.
    pub nats_prefix: String,
    /// How long it keeps events.
    pub nats_keep: Duration,
    /// On how many servers.
    pub nats_replicas: usize,
    /// Durable consumers for other systems.
    pub nats_consumers: Vec<BusConsumer>,
}

impl std::fmt::Debug for BusConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The URL may hold a password.
        f.debug_struct("BusConfig").field("nats_stream", &self.nats_stream).finish_non_exhaustive()
    }
}

/// A durable consumer of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusConsumer {
    /// Its name.
    pub name: String,
    /// The tenant whose events it gets; nothing for all.
    pub tenant: Option<TenantId>,
}

impl std::str::FromStr for BusConsumer {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (name, tenant) = match text.split_once(':') {
            Some((name, tenant)) => (name, Some(tenant.parse().map_err(|_| ())?)),
            None => (text, None),
        };
        if is_bus_name(name) { Ok(Self { name: name.to_owned(), tenant }) } else { Err(()) }
    }
}

/// What NATS takes as the name of a stream or consumer, and a little less.
fn is_bus_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (1..=64).contains(&name.len()) && name.chars().all(allowed)
}

/// How long sign-ins last.
#[derive(Clone, Copy, Debug)]
pub struct SessionConfig {
    /// Without use.
    pub idle: Duration,
    /// At all.
    pub absolute: Duration,
}

/// What the API grants each caller.
#[derive(Clone, Copy, Debug)]
pub struct ApiConfig {
    /// Cost points a caller may spend at once.
    pub cost_points: u64,
    /// Cost points that come back each second.
    pub cost_restore: u64,
    /// Sockets and event streams a caller may have open at once.
    pub streams: usize,
}

/// How results are delivered.
#[derive(Clone, Debug)]
pub struct DeliveryConfig {
    /// Calls in flight at once.
    pub concurrency: usize,
    /// The time one call may take.
    pub deadline: Duration,
    /// Whether connections may point at this machine. For development only.
    pub allow_loopback: bool,
    /// How long attempts keep what was said.
    pub keep_texts: Duration,
    /// How long finished deliveries are kept.
    pub keep: Duration,
    /// Private addresses that tenants, by their short names, may call.
    pub private_networks: BTreeMap<String, AllowList>,
}

/// How people are told.
#[derive(Clone)]
pub struct MailConfig {
    /// The mail server; nothing for files in the data folder.
    pub smtp_url: Option<String>,
    /// Whom mails are from.
    pub from: String,
    /// The hour of the day (UTC) at which digests are sent.
    pub digest_hour: u8,
}

impl std::fmt::Debug for MailConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The URL may hold a password.
        f.debug_struct("MailConfig").field("from", &self.from).finish_non_exhaustive()
    }
}

/// The key that seals other systems' secrets.
#[derive(Clone)]
pub struct SecretsConfig {
    /// 32 bytes as 64 hexadecimal characters or base64; nothing to keep one in the data folder.
    pub key: Option<String>,
    /// The key's name.
    pub key_id: String,
    /// Keys that still open what they sealed, with their names.
    pub previous_keys: Vec<(String, String)>,
}

impl std::fmt::Debug for SecretsConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretsConfig").field("key", &"***").field("key_id", &self.key_id).finish()
    }
}

/// Logs.
#[derive(Clone, Debug)]
pub struct LogConfig {
    /// Whether each line is JSON.
    pub json: bool,
    /// Which lines, as `tracing` filter directives.
    pub filter: String,
}

/// Traces.
#[derive(Clone, Debug)]
pub struct TelemetryConfig {
    /// The OTLP collector's address; nothing for no traces.
    pub otlp_endpoint: Option<String>,
    /// The service's name in traces.
    pub service_name: String,
}

/// How large documents may be.
#[derive(Clone, Copy, Debug)]
pub struct IngestConfig {
    /// A request of canonical documents, in bytes.
    pub max_bytes: usize,
    /// An EDI interchange, in bytes.
    pub max_interchange_bytes: usize,
    /// How long a change waits for the order, or for the change before it.
    pub changes_wait: Duration,
}

/// How EDI travels.
#[derive(Clone, Debug)]
pub struct EdiConfig {
    /// Folders of this machine that tenants, by their short names, may use.
    pub folders: BTreeMap<String, Folders>,
}

/// How what other systems say is read.
#[derive(Clone, Copy, Debug)]
pub struct InboundConfig {
    /// How often a feed is polled that does not say so itself.
    pub poll_every: Duration,
    /// How long what came in is kept as it came.
    pub kept: Duration,
}
