//! Slots at docks: one for each shipment.
use quayside_canonical::{
    AppointmentId, ShipmentId, SupplierId, TenantId, Timestamp, states::AppointmentStatus,
};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "appointment")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AppointmentId,
    pub tenant_id: TenantId,
    pub supplier_id: SupplierId,
    pub shipment_id: ShipmentId,
    pub status: AppointmentStatus,
    pub number: Option<String>,
    pub location: Option<String>,
    pub dock: Option<String>,
    pub requested_from: Option<Timestamp>,
    pub requested_until: Option<Timestamp>,
    pub request_note: Option<String>,
    pub slot_from: Option<Timestamp>,
    pub slot_until: Option<Timestamp>,
    pub answer_note: Option<String>,
    pub source_revision: Option<String>,
    pub source_sequence: i64,
    pub source_issued_at: Option<Timestamp>,
    pub content_hash: Option<Vec<u8>>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
