//! How connections fare: whether they answer, and when they may be called again.
use quayside_canonical::{ConnectionId, DeliveryId, TenantId, Timestamp, states::CircuitState};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "circuit")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub connection_id: ConnectionId,
    pub tenant_id: TenantId,
    pub state: CircuitState,
    pub failures: i32,
    pub rounds: i32,
    pub opened_at: Option<Timestamp>,
    pub not_before: Timestamp,
    pub probe_id: Option<DeliveryId>,
    pub last_error: Option<String>,
    pub paced_until: Timestamp,
    pub updated_at: Timestamp,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
