//! Events' places in their tenants' logs, and the chain of hashes. Never changed.
use quayside_canonical::{EventId, PurchaseOrderId, SupplierId, TenantId, Timestamp};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event_log")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    pub event_id: EventId,
    pub supplier_id: Option<SupplierId>,
    pub order_id: Option<PurchaseOrderId>,
    pub event_type: String,
    pub hash: Vec<u8>,
    pub logged_at: Timestamp,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
