//! What the current version of a shipment holds of which order line.
use quayside_canonical::{Micro, PurchaseOrderId, ShipmentId, SupplierId, TenantId};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shipment_line")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shipment_id: ShipmentId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: PurchaseOrderId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub line: String,
    pub tenant_id: TenantId,
    pub supplier_id: SupplierId,
    pub place: i32,
    pub quantity: Micro,
    pub unit: String,
    pub received: Micro,
    pub in_transit: Micro,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
