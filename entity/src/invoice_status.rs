//! Where the invoice of each order line stands.
use quayside_canonical::{
    Micro, PurchaseOrderId, SupplierId, TenantId, Timestamp, states::InvoiceMatchStatus,
};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invoice_status")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: PurchaseOrderId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub line: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub source: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub invoice: String,
    pub tenant_id: TenantId,
    pub supplier_id: SupplierId,
    pub status: InvoiceMatchStatus,
    pub quantity: Micro,
    pub unit: String,
    pub amount: Option<Micro>,
    pub currency: Option<String>,
    pub reason: Option<String>,
    pub source_revision: String,
    pub source_sequence: i64,
    pub source_issued_at: Timestamp,
    pub content_hash: Vec<u8>,
    pub recorded_at: Timestamp,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
