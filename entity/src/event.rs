//! Facts. Never changed.
use quayside_canonical::{Channel, EventId, PurchaseOrderId, SupplierId, TenantId, Timestamp};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EventId,
    pub tenant_id: TenantId,
    pub supplier_id: Option<SupplierId>,
    pub order_id: Option<PurchaseOrderId>,
    pub event_type: String,
    pub version: i32,
    pub subject: String,
    pub sequence: i64,
    pub occurred_at: Timestamp,
    pub recorded_at: Timestamp,
    pub correlation_id: String,
    pub causation_id: Option<EventId>,
    pub actor: String,
    pub channel: Channel,
    pub trace_parent: Option<String>,
    pub payload: String,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
