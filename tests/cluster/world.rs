//! A tenant with an ERP and a WMS behind faulty wires, its suppliers' and procurement's programs, and five processes.
use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use quayside::{app::App, cli, config};
use quayside_canonical::{
    ConnectionId, SupplierId, TenantId, identity::Role, policy::Policy, states::Environment,
};
use quayside_domain::{
    Clock,
    connections::{self, CreateConnection, CreateConnectionToken, Profile, Receives, Secrets},
    identity::{self, CreateUser, NewMembership, Secret},
    store::connect_owner,
    suppliers::{self, CreateSupplier, CreateTenant},
};
use quayside_simulator::{Erp, Fault, Quayside, Settings, Wms, WmsSettings};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::json;
use tokio::net::TcpListener;

use crate::{
    load::Api,
    nodes::Node,
    proxy::{Proxy, Weather},
    script::Script,
};

const SECRET: &str = "whsec_dGhlIHNlY3JldCBvZiB0aGUgdGVzdHMnIG93biBFUlA=";
/// What the ERP is sent.
pub(crate) const ERP_EVENTS: &[&str] = &["acknowledgment.submitted", "receipt.recorded"];
/// What the WMS is sent.
pub(crate) const WMS_EVENTS: &[&str] = &["shipment.submitted"];
/// The only supplier there is.
pub(crate) const SUPPLIER: &str = "V-1";

/// Everything a run needs. ERP and WMS live in this process, so their books survive every kill.
pub(crate) struct World {
    pub(crate) folder: PathBuf,
    pub(crate) tenant: TenantId,
    pub(crate) nodes: Vec<Node>,
    pub(crate) postgres: Script,
    pub(crate) nats: Script,
    pub(crate) nats_url: String,
    pub(crate) erp: Erp,
    pub(crate) wms: Wms,
    /// What the ERP is to say of single answers: that it has them, and drop them.
    pub(crate) lies: Arc<Mutex<Vec<Fault>>>,
    pub(crate) erp_wire: Proxy,
    pub(crate) wms_wire: Proxy,
    /// In front of the serving processes: whoever comes is passed on to the next that accepts.
    pub(crate) entrance: Proxy,
    database_url: String,
    supplier_token: String,
    buyer_token: String,
    ingest_token: String,
}

/// What was left when nothing moved any more, and how long that took.
#[derive(Clone, Debug)]
pub(crate) struct Drained {
    pub(crate) took: Duration,
    pub(crate) left: Vec<String>,
}

