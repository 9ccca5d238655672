//! Reading and checking the settings.
use std::{
    collections::BTreeMap,
    fmt::{self, Display},
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use quayside_connectors::{AllowList, Folders};
use quayside_domain::store::sqlite_url;

use super::{
    ApiConfig, BusConfig, Config, ConfigError, DatabaseConfig, DeliveryConfig, EdiConfig, HttpConfig,
    InboundConfig, IngestConfig, LogConfig, MailConfig, Problem, SecretsConfig, SessionConfig,
    TelemetryConfig, Value, WorkConfig, is_bus_name,
    table::{SETTINGS, Setting},
};

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nobody said anything.
    Default,
    /// The file.
    File,
    /// The environment.
    Environment,
    /// The command line, or a program that embeds us.
    Command,
}

impl Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Environment => "environment",
            Self::Command => "command line",
        })
    }
}

/// Variables that are ours without being settings.
const OTHER_VARIABLES: [&str; 2] = ["QUAYSIDE_CONFIG", "QUAYSIDE_TEST_"];

/// Reads the settings: defaults, then `file`, then `environment`, then `overrides`.
///
/// # Errors
/// Everything that is wrong, at once.
pub fn load(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
    overrides: &[(&str, &str)],
) -> Result<Config, ConfigError> {
    let mut values = Values::default();
    if let Some(path) = file {
        values.read_file(path);
    }
    values.read_environment(environment);
    for (key, text) in overrides {
        values.set(key, (*text).to_owned(), Source::Command);
    }
    values.finish()
}

#[derive(Default)]
struct Values {
    given: BTreeMap<&'static str, (String, Source)>,
    problems: Vec<Problem>,
}

impl Values {
    fn problem(&mut self, key: &str, message: impl Into<String>) {
        self.problems.push(Problem { key: key.to_owned(), message: message.into() });
    }

    fn set(&mut self, key: &str, text: String, source: Source) {
        match SETTINGS.iter().find(|setting| setting.key == key) {
            Some(setting) => {
                self.given.insert(setting.key, (text, source));
            }
            None => self.problem(key, "there is no such setting"),
        }
    }

