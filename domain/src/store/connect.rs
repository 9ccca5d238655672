//! Opening the database with settings under which "accepted" means durable.
use std::{path::Path, time::Duration};

use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement,
    sqlx::{
        Connection,
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};

/// Open connections, one pool for each role.
pub struct Database {
    /// As `quayside_app`.
    pub app: DatabaseConnection,
    /// As `quayside_worker`.
    pub worker: DatabaseConnection,
}

/// The database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// It does not answer, or refuses us.
    #[error("cannot open the database: {0}")]
    Unreachable(#[from] DbErr),
    /// It would lose what it confirmed.
    #[error("the database has `{setting}` set to `{value}`: what it confirms could be lost; set it to `on`")]
    NotDurable {
        /// The setting.
        setting: &'static str,
        /// What it is set to.
        value: String,
    },
    /// Not a URL of a kind we know.
    #[error("the database URL must begin with `sqlite:` or `postgres:`")]
    UnknownKind,
}

/// Opens the database at `url` with at most `connections` per role.
///
/// # Errors
/// It does not answer, is of an unknown kind, or is not durable.
pub async fn connect(url: &str, connections: u32) -> Result<Database, ConnectError> {
    if url.starts_with("sqlite:") {
        let app = open(sqlite(url, connections)).await?;
        return Ok(Database { worker: app.clone(), app });
    }
    let app = open(postgres(url, connections, Some("quayside_app"))?).await?;
    check_durable(&app).await?;
    let worker = open(postgres(url, connections, Some("quayside_worker"))?).await?;
    Ok(Database { app, worker })
}

/// Opens the database as its owner, for migrations.
///
/// # Errors
/// It does not answer or is of an unknown kind.
pub async fn connect_owner(url: &str) -> Result<DatabaseConnection, ConnectError> {
    if url.starts_with("sqlite:") { open(sqlite(url, 1)).await } else { open(postgres(url, 1, None)?).await }
}

/// The URL of the database file at `path`.
#[must_use]
pub fn sqlite_url(path: &Path) -> String {
    format!("sqlite:{}?mode=rwc", path.display())
}

async fn open(options: ConnectOptions) -> Result<DatabaseConnection, ConnectError> {
    Ok(sea_orm::Database::connect(options).await?)
}

fn common(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(5))
        .test_before_acquire(false)
        .sqlx_logging(false);
    options
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = common(url, connections);
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            // The lines of a page in one go: else the connection's thread and the request take turns.
            .row_buffer_size(1_000)
            .statement_cache_capacity(200)
    });
    // Where a commit fails for want of space or by an input/output error, SQLite has given its transaction up, and the
    // driver believes that it goes on: what came next on this connection would be a part of it, called committed and
    // never durable.
    options.map_sqlx_sqlite_before_acquire(|connection, _| {
        Box::pin(async move { Ok(!connection.is_in_transaction()) })
    });
    options
}

fn postgres(url: &str, connections: u32, role: Option<&'static str>) -> Result<ConnectOptions, ConnectError> {
    if !url.starts_with("postgres:") && !url.starts_with("postgresql:") {
        return Err(ConnectError::UnknownKind);
    }
    let mut options = common(url, connections);
    options.map_sqlx_postgres_opts(move |postgres| {
        let postgres = postgres.application_name("quayside").statement_cache_capacity(200);
        match role {
            Some(role) => postgres.options([("role", role)]),
            None => postgres,
        }
    });
    Ok(options)
}

async fn check_durable(db: &DatabaseConnection) -> Result<(), ConnectError> {
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        let statement = Statement::from_string(DbBackend::Postgres, format!("show {setting}"));
        let row = db.query_one_raw(statement).await?;
        let value: String = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
        if value == "off" {
            return Err(ConnectError::NotDurable { setting, value });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock, Store, SystemScope};

    async fn rows(store: &Store) -> i64 {
        let count = Statement::from_string(store.backend(), "select count(*) from kept");
        store.worker().query_one_raw(count).await.unwrap().unwrap().try_get_by_index(0).unwrap()
    }

    #[tokio::test]
    async fn a_transaction_that_sqlite_gave_up_leaves_none_that_goes_on() {
        let name = format!("quayside_{}.sqlite", uuid::Uuid::now_v7().simple());
        let path = std::env::temp_dir().join(name);
        // Two connections: the second would wait for a lock that the first kept.
        let open = async || Store::new(connect(&sqlite_url(&path), 2).await.unwrap(), Clock::system());
        let store = open().await;
        let system = SystemScope::new(store.clone());
        store.worker().execute_unprepared("create table kept (id integer)").await.unwrap();

        let tx = system.write().await.unwrap();
        tx.execute_unprepared("rollback").await.unwrap(); // as SQLite does by itself
        assert!(tx.commit().await.is_err());
        // One that is dropped after it, and one that is called committed.
        let tx = system.write().await.unwrap();
        tx.execute_unprepared("insert into kept values (1)").await.unwrap();
        drop(tx);
        let tx = system.write().await.unwrap();
        tx.execute_unprepared("insert into kept values (2)").await.unwrap();
        tx.commit().await.unwrap();
        let other = open().await;
        assert_eq!(rows(&other).await, 1, "what was called committed is there for others");
        let tx = SystemScope::new(other.clone()).write().await.unwrap();
        tx.execute_unprepared("insert into kept values (3)").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(rows(&store).await, 2, "and no lock is kept");
    }
}
