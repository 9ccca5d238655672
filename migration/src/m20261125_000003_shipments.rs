//! Shipments, appointments, receipts, discrepancies, invoice statuses, and the quantity ledger.
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

pub(crate) struct Shipments;

impl MigrationName for Shipments {
    fn name(&self) -> &'static str {
        "m20261125_000003_shipments"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Shipments {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, include_str!("sql/shipments.sql")).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            crate::run(manager, include_str!("sql/protect.postgres.sql")).await?;
            let stays = "revoke update, delete on shipment_version, receipt, receipt_line from quayside_app, quayside_worker";
            crate::run(manager, stays).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what was recorded cannot be taken back: restore a backup".to_owned()))
    }
}
