//! Suppliers' answers. Never changed.
use quayside_canonical::{
    AcknowledgmentId, Channel, EventId, PurchaseOrderId, SupplierId, TenantId, Timestamp,
};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "acknowledgment")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AcknowledgmentId,
    pub tenant_id: TenantId,
    pub supplier_id: SupplierId,
    pub order_id: PurchaseOrderId,
    pub revision: i32,
    pub supplier_reference: Option<String>,
    pub note: Option<String>,
    pub channel: Channel,
    pub actor: String,
    pub event_id: EventId,
    pub submitted_at: Timestamp,
    /// The lines that were answered in part, as a list in JSON.
    pub in_part: Option<String>,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
