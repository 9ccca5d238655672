//! A fresh database for each test.
use std::{path::PathBuf, sync::Arc};

use quayside_domain::store::{connect_owner, sqlite_url};
use quayside_migration::Migrator;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use sea_orm_migration::MigratorTrait;
use tokio::sync::OnceCell;

use super::scratch_folder;

/// What one test keeps. The folder goes when the last process of the test is gone.
#[derive(Clone)]
pub(crate) struct Scratch {
    pub(crate) folder: PathBuf,
    pub(crate) url: String,
    _cleanup: Arc<Cleanup>,
}

struct Cleanup(PathBuf);

impl Drop for Cleanup {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Scratch {
    /// SQLite in a folder, or a database of its own in the cluster the environment names.
    pub(crate) async fn new() -> Self {
        let folder = scratch_folder();
        let url = match std::env::var("QUAYSIDE_TEST_DATABASE_URL") {
            Ok(server) => on_server(&server).await,
            Err(_) => sqlite_url(&folder.join("quayside.sqlite")),
        };
        Self { _cleanup: Arc::new(Cleanup(folder.clone())), folder, url }
    }

    /// The same without any table yet.
    pub(crate) async fn blank() -> Self {
        let folder = scratch_folder();
        let url = match std::env::var("QUAYSIDE_TEST_DATABASE_URL") {
            Ok(server) => {
                let (base, _) = server.rsplit_once('/').unwrap();
                let name = name("blank");
                run(&server, &format!("create database {name}")).await;
                format!("{base}/{name}")
            }
            Err(_) => sqlite_url(&folder.join("quayside.sqlite")),
        };
        Self { _cleanup: Arc::new(Cleanup(folder.clone())), folder, url }
    }

    /// The database as its owner, past the application: to look, or to tamper.
    pub(crate) async fn owner(&self) -> DatabaseConnection {
        connect_owner(&self.url).await.unwrap()
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres")
    }

    /// A number the database gives, asked as its owner.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        let owner = self.owner().await;
        let count = number_of(&owner, sql).await;
        owner.close().await.unwrap();
        count
    }

    /// Changes the database as its owner.
    pub(crate) async fn tamper(&self, sql: &[&str]) {
        let owner = self.owner().await;
        for statement in sql {
            owner.execute_unprepared(statement).await.unwrap();
        }
        owner.close().await.unwrap();
    }

    /// An id as a literal of this database.
    pub(crate) fn literal(&self, id: uuid::Uuid) -> String {
        let hex = id.simple();
        if self.is_postgres() { format!("'{hex}'::uuid") } else { format!("x'{hex}'") }
    }
}

/// The number in the first column of the first row.
pub(crate) async fn number_of(db: &impl ConnectionTrait, sql: &str) -> i64 {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    db.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

/// The texts in the first column.
pub(crate) async fn texts_of(db: &impl ConnectionTrait, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

/// A copy of a database that was migrated once for the whole run.
async fn on_server(server: &str) -> String {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let (base, _) = server.rsplit_once('/').unwrap();
    let template = TEMPLATE.get_or_init(|| async {
        let name = name("template");
        run(server, &format!("create database {name}")).await;
        let owner = connect_owner(&format!("{base}/{name}")).await.unwrap();
        Migrator::up(&owner, None).await.unwrap();
        owner.close().await.unwrap();
        name
    });
    let template = template.await;
    let name = name("test");
    run(server, &format!("create database {name} template {template}")).await;
    format!("{base}/{name}")
}

fn name(kind: &str) -> String {
    format!("quayside_{kind}_{}", uuid::Uuid::now_v7().simple())
}

async fn run(server: &str, sql: &str) {
    let owner = connect_owner(server).await.unwrap();
    owner.execute_unprepared(sql).await.unwrap();
    owner.close().await.unwrap();
}
