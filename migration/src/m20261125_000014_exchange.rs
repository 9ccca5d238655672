//! Interchanges we send to trading partners, their control numbers, and what the partners said to them.
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

pub(crate) struct Exchange;

impl MigrationName for Exchange {
    fn name(&self) -> &'static str {
        "m20261125_000014_exchange"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Exchange {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let is_postgres = manager.get_database_backend() == DbBackend::Postgres;
        // The owner is behind the second wall too, and has to see where each log ends.
        if is_postgres {
            crate::run(manager, "alter table event_head no force row level security").await?;
        }
        crate::run(manager, include_str!("sql/exchange.sql")).await?;
        if is_postgres {
            crate::run(manager, "alter table event_head force row level security").await?;
            crate::run(manager, include_str!("sql/protect.postgres.sql")).await?;
            // Only background work follows the log and counts.
            crate::run(manager, "revoke all on exchange_cursor, edi_counter from quayside_app").await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("control numbers would be used again: restore a backup".to_owned()))
    }
}
