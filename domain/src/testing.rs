//! A fresh database for tests inside this crate: SQLite, or PostgreSQL when the environment names one.
//!
//! Most rules are tested through the whole application; this is for what cannot be seen from there.
use std::{sync::Arc, time::Duration};

use quayside_canonical::{Actor, Channel, SupplierId, TenantId, Timestamp, identity::Role};
use quayside_entity::{supplier, tenant};
use quayside_migration::Migrator;
use sea_orm::{ActiveModelTrait, ConnectionTrait, Set};
use sea_orm_migration::MigratorTrait;

use crate::{
    Clock, Store, SystemScope,
    scope::{Origin, Scope, Standing},
    store::{connect, connect_owner, sqlite_url},
};

/// Where every test's clock starts.
pub(crate) const START: &str = "2026-11-23T08:00:00Z";

/// A store over a fresh, migrated database, with a clock that stands still.
pub(crate) async fn store() -> Store {
    store_and_url().await.0
}

/// The same, and where it is: for a test that acts as the database's owner.
pub(crate) async fn store_and_url() -> (Store, String) {
    let url = fresh_database().await;
    let owner = connect_owner(&url).await.unwrap();
    Migrator::up(&owner, None).await.unwrap();
    owner.close().await.unwrap();
    let start: Timestamp = START.parse().unwrap();
    let store = Store::new(connect(&url, 4).await.unwrap(), Clock::manual(start.plus(Duration::ZERO)));
    (store, url)
}

async fn fresh_database() -> String {
    let name = format!("quayside_{}", uuid::Uuid::now_v7().simple());
    let Ok(url) = std::env::var("QUAYSIDE_TEST_DATABASE_URL") else {
        return sqlite_url(&std::env::temp_dir().join(format!("{name}.sqlite")));
    };
    let server = connect_owner(&url).await.unwrap();
    server.execute_unprepared(&format!("create database {name}")).await.unwrap();
    let (server, _) = url.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

/// A tenant with one supplier.
pub(crate) async fn tenant(store: &Store) -> (TenantId, SupplierId) {
    let (tenant_id, supplier_id) = (TenantId::generate(), SupplierId::generate());
    let now = store.clock().now();
    let tx = SystemScope::new(store.clone()).write().await.unwrap();
    tenant::ActiveModel {
        id: Set(tenant_id),
        slug: Set(tenant_id.to_string()),
        name: Set("Harbour Supply".to_owned()),
        policy: Set("{}".to_owned()),
        created_at: Set(now),
    }
    .insert(&*tx)
    .await
    .unwrap();
    supplier::ActiveModel {
        id: Set(supplier_id),
        tenant_id: Set(tenant_id),
        group_id: Set(None),
        number: Set("V-100".to_owned()),
        name: Set("Nordhaven Fasteners".to_owned()),
        policy: Set("{}".to_owned()),
        gs1_prefix: Set(None),
        sscc_serial: Set(0),
        created_at: Set(now),
    }
    .insert(&*tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    (tenant_id, supplier_id)
}

/// A scope with all a role may do: the buyer's, or the supplier's when one is named.
pub(crate) fn scope(store: &Store, tenant: TenantId, supplier: Option<SupplierId>) -> Scope {
    let role = if supplier.is_some() { Role::SupplierAdmin } else { Role::BuyerAdmin };
    let permissions = Arc::from(role.permissions());
    let standing = Standing { tenant, supplier, actor: Actor::Operator, person: None, permissions };
    Scope::new(store, &standing, &Origin::new(Channel::Cli))
}

#[tokio::test]
async fn another_tenants_scope_sees_nothing_and_a_repeat_of_a_key_gives_the_first_result() {
    use crate::idempotency::{Claim, ClaimError, claim};
    let store = store().await;
    let (tenant_id, supplier_id) = tenant(&store).await;
    let (other, _) = tenant(&store).await;
    let key = "k1".parse().unwrap();

    let scope_a = scope(&store, tenant_id, Some(supplier_id));
    let tx = scope_a.write().await.unwrap();
    let first = claim(&tx, &scope_a, "op", &key, &1, &"result".to_owned()).await.unwrap();
    assert_eq!(first, Claim::First);
    tx.commit().await.unwrap();

    let tx = scope_a.write().await.unwrap();
    let again = claim(&tx, &scope_a, "op", &key, &1, &"other".to_owned()).await.unwrap();
    assert_eq!(again, Claim::Repeat("result".to_owned()));
    let reused = claim(&tx, &scope_a, "op", &key, &2, &"other".to_owned()).await;
    assert!(matches!(reused, Err(ClaimError::KeyReused)));
    drop(tx);

    let scope_b = scope(&store, other, None);
    let tx = scope_b.write().await.unwrap();
    let theirs = claim(&tx, &scope_b, "op", &key, &3, &"theirs".to_owned()).await.unwrap();
    assert_eq!(theirs, Claim::First, "another tenant's key is another key");
    let suppliers = scope_b.find::<supplier::Entity>().all(&*tx).await.unwrap();
    assert!(suppliers.iter().all(|row| row.tenant_id == other), "only its own");
}
