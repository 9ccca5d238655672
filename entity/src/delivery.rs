//! Events on their way to connections.
use quayside_canonical::{
    ConnectionId, DeliveryId, EventId, SupplierId, TenantId, Timestamp, states::DeliveryStatus,
};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DeliveryId,
    pub tenant_id: TenantId,
    pub supplier_id: Option<SupplierId>,
    pub connection_id: ConnectionId,
    pub event_id: EventId,
    pub event_type: String,
    pub subject: String,
    pub order_key: Uuid,
    pub position: i64,
    pub status: DeliveryStatus,
    pub attempts: i32,
    pub next_at: Timestamp,
    pub lease_until: Timestamp,
    pub fence: i64,
    pub reference: Option<String>,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
