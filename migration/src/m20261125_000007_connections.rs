//! What a connection receives, in whose codes, through which filter and how fast; and whose it is.
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

pub(crate) struct Connections;

impl MigrationName for Connections {
    fn name(&self) -> &'static str {
        "m20261125_000007_connections"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Connections {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, include_str!("sql/connections.sql")).await?;
        let moved = match manager.get_database_backend() {
            DbBackend::Postgres => include_str!("sql/connections.postgres.sql"),
            _ => include_str!("sql/connections.sqlite.sql"),
        };
        crate::run(manager, moved).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what connections receive would be lost: restore a backup".to_owned()))
    }
}
