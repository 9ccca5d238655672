//! Suppliers of a tenant.
use quayside_canonical::{SupplierGroupId, SupplierId, TenantId, Timestamp};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "supplier")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SupplierId,
    pub tenant_id: TenantId,
    pub group_id: Option<SupplierGroupId>,
    pub number: String,
    pub name: String,
    pub policy: String,
    pub gs1_prefix: Option<String>,
    pub sscc_serial: i64,
    pub created_at: Timestamp,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
