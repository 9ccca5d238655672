//! Whether what is shipped is what was ordered, as far as the tenant's rules say.
use quayside_canonical::{
    Field, Micro, Problems, PurchaseOrderId,
    policy::Rules,
    shipment::{ShipNotice, ShippedLine},
    states::LineStatus,
};

use crate::shipments::ground::{Ground, LineGround, OrderGround};

/// A line of a sound notice, in the unit of its order line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shipped {
    /// The order.
    pub order: PurchaseOrderId,
    /// The buyer's number of it.
    pub order_number: String,
    /// The line.
    pub line: String,
    /// The buyer's part number, where the order has one.
    pub item: Option<String>,
    /// How much.
    pub quantity: Micro,
    /// The line's unit.
    pub unit: String,
    /// Whether the line is answered and agreed.
    pub agreed: bool,
}

/// Whether orders and lines are there, for this supplier.
pub(super) fn names(notice: &ShipNotice, ground: &Ground, problems: &mut Problems) {
    for (place, line) in notice.lines.iter().enumerate() {
        let field = Field::root().at("lines").at(place);
        match ground.orders.get(&line.order) {
            None => {
                problems.add(
                    "UNKNOWN_ORDER",
                    &field.at("order"),
                    format!("there is no order {}", line.order),
                );
            }
            Some(order) if !order.lines.contains_key(&line.line) => {
                let words = format!("order {} has no line {}", order.number, line.line);
                problems.add("UNKNOWN_LINE", &field.at("line"), words);
            }
            Some(_) => {}
        }
    }
}

/// Every rule, for the lines that are there.
pub(super) fn check(notice: &ShipNotice, ground: &Ground, problems: &mut Problems) -> Vec<Shipped> {
    let mut shipped = Vec::with_capacity(notice.lines.len());
    for (place, line) in notice.lines.iter().enumerate() {
        let Some(order) = ground.orders.get(&line.order) else { continue };
        let Some(found) = order.lines.get(&line.line) else { continue };
        let field = Field::root().at("lines").at(place);
        shipped.extend(check_line(line, order, found, &ground.rules, &field, problems));
    }
    shipped
}

fn check_line(
    line: &ShippedLine,
    order: &OrderGround,
    ground: &LineGround,
    rules: &Rules,
    field: &Field,
    problems: &mut Problems,
) -> Option<Shipped> {
    let (number, unit) = (&order.number, &ground.state.unit);
    if order.cancelled {
        problems.add("ORDER_CANCELLED", &field.at("order"), format!("order {number} is cancelled"));
        return None;
    }
    if ground.state.cancelled.is_positive() {
        let words = format!("line {} of order {number} is cancelled", line.line);
        problems.add("LINE_CANCELLED", &field.at("line"), words);
        return None;
    }
    let agreed = ground.state.status == LineStatus::Accepted;
    if rules.answer_before_shipment && !agreed {
        let words =
            format!("answer line {} of order {number} first; it is {}", line.line, ground.state.status);
        problems.add("NOT_ACKNOWLEDGED", &field.at("line"), words);
    }
    let Some(quantity) = ground.convert(line.quantity, line.unit.as_deref()) else {
        let given = line.unit.as_deref().unwrap_or_default();
        let words =
            format!("{} {given} is no exact number of {unit}, the unit of the order line", line.quantity);
        problems.add("UNIT_MISMATCH", &field.at("unit"), words);
        return None;
    };
    let most = most(ground, rules);
    if quantity > most {
        let words =
            format!("at most {most} {unit} of the line may still be shipped, this is {quantity} {unit}");
        problems.add("OVER_SHIPPED", &field.at("quantity"), words);
    }
    Some(Shipped {
        order: order.id,
        order_number: number.clone(),
        line: line.line.clone(),
        item: ground.item.clone(),
        quantity,
        unit: unit.clone(),
        agreed,
    })
}

/// The most that may be announced of a line: what is wanted and what is tolerated on top, without what is here or on
/// its way. What was rejected or never came may be sent again.
fn most(ground: &LineGround, rules: &Rules) -> Micro {
    let ledger = crate::ledger::quantities(&ground.state);
    let wanted = ledger.wanted();
    let extra = i128::from(wanted.millionths()) * i128::from(rules.over_ship_percent.millionths());
    let extra = Micro::from_millionths(i64::try_from(extra / 100_000_000).unwrap_or(i64::MAX));
    let others = ledger.in_transit - ground.own_in_transit;
    (wanted + extra - ledger.accepted - ledger.held - others).max(Micro::ZERO)
}
