//! Interchanges that were made for trading partners.
use quayside_canonical::{
    ConnectionId, EventId, SentInterchangeId, SupplierId, TenantId, Timestamp, TradingPartnerId,
    states::{EdiSyntax, ExchangePurpose, SentStatus, SyntaxVerdict},
};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sent_interchange")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SentInterchangeId,
    pub tenant_id: TenantId,
    pub supplier_id: SupplierId,
    pub partner_id: TradingPartnerId,
    pub source_event_id: EventId,
    pub purpose: ExchangePurpose,
    pub event_id: EventId,
    pub connection_id: ConnectionId,
    pub control_number: String,
    pub syntax: EdiSyntax,
    pub status: SentStatus,
    pub file_name: String,
    pub media_type: String,
    pub sha256: Vec<u8>,
    pub size_bytes: i64,
    pub composed_at: Timestamp,
    pub sent_at: Option<Timestamp>,
    pub confirm_minutes: Option<i32>,
    pub confirm_by: Option<Timestamp>,
    pub overdue_at: Option<Timestamp>,
    pub answered_at: Option<Timestamp>,
    pub verdict: Option<SyntaxVerdict>,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
