//! Pieces of work, because something went wrong.
use quayside_canonical::{
    EventId, ExceptionId, PurchaseOrderId, SupplierId, TenantId, Timestamp, UserId,
    exception::OwnerKind,
    states::{ExceptionKind, ExceptionStatus, Severity},
};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "exception_case")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ExceptionId,
    pub tenant_id: TenantId,
    pub supplier_id: Option<SupplierId>,
    pub order_id: Option<PurchaseOrderId>,
    pub kind: ExceptionKind,
    pub subject: String,
    pub status: ExceptionStatus,
    pub severity: Severity,
    pub summary: String,
    pub detail: String,
    pub opened_at: Timestamp,
    pub resolved_at: Option<Timestamp>,
    pub resolved_by: Option<String>,
    pub resolution: Option<String>,
    pub owner_kind: OwnerKind,
    pub owner_user_id: Option<UserId>,
    pub due_at: Option<Timestamp>,
    pub escalated_at: Option<Timestamp>,
    pub proof_event_id: Option<EventId>,
    pub transitions: i32,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
