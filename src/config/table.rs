//! Every setting there is.

/// One setting.
pub struct Setting {
    /// Its key in the file: `section.name`, or `name` alone.
    pub key: &'static str,
    /// Its default, as it would be written.
    pub default: &'static str,
    /// Whether it is never shown.
    pub secret: bool,
    /// What it means, with its unit.
    pub doc: &'static str,
}

impl Setting {
    /// Its name in the environment.
    #[must_use]
    pub fn env(&self) -> String {
        format!("QUAYSIDE_{}", self.key.replace('.', "_").to_uppercase())
    }
}

macro_rules! settings {
    ($($key:literal = $default:literal $(, $secret:ident)?; $doc:literal)*) => {
        /// Every setting there is, in the order of the reference page.
        pub const SETTINGS: &[Setting] = &[$(Setting {
            key: $key,
            default: $default,
            secret: settings!(@secret $($secret)?),
            doc: $doc,
        },)*];
    };
    (@secret secret) => { true };
    (@secret) => { false };
}

settings! {
    "data_dir" = "data";
    "Folder for everything that is kept: the SQLite database, keys, audit anchors, mails where no mail server is set."
    "listen" = "127.0.0.1:4000";
    "Address and port to listen on."
    "public_url" = "";
    "The address people use, such as `https://orders.example.com`, when it is not the one listened on."
    "database.url" = "";
    "`postgres://user:password@host/name` for PostgreSQL. Empty: SQLite in the data folder."
    "database.owner_url" = "";
    "PostgreSQL URL of the role that owns the tables, for migrations. Empty: the same as `database.url`."
    "database.connections" = "8";
    "Connections for each of the two roles, 2 to 200. More than about four per core slow the database down."
    "database.migrate" = "true";
    "Whether to migrate at start. Several nodes may start at once; `quayside migrate` does it by itself."
    "http.max_connections" = "1024";
    "Connections at once; further ones wait."
    "http.trusted_proxies" = "";
    "Addresses of proxies whose `X-Forwarded-For` is believed, separated by commas."
    "http.allowed_origins" = "";
    "Other origins whose pages may use the API with a session, separated by commas."
    "http.drain_seconds" = "20";
    "How long a stopping server waits for what is in flight, in seconds."
    "http.leave_seconds" = "0";
    "How long a stopping server still takes requests while `/readyz` already says no, so that a load balancer turns to the others first, in seconds, 0 to 300."
    "work.in_serve" = "true";
    "Whether `quayside serve` does the background work too. With `false`, or `serve --no-work`, only `quayside work` does."
    "work.listen" = "";
    "Address and port at which `quayside work` answers `/livez`, `/readyz` and `/metrics`, such as `127.0.0.1:4001`. Empty: it does not listen."
    "bus.nats_url" = "", secret;
    "NATS with JetStream for several nodes and for your other systems, such as `nats://user:password@nats.example.com:4222` or `tls://…`. Empty: none."
    "bus.nats_stream" = "QUAYSIDE";
    "Name of the stream. It is made when it is not there."
    "bus.nats_prefix" = "quayside";
    "First word of the subjects: `quayside.<tenant id>.<event type>`. Two installations on one NATS need two streams and two prefixes."
    "bus.nats_keep_days" = "7";
    "How long the stream keeps events, in days. A new stream begins with what happened in that time."
    "bus.nats_replicas" = "1";
    "On how many servers of a NATS cluster the stream is kept, 1 to 5."
    "bus.nats_consumers" = "";
    "Durable consumers to make for your other systems, separated by commas: `name` for all events, `name:tenant id` for one tenant's."
    "session.idle_minutes" = "30";
    "A session ends when it was not used for so long, in minutes."
    "session.absolute_hours" = "12";
    "A session ends after so long, used or not, in hours."
    "api.cost_points" = "2000";
    "Cost points a caller may spend at once."
    "api.cost_restore" = "100";
    "Cost points that come back each second."
    "api.streams" = "20";
    "WebSockets and event streams one person or program may have open at once, 1 to 10,000."
    "delivery.concurrency" = "32";
    "Calls to other systems in flight at once, 1 to 256."
    "delivery.deadline_seconds" = "15";
    "The time one call to another system may take, in seconds, at most 25."
    "delivery.allow_loopback" = "false";
    "Whether connections may point at this machine. For development only."
    "delivery.keep_texts_days" = "90";
    "How long the attempt log keeps what was sent and what came back of finished deliveries, in days, 1 to 3660."
    "delivery.keep_days" = "730";
    "How long finished deliveries are kept with their attempts, in days, 1 to 3660. Events stay for ever."
    "delivery.private_networks" = "";
    "Private addresses that a tenant's connections may have, for that tenant only: `acme=10.1.0.0/16 erp.acme.lan; beta=192.168.7.4`."
    "mail.smtp_url" = "", secret;
    "Mail server, such as `smtps://user:password@mail.example.com` or `smtp://mail.example.com:587?tls=required`. Empty: mails are files in the data folder."
    "mail.from" = "Quayside <quayside@localhost.localdomain>";
    "Whom mails are from."
    "mail.digest_hour" = "6";
    "The hour of the day (UTC, 0 to 23) at which digests are sent."
    "secrets.key" = "", secret;
    "32 bytes as 64 hexadecimal characters or base64, to seal other systems' secrets with. Empty with SQLite: a key is made and kept in the data folder."
    "secrets.key_id" = "k1";
    "Name of the key, kept with what it seals."
    "secrets.previous_keys" = "", secret;
    "Keys that still open what they sealed, as `NAME:KEY`, separated by commas, until `quayside secrets rotate` has sealed everything again."
    "log.format" = "pretty";
    "`pretty` for people, `json` for machines."
    "log.filter" = "info,sea_orm_migration=warn";
    "Which lines to log, such as `info,quayside=debug`."
    "telemetry.otlp_endpoint" = "";
    "OpenTelemetry collector (OTLP over HTTP), such as `http://collector:4318`. Empty: no traces."
    "telemetry.service_name" = "quayside";
    "The service's name in traces."
    "ingest.max_mib" = "16";
    "Largest request of canonical documents, in MiB."
    "ingest.max_interchange_mib" = "64";
    "Largest EDI interchange, in MiB, at most 64."
    "edi.folders" = "";
    "Folders of this machine below which a tenant's drop folders may lie, for that tenant only: `acme=/srv/edi/acme /mnt/van; beta=/srv/edi/beta`. Several nodes need them shared."
    "ingest.changes_wait_hours" = "72";
    "How long an EDI change waits for its order, or for the change before it, in hours, up to 8760."
    "inbound.poll_seconds" = "60";
    "How often a feed of a connection is polled that does not say so itself, in seconds, 5 to 86400."
    "inbound.keep_days" = "90";
    "How long what systems send is kept as it came, in days, 1 to 3650. What became of it is kept longer."
    "audit.anchor_minutes" = "5";
    "How often the head of the audit chain is written to a file outside the database, in minutes."
}

/// The reference page.
#[must_use]
pub fn reference() -> String {
    let mut page = String::from(
        "# Configuration\n\nDefaults, then a TOML file (`--config FILE` or `QUAYSIDE_CONFIG`), then the environment. \
         Unknown keys and bad values are refused at start, all at once. `quayside config print` shows what is in \
         force and where it came from, without secrets.\n\n| key | environment | default | meaning |\n|---|---|---|---|\n",
    );
    for setting in SETTINGS {
        let default =
            if setting.default.is_empty() { String::new() } else { format!("`{}`", setting.default) };
        page += &format!("| `{}` | `{}` | {default} | {} |\n", setting.key, setting.env(), setting.doc);
    }
    page
}
