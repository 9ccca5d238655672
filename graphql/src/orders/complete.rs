//! Orders together with what the query shows of them, so that a page takes one transaction.
//!
//! What is selected deeper, or in a way the look ahead does not see, is loaded when it is asked for.
use std::collections::HashMap;

use async_graphql::{Lookahead, Result};
use quayside_domain::{
    Failure, Scope, invoices,
    orders::{lines_of, query::suppliers},
    store::Tx,
};
use quayside_entity::purchase_order;

use super::{PurchaseOrder, PurchaseOrderLine};
use crate::{
    context::internal,
    invoices::attach,
    suppliers::Supplier,
    types::{Row, Rows},
};

/// What a query shows of orders beside their own row.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    supplier: bool,
    lines: bool,
    invoices: bool,
}

impl Shown {
    /// What `places`, where orders are selected, show.
    pub(super) fn at(places: &[Lookahead<'_>]) -> Self {
        let anywhere = |name: &str| places.iter().any(|place| place.field(name).exists());
        let invoices = places.iter().any(|place| place.field("lines").field("invoiceStatuses").exists());
        Self { supplier: anywhere("supplier"), lines: anywhere("lines"), invoices }
    }
}

/// `rows` with what is shown of them, in at most four more statements.
pub(super) async fn complete(
    tx: &Tx,
    scope: &Scope,
    rows: Vec<purchase_order::Model>,
    shown: Shown,
) -> Result<Vec<PurchaseOrder>> {
    let mut orders: Vec<PurchaseOrder> = rows.into_iter().map(PurchaseOrder::new).collect();
    if orders.is_empty() {
        return Ok(orders);
    }
    if shown.supplier {
        add_suppliers(tx, scope, &mut orders).await.map_err(|failure| internal(&failure))?;
    }
    if shown.lines {
        add_lines(tx, scope, &mut orders).await.map_err(|failure| internal(&failure))?;
    }
    if shown.invoices {
        add_invoices(tx, scope, &mut orders).await.map_err(|failure| internal(&failure))?;
    }
    Ok(orders)
}

async fn add_suppliers(tx: &Tx, scope: &Scope, orders: &mut [PurchaseOrder]) -> Result<(), Failure> {
    let mut ids: Vec<_> = orders.iter().map(|order| order.row.supplier_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let found = suppliers(tx, scope, &ids).await?;
    let found: HashMap<_, _> = found.into_iter().map(|row| (row.id, Supplier::from(row))).collect();
    for order in orders {
        order.supplier = found.get(&order.row.supplier_id).cloned().map(Row);
    }
    Ok(())
}

async fn add_lines(tx: &Tx, scope: &Scope, orders: &mut [PurchaseOrder]) -> Result<(), Failure> {
    let revisions: Vec<_> = orders.iter().map(|order| (order.row.id, order.row.revision)).collect();
    let mut found = lines_of(tx, scope, &revisions).await?;
    for order in orders {
        let lines = found.remove(&(order.row.id, order.row.revision)).unwrap_or_default();
        let currency = order.row.currency.as_ref();
        let lines = lines.into_iter().map(|line| PurchaseOrderLine::of(line, currency));
        order.lines = Some(Rows(lines.collect()));
    }
    Ok(())
}

async fn add_invoices(tx: &Tx, scope: &Scope, orders: &mut [PurchaseOrder]) -> Result<(), Failure> {
    let ids: Vec<_> = orders.iter().map(|order| order.row.id).collect();
    let mut found = invoices::query::of_orders(tx, scope, &ids).await?;
    for order in orders {
        if let (Some(lines), Some(statuses)) = (&mut order.lines, found.remove(&order.row.id)) {
            attach(&mut lines.0, statuses);
        }
    }
    Ok(())
}
