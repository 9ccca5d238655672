//! Steps of exceptions. Rows are only ever added.
use quayside_canonical::{
    EventId, ExceptionId, Side, SupplierId, TenantId, Timestamp, UserId,
    exception::{ExceptionAction, OwnerKind},
    states::{ExceptionStatus, Severity},
};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "exception_transition")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub exception_id: ExceptionId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub tenant_id: TenantId,
    pub supplier_id: Option<SupplierId>,
    pub action: ExceptionAction,
    pub from_status: Option<ExceptionStatus>,
    pub to_status: ExceptionStatus,
    pub owner_kind: OwnerKind,
    pub owner_user_id: Option<UserId>,
    pub severity: Severity,
    pub due_at: Option<Timestamp>,
    pub side: Side,
    pub actor: String,
    pub why: Option<String>,
    pub event_id: EventId,
    pub proof_event_id: Option<EventId>,
    pub at: Timestamp,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
