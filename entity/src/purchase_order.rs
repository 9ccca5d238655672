//! Purchase orders: what is current.
use quayside_canonical::{
    PurchaseOrderId, SupplierId, TenantId, Timestamp,
    states::{FulfillmentStatus, OrderStatus},
};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "purchase_order")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PurchaseOrderId,
    pub tenant_id: TenantId,
    pub supplier_id: SupplierId,
    pub number: String,
    pub status: OrderStatus,
    pub fulfillment: FulfillmentStatus,
    pub revision: i32,
    pub source_revision: String,
    pub source_sequence: i64,
    pub source_issued_at: Timestamp,
    pub currency: Option<String>,
    pub ordered_on: Option<Date>,
    pub answer_due_at: Option<Timestamp>,
    pub overdue_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
