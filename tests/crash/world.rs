//! A tenant with an ERP, a supplier and its orders, set up once before the killing begins.
use std::path::PathBuf;

use quayside::{app::App, cli, config};
use quayside_canonical::{SupplierId, TenantId, identity::Role, policy::Policy, states::Environment};
use quayside_domain::{
    Clock,
    connections::{self, CreateConnection, CreateConnectionToken, Profile, Secrets},
    identity::{self, CreateUser, NewMembership, Secret},
    store::{connect_owner, sqlite_url},
    suppliers::{self, CreateSupplier, CreateTenant},
};
use quayside_simulator::{Erp, Settings};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{api::Api, proxy::Proxy, server::Program};

const ERP_SECRET: &str = "whsec_dGhlIHNlY3JldCBvZiB0aGUgdGVzdHMnIG93biBFUlA=";
const SUPPLIER: &str = "V-1";
/// Orders handed in at once.
const BATCH: u64 = 250;

/// Everything a campaign needs. Its ERP lives in this process, so its books survive every kill.
pub(crate) struct World {
    pub(crate) folder: PathBuf,
    pub(crate) database: &'static str,
    pub(crate) program: Program,
    pub(crate) erp: Erp,
    /// Between the server and the ERP.
    pub(crate) wire: Proxy,
    ingest_token: String,
    supplier_token: String,
    buyer_token: String,
}

impl World {
    /// A fresh database and folder, set up through the application itself, which is closed again.
    pub(crate) async fn set_up(plant: Option<&str>) -> Self {
        let folder = std::env::temp_dir().join(format!("quayside-crash-{}", uuid::Uuid::now_v7().simple()));
        std::fs::create_dir_all(&folder).unwrap();
        let (database, url) = match std::env::var("QUAYSIDE_TEST_DATABASE_URL") {
            Ok(server) => ("PostgreSQL", fresh_database(&server).await),
            Err(_) => ("SQLite", sqlite_url(&folder.join("quayside.sqlite"))),
        };
        let settings = [
            ("data_dir", folder.to_str().unwrap()),
            ("database.url", url.as_str()),
            ("secrets.key", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
            ("delivery.allow_loopback", "true"),
            ("delivery.deadline_seconds", "2"),
            ("api.cost_points", "100000000"),
            ("log.filter", "warn"),
        ];
        let program = Program::new(&folder, &settings, plant);
        let (erp, wire, endpoint) = play_erp().await;
        let app = App::open(config::load(None, [], &settings).unwrap(), Clock::system()).await.unwrap();
        let (tenant, ingest_token) = tenant(&app, endpoint).await;
        let cmd = CreateSupplier {
            tenant,
            group: None,
            number: SUPPLIER.to_owned(),
            name: "A Supplier".to_owned(),
            policy: Policy::default(),
        };
        let supplier = suppliers::create_supplier(app.system(), cmd).await.unwrap().id;
        let supplier_token = person(&app, tenant, Some(supplier), Role::SupplierEditor).await;
        let buyer_token = person(&app, tenant, None, Role::Procurement).await;
        app.close().await.unwrap();
        Self { folder, database, program, erp, wire, ingest_token, supplier_token, buyer_token }
    }

    /// The API for the supplier's programs.
    pub(crate) fn supplier(&self) -> Api {
        Api::new(&self.program.url(), &self.supplier_token)
    }

    /// The API for procurement.
    pub(crate) fn buyer(&self) -> Api {
        Api::new(&self.program.url(), &self.buyer_token)
    }

    /// Hands `count` orders in and gives their ids.
    pub(crate) async fn place_orders(&self, count: u64) -> Vec<String> {
        let ingest = Api::new(&self.program.url(), &self.ingest_token);
        let mut placed = Vec::new();
        for first in (0..count).step_by(usize::try_from(BATCH).unwrap()) {
            let lines = (first..count.min(first + BATCH)).map(|number| format!("{}\n", order(number)));
            let results = ingest.ingest(lines.collect()).await.unwrap();
            let ids = results.as_array().unwrap().iter().map(|result| result["order"].as_str());
            placed.extend(ids.map(|id| id.unwrap_or_else(|| panic!("{results}")).to_owned()));
        }
        placed
    }
}

fn order(number: u64) -> Value {
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

async fn play_erp() -> (Erp, Proxy, String) {
    let erp = Erp::open(Settings::new(ERP_SECRET)).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let wire = Proxy::start(vec![listener.local_addr().unwrap()]).await;
    let endpoint = format!("http://{}/erp/v1/events", wire.address);
    tokio::spawn(quayside_simulator::serve(listener, erp.clone()));
    (erp, wire, endpoint)
}

async fn tenant(app: &App, endpoint: String) -> (TenantId, String) {
    let (slug, name) = ("harbour".to_owned(), "Harbour Supplies".to_owned());
    let cmd = CreateTenant { slug, name, policy: Policy::default() };
    let tenant = suppliers::create_tenant(app.system(), cmd).await.unwrap().id;
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
    (tenant, token.expose().to_owned())
}

/// A person with a token that may do all the role allows.
async fn person(app: &App, tenant: TenantId, supplier: Option<SupplierId>, role: Role) -> String {
    let email = format!("{}@example.test", role.code().to_lowercase());
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
