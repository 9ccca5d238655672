//! Words about exceptions. Rows are only ever added.
use quayside_canonical::{ExceptionId, NoteId, Side, SupplierId, TenantId, Timestamp};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "exception_comment")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NoteId,
    pub exception_id: ExceptionId,
    pub tenant_id: TenantId,
    pub supplier_id: Option<SupplierId>,
    pub internal: bool,
    pub side: Side,
    pub actor: String,
    pub body: String,
    pub at: Timestamp,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
