//! Answers beyond tolerance, for procurement to decide.
use quayside_canonical::{
    AcknowledgmentId, ChangeProposalId, PurchaseOrderId, SupplierId, TenantId, Timestamp,
    states::ProposalStatus,
};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change_proposal")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ChangeProposalId,
    pub tenant_id: TenantId,
    pub supplier_id: SupplierId,
    pub order_id: PurchaseOrderId,
    pub acknowledgment_id: AcknowledgmentId,
    pub revision: i32,
    pub line: String,
    pub status: ProposalStatus,
    pub deviations: String,
    pub opened_at: Timestamp,
    pub decided_at: Option<Timestamp>,
    pub decided_by: Option<String>,
    pub note: Option<String>,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
