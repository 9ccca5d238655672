//! A revision of an order, as it came.
use std::sync::Arc;

use async_graphql::Object;
use quayside_canonical::{Channel, order as document};
use quayside_entity::purchase_order_revision;

use super::PurchaseOrderLine;
use crate::types::{Code, Date, DateTime, Row, Rows, plain::plain};

/// One revision of a purchase order. It never changes.
pub struct PurchaseOrderRevision(pub Arc<(purchase_order_revision::Model, document::PurchaseOrder)>);

plain! {
    /// A place or company on the order.
    Party {
        /// The buyer's code of it.
        code as "code": Option<String>,
        /// Name.
        name as "name": Option<String>,
        /// Address lines.
        address as "address": Vec<String>,
    }

    /// Who bears cost and risk up to where (ICC Incoterms).
    Incoterms {
        /// Three-letter code.
        code as "code": String,
        /// The named place.
        place as "place": Option<String>,
    }
}

impl From<document::Party> for Party {
    fn from(party: document::Party) -> Self {
        Self { code: party.code, name: party.name, address: party.address }
    }
}

#[Object]
impl PurchaseOrderRevision {
    /// Our number of it, from 1, in the order of arrival.
    async fn number(&self) -> i32 {
        self.0.0.number
    }

    /// The source's name of it.
    async fn source_revision(&self) -> &str {
        &self.0.0.source_revision
    }

    /// When the source issued it.
    async fn issued_at(&self) -> DateTime {
        DateTime(self.0.0.source_issued_at)
    }

    /// When it came in.
    async fn received_at(&self) -> DateTime {
        DateTime(self.0.0.received_at)
    }

    /// The way it came in.
    async fn channel(&self) -> Code<Channel> {
        Code(self.0.0.channel)
    }

    /// Whether a newer one was current when it came: it is history only.
    async fn late(&self) -> bool {
        self.0.0.late
    }

    /// Whether it cancels the whole order.
    async fn cancelled(&self) -> bool {
        self.0.1.cancelled
    }

    /// ISO 4217 currency of its prices.
    async fn currency(&self) -> Option<&str> {
        self.0.1.currency.as_deref()
    }

    /// The day the order was placed.
    async fn ordered_on(&self) -> Option<Date> {
        self.0.1.ordered_on.map(Date)
    }

    /// Incoterms code and place.
    async fn incoterms(&self) -> Option<Row<Incoterms>> {
        let terms = self.0.1.incoterms.clone()?;
        Some(Row(Incoterms { code: terms.code, place: terms.place }))
    }

    /// Terms of payment.
    async fn payment_terms(&self) -> Option<&str> {
        self.0.1.payment_terms.as_deref()
    }

    /// Where to ship.
    async fn ship_to(&self) -> Option<Row<Party>> {
        self.0.1.ship_to.clone().map(|party| Row(party.into()))
    }

    /// Text for the supplier.
    async fn notes(&self) -> &[String] {
        &self.0.1.notes
    }

    /// What it orders.
    async fn lines(&self) -> Rows<PurchaseOrderLine> {
        let order = &self.0.1;
        Rows(
            order
                .lines
                .iter()
                .map(|line| PurchaseOrderLine::of_document(line, order.currency.as_ref()))
                .collect(),
        )
    }
}
