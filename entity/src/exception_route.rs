//! Who owns exceptions and by when they are due, where it is not the default.
use quayside_canonical::{
    SupplierId, TenantId, Timestamp, UserId,
    exception::OwnerKind,
    states::{ExceptionKind, Severity},
};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "exception_route")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub place: String,
    pub supplier_id: Option<SupplierId>,
    pub kind: Option<ExceptionKind>,
    pub owner_kind: Option<OwnerKind>,
    pub owner_user_id: Option<UserId>,
    pub due_minutes: Option<i32>,
    pub severity: Option<Severity>,
    pub updated_at: Timestamp,
    pub updated_by: String,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