impl World {
    /// A fresh database and folder, set up through the application itself, and all processes started.
    pub(crate) async fn set_up() -> Self {
        let folder = std::env::temp_dir().join(format!("quayside-cluster-{}", uuid::Uuid::now_v7().simple()));
        std::fs::create_dir_all(&folder).unwrap();
        let (postgres, nats) = (Script::new("postgres", "cluster"), Script::new("nats", "cluster"));
        for script in [&postgres, &nats] {
            script.run("stop").await; // what an earlier run may have left
        }
        let (server, nats_url) = (postgres.run("start").await, nats.run("start").await);
        let database_url = fresh_database(&server).await;
        let shared = [
            ("database.url", database_url.as_str()),
            ("database.connections", "5"),
            ("secrets.key", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
            ("bus.nats_url", nats_url.as_str()),
            ("bus.nats_consumers", "everything"),
            ("delivery.allow_loopback", "true"),
            ("delivery.deadline_seconds", "2"),
            ("http.leave_seconds", "1"),
            ("api.cost_points", "100000000"),
            ("log.filter", "info"),
        ];
        let plans: [(&str, &[&str]); 5] = [
            ("serve-1", &["serve"]),
            ("serve-2", &["serve", "--no-work"]),
            ("serve-3", &["serve", "--no-work"]),
            ("work-1", &["work"]),
            ("work-2", &["work"]),
        ];
        let mut nodes: Vec<Node> =
            plans.iter().map(|(name, arguments)| Node::new(name, arguments, &shared, &folder)).collect();
        let serving = nodes.iter().filter(|node| node.name.starts_with("serve"));
        let entrance = Proxy::start(serving.map(|node| node.address).collect()).await;

        let data = folder.join("set-up").display().to_string();
        let settings: Vec<_> = shared.iter().copied().chain([("data_dir", data.as_str())]).collect();
        let app = App::open(config::load(None, [], &settings).unwrap(), Clock::system()).await.unwrap();
        let cmd = CreateTenant {
            slug: "harbour".to_owned(),
            name: "Harbour".to_owned(),
            policy: Policy::default(),
        };
        let tenant = suppliers::create_tenant(app.system(), cmd).await.unwrap().id;
        let cmd = CreateSupplier {
            tenant,
            group: None,
            number: SUPPLIER.to_owned(),
            name: "A Supplier".to_owned(),
            policy: Policy::default(),
        };
        let supplier = suppliers::create_supplier(app.system(), cmd).await.unwrap().id;

        let (erp_listener, wms_listener) = (listener().await, listener().await);
        let erp_wire = Proxy::start(vec![erp_listener.local_addr().unwrap()]).await;
        let wms_wire = Proxy::start(vec![wms_listener.local_addr().unwrap()]).await;
        let erp_endpoint = format!("http://{}/erp/v1/events", erp_wire.address);
        let wms_endpoint = format!("http://{}/wms/v1/events", wms_wire.address);
        let (erp_connection, ingest_token) = system(&app, tenant, "ERP", &erp_endpoint, ERP_EVENTS).await;
        let (wms_connection, wms_token) = system(&app, tenant, "WMS", &wms_endpoint, WMS_EVENTS).await;
        let supplier_token = person(&app, tenant, Some(supplier), Role::SupplierEditor).await;
        let buyer_token = person(&app, tenant, None, Role::Procurement).await;
        app.close().await.unwrap();

        let erp = Erp::open(Settings::new(SECRET)).unwrap();
        tokio::spawn(quayside_simulator::serve(erp_listener, erp.clone()));
        let wms = Wms::open(WmsSettings {
            quayside: Some(Quayside { url: format!("http://{}", entrance.address), token: wms_token }),
            receive_after: Duration::from_secs(2),
            ..WmsSettings::new(SECRET)
        })
        .unwrap();
        tokio::spawn(quayside_simulator::serve_wms(wms_listener, wms.clone()));
        nodes.iter_mut().for_each(Node::launch);
        for node in &mut nodes {
            node.ready().await;
        }
        let world = Self {
            folder,
            tenant,
            nodes,
            postgres,
            nats,
            nats_url,
            erp,
            wms,
            lies: Arc::default(),
            erp_wire,
            wms_wire,
            entrance,
            database_url,
            supplier_token,
            buyer_token,
            ingest_token,
        };
        world.read_back(erp_connection).await;
        world.read_back(wms_connection).await;
        world
    }

    /// What the connection took is looked for two minutes later, all of it: when nobody is killed any more, as what is asked in vain
    /// is asked again only after minutes.
    async fn read_back(&self, connection: ConnectionId) {
        let mutation =
            "mutation($input: SetConnectionReadBackInput!) { setConnectionReadBack(input: $input) {
            userErrors { code message } } }";
        let input = json!({ "connectionId": connection.to_string(), "afterMinutes": 2, "percent": 100,
            "idempotencyKey": format!("read back {connection}") });
        let data = self.buyer().graphql(mutation, json!({ "input": input })).await.unwrap();
        assert_eq!(data["setConnectionReadBack"]["userErrors"], json!([]), "{data}");
    }

    fn api(&self, token: &str) -> Api {
        Api::new(&format!("http://{}", self.entrance.address), token)
    }

    /// The API for a supplier's program.
    pub(crate) fn supplier(&self) -> Api {
        self.api(&self.supplier_token)
    }

    /// The API for procurement.
    pub(crate) fn buyer(&self) -> Api {
        self.api(&self.buyer_token)
    }

    /// The API for the ERP's own documents.
    pub(crate) fn ingest(&self) -> Api {
        self.api(&self.ingest_token)
    }

    /// The database as its owner, past the application.
    pub(crate) async fn database(&self) -> DatabaseConnection {
        connect_owner(&self.database_url).await.unwrap()
    }

    /// Nobody misbehaves any more.
    pub(crate) async fn heal(&mut self) {
        self.erp_wire.set(Weather::Fair);
        self.wms_wire.set(Weather::Fair);
        self.erp.heal();
        self.wms.heal();
        // What waited for the ERP all the time is lied about now.
        for lie in self.lies.lock().unwrap().iter() {
            self.erp.queue(lie.clone()).expect("there is room for a few lies");
        }
        for node in &mut self.nodes {
            node.ready().await;
        }
    }

    /// Waits until nothing is left to do, or for as long as that may take.
    pub(crate) async fn drain(&mut self, patience: Duration) -> Drained {
        let (begun, db) = (Instant::now(), self.database().await);
        let mut quiet = 0;
        loop {
            let left = self.left(&db).await;
            quiet = if left.is_empty() { quiet + 1 } else { 0 };
            // What came in last may still cause something.
            if quiet == 3 || begun.elapsed() > patience {
                db.close().await.unwrap();
                return Drained { took: begun.elapsed(), left };
            }
            self.nodes.iter_mut().for_each(Node::check_alive);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn left(&self, db: &DatabaseConnection) -> Vec<String> {
        let questions = [
            ("events without a place", "select count(*) from outbox"),
            (
                "deliveries not delivered",
                "select count(*) from delivery where status not in ('DELIVERED', 'MISSING')",
            ),
            ("deliveries not looked for", "select count(*) from delivery_check where state = 'DUE'"),
            (
                "events not published",
                "select coalesce(sum(h.position - coalesce(c.position, 0)), 0)::bigint from event_head h \
                 left join bus_cursor c on c.tenant_id = h.tenant_id and c.stream = 'QUAYSIDE'",
            ),
        ];
        let mut left = Vec::new();
        for (what, sql) in questions {
            let count = count(db, sql).await;
            if count > 0 {
                left.push(format!("{count} {what}"));
            }
        }
        let waiting = self.wms.report().statements.waiting;
        if waiting > 0 {
            left.push(format!("{waiting} statements of the WMS"));
        }
        left
    }

    /// Ends everything that was started. Folder and logs stay when something was found.
    pub(crate) async fn end(mut self, all_is_well: bool) {
        for node in &mut self.nodes {
            node.stop().await;
        }
        for script in [&self.postgres, &self.nats] {
            script.run("stop").await;
        }
        if all_is_well {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// The number a question is answered with.
pub(crate) async fn count(db: &DatabaseConnection, sql: &str) -> i64 {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    row.unwrap().try_get_by_index(0).unwrap()
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

async fn fresh_database(server: &str) -> String {
    let owner = connect_owner(server).await.unwrap();
    owner.execute_unprepared("create database quayside_cluster").await.unwrap();
    owner.close().await.unwrap();
    format!("{}/quayside_cluster", server.rsplit_once('/').unwrap().0)
}

/// A connection, and a token for what the system behind it hands in.
async fn system(
    app: &App,
    tenant: TenantId,
    name: &str,
    endpoint: &str,
    events: &[&str],
) -> (ConnectionId, String) {
    let cmd = CreateConnection {
        tenant,
        kind: "generic-rest".to_owned(),
        name: name.to_owned(),
        environment: Environment::Live,
        config: json!({ "endpoint": endpoint }),
        secrets: Secrets::signing(Secret::new(SECRET)),
        profile: Profile {
            receives: Receives {
                event_types: Some(events.iter().map(|&event| event.to_owned()).collect()),
                ..Receives::default()
            },
            ..Profile::default()
        },
    };
    let connection = connections::create(app.system(), app.vault(), cmd).await.unwrap().id;
    let cmd = CreateConnectionToken { tenant, connection, name: "ingest".to_owned(), expires_at: None };
    let (_, token) = connections::create_token(app.system(), cmd).await.unwrap();
    (connection, token.expose().to_owned())
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
    let (_, secret) = cli::api_token(app, tenant, &email, "cluster test".to_owned()).await.unwrap();
    secret.expose().to_owned()
}
