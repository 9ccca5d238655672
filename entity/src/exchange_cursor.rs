//! Up to where a tenant's log was looked through for what trading partners are to get.
use quayside_canonical::TenantId;
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "exchange_cursor")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    pub position: i64,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
