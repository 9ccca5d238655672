//! Deliveries at full strength: order by several keys, circuits, reading back, and an end to keeping.
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

pub(crate) struct Deliveries;

impl MigrationName for Deliveries {
    fn name(&self) -> &'static str {
        "m20261125_000008_deliveries"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Deliveries {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, include_str!("sql/deliveries.sql")).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            crate::run(manager, include_str!("sql/protect.postgres.sql")).await?;
            // Only background work prunes; what an attempt was and how it ended stays as long as its delivery.
            let prunes = "grant delete, update (request, answer) on delivery_attempt to quayside_worker";
            crate::run(manager, prunes).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration(
            "what was read back and pruned cannot be taken back: restore a backup".to_owned(),
        ))
    }
}
