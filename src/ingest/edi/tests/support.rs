//! A database, a tenant and a partner to send interchanges as.
use std::sync::Arc;

use axum::body::Bytes;
use quayside_canonical::{
    Actor, Channel, SupplierId, TenantId, Timestamp, TradingPartnerId,
    identity::Permission,
    states::{DocumentOutcome, Environment, PartnerMode},
};
use quayside_domain::{
    BuyerScope, Clock, Scope, Store, SystemScope,
    acknowledgments::query::{Standing as Answered, standing_answers},
    interchanges::{FileResult, InterchangeResult},
    orders::query::{self, OrderFilter, Page},
    scope::{Origin, Standing},
    store::{connect, connect_owner, sqlite_url},
};
use quayside_entity::{supplier, tenant, trading_partner};
use quayside_migration::Migrator;
use sea_orm::{ActiveModelTrait, ConnectionTrait, Set};
use sea_orm_migration::MigratorTrait;

use super::super::{Entrance, process};

/// A fresh store: SQLite, or the PostgreSQL the environment names.
pub(super) async fn store() -> Store {
    let name = format!("quayside_{}", uuid::Uuid::now_v7().simple());
    let url = match std::env::var("QUAYSIDE_TEST_DATABASE_URL") {
        Ok(server) => {
            let owner = connect_owner(&server).await.unwrap();
            owner.execute_unprepared(&format!("create database {name}")).await.unwrap();
            format!("{}/{name}", server.rsplit_once('/').unwrap().0)
        }
        Err(_) => sqlite_url(&std::env::temp_dir().join(format!("{name}.sqlite"))),
    };
    let owner = connect_owner(&url).await.unwrap();
    Migrator::up(&owner, None).await.unwrap();
    owner.close().await.unwrap();
    let start: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
    Store::new(connect(&url, 4).await.unwrap(), Clock::manual(start))
}

