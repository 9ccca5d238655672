//! Migrations, one node at a time.
use std::path::Path;

use anyhow::Context;
use quayside_domain::store::connect_owner;
use quayside_migration::Migrator;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use sea_orm_migration::MigratorTrait;

use crate::config::Config;

/// Any number all our nodes agree on.
const LOCK: i64 = 0x0071_7561_7973_6964;

/// Brings the tables up to date. Several nodes may start at once: one migrates, the others wait and then find
/// nothing to do.
///
/// # Errors
/// The database is away, or a migration failed; what it had done is undone.
pub async fn migrate(config: &Config) -> anyhow::Result<()> {
    prepare_folder(&config.data_dir)?;
    let url = &config.database.owner_url;
    let done = if url.starts_with("sqlite:") {
        under_file_lock(&config.data_dir, url).await
    } else {
        under_advisory_lock(url).await
    };
    done.context("migrating the database")
}

/// Makes the data folder, for our eyes only.
///
/// # Errors
/// It cannot be made.
pub fn prepare_folder(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("making the folder {}", folder.display()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
            .with_context(|| format!("closing the folder {} to others", folder.display()))?;
    }
    Ok(())
}

/// The owner has one connection, so the session's lock covers all that follows.
async fn under_advisory_lock(url: &str) -> anyhow::Result<()> {
    let owner = connect_owner(url).await?;
    let run = |sql: String| owner.execute_raw(Statement::from_string(DbBackend::Postgres, sql));
    run(format!("select pg_advisory_lock({LOCK})")).await?;
    let migrated = Migrator::up(&owner, None).await;
    run(format!("select pg_advisory_unlock({LOCK})")).await?;
    owner.close().await?;
    Ok(migrated?)
}

/// The file is opened under the lock too: SQLite does not wait when two processes change its journal mode.
async fn under_file_lock(folder: &Path, url: &str) -> anyhow::Result<()> {
    let path = folder.join("migrate.lock");
    let lock = tokio::task::spawn_blocking(move || {
        let file = std::fs::File::create(&path)?;
        file.lock()?;
        std::io::Result::Ok(file)
    });
    let lock = lock.await?.context("waiting for another node to migrate")?;
    let owner = connect_owner(url).await?;
    let migrated = Migrator::up(&owner, None).await;
    owner.close().await?;
    drop(lock);
    Ok(migrated?)
}
