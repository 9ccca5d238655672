//! What the tenant's systems said, as it came, and what became of it.
use quayside_canonical::{ConnectionId, InboundMessageId, TenantId, Timestamp, states::InboundStatus};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbound_message")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InboundMessageId,
    pub tenant_id: TenantId,
    pub connection_id: ConnectionId,
    pub feed: String,
    pub content_hash: Vec<u8>,
    pub media_type: String,
    pub raw: Option<Vec<u8>>,
    pub received_at: Timestamp,
    pub status: InboundStatus,
    pub outcomes: String,
    pub problems: String,
    pub attempts: i32,
    pub next_at: Timestamp,
    pub fence: i64,
    pub error: Option<String>,
    pub finished_at: Option<Timestamp>,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
