//! What unfinished deliveries must stay in order by, beside their own key.
use quayside_canonical::{ConnectionId, DeliveryId, TenantId};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery_tie")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub connection_id: ConnectionId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub tie: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    pub delivery_id: DeliveryId,
    pub tenant_id: TenantId,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
