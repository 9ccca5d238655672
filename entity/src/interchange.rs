//! EDI files and requests as they arrived.
use quayside_canonical::{InterchangeId, SupplierId, TenantId, Timestamp, TradingPartnerId};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "interchange")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InterchangeId,
    pub tenant_id: TenantId,
    pub supplier_id: SupplierId,
    pub partner_id: TradingPartnerId,
    pub content_hash: Vec<u8>,
    pub raw: Vec<u8>,
    pub result: Option<String>,
    pub received_at: Timestamp,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
