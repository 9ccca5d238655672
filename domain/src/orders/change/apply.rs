//! The rules of a change. Pure: the next revision, or every problem at once.
use std::collections::{BTreeMap, BTreeSet};

use quayside_canonical::{
    Field, Micro, Problems,
    document::check_purchase_order,
    order::{Line, PurchaseOrder, SourceRevision},
    order_change::{
        Change, Changes, Direction, Effect, Heading, LineChange, LineFields, OrderChange, Window,
    },
};

/// The revision that `change` makes of `current`.
///
/// # Errors
/// Every problem, each where the message says what cannot be done.
pub fn apply_change(current: &PurchaseOrder, change: &OrderChange) -> Result<PurchaseOrder, Problems> {
    let mut problems = Problems::new();
    let mut next = current.clone();
    match &change.effect {
        Effect::Cancel => next.cancelled = true,
        Effect::Replace(whole) => next = whole.as_ref().clone(),
        Effect::Change(_) if current.cancelled => {
            problems.add("ORDER_CANCELLED", &change.place, format!("order {} is cancelled", change.number));
        }
        Effect::Change(changes) => {
            apply(&mut next, changes, &mut problems);
        }
    }
    next.revision = ranked(current, change);
    problems.into_result()?;
    check_purchase_order(&next)?;
    Ok(next)
}

/// A change that its source does not count keeps the count of what it changes, so that the next one counted comes after
/// it and the one before does not.
fn ranked(current: &PurchaseOrder, change: &OrderChange) -> SourceRevision {
    let sequence =
        change.revision.sequence.or_else(|| Some(current.revision.rank().0).filter(|rank| *rank != 0));
    SourceRevision { sequence, ..change.revision.clone() }
}

fn apply(next: &mut PurchaseOrder, changes: &Changes, problems: &mut Problems) {
    set_heading(next, &changes.heading, problems);
    let mut named = BTreeSet::new();
    let mut places: BTreeMap<String, usize> =
        next.lines.iter().enumerate().map(|(place, line)| (line.number.clone(), place)).collect();
    for said in &changes.lines {
        if !named.insert(said.number.as_str()) {
            let words = format!("line {} comes twice in the message", said.number);
            problems.add("DUPLICATE_LINE", &said.place, words);
            continue;
        }
        let found = places.get(&said.number).and_then(|place| next.lines.get_mut(*place));
        if let Some(added) = change_line(found, said, problems) {
            places.insert(added.number.clone(), next.lines.len());
            next.lines.push(added);
        }
    }
    if changes.only_these {
        for line in next.lines.iter_mut().filter(|line| !named.contains(line.number.as_str())) {
            line.cancelled = true;
        }
    }
}

fn set_heading(next: &mut PurchaseOrder, heading: &Heading, problems: &mut Problems) {
    match (&next.currency, &heading.currency) {
        (Some(old), Some(new)) if old != new => {
            let words = format!("the order is in {old}, the change in {new}; cancel it and place a new one");
            problems.add("CURRENCY_CHANGED", &heading.currency_place, words);
        }
        (None, Some(new)) => next.currency = Some(new.clone()),
        _ => {}
    }
    let Heading { incoterms, payment_terms, ship_to, notes, .. } = heading.clone();
    next.incoterms = incoterms.or(next.incoterms.take());
    next.payment_terms = payment_terms.or(next.payment_terms.take());
    next.ship_to = ship_to.or(next.ship_to.take());
    if !notes.is_empty() {
        next.notes = notes;
    }
    if let Some(window) = heading.window {
        set_windows(next, window, &heading.window_place, problems);
    }
}

/// A window for the whole order is clear only where all lines had one and the same.
fn set_windows(next: &mut PurchaseOrder, window: Window, place: &Field, problems: &mut Problems) {
    let open = || next.lines.iter().filter(|line| !line.cancelled);
    let windows: BTreeSet<_> = open().map(|line| (line.deliver_from, line.deliver_to)).collect();
    if windows.len() > 1 {
        let words = "the lines have different windows; say for each line when it is wanted now";
        problems.add("WINDOW_UNCLEAR", place, words);
        return;
    }
    for line in next.lines.iter_mut().filter(|line| !line.cancelled) {
        set_window(line, window);
    }
}

fn set_window(line: &mut Line, window: Window) {
    (line.deliver_from, line.deliver_to) = (window.from, window.to);
}

