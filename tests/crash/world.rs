//! Two tenants, each with an ERP, a supplier and its orders, set up once before anything goes wrong.
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use quayside::{app::App, cli, config};
use quayside_canonical::{
    SupplierId, TenantId,
    identity::Role,
    partner::Identifier,
    policy::Policy,
    states::{Environment, PartnerMode},
};
use quayside_domain::{
    Clock,
    connections::{self, CreateConnection, CreateConnectionToken, Profile, Secrets},
    idempotency::IdempotencyKey,
    identity::{self, CreateUser, NewMembership, Secret},
    partners::{self, CreatePartnerToken, NewPartner},
    store::{connect_owner, sqlite_url},
    suppliers::{self, CreateSupplier, CreateTenant},
};
use quayside_simulator::{Behaviour, Erp, Fault, Settings};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    api::Api,
    proxy::{Proxy, Weather},
    server::{Launch, Program},
};

const ERP_SECRET: &str = "whsec_dGhlIHNlY3JldCBvZiB0aGUgdGVzdHMnIG93biBFUlA=";
const SUPPLIER: &str = "V-1";
/// Orders handed in at once.
const BATCH: usize = 250;
/// Connections of each of the two roles.
pub(crate) const CONNECTIONS: usize = 8;

/// Gives the address on the server's own machine from which all is handed on to this one.
pub(crate) type HandOn = Box<dyn Fn(SocketAddr) -> SocketAddr>;

