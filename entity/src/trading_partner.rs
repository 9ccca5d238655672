//! Suppliers as EDI knows them.
use quayside_canonical::{
    ConnectionId, SupplierId, TenantId, Timestamp, TradingPartnerId,
    states::{Environment, PartnerMode},
};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trading_partner")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TradingPartnerId,
    pub tenant_id: TenantId,
    pub supplier_id: SupplierId,
    pub name: String,
    pub mode: PartnerMode,
    pub environment: Environment,
    pub currency: Option<String>,
    pub identifiers: String,
    pub created_at: Timestamp,
    pub agreement: String,
    pub connection_id: Option<ConnectionId>,
    pub revision: i32,
    pub disabled_at: Option<Timestamp>,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
