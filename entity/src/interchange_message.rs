//! The messages of interchanges and what became of them.
use quayside_canonical::{
    InterchangeId, MessageId, PurchaseOrderId, TenantId, WaitingChangeId,
    states::{DocumentOutcome, MessageStage},
};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "interchange_message")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MessageId,
    pub tenant_id: TenantId,
    pub interchange_id: InterchangeId,
    pub place: i32,
    pub message_type: String,
    pub group_number: Option<String>,
    pub control_number: String,
    pub business_key: Option<String>,
    pub byte_offset: i64,
    pub byte_length: i64,
    pub stage: MessageStage,
    pub outcome: DocumentOutcome,
    pub subject: Option<String>,
    pub order_id: Option<PurchaseOrderId>,
    pub problems: String,
    pub attempts: i32,
    pub waiting_id: Option<WaitingChangeId>,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