/// What a world is made of, where that is not the usual.
#[derive(Default)]
pub(crate) struct Ground {
    /// The server's data folder; one in the temporary folder when nothing is said.
    pub(crate) folder: Option<PathBuf>,
    /// A PostgreSQL server, as its owner signs in; else the one of the environment, or SQLite.
    pub(crate) postgres: Option<String>,
    /// By what address the server's database is reached, when not by its own.
    pub(crate) database_at: Option<String>,
    /// By what address the server's machine reaches this one, and what hands on to there from the server's own.
    pub(crate) handed_on: Option<(String, HandOn)>,
    pub(crate) launch: Launch,
    /// Always SQLite, whatever the environment says.
    pub(crate) sqlite: bool,
    /// Settings of the server beside the usual ones.
    pub(crate) settings: Vec<(&'static str, String)>,
}

/// Everything a campaign needs. Its ERPs live in this process, so their books survive every kill.
pub(crate) struct World {
    pub(crate) folder: PathBuf,
    pub(crate) database: &'static str,
    /// The database for those who look past the application.
    pub(crate) database_url: String,
    pub(crate) program: Program,
    /// The first has most of the orders.
    pub(crate) tenants: Vec<Tenant>,
    /// Whether the ERPs book what comes again once more.
    pub(crate) ignores_keys: bool,
    /// Whether its folder goes even after a violation, as that is what was wanted.
    pub(crate) disposable: bool,
    /// By how many microseconds the ERPs' clocks are ahead.
    pub(crate) ahead: Arc<AtomicI64>,
}

/// One of the tenants.
pub(crate) struct Tenant {
    pub(crate) id: String,
    pub(crate) erp: Erp,
    /// Between the server and the ERP.
    pub(crate) wire: Proxy,
    url: String,
    ingest_token: String,
    supplier_token: String,
    buyer_token: String,
    partner_token: String,
}

impl World {
    /// A fresh database and folder, set up through the application itself, which is closed again.
    pub(crate) async fn set_up(ground: Ground) -> Self {
        let name = format!("quayside-crash-{}", uuid::Uuid::now_v7().simple());
        let folder = ground.folder.unwrap_or_else(|| std::env::temp_dir().join(name));
        std::fs::create_dir_all(&folder).unwrap();
        let of_environment = std::env::var("QUAYSIDE_TEST_DATABASE_URL").ok().filter(|_| !ground.sqlite);
        let (database, database_url) = match ground.postgres.or(of_environment) {
            Some(server) => ("PostgreSQL", fresh_database(&server).await),
            None => ("SQLite", sqlite_url(&folder.join("quayside.sqlite"))),
        };
        let servers_url = match &ground.database_at {
            Some(address) => at(&database_url, address),
            None => database_url.clone(),
        };
        let connections = CONNECTIONS.to_string();
        let mut settings = vec![
            ("data_dir", folder.to_str().unwrap()),
            ("database.url", database_url.as_str()),
            ("database.connections", connections.as_str()),
            ("secrets.key", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
            ("delivery.allow_loopback", "true"),
            ("delivery.deadline_seconds", "2"),
            ("api.cost_points", "100000000"),
            ("log.filter", "warn"),
        ];
        settings.extend(ground.settings.iter().map(|(key, value)| (*key, value.as_str())));
        let app = App::open(config::load(None, [], &settings).unwrap(), Clock::system()).await.unwrap();
        settings.push(("database.url", &servers_url));
        let program = Program::new(&folder, &settings, ground.launch);
        let (ahead, mut tenants) = (Arc::new(AtomicI64::new(0)), Vec::new());
        for slug in ["harbour", "neighbour"] {
            tenants.push(Tenant::set_up(&app, slug, &program.url(), ground.handed_on.as_ref(), &ahead).await);
        }
        app.close().await.unwrap();
        Self {
            folder,
            database,
            database_url,
            program,
            tenants,
            ignores_keys: false,
            disposable: false,
            ahead,
        }
    }

    /// The ERP that everything is done to.
    pub(crate) fn erp(&self) -> &Erp {
        &self.tenants[0].erp
    }

    /// The wire to it.
    pub(crate) fn wire(&self) -> &Proxy {
        &self.tenants[0].wire
    }

    /// Nobody misbehaves any more, except for what an ERP cannot help.
    pub(crate) fn heal(&self) {
        for tenant in &self.tenants {
            tenant.wire.set(Weather::Fair);
            tenant.erp.heal();
        }
        if self.ignores_keys {
            self.ignore_keys();
        }
    }

    /// From now on the ERPs book again what comes again.
    pub(crate) fn ignore_keys(&self) {
        for tenant in &self.tenants {
            let always = Fault { count: u32::MAX, ..Fault::once(Behaviour::IgnoreKeys) };
            tenant.erp.queue(always).expect("there is room for one");
        }
    }

    /// The data folder.
    pub(crate) fn data(&self) -> &Path {
        &self.folder
    }
}

impl Tenant {
    async fn set_up(
        app: &App,
        slug: &str,
        url: &str,
        handed_on: Option<&(String, HandOn)>,
        ahead: &Arc<AtomicI64>,
    ) -> Self {
        let host = handed_on.map_or("127.0.0.1", |(host, _)| host.as_str());
        let (erp, wire) = play_erp(host, ahead.clone()).await;
        let address = handed_on.map_or(wire.address, |(_, hand_on)| hand_on(wire.address));
        let endpoint = format!("http://{address}/erp/v1/events");
        let cmd = CreateTenant { slug: slug.to_owned(), name: slug.to_owned(), policy: Policy::default() };
        let tenant = suppliers::create_tenant(app.system(), cmd).await.unwrap().id;
        let ingest_token = connect(app, tenant, endpoint).await;
        let cmd = CreateSupplier {
            tenant,
            group: None,
            number: SUPPLIER.to_owned(),
            name: "A Supplier".to_owned(),
            policy: Policy::default(),
        };
        let supplier = suppliers::create_supplier(app.system(), cmd).await.unwrap().id;
        Self {
            id: tenant.to_string(),
            erp,
            wire,
            url: url.to_owned(),
            ingest_token,
            supplier_token: person(app, (tenant, slug), Some(supplier), Role::SupplierEditor).await,
            buyer_token: person(app, (tenant, slug), None, Role::Procurement).await,
            partner_token: partner(app, tenant, supplier).await,
        }
    }

    /// The API for the supplier's programs.
    pub(crate) fn supplier(&self) -> Api {
        Api::new(&self.url, &self.supplier_token)
    }

    /// The API for procurement.
    pub(crate) fn buyer(&self) -> Api {
        Api::new(&self.url, &self.buyer_token)
    }

    /// The API for the supplier's EDI.
    pub(crate) fn edi(&self) -> Api {
        Api::new(&self.url, &self.partner_token)
    }

    /// The API for the ERP's own documents.
    pub(crate) fn ingest(&self) -> Api {
        Api::new(&self.url, &self.ingest_token)
    }

