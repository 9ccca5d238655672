//! The parts of answered lines. Never changed.
use quayside_canonical::{
    AcknowledgmentId, Micro, PurchaseOrderId, SupplierId, TenantId, states::AnswerKind,
};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "acknowledgment_part")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub acknowledgment_id: AcknowledgmentId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub line: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub place: i32,
    pub tenant_id: TenantId,
    pub supplier_id: SupplierId,
    pub order_id: PurchaseOrderId,
    pub kind: AnswerKind,
    pub quantity: Micro,
    pub unit: String,
    pub promised_on: Option<Date>,
    pub price: Option<Micro>,
    pub reason: Option<String>,
    pub substitute: Option<String>,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
