//! The messages of interchanges that were made for trading partners.
use quayside_canonical::{
    PurchaseOrderId, SentInterchangeId, SentMessageId, SupplierId, TenantId, TradingPartnerId,
    states::{EdiDocument, SyntaxVerdict},
};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sent_message")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SentMessageId,
    pub tenant_id: TenantId,
    pub supplier_id: SupplierId,
    pub partner_id: TradingPartnerId,
    pub interchange_id: SentInterchangeId,
    pub place: i32,
    pub document: EdiDocument,
    pub message_type: String,
    pub group_kind: Option<String>,
    pub group_number: Option<String>,
    pub control_number: Option<String>,
    pub number: Option<String>,
    pub subject: Option<String>,
    pub order_id: Option<PurchaseOrderId>,
    pub revision: Option<i32>,
    pub verdict: Option<SyntaxVerdict>,
    pub faults: String,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
