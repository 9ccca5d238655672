//! The last control numbers that were used with a trading partner.
use quayside_canonical::{TenantId, TradingPartnerId};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "edi_counter")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub partner_id: TradingPartnerId,
    pub tenant_id: TenantId,
    pub interchanges: i64,
    pub message_groups: i64,
    pub messages: i64,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
