//! How far each feed of a connection was read.
use quayside_canonical::{ConnectionId, TenantId, Timestamp, states::FeedWay};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbound_feed")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub connection_id: ConnectionId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub tenant_id: TenantId,
    pub way: FeedWay,
    pub offered: bool,
    pub cursor: Option<String>,
    pub every_seconds: Option<i32>,
    pub next_at: Timestamp,
    pub asked: i64,
    pub lease_until: Timestamp,
    pub fence: i64,
    pub polled_at: Option<Timestamp>,
    pub succeeded_at: Option<Timestamp>,
    pub failures: i32,
    pub error: Option<String>,
    pub created_at: Timestamp,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
