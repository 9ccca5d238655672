//! Deliveries that are read back a while after they were delivered.
use quayside_canonical::{ConnectionId, DeliveryId, TenantId, Timestamp, states::CheckState};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery_check")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub delivery_id: DeliveryId,
    pub tenant_id: TenantId,
    pub connection_id: ConnectionId,
    pub state: CheckState,
    pub tries: i32,
    pub next_at: Timestamp,
    pub checked_at: Option<Timestamp>,
    pub said: Option<String>,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
