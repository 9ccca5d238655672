//! What is ordered, as `purchase_order`. The WMS counts lines, so a line's number has to be one.
use quayside_canonical::Date;
use quayside_canonical::events::{OrderedQuantity, PurchaseOrderReleased, PurchaseOrderRevised};

use super::{Body, Fields, Mark, Plan, Row, Target, Want, Words, put};
use crate::DeliveryError;

/// What both events say.
struct Order {
    id: String,
    number: String,
    supplier_number: Option<String>,
    location: Option<String>,
    ordered_on: Option<Date>,
    revision: i32,
    lines: Vec<OrderedQuantity>,
    cancelled: bool,
}

pub(super) fn released(words: &Words<'_>, event: PurchaseOrderReleased) -> Result<Plan, DeliveryError> {
    let PurchaseOrderReleased {
        order, number, supplier_number, location, ordered_on, revision, lines, ..
    } = event;
    let id = order.to_string();
    let order =
        Order { id, number, supplier_number, location, ordered_on, revision, lines, cancelled: false };
    plan(words, order, false)
}

pub(super) fn revised(words: &Words<'_>, event: PurchaseOrderRevised) -> Result<Plan, DeliveryError> {
    let PurchaseOrderRevised { order, number, supplier_number, location, ordered_on, revision, .. } = event;
    let (id, lines, cancelled) = (order.to_string(), event.lines, event.cancelled);
    plan(words, Order { id, number, supplier_number, location, ordered_on, revision, lines, cancelled }, true)
}

fn plan(words: &Words<'_>, order: Order, look_first: bool) -> Result<Plan, DeliveryError> {
    let supplier = order.supplier_number.as_deref().ok_or_else(|| {
        DeliveryError::Unmappable("the event does not say the supplier's number".to_owned())
    })?;
    let mut header = Fields::new();
    put(&mut header, "po_nbr", Some(order.number.as_str()));
    put(&mut header, "vendor_code", Some(words.supplier(supplier)));
    put(&mut header, "po_type", words.config.po_type.as_deref());
    put(&mut header, "ord_date", order.ordered_on.map(|day| words.day(day)));
    let last = order.lines.iter().filter(|line| !line.cancelled).filter_map(|line| line.deliver_to).max();
    put(&mut header, "delivery_date", last.map(|day| words.day(day)));
    let rows: Result<Vec<Row>, DeliveryError> = order.lines.iter().map(|line| row(words, line)).collect();
    Ok(Plan {
        target: Target {
            entity: "purchase_order",
            key: "po_nbr",
            number: order.number,
            facility: words.facility(order.location.as_deref())?,
            mark: Mark { subject: order.id, version: i64::from(order.revision) },
        },
        want: if order.cancelled { Want::Gone } else { Want::There },
        look_first,
        body: Body::Staged { list: "ListOfPurchaseOrders", header, rows: rows? },
    })
}

/// `purchase_order_dtl` has no unit of measure in anything public: the quantity goes in the line's unit, and the
/// site's item decides what that is.
fn row(words: &Words<'_>, line: &OrderedQuantity) -> Result<Row, DeliveryError> {
    let mut fields = Fields::new();
    if !line.cancelled {
        let item = words.item(line.buyer_part.as_deref(), &line.line)?;
        put(&mut fields, words.config.item_key.name(), Some(item));
        put(&mut fields, "ord_qty", Some(line.quantity.to_string()));
    }
    Ok(Row { number: number(&line.line)?, fields, cancelled: line.cancelled })
}

/// The number of a line as the WMS counts it.
pub(super) fn number(line: &str) -> Result<i64, DeliveryError> {
    let number = line.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| {
        DeliveryError::Unmappable(format!("line `{line}` has no number that the WMS could count"))
    })
}
