//! Statements of warehouses. Rows are only ever added.
use quayside_canonical::{
    Channel, ReceiptId, SupplierId, TenantId, Timestamp,
    states::{QuantityBasis, ReceiptKind},
};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "receipt")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReceiptId,
    pub tenant_id: TenantId,
    pub supplier_id: Option<SupplierId>,
    pub source: String,
    pub number: String,
    pub kind: ReceiptKind,
    pub basis: QuantityBasis,
    pub replaces: Option<String>,
    pub shipment_number: Option<String>,
    pub location: Option<String>,
    pub received_at: Timestamp,
    pub sequence: i64,
    pub content_hash: Vec<u8>,
    pub document: String,
    pub channel: Channel,
    pub actor: String,
    pub recorded_at: Timestamp,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
