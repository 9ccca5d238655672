//! People's places in tenants.
use quayside_canonical::{MembershipId, SupplierId, TenantId, Timestamp, UserId, identity::Role};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "membership")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MembershipId,
    pub user_id: UserId,
    pub tenant_id: TenantId,
    pub supplier_id: Option<SupplierId>,
    pub role: Role,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
