//! What the labels of a shipment say beside the shipment itself.
use std::collections::HashMap;

use quayside_canonical::{PurchaseOrderId, ShipmentId};
use quayside_entity::{purchase_order, purchase_order_line, supplier};
use sea_orm::{ColumnTrait, Condition, ExprTrait, QueryFilter, QuerySelect};

use super::query::{ShipmentView, by_ids};
use crate::{Failure, Scope, store::Tx};

/// A shipment with what its labels say of others.
#[derive(Clone, Debug)]
pub struct Labelled {
    /// The shipment.
    pub shipment: ShipmentView,
    /// The supplier's name.
    pub supplier: String,
    /// The GTIN of order lines that have one, by order number and line number.
    pub gtins: HashMap<(String, String), String>,
}

/// What the labels of a shipment are made of; nothing when there is no such shipment for the caller.
///
/// # Errors
/// The database failed, or what is stored is not what we wrote.
pub async fn labelled(scope: &Scope, id: ShipmentId) -> Result<Option<Labelled>, Failure> {
    let tx = scope.read().await?;
    let Some(shipment) = by_ids(&tx, scope, &[id]).await?.remove(&id) else { return Ok(None) };
    let name: Option<String> = scope
        .find::<supplier::Entity>()
        .filter(supplier::Column::Id.eq(shipment.row.supplier_id))
        .select_only()
        .column(supplier::Column::Name)
        .into_tuple()
        .one(&*tx)
        .await?;
    let gtins = gtins(&tx, scope, &shipment).await?;
    Ok(Some(Labelled { shipment, supplier: name.unwrap_or_default(), gtins }))
}

/// The GTINs of the lines of the current revisions.
async fn gtins(
    tx: &Tx,
    scope: &Scope,
    shipment: &ShipmentView,
) -> Result<HashMap<(String, String), String>, Failure> {
    use purchase_order_line::Column;
    let orders: Vec<(PurchaseOrderId, String, i32)> = scope
        .find::<purchase_order::Entity>()
        .filter(purchase_order::Column::Id.is_in(shipment.lines.iter().map(|line| line.order_id)))
        .select_only()
        .columns([
            purchase_order::Column::Id,
            purchase_order::Column::Number,
            purchase_order::Column::Revision,
        ])
        .into_tuple()
        .all(&**tx)
        .await?;
    if orders.is_empty() {
        return Ok(HashMap::new());
    }
    let current = orders.iter().fold(Condition::any(), |any, (order, _, revision)| {
        any.add(Column::OrderId.eq(*order).and(Column::Revision.eq(*revision)))
    });
    let rows: Vec<(PurchaseOrderId, String, String)> = scope
        .find::<purchase_order_line::Entity>()
        .filter(current)
        .filter(Column::Gtin.is_not_null())
        .select_only()
        .columns([Column::OrderId, Column::Line, Column::Gtin])
        .into_tuple()
        .all(&**tx)
        .await?;
    let numbers: HashMap<PurchaseOrderId, &String> =
        orders.iter().map(|(id, number, _)| (*id, number)).collect();
    let by_name = |(order, line, gtin): (PurchaseOrderId, String, String)| {
        Some((((*numbers.get(&order)?).clone(), line), gtin))
    };
    Ok(rows.into_iter().filter_map(by_name).collect())
}
