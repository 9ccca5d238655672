//! The data of a run, written by the application's own operations, so that it is what they write.
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use anyhow::{Context, bail};
use quayside::app::App;
use quayside_canonical::{
    Actor, Channel, ConnectionId, Micro, PurchaseOrderId, SupplierId, TenantId,
    identity::{Permission, Role},
    policy::Policy,
    states::Environment,
};
use quayside_domain::{
    acknowledgments::{AcceptPurchaseOrder, accept},
    connections::{self, CreateConnection, CreateConnectionToken, Profile, Receives, Secrets},
    dispatch::dispatch_once,
    identity::{self, CreateApiToken, CreateUser, NewMembership, Secret},
    orders::{Incoming, receive},
    scope::{Origin, Person, Scope, Standing},
    suppliers::{self, CreateSupplier, CreateTenant, SetGs1Prefix},
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{documents, goods};

/// Tenants whose orders are read and answered.
pub(crate) const TENANTS: usize = 20;
/// Suppliers of each tenant, unless that leaves them too few orders to fill a page.
const SUPPLIERS: usize = 50;
/// Orders a supplier has at least: one in ten is answered, and the page shows 25 open ones.
const ORDERS_EACH: usize = 40;
/// Tenants that only hand orders in, so that what is read keeps its shape; one for each connection.
pub(crate) const GATES: usize = 4;
/// Tenants with one supplier that ships, apart from the others so that what is read keeps its shape.
const SHIPPERS: usize = 16;
/// Orders of each that are shipped again and again.
const SHIPPED_ORDERS: usize = 8;
/// The signing secret of the ERP that is played by the driver.
pub(crate) const ERP_SECRET: &str = "whsec_dGhlIHNlY3JldCBvZiB0aGUgYmVuY2htYXJrJ3MgRVJQ";

/// Everything a run asks about.
pub(crate) struct World {
    /// One program for each supplier.
    pub(crate) tokens: Vec<String>,
    /// What waits for an answer, in the order of the suppliers' turns.
    pub(crate) open: Vec<OpenOrder>,
    /// Where orders come in.
    pub(crate) gates: Vec<Gate>,
    /// Suppliers of each tenant.
    pub(crate) suppliers: usize,
    /// Who ships; nobody before [`World::add_shippers`].
    pub(crate) shippers: Vec<Shipper>,
    tenants: Vec<Tenant>,
}

/// A distributor and its suppliers.
#[derive(Clone)]
struct Tenant {
    id: TenantId,
    suppliers: Vec<SupplierId>,
}

/// An order that waits for an answer.
#[derive(Clone, Debug)]
pub(crate) struct OpenOrder {
    /// Its shown id.
    pub(crate) id: String,
    /// Its supplier, as a place in [`World::tokens`].
    pub(crate) supplier: usize,
    /// Number and quantity of each line.
    pub(crate) lines: Vec<(String, Micro)>,
}

/// An ERP's way in.
pub(crate) struct Gate {
    /// Its token.
    pub(crate) token: String,
}

/// A supplier that ships, and the warehouse that receives.
pub(crate) struct Shipper {
    /// Its program.
    pub(crate) token: String,
    /// The warehouse's way in.
    pub(crate) gate: String,
    /// Numbers of its orders.
    pub(crate) orders: Vec<String>,
}

/// Sets tenants, suppliers and tokens up, and places `orders` orders, one in ten of them answered.
pub(crate) async fn world(app: &App, orders: usize) -> anyhow::Result<World> {
    let suppliers = (orders / TENANTS / ORDERS_EACH).clamp(1, SUPPLIERS);
    let mut tenants = Vec::with_capacity(TENANTS);
    for number in 0..TENANTS {
        tenants.push(tenant(app, &format!("tenant-{number}"), suppliers).await?);
    }
    let tokens = tokens(app, "programs@example.test", &tenants).await?;
    let mut gates = Vec::with_capacity(GATES);
    for number in 0..GATES {
        gates.push(gate(app, &tenant(app, &format!("gate-{number}"), suppliers).await?).await?);
    }
    let mut open = place(app, &tenants, orders).await?;
    open.sort_by(|a, b| a.id.cmp(&b.id));
    while dispatch_once(app.system()).await? > 0 {}
    Ok(World { tokens, open, gates, suppliers, shippers: Vec::new(), tenants })
}

/// The number a supplier is known by.
pub(crate) fn supplier_number(supplier: usize) -> String {
    format!("V-{supplier:04}")
}

async fn tenant(app: &App, slug: &str, suppliers: usize) -> anyhow::Result<Tenant> {
    let cmd =
        CreateTenant { slug: slug.to_owned(), name: format!("Tenant {slug}"), policy: Policy::default() };
    let id = suppliers::create_tenant(app.system(), cmd).await?.id;
    let mut own = Vec::with_capacity(suppliers);
    for number in 0..suppliers {
        let cmd = CreateSupplier {
            tenant: id,
            group: None,
            number: supplier_number(number),
            name: format!("Supplier {number} of {slug}"),
            policy: Policy::default(),
        };
        own.push(suppliers::create_supplier(app.system(), cmd).await?.id);
    }
    Ok(Tenant { id, suppliers: own })
}

/// One person with a place at every supplier, and a token for each place: a thousand passwords would take a minute.
async fn tokens(app: &App, email: &str, tenants: &[Tenant]) -> anyhow::Result<Vec<String>> {
    let places = tenants.iter().flat_map(|tenant| {
        let place = |supplier: &SupplierId| NewMembership {
            tenant: tenant.id,
            supplier: Some(*supplier),
            role: Role::SupplierEditor,
        };
        tenant.suppliers.iter().map(place)
    });
    let cmd = CreateUser {
        email: email.to_owned(),
        name: "Programs".to_owned(),
        password: Secret::new(uuid::Uuid::now_v7().to_string()),
        memberships: places.collect(),
    };
    let person = identity::create_user(app.system(), &app.door().hasher, cmd).await?;
    let mut tokens = Vec::with_capacity(person.memberships.len());
    for place in &person.memberships {
        let standing = Standing {
            tenant: place.tenant_id,
            supplier: place.supplier_id,
            actor: Actor::User(person.user.id),
            person: Some(Person { user: person.user.id, membership: place.id }),
            permissions: place.role.permissions().into(),
        };
        let scope = Scope::new(app.system().store(), &standing, &Origin::new(Channel::Cli));
        let cmd = CreateApiToken {
            idempotency_key: place.id.to_string().parse()?,
            name: "load".to_owned(),
            scopes: place.role.permissions().to_vec(),
            environment: Environment::Live,
            expires_at: None,
        };
        let secret = identity::create_api_token(&scope, cmd).await?.secret;
        tokens.push(secret.context("a new token has a secret")?.expose().to_owned());
    }
    Ok(tokens)
}

/// A way in that gets nothing back.
async fn gate(app: &App, tenant: &Tenant) -> anyhow::Result<Gate> {
    let config = json!({ "endpoint": "https://erp.example.com/events" });
    let nothing = Receives { event_types: Some(Vec::new()), ..Receives::default() };
    let connection = connect(app, tenant.id, config, nothing).await?;
    let cmd =
        CreateConnectionToken { tenant: tenant.id, connection, name: "ingest".to_owned(), expires_at: None };
    let (_, token) = connections::create_token(app.system(), cmd).await?;
    Ok(Gate { token: token.expose().to_owned() })
}

async fn connect(
    app: &App,
    tenant: TenantId,
    config: Value,
    receives: Receives,
) -> anyhow::Result<ConnectionId> {
    let cmd = CreateConnection {
        tenant,
        kind: "generic-rest".to_owned(),
        name: "ERP".to_owned(),
        environment: Environment::Live,
        config,
        secrets: Secrets::signing(Secret::new(ERP_SECRET)),
        profile: Profile { receives, ..Profile::default() },
    };
    Ok(connections::create(app.system(), app.vault(), cmd).await?.id)
}

/// Orders for all tenants, a few tenants at a time.
async fn place(app: &App, tenants: &[Tenant], orders: usize) -> anyhow::Result<Vec<OpenOrder>> {
    let mut running = JoinSet::new();
    let mut open = Vec::with_capacity(orders);
    for (place, tenant) in tenants.iter().enumerate() {
        if running.len() >= GATES
            && let Some(done) = running.join_next().await
        {
            open.extend(done??);
        }
        let (app, tenant) = (app.clone(), tenant.clone());
        running.spawn(async move { place_for(&app, &tenant, place, orders / TENANTS).await });
    }
    while let Some(done) = running.join_next().await {
        open.extend(done??);
    }
    Ok(open)
}

async fn place_for(
    app: &App,
    tenant: &Tenant,
    place: usize,
    orders: usize,
) -> anyhow::Result<Vec<OpenOrder>> {
    let mut open = Vec::with_capacity(orders);
    let suppliers = tenant.suppliers.len();
    for batch in (0..orders).collect::<Vec<_>>().chunks(100) {
        // A scope of its own for each batch: the newest orders are at the end.
        let scope = app.system().in_tenant(tenant.id, Actor::Operator, &Origin::new(Channel::Ingest));
        let scope = scope.as_buyer().context("the operator is on the buyer's side")?;
        let documents: Vec<_> = batch
            .iter()
            .map(|number| {
                let supplier = supplier_number(number % suppliers);
                let seed = (place * 10_000_000 + number) as u64;
                documents::order(format!("45{number:08}"), &supplier, seed)
            })
            .collect();
        let incoming: Vec<_> = documents
            .iter()
            .map(|order| Incoming { order: Ok(order.clone()), key: None, only_supplier: None })
            .collect();
        let received = receive(&scope, &incoming).await?;
        for ((number, document), received) in batch.iter().zip(documents).zip(received) {
            let Some(order) = received.order else { bail!("an order was refused: {:?}", received.problems) };
            let supplier = number % suppliers;
            if number / suppliers % 10 == 9 {
                answer(app, tenant.id, tenant.suppliers[supplier], order).await?;
                continue;
            }
            let lines = document.lines.into_iter().map(|line| (line.number, line.quantity)).collect();
            open.push(OpenOrder { id: order.to_string(), supplier: place * suppliers + supplier, lines });
        }
    }
    Ok(open)
}

async fn answer(
    app: &App,
    tenant: TenantId,
    supplier: SupplierId,
    order: PurchaseOrderId,
) -> anyhow::Result<()> {
    let standing = Standing {
        tenant,
        supplier: Some(supplier),
        actor: Actor::System,
        person: None,
        permissions: [Permission::OrdersRead, Permission::OrdersAnswer].into(),
    };
    let scope = Scope::new(app.system().store(), &standing, &Origin::new(Channel::Api));
    let scope = scope.as_supplier().context("the answer is a supplier's")?;
    let request = AcceptPurchaseOrder { order, revision: 1, supplier_reference: None };
    accept(&scope, &request, Some(&order.to_string().parse()?)).await?;
    Ok(())
}

async fn shipped_orders(app: &App, yard: &Tenant) -> anyhow::Result<Vec<String>> {
    let scope = app.system().in_tenant(yard.id, Actor::Operator, &Origin::new(Channel::Ingest));
    let scope = scope.as_buyer().context("the operator is on the buyer's side")?;
    let numbers: Vec<_> = (0..SHIPPED_ORDERS).map(|number| format!("46{number:08}")).collect();
    let order =
        |number: &String| documents::large_order(number.clone(), &supplier_number(0), goods::LINES as u64);
    let incoming = |number| Incoming { order: Ok(order(number)), key: None, only_supplier: None };
    for received in receive(&scope, &numbers.iter().map(incoming).collect::<Vec<_>>()).await? {
        received.order.with_context(|| format!("an order was refused: {:?}", received.problems))?;
    }
    Ok(numbers)
}

impl World {
    /// Adds suppliers whose orders of 40 lines do not run out.
    pub(crate) async fn add_shippers(&mut self, app: &App) -> anyhow::Result<()> {
        let mut yards = Vec::with_capacity(SHIPPERS);
        for number in 0..SHIPPERS {
            yards.push(tenant(app, &format!("yard-{number}"), 1).await?);
        }
        let tokens = tokens(app, "shippers@example.test", &yards).await?;
        for (place, (yard, token)) in yards.iter().zip(tokens).enumerate() {
            let prefix = Some(format!("40{place:05}"));
            let cmd = SetGs1Prefix { tenant: yard.id, supplier: yard.suppliers[0], prefix };
            suppliers::set_gs1_prefix(app.system(), cmd).await?;
            let orders = shipped_orders(app, yard).await?;
            let gate = gate(app, yard).await?.token;
            self.shippers.push(Shipper { token, gate, orders });
        }
        while dispatch_once(app.system()).await? > 0 {}
        Ok(())
    }

    /// Connects every tenant to the ERP at `endpoint`.
    pub(crate) async fn connect_all(&self, app: &App, endpoint: &str) -> anyhow::Result<()> {
        for tenant in &self.tenants {
            connect(app, tenant.id, json!({ "endpoint": endpoint }), Receives::default()).await?;
        }
        Ok(())
    }

    /// Accepts the first `count` open orders past the server, so that their events wait for one.
    pub(crate) async fn answer_unserved(&self, app: &App, count: usize) -> anyhow::Result<usize> {
        let next = Arc::new(AtomicU64::new(0));
        let orders: Arc<[OpenOrder]> = self.open.iter().take(count).cloned().collect();
        let suppliers = self.suppliers;
        let mut running = JoinSet::new();
        for _ in 0..4 {
            let (app, next, orders, tenants) =
                (app.clone(), next.clone(), orders.clone(), self.tenants.clone());
            running.spawn(async move {
                while let Some(order) =
                    orders.get(usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap_or(usize::MAX))
                {
                    let tenant = &tenants[order.supplier / suppliers];
                    let supplier = tenant.suppliers[order.supplier % suppliers];
                    answer(&app, tenant.id, supplier, order.id.parse()?).await?;
                }
                anyhow::Ok(())
            });
        }
        while let Some(done) = running.join_next().await {
            done??;
        }
        Ok(orders.len())
    }
}
