//! Conversations about orders, shipments and exceptions.
use quayside_canonical::{PurchaseOrderId, SupplierId, TenantId, ThreadId, Timestamp};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "thread")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ThreadId,
    pub tenant_id: TenantId,
    pub supplier_id: Option<SupplierId>,
    pub order_id: Option<PurchaseOrderId>,
    pub about: String,
    pub messages: i32,
    pub created_at: Timestamp,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
