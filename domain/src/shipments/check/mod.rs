//! Every problem of a ship notice at once. Pure: what it is judged on was loaded before.
//!
//! A draft has to be well formed ([`shape`]); what is announced has to keep the rules as well ([`rules`]).

mod packing;
mod rules;
mod shape;
#[cfg(test)]
mod tests;

use quayside_canonical::{Problems, shipment::ShipNotice};

use super::ground::Ground;
pub use rules::Shipped;

/// Checks a draft: well formed, and about orders that are the supplier's.
///
/// # Errors
/// Every problem.
pub fn draft(notice: &ShipNotice, ground: &Ground) -> Result<(), Problems> {
    let mut problems = Problems::new();
    shape::check(notice, &mut problems);
    rules::names(notice, ground, &mut problems);
    problems.into_result()
}

/// Checks what is announced, and gives its lines in the units of the orders.
///
/// # Errors
/// Every problem.
pub fn announced(notice: &ShipNotice, ground: &Ground) -> Result<Vec<Shipped>, Problems> {
    let mut problems = Problems::new();
    shape::check(notice, &mut problems);
    rules::names(notice, ground, &mut problems);
    packing::check(notice, &mut problems);
    let shipped = rules::check(notice, ground, &mut problems);
    problems.into_result().map(|()| shipped)
}

/// The notice with orders called by the buyer's number everywhere, however the supplier called them.
#[must_use]
pub fn with_order_numbers(mut notice: ShipNotice, ground: &Ground) -> ShipNotice {
    let name = |order: &mut String| {
        if let Some(found) = ground.orders.get(order) {
            order.clone_from(&found.number);
        }
    };
    notice.lines.iter_mut().for_each(|line| name(&mut line.order));
    notice.units.iter_mut().flat_map(|unit| &mut unit.contents).for_each(|content| name(&mut content.order));
    notice
}