    /// Hands orders in, with these numbers, and gives their ids.
    pub(crate) async fn place_orders(&self, numbers: std::ops::Range<u64>) -> Vec<String> {
        let (ingest, numbers) = (self.ingest(), numbers.collect::<Vec<_>>());
        let mut placed = Vec::new();
        for numbers in numbers.chunks(BATCH) {
            let lines = numbers.iter().map(|&number| format!("{}\n", order(number)));
            let results = ingest.ingest(lines.collect()).await.unwrap();
            let ids = results.as_array().unwrap().iter().map(|result| result["order"].as_str());
            placed.extend(ids.map(|id| id.unwrap_or_else(|| panic!("{results}")).to_owned()));
        }
        placed
    }
}

/// An order as the ERP hands it in.
pub(crate) fn order(number: u64) -> Value {
    json!({
        "number": format!("45{number:08}"),
        "supplier": SUPPLIER,
        "currency": "EUR",
        "revision": { "id": "1", "issuedAt": "2026-11-01T08:00:00Z" },
        "lines": [{ "number": "00010", "buyerPart": "B-1", "quantity": "100", "unit": "EA",
            "unitPrice": "3.10", "deliverTo": "2099-12-05" }]
    })
}

async fn fresh_database(server: &str) -> String {
    let name = format!("quayside_crash_{}", uuid::Uuid::now_v7().simple());
    let owner = connect_owner(server).await.unwrap();
    owner.execute_unprepared(&format!("create database {name}")).await.unwrap();
    owner.close().await.unwrap();
    format!("{}/{name}", server.rsplit_once('/').unwrap().0)
}

/// The same database by another address.
fn at(url: &str, address: &str) -> String {
    let (before, after) = url.rsplit_once('@').unwrap();
    let (_, name) = after.split_once('/').unwrap();
    format!("{before}@{address}/{name}")
}

async fn play_erp(host: &str, ahead: Arc<AtomicI64>) -> (Erp, Proxy) {
    let clock = move || chrono::Utc::now() + chrono::Duration::microseconds(ahead.load(Ordering::Relaxed));
    let erp = Erp::open(Settings { clock: Arc::new(clock), ..Settings::new(ERP_SECRET) }).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let wire = Proxy::start_at((host, 0), vec![listener.local_addr().unwrap()]).await;
    tokio::spawn(quayside_simulator::serve(listener, erp.clone()));
    (erp, wire)
}

/// A connection to the ERP, and a token for what the ERP hands in.
async fn connect(app: &App, tenant: TenantId, endpoint: String) -> String {
    let cmd = CreateConnection {
        tenant,
        kind: "generic-rest".to_owned(),
        name: "ERP".to_owned(),
        environment: Environment::Live,
        config: json!({ "endpoint": endpoint }),
        secrets: Secrets::signing(Secret::new(ERP_SECRET)),
        profile: Profile::default(),
    };
    let connection = connections::create(app.system(), app.vault(), cmd).await.unwrap().id;
    let cmd = CreateConnectionToken { tenant, connection, name: "ingest".to_owned(), expires_at: None };
    let (_, token) = connections::create_token(app.system(), cmd).await.unwrap();
    token.expose().to_owned()
}

/// The supplier as a trading partner, with a token for its interchanges.
async fn partner(app: &App, tenant: TenantId, supplier: SupplierId) -> String {
    let settings = partners::Settings {
        identifiers: vec![Identifier { qualifier: "ZZ".to_owned(), id: "SUPPLIER".to_owned() }],
        ..partners::Settings::new("A Supplier".to_owned(), PartnerMode::Mirror, Environment::Live)
    };
    let scope = cli::operator(app, tenant).unwrap();
    let key: IdempotencyKey = "partner".parse().unwrap();
    let new = NewPartner::new(supplier, settings);
    let partner = partners::create_partner(&scope, new, Some(&key)).await.unwrap().unwrap().partner.id;
    let environment = Some(Environment::Live);
    let cmd = CreatePartnerToken { partner, name: "EDI".to_owned(), environment, expires_at: None };
    let token =
        partners::create_partner_token(&scope, cmd, Some(&key)).await.unwrap().unwrap().secret.unwrap();
    token.expose().to_owned()
}

/// A person with a token that may do all the role allows.
async fn person(
    app: &App,
    (tenant, slug): (TenantId, &str),
    supplier: Option<SupplierId>,
    role: Role,
) -> String {
    let email = format!("{}@{slug}.example", role.code().to_lowercase());
    let cmd = CreateUser {
        email: email.clone(),
        name: "A Person".to_owned(),
        password: Secret::new("grey herons stand by the quay"),
        memberships: vec![NewMembership { tenant, supplier, role }],
    };
    identity::create_user(app.system(), &app.door().hasher, cmd).await.unwrap();
    let (_, secret) = cli::api_token(app, tenant, &email, "crash test".to_owned()).await.unwrap();
    secret.expose().to_owned()
}
