//! The application: settings in, a serving and working process out. It wires; it decides nothing.

mod api;
mod attachments;
mod interchanges;
mod keys;
mod labels;
mod routes;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use quayside_connectors::{Http, HttpSettings, Network};
use quayside_domain::{
    Clock, Store, SystemScope,
    connections::{self, Keeper},
    deliveries::Keep,
    feed::Feed,
    identity::{Callers, Cost, Hasher, IdentitySettings, RevocationWatch},
    store::connect,
    vault::Vault,
    webhooks::Desk,
};
use quayside_graphql::{ApiSchema, identity::Door};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    bus::Bus,
    config::Config,
    inbound::{self, Intake},
    ingest, migrate,
    systems::Connectors,
    web::server::{self, Lifetime, Limits},
    work::{Clients, Courier, Postman, Work},
};

/// How many may ask at once how a worker is.
const PROBES: usize = 16;
/// How many times the time of one call a poll may take: one for a token, some for pages and their details.
const CALLS_OF_A_POLL: u32 = 8;

/// One process of Quayside. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) config: Config,
    pub(crate) system: SystemScope,
    pub(crate) door: Door,
    pub(crate) vault: Arc<Vault>,
    pub(crate) keeper: Keeper,
    schema: ApiSchema,
    watch: RevocationWatch,
    callers: Callers,
    intake: Arc<Intake>,
    work: Work,
    bus: Bus,
    leaving: AtomicBool,
}

impl App {
    /// Opens everything a process needs. The database is migrated first, if the settings say so.
    ///
    /// # Errors
    /// Something cannot be opened; the message says what and why.
    pub async fn open(config: Config, clock: Clock) -> anyhow::Result<Self> {
        migrate::prepare_folder(&config.data_dir)?;
        if config.database.migrate {
            migrate::migrate(&config).await?;
        }
        let database = connect(&config.database.url, config.database.connections).await?;
        let system = SystemScope::new(Store::new(database, clock));
        let vault = Arc::new(keys::vault(&config)?);
        let settings = IdentitySettings { idle: config.session.idle, absolute: config.session.absolute };
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let hasher = Hasher::new(Cost::default(), cores).context("preparing password hashing")?;
        let door = Door { system: system.clone(), hasher, settings };
        let feed = Feed::new(system.clone());
        let bus = Bus::open(&config, &system).await?;
        let watch = RevocationWatch::new(system.clone(), settings);
        let callers = Callers::new(system.clone(), settings);
        connections::check_keys(&system, &vault)
            .await
            .context("the keys in `secrets.key` and `secrets.previous_keys` do not fit this database")?;
        let clients = clients(&config)?;
        let keeper = Keeper {
            vault: vault.clone(),
            systems: Arc::new(Connectors {
                system: system.clone(),
                vault: vault.clone(),
                clients: clients.clone(),
            }),
        };
        let courier = Courier::new(clients.clone(), vault.clone(), config.delivery.concurrency);
        let settings = inbound::Settings {
            every: config.inbound.poll_every,
            kept: config.inbound.kept,
            deadline: config.delivery.deadline * CALLS_OF_A_POLL,
        };
        let intake = Arc::new(Intake::new(clients, vault.clone(), courier.receivers(), settings));
        let anchors = config.data_dir.join("audit-anchors.jsonl");
        let address = config.public_url.clone().unwrap_or_else(|| format!("http://{}", config.listen));
        let address = address.trim_end_matches('/').to_owned();
        let postman = Postman::new(&config.mail, config.data_dir.join("mail"), address)?;
        let mail = (postman, config.mail.digest_hour);
        let keep = Keep { texts: config.delivery.keep_texts, deliveries: config.delivery.keep };
        let workers = (courier, intake.clone());
        let background = (workers, keep, config.ingest.changes_wait);
        let work = Work::new(system.clone(), background, mail, anchors, config.anchor_every);
        let webhooks = webhook_desk(&config, vault.clone());
        let edi = Arc::new(ingest::edi::Desk);
        let schema =
            quayside_graphql::schema(door.clone(), feed, watch.clone(), keeper.clone(), webhooks, edi);
        let leaving = AtomicBool::new(false);
        let parts =
            Parts { config, system, door, vault, keeper, schema, watch, callers, intake, work, bus, leaving };
        Ok(Self(Arc::new(parts)))
    }

