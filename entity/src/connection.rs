//! Tenants' ERPs, WMSs and other systems.
use quayside_canonical::{
    ConnectionId, SupplierId, TenantId, Timestamp,
    states::{ConnectionStatus, Environment},
};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "connection")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConnectionId,
    pub tenant_id: TenantId,
    pub kind: String,
    pub name: String,
    pub environment: Environment,
    pub config: String,
    pub sealed_secret: Vec<u8>,
    pub status: ConnectionStatus,
    pub paused_reason: Option<String>,
    pub created_at: Timestamp,
    pub supplier_id: Option<SupplierId>,
    pub receives: String,
    pub code_system: String,
    pub codes_revision: i64,
    pub filter: Option<String>,
    pub rate_per_minute: Option<i32>,
    pub concurrency: Option<i32>,
    pub revision: i64,
    pub updated_at: Timestamp,
    pub confirm_after_minutes: Option<i32>,
    pub confirm_percent: i32,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