/// Changes a line in place, or gives the one to add.
fn change_line(found: Option<&mut Line>, said: &LineChange, problems: &mut Problems) -> Option<Line> {
    match (&said.change, found) {
        (Change::Add(_), Some(line)) if !line.cancelled => {
            let words = format!("the order has a line {} already; it cannot be added", said.number);
            problems.add("LINE_EXISTS", &said.place, words);
        }
        (Change::Add(whole) | Change::Put(whole), Some(line)) => *line = whole.as_ref().clone(),
        (Change::Add(whole) | Change::Put(whole), None) => return Some(whole.as_ref().clone()),
        (_, None) => {
            let words = format!("the order has no line {}", said.number);
            problems.add("UNKNOWN_LINE", &said.place, words);
        }
        (Change::Cancel, Some(line)) => line.cancelled = true,
        (Change::Keep, Some(_)) => {}
        (Change::Set(_), Some(line)) if line.cancelled => {
            let words = format!("line {} is cancelled; add it anew", said.number);
            problems.add("LINE_CANCELLED", &said.place, words);
        }
        (Change::Set(fields), Some(line)) => set(line, fields, &said.place, problems),
    }
    None
}

fn set(line: &mut Line, fields: &LineFields, place: &Field, problems: &mut Problems) {
    if let Some(quantity) = fields.quantity.and_then(|said| total(line, said, fields, place, problems)) {
        check_quantity(line, quantity, fields, place, problems);
        line.quantity = quantity;
        if let Some(unit) = fields.unit.as_ref().filter(|_| fields.may_change_unit) {
            line.unit.clone_from(unit);
        }
    }
    if fields.unit_price.is_some() {
        (line.unit_price, line.price_per) = (fields.unit_price, fields.price_per);
    }
    if let Some(window) = fields.window {
        set_window(line, window);
    }
    set_schedules(line, fields, place, problems);
    replace(&mut line.buyer_part, &fields.buyer_part);
    replace(&mut line.supplier_part, &fields.supplier_part);
    replace(&mut line.gtin, &fields.gtin);
    replace(&mut line.description, &fields.description);
}

/// The new total quantity, out of itself or of the difference to the old one.
fn total(
    line: &Line,
    said: Micro,
    fields: &LineFields,
    place: &Field,
    problems: &mut Problems,
) -> Option<Micro> {
    let new = match fields.direction.filter(|_| fields.is_difference) {
        None => Some(said),
        Some(Direction::Up) => line.quantity.checked_add(said),
        Some(Direction::Down) => Some(line.quantity - said),
    };
    let new = new.filter(|new| new.is_positive());
    if new.is_none() {
        let words = format!(
            "line {}: a change by {said} leaves nothing of the {} ordered; cancel the line instead",
            line.number, line.quantity
        );
        problems.add("INVALID_VALUE", place, words);
    }
    new
}

fn replace(old: &mut Option<String>, new: &Option<String>) {
    if new.is_some() {
        old.clone_from(new);
    }
}

fn check_quantity(line: &Line, new: Micro, fields: &LineFields, place: &Field, problems: &mut Problems) {
    if let Some(unit) = fields.unit.as_ref().filter(|unit| **unit != line.unit && !fields.may_change_unit) {
        let words = format!("line {} is ordered in {}, the change is in {unit}", line.number, line.unit);
        problems.add("UNIT_MISMATCH", place, words);
    }
    let word = match fields.direction {
        Some(Direction::Up) if new < line.quantity => "more",
        Some(Direction::Down) if new > line.quantity => "less",
        _ => return,
    };
    let words = format!(
        "line {}: the change is for {word}, but {new} is not {word} than the {} ordered; the new total is expected",
        line.number, line.quantity
    );
    problems.add("QUANTITY_DIRECTION", place, words);
}

/// Instalments follow the quantity only where there is no doubt how.
fn set_schedules(line: &mut Line, fields: &LineFields, place: &Field, problems: &mut Problems) {
    if let Some(schedules) = &fields.schedules {
        line.schedules.clone_from(schedules);
    } else if let [only] = line.schedules.as_mut_slice() {
        only.quantity = line.quantity;
        if let Some(window) = fields.window {
            (only.deliver_from, only.deliver_to) = (window.from, window.to);
        }
        return;
    } else if fields.window.is_some() && line.schedules.len() > 1 {
        let words = format!("line {} comes in instalments; state the new day of each", line.number);
        problems.add("SCHEDULES_UNCLEAR", place, words);
        return;
    }
    let sum: Micro = line.schedules.iter().map(|schedule| schedule.quantity).sum();
    if !line.schedules.is_empty() && sum != line.quantity {
        let words = format!(
            "line {}: the instalments add up to {sum}, not to {}; state the new ones",
            line.number, line.quantity
        );
        problems.add("SCHEDULES_DO_NOT_ADD_UP", place, words);
    }
}