    fn read_file(&mut self, path: &Path) {
        let name = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => return self.problem(&name, format!("cannot be read: {error}")),
        };
        match text.parse::<toml::Table>() {
            Ok(table) => self.read_table("", &table),
            // The message of the parser quotes the line, which may hold a secret.
            Err(error) => self.problem(&name, format!("is not TOML: {}", error.message())),
        }
    }

    fn read_table(&mut self, prefix: &str, table: &toml::Table) {
        for (name, value) in table {
            let key = format!("{prefix}{name}");
            match value {
                toml::Value::Table(inner) => self.read_table(&format!("{key}."), inner),
                toml::Value::String(text) => self.set(&key, text.clone(), Source::File),
                toml::Value::Array(items) => {
                    let items: Option<Vec<&str>> = items.iter().map(toml::Value::as_str).collect();
                    match items {
                        Some(items) => self.set(&key, items.join(","), Source::File),
                        None => self.problem(&key, "expected a list of texts"),
                    }
                }
                other => self.set(&key, other.to_string(), Source::File),
            }
        }
    }

    fn read_environment(&mut self, environment: impl IntoIterator<Item = (String, String)>) {
        for (name, text) in environment {
            if !name.starts_with("QUAYSIDE_") || OTHER_VARIABLES.iter().any(|other| name.starts_with(other)) {
                continue;
            }
            match SETTINGS.iter().find(|setting| setting.env() == name) {
                Some(setting) => {
                    self.given.insert(setting.key, (text, Source::Environment));
                }
                None => self.problem(&name, "there is no such setting"),
            }
        }
    }

    fn text(&self, key: &'static str) -> String {
        let setting =
            SETTINGS.iter().find(|setting| setting.key == key).expect("the code asks for declared settings");
        self.value(setting).text.trim().to_owned()
    }

    fn value(&self, setting: &'static Setting) -> Value {
        let (text, source) = self
            .given
            .get(setting.key)
            .cloned()
            .unwrap_or_else(|| (setting.default.to_owned(), Source::Default));
        Value { setting, text, source }
    }

    fn optional(&self, key: &'static str) -> Option<String> {
        Some(self.text(key)).filter(|text| !text.is_empty())
    }

    fn parsed<T: FromStr>(&mut self, key: &'static str, expected: &str) -> Option<T> {
        let parsed = self.text(key).parse().ok();
        if parsed.is_none() {
            self.problem(key, format!("expected {expected}"));
        }
        parsed
    }

    fn number(&mut self, key: &'static str, least: u64, most: u64) -> u64 {
        let expected = format!("a whole number from {least} to {most}");
        let Some(number) = self.parsed::<u64>(key, &expected) else { return least };
        if !(least..=most).contains(&number) {
            self.problem(key, format!("expected {expected}"));
        }
        number.clamp(least, most)
    }

    fn size(&mut self, key: &'static str, least: u64, most: u64) -> usize {
        usize::try_from(self.number(key, least, most)).unwrap_or(usize::MAX)
    }

    fn seconds(&mut self, key: &'static str, most: u64, unit: u64) -> Duration {
        Duration::from_secs(self.number(key, 1, most) * unit)
    }

    fn list<T: FromStr>(&mut self, key: &'static str, expected: &str) -> Vec<T> {
        let text = self.text(key);
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        let parsed: Result<Vec<T>, _> = items.map(str::parse).collect();
        parsed.unwrap_or_else(|_| {
            self.problem(key, format!("expected {expected}, separated by commas"));
            Vec::new()
        })
    }

    fn url(&mut self, key: &'static str, schemes: &[&str]) -> Option<String> {
        let url = self.optional(key)?;
        if schemes.iter().any(|scheme| url.starts_with(scheme)) {
            return Some(url);
        }
        self.problem(key, format!("expected a URL that begins with {}", schemes.join(" or ")));
        None
    }

    fn database(&mut self, data_dir: &Path) -> DatabaseConfig {
        let kinds = ["postgres://", "postgresql://", "sqlite:"];
        let url = self.url("database.url", &kinds);
        let url = url.unwrap_or_else(|| sqlite_url(&data_dir.join("quayside.sqlite")));
        let owner_url = self.url("database.owner_url", &kinds).unwrap_or_else(|| url.clone());
        DatabaseConfig {
            url,
            owner_url,
            connections: u32::try_from(self.number("database.connections", 2, 200)).unwrap_or(8),
            migrate: self.parsed("database.migrate", "`true` or `false`").unwrap_or(true),
        }
    }

    fn work(&mut self) -> WorkConfig {
        let in_serve = self.parsed("work.in_serve", "`true` or `false`").unwrap_or(true);
        let listen = self.optional("work.listen");
        let listen =
            listen.and_then(|_| self.parsed("work.listen", "an address and port such as 127.0.0.1:4001"));
        WorkConfig { in_serve, listen }
    }

    fn bus(&mut self) -> BusConfig {
        let mut name = |key| {
            let name = self.text(key);
            if !is_bus_name(&name) {
                self.problem(key, "expected at most 64 letters, digits, `-` and `_`");
            }
            name
        };
        let (nats_stream, nats_prefix) = (name("bus.nats_stream"), name("bus.nats_prefix"));
        BusConfig {
            nats_url: self.url("bus.nats_url", &["nats://", "tls://"]),
            nats_stream,
            nats_prefix,
            nats_keep: self.seconds("bus.nats_keep_days", 3_650, 24 * 3_600),
            nats_replicas: self.size("bus.nats_replicas", 1, 5),
            nats_consumers: self.list("bus.nats_consumers", "names, or `name:tenant id`"),
        }
    }

    fn log(&mut self) -> LogConfig {
        let json = match self.text("log.format").as_str() {
            "json" => true,
            "pretty" => false,
            _ => {
                self.problem("log.format", "expected `pretty` or `json`");
                false
            }
        };
        let filter = self.text("log.filter");
        if tracing_subscriber::EnvFilter::try_new(&filter).is_err() {
            self.problem("log.filter", "expected filter directives such as `info,quayside=debug`");
        }
        LogConfig { json, filter }
    }

    fn mail(&mut self) -> MailConfig {
        let smtp_url = self.url("mail.smtp_url", &["smtp://", "smtps://"]);
        if smtp_url.as_deref().is_some_and(tells_a_password_in_clear) {
            self.problem("mail.smtp_url", "a password needs `smtps://` or `?tls=required`");
        }
        let from = self.text("mail.from");
        if from.parse::<lettre::message::Mailbox>().is_err() {
            self.problem("mail.from", "expected an address such as `Quayside <quayside@example.com>`");
        }
        let digest_hour = u8::try_from(self.number("mail.digest_hour", 0, 23)).unwrap_or(0);
        MailConfig { smtp_url, from, digest_hour }
    }

    fn private_networks(&mut self) -> BTreeMap<String, AllowList> {
        self.of_tenants("delivery.private_networks", "TENANT=ADDRESSES", |list| {
            AllowList::parse(list.split_whitespace()).map_err(|error| error.to_string())
        })
    }

    fn edi(&mut self) -> EdiConfig {
        let folders = self.of_tenants("edi.folders", "TENANT=FOLDERS", |list| {
            Folders::parse(list.split_whitespace()).map_err(|error| error.to_string())
        });
        EdiConfig { folders }
    }

    /// What stands for each tenant, by its short name.
    fn of_tenants<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> BTreeMap<String, T> {
        let text = self.text(key);
        let mut found = BTreeMap::new();
        for entry in text.split(';').map(str::trim).filter(|entry| !entry.is_empty()) {
            let Some((tenant, list)) = entry.split_once('=') else {
                self.problem(key, format!("expected {expected}"));
                continue;
            };
            match read(list) {
                Ok(list) => {
                    found.insert(tenant.trim().to_owned(), list);
                }
                Err(error) => self.problem(key, error),
            }
        }
        found
    }

    fn previous_keys(&mut self) -> Vec<(String, String)> {
        let text = self.text("secrets.previous_keys");
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let keys =
            entries.map(|entry| entry.split_once(':').map(|(id, key)| (id.to_owned(), key.to_owned())));
        let keys: Option<Vec<_>> = keys.collect();
        keys.unwrap_or_else(|| {
            self.problem("secrets.previous_keys", "expected NAME:KEY, separated by commas");
            Vec::new()
        })
    }

    fn finish(mut self) -> Result<Config, ConfigError> {
        let data_dir = PathBuf::from(self.text("data_dir"));
        let listen = self.parsed("listen", "an address and port such as 127.0.0.1:4000");
        let database = self.database(&data_dir);
        let http = HttpConfig {
            max_connections: self.size("http.max_connections", 16, 100_000),
            trusted_proxies: self.list("http.trusted_proxies", "IP addresses"),
            allowed_origins: self.list("http.allowed_origins", "origins"),
            leave: Duration::from_secs(self.number("http.leave_seconds", 0, 300)),
            drain: self.seconds("http.drain_seconds", 600, 1),
        };
        let work = self.work();
        let bus = self.bus();
        let session = SessionConfig {
            idle: self.seconds("session.idle_minutes", 24 * 60, 60),
            absolute: self.seconds("session.absolute_hours", 24 * 31, 3_600),
        };
        let api = ApiConfig {
            cost_points: self.number("api.cost_points", 100, 1_000_000_000),
            cost_restore: self.number("api.cost_restore", 1, 1_000_000_000),
            streams: self.size("api.streams", 1, 10_000),
        };
        let delivery = DeliveryConfig {
            concurrency: self.size("delivery.concurrency", 1, 256),
            deadline: self.seconds("delivery.deadline_seconds", 25, 1),
            allow_loopback: self.parsed("delivery.allow_loopback", "`true` or `false`").unwrap_or(false),
            keep_texts: self.seconds("delivery.keep_texts_days", 3_660, 24 * 60 * 60),
            keep: self.seconds("delivery.keep_days", 3_660, 24 * 60 * 60),
            private_networks: self.private_networks(),
        };
        let mail = self.mail();
        let key = self.optional("secrets.key");
        if key.is_none() && !database.url.starts_with("sqlite:") {
            self.problem(
                "secrets.key",
                "is needed with PostgreSQL, where several nodes share sealed secrets",
            );
        }
        let previous_keys = self.previous_keys();
        let log = self.log();
        let telemetry = TelemetryConfig {
            otlp_endpoint: self.url("telemetry.otlp_endpoint", &["http://", "https://"]),
            service_name: self.text("telemetry.service_name"),
        };
        let ingest = IngestConfig {
            max_bytes: self.size("ingest.max_mib", 1, 1_024) << 20,
            max_interchange_bytes: self.size("ingest.max_interchange_mib", 1, 64) << 20,
            changes_wait: Duration::from_secs(self.number("ingest.changes_wait_hours", 0, 8_760) * 60 * 60),
        };
        let inbound = InboundConfig {
            poll_every: Duration::from_secs(self.number("inbound.poll_seconds", 5, 86_400)),
            kept: Duration::from_secs(self.number("inbound.keep_days", 1, 3_650) * 24 * 60 * 60),
        };
        let edi = self.edi();
        let anchor_every = self.seconds("audit.anchor_minutes", 24 * 60, 60);
        let public_url = self.url("public_url", &["http://", "https://"]);
        let (Some(listen), true) = (listen, self.problems.is_empty()) else {
            return Err(ConfigError(self.problems));
        };
        let secrets = SecretsConfig { key, key_id: self.text("secrets.key_id"), previous_keys };
        let values = SETTINGS.iter().map(|setting| self.value(setting)).collect();
        Ok(Config {
            data_dir,
            listen,
            public_url,
            database,
            http,
            work,
            bus,
            session,
            api,
            delivery,
            mail,
            secrets,
            log,
            telemetry,
            ingest,
            inbound,
            edi,
            anchor_every,
            values,
        })
    }
}

