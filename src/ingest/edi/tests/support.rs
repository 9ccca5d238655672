//! A database, a tenant and a partner to send interchanges as.
use std::sync::Arc;

use axum::body::Bytes;
use quayside_canonical::{
    Actor, Channel, SupplierId, TenantId, Timestamp, TradingPartnerId,
    identity::Permission,
    states::{DocumentOutcome, PartnerMode},
};
use quayside_domain::{
    Clock, Scope, Store, SystemScope,
    interchanges::InterchangeResult,
    scope::{Origin, Standing},
    store::{connect, connect_owner, sqlite_url},
};
use quayside_entity::{supplier, tenant, trading_partner};
use quayside_migration::Migrator;
use sea_orm::{ActiveModelTrait, ConnectionTrait, Set};
use sea_orm_migration::MigratorTrait;

use super::super::{Partner, process};

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

/// A supplier of the tenant, as a partner that mirrors.
pub(super) async fn partner(store: &Store, tenant: TenantId, number: &str) -> Partner {
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
        agreement: Set("{}".to_owned()),
        connection_id: Set(None),
        revision: Set(1),
        disabled_at: Set(None),
    };
    row.insert(&*tx).await.unwrap();
    let row = trading_partner::ActiveModel {
        environment: Set(quayside_canonical::states::Environment::Test),
        currency: Set(None),
        id: Set(id),
        tenant_id: Set(tenant),
        supplier_id: Set(supplier),
        name: Set(number.to_owned()),
        mode: Set(PartnerMode::Mirror),
        identifiers: Set("{}".to_owned()),
        created_at: Set(store.clock().now()),
        agreement: Set("{}".to_owned()),
        connection_id: Set(None),
        revision: Set(1),
        disabled_at: Set(None),
    };
    row.insert(&*tx).await.unwrap();
    tx.commit().await.unwrap();
    let permissions =
        Arc::from([Permission::OrdersRead, Permission::OrdersAnswer, Permission::ShipmentsManage]);
    let standing = Standing { tenant, supplier: None, actor: Actor::Partner(id), person: None, permissions };
    Partner {
        id,
        supplier,
        supplier_number: number.to_owned(),
        currency: Some("USD".to_owned()),
        takes_test_data: true,
        standing,
        origin: Origin::new(Channel::Edi),
    }
}

/// A store with one tenant and one partner.
pub(super) async fn one_partner() -> (Store, Partner) {
    let store = store().await;
    let tenant = tenant(&store).await;
    let partner = partner(&store, tenant, "V-100").await;
    (store, partner)
}

pub(super) fn scope(store: &Store, partner: &Partner) -> Scope {
    Scope::new(store, &partner.standing, &partner.origin)
}

/// What becomes of a file.
pub(super) async fn send(store: &Store, partner: &Partner, file: &str) -> InterchangeResult {
    let reply = process(store, partner, Bytes::copy_from_slice(file.as_bytes())).await.unwrap();
    serde_json::from_str(&reply.body).unwrap()
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
