//! Migrations, one node at a time.
use std::path::Path;

use anyhow::Context;
use quayside_domain::store::connect_owner;
use quayside_migration::Migrator;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
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
    let owner = connect_owner(&config.database.owner_url).await?;
    let done = match owner.get_database_backend() {
        DbBackend::Postgres => under_advisory_lock(&owner).await,
        _ => under_file_lock(&config.data_dir, &owner).await,
    };
    owner.close().await?;
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
async fn under_advisory_lock(owner: &DatabaseConnection) -> anyhow::Result<()> {
    let run = |sql: String| owner.execute_raw(Statement::from_string(DbBackend::Postgres, sql));
    run(format!("select pg_advisory_lock({LOCK})")).await?;
    let migrated = Migrator::up(owner, None).await;
    run(format!("select pg_advisory_unlock({LOCK})")).await?;
    Ok(migrated?)
}

async fn under_file_lock(folder: &Path, owner: &DatabaseConnection) -> anyhow::Result<()> {
    let path = folder.join("migrate.lock");
    let lock = tokio::task::spawn_blocking(move || {
        let file = std::fs::File::create(&path)?;
        file.lock()?;
        std::io::Result::Ok(file)
    });
    let lock = lock.await?.context("waiting for another node to migrate")?;
    Migrator::up(owner, None).await?;
    drop(lock);
    Ok(())
}
