//! Revisions of orders, as they came. Never changed.
use quayside_canonical::{Channel, PurchaseOrderId, SupplierId, TenantId, Timestamp};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "purchase_order_revision")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: PurchaseOrderId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub tenant_id: TenantId,
    pub supplier_id: SupplierId,
    pub source_revision: String,
    pub source_sequence: i64,
    pub source_issued_at: Timestamp,
    pub late: bool,
    pub content_hash: Vec<u8>,
    pub document: String,
    pub channel: Channel,
    pub received_at: Timestamp,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
