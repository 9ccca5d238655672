//! Shipments: the current version of each.
use quayside_canonical::{
    PurchaseOrderId, ShipmentId, SupplierId, TenantId, Timestamp, states::ShipmentStatus,
};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shipment")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ShipmentId,
    pub tenant_id: TenantId,
    pub supplier_id: SupplierId,
    pub number: String,
    pub status: ShipmentStatus,
    pub version: i32,
    pub document: String,
    pub order_id: Option<PurchaseOrderId>,
    pub ships_at: Option<Timestamp>,
    pub arrives_at: Option<Timestamp>,
    pub late_at: Option<Timestamp>,
    pub submitted_at: Option<Timestamp>,
    pub arrived_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
