//! Where invoices stand, in the schema.
use std::collections::HashMap;

use async_graphql::{Context, ID, Object, Result};
use quayside_canonical::{SupplierId, states::InvoiceMatchStatus};
use quayside_domain::invoices::query;
use quayside_entity::invoice_status;

use crate::{
    context::{internal, scope},
    orders::line::{Money, PurchaseOrderLine, Quantity},
    types::{Code, DateTime, Decimal, Rows, connection::bad_input, plain::plain},
};

plain! {
    /// Where the invoice of an order line stands, as the buyer's ERP says.
    InvoiceStatus {
        /// The supplier's invoice number.
        invoice as "invoice": String,
        /// Where it stands.
        status as "status": Code<InvoiceMatchStatus>,
        /// How much was invoiced, in the order line's unit.
        quantity as "quantity": Quantity,
        /// The amount of the line on the invoice.
        amount as "amount": Option<Money>,
        /// Why it is blocked or differs: the ERP's words.
        reason as "reason": Option<String>,
        /// When the ERP said so.
        issued_at as "issuedAt": DateTime,
        /// When it came in.
        recorded_at as "recordedAt": DateTime,
    }

    /// How many invoiced order lines stand there.
    InvoiceStatusCount {
        /// Where they stand.
        status as "status": Code<InvoiceMatchStatus>,
        /// How many.
        count as "count": i32,
    }
}

impl From<invoice_status::Model> for InvoiceStatus {
    fn from(row: invoice_status::Model) -> Self {
        let currency = row.currency;
        Self {
            invoice: row.invoice,
            status: Code(row.status),
            quantity: Quantity { value: Decimal(row.quantity), unit: row.unit },
            amount: row.amount.map(|amount| Money { amount: Decimal(amount), currency }),
            reason: row.reason,
            issued_at: DateTime(row.source_issued_at),
            recorded_at: DateTime(row.recorded_at),
        }
    }
}

/// Puts invoice statuses beside the lines they are about.
pub(crate) fn attach(lines: &mut [PurchaseOrderLine], statuses: Vec<invoice_status::Model>) {
    let mut by_line: HashMap<String, Vec<InvoiceStatus>> = HashMap::new();
    for row in statuses {
        by_line.entry(row.line.clone()).or_default().push(row.into());
    }
    for line in lines {
        line.invoice_statuses = by_line.remove(&line.number).unwrap_or_default();
    }
}

/// Queries about invoices.
#[derive(Default)]
pub struct InvoiceQuery;

#[Object]
impl InvoiceQuery {
    /// How many invoiced order lines stand where. A status that nothing has is left out.
    async fn invoice_status_counts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of this supplier")] supplier_id: Option<ID>,
    ) -> Result<Rows<InvoiceStatusCount>> {
        let scope = scope(ctx)?;
        let supplier = supplier_id.map(|id| id.parse::<SupplierId>()).transpose();
        let supplier = supplier.map_err(|error| bad_input(&error.to_string()))?;
        let tx = scope.read().await.map_err(|failure| internal(&failure))?;
        let counts = query::counts(&tx, scope, supplier).await.map_err(|failure| internal(&failure))?;
        let shown = counts.into_iter().map(|(status, count)| InvoiceStatusCount {
            status: Code(status),
            count: i32::try_from(count).unwrap_or(i32::MAX),
        });
        Ok(Rows(shown.collect()))
    }
}
