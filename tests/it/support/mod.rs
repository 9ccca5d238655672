//! The application as tests see it: real HTTP, a fresh database, a clock that stands still, an ERP to deliver to.

mod database;
mod deliveries;
mod exceptions;
pub(crate) mod goods;
mod people;
mod raw;
mod requests;
mod sessions;
mod shipments;
mod sources;
mod streams;
mod webhooks;

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use quayside::{
    app::App,
    config::{self, Config},
    web::server::{self, Lifetime, Limits},
};
use quayside_canonical::Timestamp;
use quayside_domain::Clock;
use quayside_simulator::{Erp, Settings};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

pub(crate) use database::{Scratch, number_of, texts_of};
pub(crate) use deliveries::{accepted, submit, submitted};
pub(crate) use people::{Buyer, PASSWORD, Supplier, Tenant};
pub(crate) use requests::{Reply, mutation, order, revision};
pub(crate) use sessions::Session;
pub(crate) use shipments::{of_order, refusals, shipment};
pub(crate) use sources::{Source, documents};
pub(crate) use streams::{EventStream, Socket};
pub(crate) use webhooks::Programs;

/// Longer than anything a test waits for takes, even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Where every test's clock starts.
pub(crate) const START: &str = "2026-11-23T08:00:00Z";
/// The ERP's signing secret.
pub(crate) const ERP_SECRET: &str = "whsec_dGhlIHNlY3JldCBvZiB0aGUgdGVzdHMnIG93biBFUlA=";

/// One process of the application.
pub(crate) struct TestApp {
    pub(crate) app: App,
    pub(crate) address: SocketAddr,
    pub(crate) http: reqwest::Client,
    pub(crate) erp: Erp,
    erp_address: SocketAddr,
    serving: Mutex<Option<JoinHandle<bool>>>,
    stop: CancellationToken,
    clock: Clock,
    numbers: AtomicUsize,
    scratch: Scratch,
}

impl TestApp {
    /// A served application; background work is done when the test says so.
    pub(crate) async fn start() -> Self {
        Self::open(Scratch::new().await, &[], Clock::manual(start())).await
    }

    /// The same with other settings.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        Self::open(Scratch::new().await, settings, Clock::manual(start())).await
    }

    /// Another process on the same database.
    pub(crate) async fn neighbour(&self) -> Self {
        Self::open(self.scratch.clone(), &[], self.clock.clone()).await
    }

    /// Another process on the same database, with other settings.
    pub(crate) async fn neighbour_with(&self, settings: &[(&str, &str)]) -> Self {
        Self::open(self.scratch.clone(), settings, self.clock.clone()).await
    }

    async fn open(scratch: Scratch, settings: &[(&str, &str)], clock: Clock) -> Self {
        let app = App::open(configured(&scratch, settings), clock.clone()).await.unwrap();
        let stop = CancellationToken::new();
        let (erp, erp_address) = play_erp(&clock).await;
        let (address, serving) = serve(&app, &stop).await;
        Self {
            app,
            address,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            erp,
            erp_address,
            serving: Mutex::new(Some(serving)),
            stop,
            clock,
            numbers: AtomicUsize::new(1),
            scratch,
        }
    }

    /// The data folder and database behind it.
    pub(crate) fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// Where the ERP listens.
    pub(crate) fn erp_endpoint(&self) -> String {
        format!("http://{}/erp/v1/events", self.erp_address)
    }

    /// A number nobody else in this test has.
    pub(crate) fn number(&self) -> usize {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Does all background work that is due, and what comes of it.
    pub(crate) async fn settle(&self) {
        self.app.work().settle().await.unwrap();
    }

    /// Moves the clock.
    pub(crate) fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Starts the background work that usually runs beside the server. It ends when the process is stopped.
    pub(crate) fn work_in_background(&self) -> JoinHandle<()> {
        let (watch, stop) = (self.app.watch().clone(), self.stop.clone());
        tokio::spawn(watch.run(async move { stop.cancelled().await }));
        tokio::spawn(self.app.work().clone().run(self.stop.clone()))
    }

    /// Tells the process to stop.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits until the server has stopped, and says whether everything finished by itself.
    pub(crate) async fn stopped(&self) -> bool {
        let serving = self.serving.lock().unwrap().take().expect("a server stops once");
        tokio::time::timeout(PATIENCE, serving).await.expect("the server does not stop").unwrap()
    }
}

/// The settings of tests, and then some.
pub(crate) fn configured(scratch: &Scratch, settings: &[(&str, &str)]) -> Config {
    let mut given = vec![
        ("data_dir", scratch.folder.to_str().unwrap()),
        ("database.url", scratch.url.as_str()),
        ("database.connections", "4"),
        ("secrets.key", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
        ("delivery.allow_loopback", "true"),
        ("delivery.deadline_seconds", "1"),
        ("api.cost_points", "100000000"),
    ];
    given.extend(settings);
    config::load(None, [], &given).unwrap()
}

/// Looks again and again until it is so. Only for what happens beside the test; everything else is waited for.
pub(crate) async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let looking = async {
        while !is_so().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, looking)
        .await
        .unwrap_or_else(|_| panic!("it never came to be that {what}"));
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn start() -> Timestamp {
    START.parse().unwrap()
}

async fn serve(app: &App, stop: &CancellationToken) -> (SocketAddr, JoinHandle<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let lifetime = Lifetime::until(stop.clone());
    let router = app.router(lifetime.clone());
    let serving = tokio::spawn(server::serve(listener, router, Limits::default(), lifetime));
    (address, serving)
}

async fn play_erp(clock: &Clock) -> (Erp, SocketAddr) {
    let clock = clock.clone();
    let now = move || chrono::DateTime::from_timestamp_micros(clock.now().micros()).unwrap();
    let settings = Settings { clock: std::sync::Arc::new(now), ..Settings::new(ERP_SECRET) };
    let erp = Erp::open(settings).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(quayside_simulator::serve(listener, erp.clone()));
    (erp, address)
}

/// A folder of this test's own, below the system's place for such.
pub(crate) fn scratch_folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("quayside-test-{}", uuid::Uuid::now_v7().simple()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
