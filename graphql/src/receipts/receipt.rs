//! What a warehouse received, as both sides see it.
use async_graphql::ID;
use quayside_canonical::states::{GoodsCondition, QuantityBasis, ReceiptKind};
use quayside_domain::receipts::query;

use crate::{
    orders::line::Quantity,
    types::{Code, Date, DateTime, Decimal, plain::plain},
};

plain! {
    /// One statement of a warehouse about what it received. It is never changed: a mistake is taken back or
    /// corrected by another one.
    Receipt {
        /// Globally unique id.
        id as "id": ID,
        /// The warehouse's number of the statement.
        number as "number": String,
        /// Who stated it, as the buyer calls it.
        source as "source": String,
        /// What kind of statement it is.
        kind as "kind": Code<ReceiptKind>,
        /// How its quantities count.
        basis as "basis": Code<QuantityBasis>,
        /// The number of the earlier statement that this one takes back or corrects.
        replaces as "replaces": Option<String>,
        /// The number of the later statement that took this one back or corrected it: it counts no more.
        replaced_by as "replacedBy": Option<String>,
        /// The supplier's number of the shipment, where the warehouse knew it.
        shipment_number as "shipmentNumber": Option<String>,
        /// The shipment, when it is on file.
        shipment_id as "shipmentId": Option<ID>,
        /// The buyer's code of the warehouse.
        location as "location": Option<String>,
        /// When the goods were received.
        received_at as "receivedAt": DateTime,
        /// When the statement came in.
        recorded_at as "recordedAt": DateTime,
        /// What was received.
        lines as "lines": Vec<ReceiptLine>,
    }

    /// What was received of one order line, in one condition.
    ReceiptLine {
        /// The order.
        purchase_order_id as "purchaseOrderId": ID,
        /// The buyer's order number.
        order_number as "orderNumber": String,
        /// The line.
        line as "line": String,
        /// How much, in the order line's unit.
        quantity as "quantity": Quantity,
        /// How much, in the unit of the warehouse.
        stated as "stated": Quantity,
        /// In what condition.
        condition as "condition": Code<GoodsCondition>,
        /// The warehouse's own code of the condition.
        condition_code as "conditionCode": Option<String>,
        /// The item that came, where it is not the one ordered.
        item as "item": Option<String>,
        /// The handling unit it came in, by its SSCC.
        sscc as "sscc": Option<String>,
        /// Lot or batch number.
        lot as "lot": Option<String>,
        /// Last day of use.
        expires_on as "expiresOn": Option<Date>,
        /// What shows it.
        evidence as "evidence": Vec<String>,
    }
}

impl From<query::Receipt> for Receipt {
    fn from(receipt: query::Receipt) -> Self {
        let query::Receipt { row, source, replaced_by, shipment, lines } = receipt;
        Self {
            id: ID(row.id.to_string()),
            number: row.number,
            source,
            kind: Code(row.kind),
            basis: Code(row.basis),
            replaces: row.replaces,
            replaced_by,
            shipment_number: row.shipment_number,
            shipment_id: shipment.map(|id| ID(id.to_string())),
            location: row.location,
            received_at: DateTime(row.received_at),
            recorded_at: DateTime(row.recorded_at),
            lines: lines.into_iter().map(ReceiptLine::from).collect(),
        }
    }
}

impl From<query::Line> for ReceiptLine {
    fn from(line: query::Line) -> Self {
        let query::Line { row, order_number, stated } = line;
        Self {
            purchase_order_id: ID(row.order_id.to_string()),
            order_number,
            line: row.line,
            stated: Quantity {
                value: Decimal(stated.quantity),
                unit: stated.unit.unwrap_or_else(|| row.unit.clone()),
            },
            quantity: Quantity { value: Decimal(row.quantity), unit: row.unit },
            condition: Code(row.condition),
            condition_code: row.condition_code,
            item: stated.item,
            sscc: stated.sscc.map(|sscc| sscc.to_string()),
            lot: stated.lot,
            expires_on: stated.expires_on.map(Date),
            evidence: stated.evidence,
        }
    }
}
