//! Every problem of a ship notice at once. Pure: what it is judged on was loaded before.
//!
//! A draft has to be well formed (`shape`); what is announced has to keep the rules as well (`rules`).

mod packing;
mod rules;
mod shape;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use quayside_canonical::{Problems, shipment::ShipNotice};

use super::ground::Ground;
pub use rules::Shipped;

/// Checks a draft: well formed, and about orders that are the supplier's.
#[must_use]
pub fn draft(notice: &ShipNotice, ground: &Ground) -> Problems {
    let mut problems = Problems::new();
    shape::check(notice, &mut problems);
    rules::names(notice, ground, &mut problems);
    problems
}

/// Checks what is announced, and gives its lines in the units of the orders: all of them where nothing is wrong.
#[must_use]
pub fn announced(notice: &ShipNotice, ground: &Ground) -> (Vec<Shipped>, Problems) {
    let mut problems = draft(notice, ground);
    packing::check(notice, &mut problems);
    let shipped = rules::check(notice, ground, &mut problems);
    (shipped, problems)
}

/// The notice with orders called by the buyer's number everywhere, however the supplier called them.
#[must_use]
pub fn with_order_numbers(mut notice: ShipNotice, ground: &Ground) -> ShipNotice {
    let numbers: HashMap<String, &str> =
        ground.orders.values().map(|order| (order.id.to_string(), order.number.as_str())).collect();
    let name = |order: &mut String| {
        if let Some(number) = numbers.get(order.as_str()) {
            (*number).clone_into(order);
        }
    };
    notice.lines.iter_mut().for_each(|line| name(&mut line.order));
    notice.units.iter_mut().flat_map(|unit| &mut unit.contents).for_each(|content| name(&mut content.order));
    notice
}
