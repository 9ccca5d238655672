//! What a conversation is about: on file, and the caller's to see.
use quayside_canonical::{
    ExceptionId, PurchaseOrderId, ShipmentId, SupplierId, UserId, exception::OwnerKind,
};
use quayside_entity::{exception_case, purchase_order, shipment};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::{Failure, Scope, exceptions, store::Tx};

/// What a conversation is about.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    /// Its shown id.
    pub(super) id: String,
    /// What people call it.
    pub(super) name: String,
    /// The supplier who takes part; nobody where the exception is the buyer's alone.
    pub(super) supplier: Option<SupplierId>,
    pub(super) order: Option<PurchaseOrderId>,
    /// The person of the buyer's who sees to it.
    pub(super) owner: Option<UserId>,
}

/// The order, shipment or exception of this id; nothing when the caller may not see it.
pub(super) async fn find(tx: &Tx, scope: &Scope, id: &str) -> Result<Option<Subject>, Failure> {
    if let Ok(id) = id.parse::<PurchaseOrderId>() {
        let row = scope.find::<purchase_order::Entity>().filter(purchase_order::Column::Id.eq(id));
        return Ok(row.one(&**tx).await?.map(|row| Subject {
            id: id.to_string(),
            name: format!("order {}", row.number),
            supplier: Some(row.supplier_id),
            order: Some(id),
            owner: None,
        }));
    }
    if let Ok(id) = id.parse::<ShipmentId>() {
        let mut row = scope.find::<shipment::Entity>().filter(shipment::Column::Id.eq(id));
        if scope.supplier.is_none() {
            // A draft is its supplier's alone.
            row = row.filter(shipment::Column::SubmittedAt.is_not_null());
        }
        return Ok(row.one(&**tx).await?.map(|row| Subject {
            id: id.to_string(),
            name: format!("shipment {}", row.number),
            supplier: Some(row.supplier_id),
            order: row.order_id,
            owner: None,
        }));
    }
    if let Ok(id) = id.parse::<ExceptionId>() {
        let row = exceptions::visible(scope).filter(exception_case::Column::Id.eq(id));
        return Ok(row.one(&**tx).await?.map(|row| Subject {
            id: id.to_string(),
            name: format!("exception: {}", row.summary),
            supplier: row.supplier_id.filter(|_| row.kind.concerns_supplier()),
            order: row.order_id,
            owner: row.owner_user_id.filter(|_| row.owner_kind == OwnerKind::Person),
        }));
    }
    Ok(None)
}