/// Whether the URL would send a password where everybody on the way can read it.
fn tells_a_password_in_clear(url: &str) -> bool {
    url.starts_with("smtp://") && url.contains('@') && !url.contains("tls=required")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn the_environment_overrules_the_file_and_the_file_the_default() {
        let file = std::env::temp_dir().join(format!("quayside-config-{}.toml", uuid::Uuid::now_v7()));
        std::fs::write(&file, "listen = \"127.0.0.1:1\"\n[session]\nidle_minutes = 5\nabsolute_hours = 2\n")
            .unwrap();
        let config = load(Some(&file), env(&[("QUAYSIDE_SESSION_IDLE_MINUTES", "7")]), &[]).unwrap();
        assert_eq!(config.session.idle, Duration::from_secs(7 * 60));
        assert_eq!(config.session.absolute, Duration::from_secs(2 * 3_600));
        assert_eq!(config.database.connections, 8);
        std::fs::remove_file(file).unwrap();
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let given = env(&[
            ("QUAYSIDE_LISTEN", "nowhere"),
            ("QUAYSIDE_LISTN", "127.0.0.1:1"),
            ("QUAYSIDE_DATABASE_CONNECTIONS", "0"),
            ("QUAYSIDE_DATABASE_URL", "mysql://x"),
            ("QUAYSIDE_LOG_FORMAT", "xml"),
            ("QUAYSIDE_MAIL_SMTP_URL", "smtp://quay:hunter2@mail.example:587"),
            ("QUAYSIDE_MAIL_FROM", "nobody"),
            ("QUAYSIDE_MAIL_DIGEST_HOUR", "24"),
            ("QUAYSIDE_WORK_LISTEN", "here"),
            ("QUAYSIDE_BUS_NATS_URL", "http://nats.example"),
            ("QUAYSIDE_BUS_NATS_STREAM", "a.b"),
            ("QUAYSIDE_BUS_NATS_CONSUMERS", "erp,wms:nobody"),
            ("QUAYSIDE_TEST_DATABASE_URL", "not ours to judge"),
        ]);
        let error = load(None, given, &[]).unwrap_err();
        let mut keys: Vec<_> = error.0.iter().map(|problem| problem.key.as_str()).collect();
        keys.sort_unstable();
        let mail = ["mail.digest_hour", "mail.from", "mail.smtp_url"];
        let bus = ["bus.nats_consumers", "bus.nats_stream", "bus.nats_url"];
        let others = ["database.connections", "database.url", "listen", "log.format"];
        let work = ["work.listen"];
        let expected = [&["QUAYSIDE_LISTN"], bus.as_slice(), &others, &mail, &work].concat();
        assert_eq!(keys, expected);
    }

    #[test]
    fn secrets_are_not_shown() {
        let given = env(&[
            ("QUAYSIDE_SECRETS_KEY", "0f0f"),
            ("QUAYSIDE_DATABASE_URL", "postgres://quay:hunter2@db.example/quay"),
            ("QUAYSIDE_MAIL_SMTP_URL", "smtps://quay:hunter3@mail.example"),
        ]);
        let config = load(None, given, &[]).unwrap();
        let shown = format!("{:?} {config:?}", config.values);
        assert!(!shown.contains("0f0f") && !shown.contains("hunter3"), "{shown}");
        let print: String = config.values.iter().map(Value::shown).collect();
        assert!(
            !print.contains("hunter2") && print.contains("postgres://quay:***@db.example/quay"),
            "{print}"
        );
    }
}
