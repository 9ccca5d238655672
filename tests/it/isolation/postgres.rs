//! PostgreSQL's own wall: what the application cannot do even with a statement that forgot the tenant.
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};

use super::World;
use crate::support::{number_of, texts_of};

/// Tables of tenants, in PostgreSQL.
const TENANT_TABLES: &str = "select c.table_name::text from information_schema.columns c
    join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = 'public' and c.column_name = 'tenant_id' and t.table_type = 'BASE TABLE'";

/// A connection as the application has it.
async fn as_the_application(world: &World) -> DatabaseConnection {
    let db = world.app.scratch().owner().await;
    db.execute_unprepared("set role quayside_app").await.unwrap();
    db
}

#[tokio::test]
async fn postgres_shows_the_application_one_tenant_at_a_time_whatever_it_asks() {
    let world = World::start().await;
    if !world.app.scratch().is_postgres() {
        return;
    }
    let db = as_the_application(&world).await;
    let tables = texts_of(&db, TENANT_TABLES).await;
    assert!(tables.len() > 20, "{tables:?}");
    for table in tables.iter().chain([&"tenant".to_owned()]) {
        let rows = number_of(&db, &format!("select count(*) from {table}")).await;
        assert_eq!(rows, 0, "{table}, without a tenant");
    }
    let (here, there) = (world.tenant.id.0, world.other_tenant.id.0);
    for (tenant, other) in [(here, there), (there, here)] {
        let tx = db.begin().await.unwrap();
        tx.execute_unprepared(&format!("set local quayside.tenant = '{tenant}'")).await.unwrap();
        for table in &tables {
            let rows =
                number_of(&tx, &format!("select count(*) from {table} where tenant_id <> '{tenant}'")).await;
            assert_eq!(rows, 0, "{table}");
        }
        assert!(number_of(&tx, "select count(*) from event").await > 0, "its own it sees");
        let theft = format!("update supplier set name = 'mine' where tenant_id = '{other}'");
        assert_eq!(tx.execute_unprepared(&theft).await.unwrap().rows_affected(), 0);
        let gift = format!(
            "insert into supplier_group (id, tenant_id, name, policy) values (gen_random_uuid(), '{other}', 'x', '{{}}')"
        );
        let refused = tx.execute_unprepared(&gift).await.unwrap_err().to_string();
        assert!(refused.contains("row-level security"), "{refused}");
        tx.rollback().await.unwrap();
    }
    let rows = number_of(&db, "select count(*) from event").await;
    assert_eq!(rows, 0, "a connection forgets its tenant with the transaction");
    db.close().await.unwrap();
}

#[tokio::test]
async fn postgres_does_not_let_the_application_change_what_happened() {
    let world = World::start().await;
    if !world.app.scratch().is_postgres() {
        return;
    }
    let db = as_the_application(&world).await;
    let history = [
        "event",
        "event_log",
        "delivery_attempt",
        "purchase_order_revision",
        "purchase_order_line",
        "acknowledgment",
        "acknowledgment_part",
        "exception_transition",
        "exception_comment",
        "exception_attachment",
        "file_content",
        "note",
    ];
    for table in history {
        for change in [format!("update {table} set tenant_id = tenant_id"), format!("delete from {table}")] {
            let refused = db.execute_unprepared(&change).await.unwrap_err().to_string();
            assert!(refused.contains("permission denied"), "{change}: {refused}");
        }
    }
    for statement in [
        "select * from app_user",
        "select * from session",
        "drop table event",
        "create table x (y int)",
        "alter table event disable row level security",
        "insert into event_log select * from event_log",
    ] {
        assert!(db.execute_unprepared(statement).await.is_err(), "{statement}");
    }
    db.close().await.unwrap();
}

#[tokio::test]
async fn postgres_forces_its_wall_around_every_table_of_a_tenant() {
    let world = World::start().await;
    if !world.app.scratch().is_postgres() {
        return;
    }
    let owner = world.app.scratch().owner().await;
    let open =
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
        and relname in (select table_name from information_schema.columns where column_name = 'tenant_id')
        and not (relrowsecurity and relforcerowsecurity)";
    assert_eq!(texts_of(&owner, open).await, Vec::<String>::new());
    for role in ["quayside_app", "quayside_worker"] {
        let owned = format!("select relname::text from pg_class where relowner = '{role}'::regrole");
        assert_eq!(texts_of(&owner, &owned).await, Vec::<String>::new(), "{role} owns nothing");
        let rights = format!(
            "select count(*) from pg_roles where rolname = '{role}' and (rolsuper or rolbypassrls or rolcreaterole or rolcanlogin)"
        );
        assert_eq!(number_of(&owner, &rights).await, 0, "{role} has no rights of its own");
    }
    owner.close().await.unwrap();
}
