//! Confirmations of transports: those that we gave, and those that we got by a request of their own.
use quayside_canonical::{ConnectionId, TenantId, Timestamp, states::EdiWay};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "transport_answer")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub connection_id: ConnectionId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub way: EdiWay,
    #[sea_orm(primary_key, auto_increment = false)]
    pub message_hash: Vec<u8>,
    pub tenant_id: TenantId,
    pub headers: String,
    pub body: Vec<u8>,
    pub answered_at: Timestamp,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
