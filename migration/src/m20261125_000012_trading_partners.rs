//! Trading partners: what was agreed with each, and through what it is reached.
use sea_orm_migration::prelude::*;

pub(crate) struct TradingPartners;

impl MigrationName for TradingPartners {
    fn name(&self) -> &'static str {
        "m20261125_000012_trading_partners"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for TradingPartners {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, include_str!("sql/trading_partners.sql")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["agreement", "connection_id", "revision", "disabled_at"] {
            crate::run(manager, &format!("alter table trading_partner drop column {column}")).await?;
        }
        Ok(())
    }
}
