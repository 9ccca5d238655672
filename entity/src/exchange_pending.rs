//! What could not be made for a trading partner.
use quayside_canonical::{EventId, TenantId, Timestamp, TradingPartnerId, states::ExchangePurpose};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "exchange_pending")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub partner_id: TradingPartnerId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub source_event_id: EventId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub purpose: ExchangePurpose,
    pub tenant_id: TenantId,
    pub position: i64,
    pub set_up: String,
    pub since: Timestamp,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
