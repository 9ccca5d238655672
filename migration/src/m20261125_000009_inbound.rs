//! What the tenant's systems say: how far each feed was read, and what came in.
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

pub(crate) struct Inbound;

impl MigrationName for Inbound {
    fn name(&self) -> &'static str {
        "m20261125_000009_inbound"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Inbound {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, include_str!("sql/inbound.sql")).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            crate::run(manager, include_str!("sql/protect.postgres.sql")).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what came in would be lost: restore a backup".to_owned()))
    }
}
