//! Transports: the confirmations of their messages.
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

pub(crate) struct Transports;

impl MigrationName for Transports {
    fn name(&self) -> &'static str {
        "m20261125_000015_transports"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Transports {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, include_str!("sql/transports.sql")).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            crate::run(manager, include_str!("sql/protect.postgres.sql")).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, "drop table transport_answer").await
    }
}
