//! Everything the first release keeps.
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

pub(crate) struct Foundation;

impl MigrationName for Foundation {
    fn name(&self) -> &'static str {
        "m20261123_000001_foundation"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Foundation {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in [
            include_str!("sql/identity.sql"),
            include_str!("sql/partners.sql"),
            include_str!("sql/orders.sql"),
            include_str!("sql/answers.sql"),
            include_str!("sql/events.sql"),
        ] {
            crate::run(manager, sql).await?;
        }
        if manager.get_database_backend() == DbBackend::Postgres {
            crate::run(manager, include_str!("sql/roles.postgres.sql")).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("the first migration has nothing to go back to: restore a backup".to_owned()))
    }
}
