//! Webhook endpoints, beyond their connections' rows.
use quayside_canonical::{ConnectionId, DeliveryId, SupplierId, TenantId, Timestamp, states::DisabledReason};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_endpoint")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub connection_id: ConnectionId,
    pub tenant_id: TenantId,
    pub supplier_id: Option<SupplierId>,
    pub description: Option<String>,
    pub failing_since: Option<Timestamp>,
    pub last_failure_at: Option<Timestamp>,
    pub told_of_day_at: Option<Timestamp>,
    pub told_of_exhaustion_at: Option<Timestamp>,
    pub disabled_at: Option<Timestamp>,
    pub disabled_reason: Option<DisabledReason>,
    pub disabled_note: Option<String>,
    pub missed_after: Option<i64>,
    pub last_test_id: Option<DeliveryId>,
    pub deleted_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
