//! Lines of revisions. Never changed.
use quayside_canonical::{Micro, PurchaseOrderId, SupplierId, TenantId};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "purchase_order_line")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: PurchaseOrderId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub revision: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub place: i32,
    pub tenant_id: TenantId,
    pub supplier_id: SupplierId,
    pub line: String,
    pub buyer_part: Option<String>,
    pub supplier_part: Option<String>,
    pub gtin: Option<String>,
    pub description: Option<String>,
    pub quantity: Micro,
    pub unit: String,
    pub unit_price: Option<Micro>,
    pub price_per: Option<Micro>,
    pub deliver_from: Option<Date>,
    pub deliver_to: Option<Date>,
    pub cancelled: bool,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
