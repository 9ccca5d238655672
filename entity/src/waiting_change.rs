//! Changes to orders that wait for the order, or for the changes before them.
use quayside_canonical::{SupplierId, TenantId, Timestamp, WaitingChangeId};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "waiting_change")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WaitingChangeId,
    pub tenant_id: TenantId,
    pub supplier_id: Option<SupplierId>,
    pub actor: String,
    pub idempotency_key: String,
    pub request_hash: Vec<u8>,
    pub order_number: String,
    pub sequence: Option<i64>,
    pub change: String,
    pub reason: String,
    pub waits_since: Timestamp,
    pub expired_at: Option<Timestamp>,
    pub result: Option<String>,
    pub settled_at: Option<Timestamp>,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
