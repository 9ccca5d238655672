//! What the quantity ledger has of an order's lines, as far as revisions touch it.
use std::collections::BTreeMap;

use quayside_canonical::{
    Date, Micro, PurchaseOrderId,
    acknowledgment::AnswerPart,
    events::OrderedQuantity,
    ledger::of_lines,
    order::{Line, PurchaseOrder},
    policy::Rules,
    states::{FulfillmentStatus, LineStatus},
};
use quayside_entity::line_state;
use sea_orm::{ColumnTrait, QueryFilter};

use super::revise::OrderState;
use crate::{Failure, Scope, ledger, ledger::Agreed, scope::in_tenant, store::Tx};

/// What the ledger has of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Booked {
    /// What is asked for, cancelled or not.
    pub ordered: Micro,
    /// The line's unit.
    pub unit: String,
    /// Whether it is cancelled.
    pub cancelled: bool,
    /// The last day on which goods are in time.
    pub due_on: Option<Date>,
    /// What is on its way or here: then the unit stays what it was.
    pub moved: Micro,
    /// What was asked for and not cancelled before this batch of revisions.
    pub wanted_before: Micro,
    /// Whether the revision asked for another unit after goods had moved.
    pub unit_kept: bool,
}

impl Booked {
    /// What is asked for and not cancelled.
    #[must_use]
    pub const fn wanted(&self) -> Micro {
        if self.cancelled { Micro::ZERO } else { self.ordered }
    }

    /// Takes over what a revision says of the line.
    fn revise(&mut self, line: &Line, cancelled: bool, due_on: Option<Date>) {
        self.unit_kept = self.moved.is_positive() && self.unit != line.unit;
        if !self.unit_kept {
            self.ordered = line.quantity;
            self.unit.clone_from(&line.unit);
        }
        self.cancelled = cancelled;
        self.due_on = due_on;
    }
}

/// The last day on which goods of a line are in time: the day promised, where that is agreed, else the day asked
/// for and what is tolerated.
#[must_use]
pub fn due_on(line: &Line, status: LineStatus, parts: &[AnswerPart], rules: &Rules) -> Option<Date> {
    let promised = parts.iter().filter_map(|part| part.promised_on).max();
    if let (LineStatus::Accepted, Some(day)) = (status, promised) {
        return Some(day);
    }
    let asked = line.deliver_to.or(line.deliver_from)?;
    asked.checked_add_days(chrono::Days::new(u64::from(rules.late_days)))
}

impl OrderState {
    /// Books what the current revision says. Lines it does not have any more were cancelled by leaving them out.
    pub(super) fn book(&mut self, document: &PurchaseOrder, rules: &Rules) {
        for booked in self.booked.values_mut() {
            (booked.cancelled, booked.unit_kept) = (true, false);
        }
        for line in &document.lines {
            let Some(state) = self.lines.get(&line.number) else { continue };
            let due = due_on(line, state.status, &state.parts, rules);
            let cancelled = document.cancelled || line.cancelled;
            self.booked.entry(line.number.clone()).or_default().revise(line, cancelled, due);
        }
    }

    /// What of a line is promised and agreed, in the ledger's unit.
    #[must_use]
    pub fn agreed(&self, line: &str) -> Agreed {
        let (Some(state), Some(booked)) = (self.lines.get(line), self.booked.get(line)) else {
            return Agreed::default();
        };
        if booked.unit_kept { Agreed::default() } else { Agreed::of(state.status, &state.parts) }
    }

    /// The lines as the event of the revision `document` tells them.
    #[must_use]
    pub fn ordered(&self, document: &PurchaseOrder) -> Vec<OrderedQuantity> {
        let stated: BTreeMap<&str, &Line> =
            document.lines.iter().map(|line| (line.number.as_str(), line)).collect();
        let quantity = |(line, booked): (&String, &Booked)| {
            let Agreed { acknowledged, backordered } = self.agreed(line);
            OrderedQuantity {
                line: line.clone(),
                buyer_part: stated.get(line.as_str()).and_then(|stated| stated.buyer_part.clone()),
                quantity: booked.ordered,
                unit: booked.unit.clone(),
                deliver_to: stated.get(line.as_str()).and_then(|stated| stated.deliver_to),
                cancelled: booked.cancelled,
                acknowledged,
                backordered,
            }
        };
        self.booked.iter().map(quantity).collect()
    }

    /// How far the order is, when no goods have moved.
    #[must_use]
    pub fn fulfillment_at_rest(&self) -> FulfillmentStatus {
        of_lines(self.booked.values().map(at_rest))
    }

    /// Whether goods of it are on their way or here.
    #[must_use]
    pub fn has_moved(&self) -> bool {
        self.booked.values().any(|booked| booked.moved.is_positive())
    }
}

/// How far a line is, when no goods have moved.
pub(super) fn at_rest(booked: &Booked) -> FulfillmentStatus {
    if booked.wanted().is_positive() { FulfillmentStatus::NotShipped } else { FulfillmentStatus::Cancelled }
}

/// What the ledger has of `orders`.
pub(super) async fn load(
    tx: &Tx,
    scope: &Scope,
    orders: &[PurchaseOrderId],
) -> Result<BTreeMap<PurchaseOrderId, BTreeMap<String, Booked>>, Failure> {
    let rows = in_tenant::<line_state::Entity>(scope)
        .filter(line_state::Column::OrderId.is_in(orders.iter().copied()))
        .all(&**tx)
        .await?;
    let mut booked: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for row in rows {
        let numbers = ledger::quantities(&row);
        let wanted_before = numbers.ordered - numbers.cancelled;
        let line = Booked {
            wanted_before,
            ordered: numbers.ordered,
            unit: row.unit,
            cancelled: numbers.cancelled.is_positive(),
            due_on: row.due_on,
            moved: numbers.shipped.max(numbers.received),
            unit_kept: false,
        };
        booked.entry(row.order_id).or_default().insert(row.line, line);
    }
    Ok(booked)
}
