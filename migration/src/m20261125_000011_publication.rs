//! How far each tenant's log is published on a message bus.
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

pub(crate) struct Publication;

impl MigrationName for Publication {
    fn name(&self) -> &'static str {
        "m20261125_000011_publication"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Publication {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, include_str!("sql/publication.sql")).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            crate::run(manager, include_str!("sql/protect.postgres.sql")).await?;
            crate::run(manager, "revoke all on bus_cursor from quayside_app").await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, "drop table bus_cursor").await
    }
}
