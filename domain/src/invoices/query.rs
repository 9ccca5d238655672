//! Reading invoice statuses.
use std::collections::HashMap;

use quayside_canonical::{PurchaseOrderId, SupplierId, states::InvoiceMatchStatus};
use quayside_entity::invoice_status;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{Failure, Scope, store::Tx};

/// The invoice statuses of orders, by order and line.
///
/// # Errors
/// The database failed.
pub async fn of_orders(
    tx: &Tx,
    scope: &Scope,
    orders: &[PurchaseOrderId],
) -> Result<HashMap<PurchaseOrderId, Vec<invoice_status::Model>>, Failure> {
    use invoice_status::Column;
    let rows = scope
        .find::<invoice_status::Entity>()
        .filter(Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(Column::Line)
        .order_by_asc(Column::Invoice)
        .all(&**tx)
        .await?;
    let mut statuses: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        statuses.entry(row.order_id).or_default().push(row);
    }
    Ok(statuses)
}

/// How many order lines of invoices stand where.
///
/// # Errors
/// The database failed.
pub async fn counts(
    tx: &Tx,
    scope: &Scope,
    supplier: Option<SupplierId>,
) -> Result<Vec<(InvoiceMatchStatus, i64)>, Failure> {
    use invoice_status::Column;
    let mut rows = scope.find::<invoice_status::Entity>();
    if let Some(supplier) = supplier {
        rows = rows.filter(Column::SupplierId.eq(supplier));
    }
    let counts = rows
        .select_only()
        .column(Column::Status)
        .column_as(Column::Invoice.count(), "count")
        .group_by(Column::Status)
        .into_tuple()
        .all(&**tx)
        .await?;
    Ok(counts)
}
