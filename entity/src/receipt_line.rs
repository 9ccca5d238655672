//! What a receipt says of which order line, in the line's unit.
use quayside_canonical::{Micro, PurchaseOrderId, ReceiptId, SupplierId, TenantId, states::GoodsCondition};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "receipt_line")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub receipt_id: ReceiptId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub place: i32,
    pub tenant_id: TenantId,
    pub supplier_id: SupplierId,
    pub order_id: PurchaseOrderId,
    pub line: String,
    pub quantity: Micro,
    pub unit: String,
    pub condition: GoodsCondition,
    pub condition_code: Option<String>,
    pub evidence: String,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