pub(super) async fn tenant(store: &Store) -> TenantId {
    let id = TenantId::generate();
    let tx = SystemScope::new(store.clone()).write().await.unwrap();
    let row = tenant::ActiveModel {
        id: Set(id),
        slug: Set(id.to_string()),
        name: Set("Harbour Supply".to_owned()),
        policy: Set("{}".to_owned()),
        created_at: Set(store.clock().now()),
    };
    row.insert(&*tx).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// A partner and its way in.
pub(super) struct Partner {
    pub(super) tenant: TenantId,
    pub(super) id: TradingPartnerId,
    pub(super) supplier: SupplierId,
    pub(super) entrance: Entrance,
}

/// What is agreed with a partner.
pub(super) struct Terms {
    pub(super) environment: Environment,
    pub(super) currency: Option<&'static str>,
    pub(super) identifiers: &'static str,
    pub(super) agreement: &'static str,
}

impl Default for Terms {
    fn default() -> Self {
        Self { environment: Environment::Test, currency: Some("USD"), identifiers: "{}", agreement: "{}" }
    }
}

/// A supplier of the tenant, as a partner that mirrors.
pub(super) async fn partner(store: &Store, tenant: TenantId, number: &str) -> Partner {
    partner_with(store, tenant, number, Terms::default()).await
}

/// The same on other terms.
pub(super) async fn partner_with(store: &Store, tenant: TenantId, number: &str, terms: Terms) -> Partner {
    let (id, supplier) = (TradingPartnerId::generate(), SupplierId::generate());
    let tx = SystemScope::new(store.clone()).write().await.unwrap();
    let row = supplier::ActiveModel {
        id: Set(supplier),
        tenant_id: Set(tenant),
        group_id: Set(None),
        number: Set(number.to_owned()),
        name: Set(format!("Supplier {number}")),
        policy: Set("{}".to_owned()),
        gs1_prefix: Set(None),
        sscc_serial: Set(0),
        created_at: Set(store.clock().now()),
    };
    row.insert(&*tx).await.unwrap();
    tx.commit().await.unwrap();
    partner_of(store, tenant, supplier, (id, number), terms).await
}

/// Another partner that is the same supplier: its control numbers are its own.
pub(super) async fn sibling(store: &Store, partner: &Partner, name: &str) -> Partner {
    let id = TradingPartnerId::generate();
    partner_of(store, partner.tenant, partner.supplier, (id, name), Terms::default()).await
}

async fn partner_of(
    store: &Store,
    tenant: TenantId,
    supplier: SupplierId,
    (id, number): (TradingPartnerId, &str),
    terms: Terms,
) -> Partner {
    let tx = SystemScope::new(store.clone()).write().await.unwrap();
    let row = trading_partner::ActiveModel {
        environment: Set(terms.environment),
        currency: Set(terms.currency.map(str::to_owned)),
        id: Set(id),
        tenant_id: Set(tenant),
        supplier_id: Set(supplier),
        name: Set(number.to_owned()),
        mode: Set(PartnerMode::Mirror),
        identifiers: Set(terms.identifiers.to_owned()),
        created_at: Set(store.clock().now()),
        agreement: Set(terms.agreement.to_owned()),
        connection_id: Set(None),
        revision: Set(1),
        disabled_at: Set(None),
    };
    row.insert(&*tx).await.unwrap();
    tx.commit().await.unwrap();
    let entrance = Entrance::of_partner(&person(store, tenant, Actor::Partner(id))).await.unwrap();
    Partner { tenant, id, supplier, entrance }
}

fn person(store: &Store, tenant: TenantId, actor: Actor) -> Scope {
    let permissions = Arc::from([
        Permission::OrdersRead,
        Permission::OrdersAnswer,
        Permission::ShipmentsManage,
        Permission::DeliveriesManage,
    ]);
    let standing = Standing { tenant, supplier: None, actor, person: None, permissions };
    Scope::new(store, &standing, &Origin::new(Channel::Edi))
}

/// A store with one tenant and one partner.
pub(super) async fn one_partner() -> (Store, Partner) {
    on_terms(Terms::default()).await
}

/// The same on other terms.
pub(super) async fn on_terms(terms: Terms) -> (Store, Partner) {
    let store = store().await;
    let tenant = tenant(&store).await;
    let partner = partner_with(&store, tenant, "V-100", terms).await;
    (store, partner)
}

/// Procurement, in the tenant of a partner.
pub(super) fn buyer(store: &Store, partner: &Partner) -> BuyerScope {
    person(store, partner.tenant, Actor::Operator).as_buyer().unwrap()
}

/// The partner itself.
pub(super) fn scope(store: &Store, partner: &Partner) -> Scope {
    person(store, partner.tenant, Actor::Partner(partner.id))
}

/// What becomes of a file.
pub(super) async fn send_file(store: &Store, partner: &Partner, file: &[u8]) -> FileResult {
    let reply = process(store, &partner.entrance, Bytes::copy_from_slice(file)).await.unwrap();
    serde_json::from_str(&reply.body).unwrap()
}

/// What becomes of the first interchange of a file.
pub(super) async fn send(store: &Store, partner: &Partner, file: &str) -> InterchangeResult {
    send_file(store, partner, file.as_bytes()).await.interchanges.remove(0)
}

/// What becomes of a file with one message.
pub(super) async fn outcome(store: &Store, partner: &Partner, file: &str) -> (DocumentOutcome, Vec<String>) {
    let result = send(store, partner, file).await;
    let message = result.messages.into_iter().next().unwrap();
    (message.outcome, message.problems.into_iter().map(|problem| problem.code).collect())
}

/// An interchange around sets, sent at `time` (`HHMM`) on 1 September 2026 with control number `number`. Each set is its
/// kind and its segments between ST and SE.
pub(super) fn interchange(group: &str, time: &str, number: u32, sets: &[(&str, &[&str])]) -> String {
    let mut file = format!(
        "ISA*00*          *00*          *ZZ*NORTHDIST      *ZZ*ACMESUPPLY     *260901*{time}*U*00401*{number:09}*0*T*>~\
         GS*{group}*NORTHDIST*ACMESUPPLY*20260901*{time}*{number}*X*004010~"
    );
    for (index, (kind, segments)) in sets.iter().enumerate() {
        let control = index + 1;
        file.push_str(&format!("ST*{kind}*{control:04}~"));
        for segment in *segments {
            file.push_str(segment);
            file.push('~');
        }
        file.push_str(&format!("SE*{}*{control:04}~", segments.len() + 2));
    }
    file.push_str(&format!("GE*{}*{number}~IEA*1*{number:09}~", sets.len()));
    file
}

/// An order over lines 1 (100 EA at 12.50) and 2 (40 EA at 4.15).
pub(super) const ORDER: &[&str] = &[
    "BEG*00*SA*PO-1**20260901",
    "CUR*BY*USD",
    "DTM*002*20260915",
    "N1*ST*North DC*92*DC001",
    "PO1*1*100*EA*12.50**VP*WIDGET*BP*B-1",
    "PO1*2*40*EA*4.15**VP*BRACKET*BP*B-2",
    "CTT*2",
];

/// An EDIFACT interchange around one message, its segments between UNH and UNT.
pub(super) fn edifact(reference: &str, kind: &str, segments: &[&str]) -> String {
    let body: String = segments.iter().map(|segment| format!("{segment}'")).collect();
    format!(
        "UNB+UNOC:3+NORTHDIST:ZZ+ACMESUPPLY:ZZ+260901:0900+{reference}'UNH+1+{kind}:D:96A:UN'{body}UNT+{}+1'UNZ+1+{reference}'",
        segments.len() + 2
    )
}

/// The order `PO-1`, and what stands of each of its lines.
pub(super) async fn standing(store: &Store, partner: &Partner) -> Vec<Answered> {
    let scope = buyer(store, partner);
    let tx = scope.read().await.unwrap();
    let filter = OrderFilter { number: Some("PO-1".to_owned()), ..OrderFilter::default() };
    let page = Page { after: None, before: None, limit: 2, from_end: false };
    let order = query::list(&tx, &scope, &filter, page).await.unwrap().pop().unwrap().id;
    standing_answers(&tx, &scope, &[order]).await.unwrap().remove(&order).unwrap().into_values().collect()
}
