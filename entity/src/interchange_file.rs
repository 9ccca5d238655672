//! EDI files and requests as they arrived; the bytes are in `file_content`.
use quayside_canonical::{
    Channel, ConnectionId, InterchangeFileId, SupplierId, TenantId, Timestamp, TradingPartnerId,
};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "interchange_file")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InterchangeFileId,
    pub tenant_id: TenantId,
    pub supplier_id: Option<SupplierId>,
    pub partner_id: Option<TradingPartnerId>,
    pub connection_id: Option<ConnectionId>,
    pub channel: Channel,
    pub door: Uuid,
    pub name: Option<String>,
    pub sha256: Vec<u8>,
    pub size_bytes: i64,
    pub attempt: i32,
    pub result: Option<String>,
    pub received_at: Timestamp,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
