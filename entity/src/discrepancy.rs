//! Differences between what was announced or agreed and what was received.
use quayside_canonical::{
    DiscrepancyId, Micro, PurchaseOrderId, ShipmentId, SupplierId, TenantId, Timestamp,
    states::{DiscrepancyKind, DiscrepancyResolution, DiscrepancyStatus},
};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "discrepancy")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DiscrepancyId,
    pub tenant_id: TenantId,
    pub supplier_id: SupplierId,
    pub order_id: PurchaseOrderId,
    pub line: String,
    pub shipment_id: Option<ShipmentId>,
    pub cause: String,
    pub kind: DiscrepancyKind,
    pub status: DiscrepancyStatus,
    pub quantity: Micro,
    pub unit: String,
    pub condition_codes: String,
    pub evidence: String,
    pub statement: Option<String>,
    pub contested_at: Option<Timestamp>,
    pub resolution: Option<DiscrepancyResolution>,
    pub resolved_quantity: Option<Micro>,
    pub note: Option<String>,
    pub resolved_by: Option<String>,
    pub resolved_at: Option<Timestamp>,
    pub opened_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
