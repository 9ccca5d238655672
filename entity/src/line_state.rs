//! Where each line of an order stands: with its supplier, and in the quantity ledger.
use quayside_canonical::{
    AcknowledgmentId, Date, Micro, PurchaseOrderId, SupplierId, TenantId, Timestamp,
    states::{FulfillmentStatus, LineStatus},
};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "line_state")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: PurchaseOrderId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub line: String,
    pub tenant_id: TenantId,
    pub supplier_id: SupplierId,
    pub status: LineStatus,
    pub acknowledgment_id: Option<AcknowledgmentId>,
    pub answered_revision: Option<i32>,
    pub unit: String,
    pub ordered: Micro,
    pub cancelled: Micro,
    pub acknowledged: Micro,
    pub backordered: Micro,
    pub shipped: Micro,
    pub in_transit: Micro,
    pub received: Micro,
    pub accepted: Micro,
    pub held: Micro,
    pub rejected: Micro,
    pub returned: Micro,
    pub short_closed: Micro,
    pub invoiced: Micro,
    pub fulfillment: FulfillmentStatus,
    pub due_on: Option<Date>,
    pub late_at: Option<Timestamp>,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