    /// The settings in force.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The origins of our own pages.
    fn origins(&self) -> Vec<String> {
        let config = &self.0.config;
        config.http.allowed_origins.iter().cloned().chain(config.public_url.clone()).collect()
    }

    /// The system's own scope.
    #[must_use]
    pub fn system(&self) -> &SystemScope {
        &self.0.system
    }

    /// Where passwords are checked.
    #[must_use]
    pub fn door(&self) -> &Door {
        &self.0.door
    }

    /// What seals other systems' secrets.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.0.vault
    }

    /// What managing connections takes.
    #[must_use]
    pub fn keeper(&self) -> &Keeper {
        &self.0.keeper
    }

    /// The background work.
    #[must_use]
    pub fn work(&self) -> &Work {
        &self.0.work
    }

    /// Who is watched for the end of their session or token.
    #[must_use]
    pub fn watch(&self) -> &RevocationWatch {
        &self.0.watch
    }

    /// The ties to other processes.
    #[must_use]
    pub fn bus(&self) -> &Bus {
        &self.0.bus
    }

    /// Whether it was told to stop.
    fn is_leaving(&self) -> bool {
        self.0.leaving.load(Ordering::Acquire)
    }

    /// Serves on `listener`, and works if `with_work`, until told to stop; then says that it is not ready any more, takes
    /// requests for the time to leave, and finishes what is under way within the drain time.
    pub async fn serve(&self, listener: TcpListener, with_work: bool, stop: CancellationToken) {
        let http = &self.0.config.http;
        let (closing, finished) = (CancellationToken::new(), CancellationToken::new());
        let lifetime = Lifetime::until(closing.clone());
        let limits = Limits { connections: http.max_connections, drain: http.drain, ..Limits::default() };
        let router = self.router(lifetime.clone());
        let watch = self.0.watch.clone().run({
            let closing = closing.clone();
            async move { closing.cancelled().await }
        });
        let leave = async {
            stop.cancelled().await;
            self.0.leaving.store(true, Ordering::Release);
            tokio::time::sleep(http.leave).await;
            closing.cancel();
        };
        let work = async {
            if with_work {
                self.do_work(&stop).await;
            }
        };
        let serve = server::serve(listener, router, limits, lifetime);
        let busy = async {
            let (drained, (), (), ()) = tokio::join!(serve, work, watch, leave);
            finished.cancel();
            drained
        };
        let (drained, ()) = tokio::join!(busy, self.0.bus.carry_calls(&finished));
        tracing::info!(drained, "stopped");
    }

    /// Works until told to stop, and tells on `listener`, if there is one, how it is.
    pub async fn work_alone(&self, listener: Option<TcpListener>, stop: CancellationToken) {
        let finished = CancellationToken::new();
        let probes = async {
            if let Some(listener) = listener {
                let limits =
                    Limits { connections: PROBES, drain: Duration::from_secs(1), ..Limits::default() };
                server::serve(listener, self.probes(), limits, Lifetime::until(finished.clone())).await;
            }
        };
        let work = async {
            let told = async {
                stop.cancelled().await;
                self.0.leaving.store(true, Ordering::Release);
            };
            tokio::join!(self.do_work(&stop), told);
            finished.cancel();
        };
        tokio::join!(work, probes, self.0.bus.carry_calls(&finished));
        tracing::info!("stopped");
    }

    async fn do_work(&self, stop: &CancellationToken) {
        tokio::join!(self.0.work.clone().run(stop.clone()), self.0.bus.publish(stop));
    }

    /// Closes the database.
    ///
    /// # Errors
    /// It did not answer.
    pub async fn close(self) -> anyhow::Result<()> {
        Ok(self.0.system.store().clone().close().await?)
    }
}

/// Where webhook endpoints are set up: the addresses that may be saved are those that may be called.
fn webhook_desk(config: &Config, vault: Arc<Vault>) -> Desk {
    let network = Network { allow_loopback: config.delivery.allow_loopback };
    Desk::new(vault, move |url| quayside_connectors::webhook::check_endpoint(network, url))
}

/// The ways out.
fn clients(config: &Config) -> anyhow::Result<Arc<Clients>> {
    let settings = HttpSettings {
        deadline: config.delivery.deadline,
        connect_timeout: Duration::from_secs(5).min(config.delivery.deadline),
        network: Network { allow_loopback: config.delivery.allow_loopback },
    };
    let http = Http::new(settings).context("preparing outgoing HTTPS")?;
    Ok(Arc::new(Clients::new(http, config.delivery.private_networks.clone())))
}
