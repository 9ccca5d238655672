//! How far a tenant's log is published on a stream.
use quayside_canonical::{TenantId, Timestamp};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bus_cursor")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub stream: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    pub stream_made: Timestamp,
    pub position: i64,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
