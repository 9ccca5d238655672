//! Where each line of an order's current revision stands.
use quayside_canonical::{AcknowledgmentId, PurchaseOrderId, SupplierId, TenantId, states::LineStatus};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "line_state")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: PurchaseOrderId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub line: String,
    pub tenant_id: TenantId,
    pub supplier_id: SupplierId,
    pub status: LineStatus,
    pub acknowledgment_id: Option<AcknowledgmentId>,
    pub answered_revision: Option<i32>,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
