//! Interchanges: the envelopes of files, each with its messages.
use quayside_canonical::{
    InterchangeFileId, InterchangeId, SupplierId, TenantId, Timestamp, TradingPartnerId,
    states::{EdiSyntax, EdiWay, InterchangeStatus},
};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "interchange")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InterchangeId,
    pub tenant_id: TenantId,
    pub supplier_id: Option<SupplierId>,
    pub partner_id: Option<TradingPartnerId>,
    pub file_id: InterchangeFileId,
    pub place: i32,
    pub syntax: Option<EdiSyntax>,
    pub sender_qualifier: Option<String>,
    pub sender: Option<String>,
    pub receiver_qualifier: Option<String>,
    pub receiver: Option<String>,
    pub control_number: Option<String>,
    pub usage: Option<String>,
    pub way: Option<EdiWay>,
    pub byte_offset: i64,
    pub byte_length: i64,
    pub content_hash: Vec<u8>,
    pub terminator: Option<i32>,
    pub release_mark: Option<i32>,
    pub status: InterchangeStatus,
    pub refusal: Option<String>,
    pub problems: String,
    pub messages: i32,
    pub refused: i32,
    pub received_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
