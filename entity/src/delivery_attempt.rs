//! What was tried and what came of it. Never changed.
use quayside_canonical::{DeliveryId, TenantId, Timestamp};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery_attempt")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub delivery_id: DeliveryId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub tenant_id: TenantId,
    pub started_at: Timestamp,
    pub duration_ms: i64,
    pub outcome: String,
    pub http_status: Option<i32>,
    pub request: Option<String>,
    pub answer: Option<String>,
    pub error: Option<String>,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
