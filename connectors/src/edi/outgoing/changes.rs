//! What changed between two revisions, in the terms of a change message.
//!
//! A change says the new value of what differs. What was there and is gone has no new value: where that matters to
//! the supplier, the whole order is stated anew; a note that was withdrawn does not matter.
use std::collections::{BTreeMap, BTreeSet};

use quayside_canonical::{
    Field, Micro, Problems,
    order::{Incoterms, Line, Party, PurchaseOrder},
};

/// What tells of a revision.
#[derive(Clone, Debug)]
pub(super) enum Telling<'a> {
    /// Nothing: there is nothing to tell.
    Nothing,
    /// A change.
    Change(Changes<'a>),
    /// The whole order: something was said and is not said any more.
    Anew,
}

/// What changed.
#[derive(Clone, Debug)]
pub(super) enum Changes<'a> {
    /// Nothing of the order is wanted any more.
    Cancel,
    /// The heading and these lines.
    Some { heading: Heading<'a>, lines: Vec<Changed<'a>> },
}

/// What the heading says anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Heading<'a> {
    pub(super) incoterms: Option<&'a Incoterms>,
    pub(super) payment_terms: Option<&'a str>,
    pub(super) ship_to: Option<&'a Party>,
    pub(super) notes: &'a [String],
}

/// A line and how it changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Changed<'a> {
    pub(super) line: &'a Line,
    pub(super) how: How<'a>,
}

/// How a line changed.
#[derive(Clone, Copy, Debug)]
pub(super) enum How<'a> {
    Added,
    Cancelled,
    /// From this.
    From {
        before: &'a Line,
        what: What,
    },
}

/// Which of the values that have a code of their own differ, and whether others do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct What {
    pub(super) quantity: bool,
    pub(super) price: bool,
    pub(super) dates: bool,
    pub(super) more: bool,
}

/// Whether a line asks for anything.
pub(super) fn is_wanted(line: &Line) -> bool {
    !line.cancelled && line.quantity.is_positive()
}

/// The changes from `before` to `after`.
pub(super) fn between<'a>(
    before: &'a PurchaseOrder,
    after: &'a PurchaseOrder,
) -> Result<Telling<'a>, Problems> {
    let wanted = |order: &PurchaseOrder| !order.cancelled && order.lines.iter().any(is_wanted);
    match (wanted(before), wanted(after)) {
        (true, false) => return Ok(Telling::Change(Changes::Cancel)),
        (false, false) => return Ok(Telling::Nothing),
        _ => {}
    }
    if before.currency != after.currency {
        let words = "an order does not change its currency; cancel it and place a new one";
        return Err(Problems::one("CURRENCY_CHANGED", &Field::root().at("currency"), words));
    }
    let mut withdrawn = false;
    let heading = heading(before, after, &mut withdrawn);
    let lines = lines(before, after, &mut withdrawn);
    if withdrawn {
        return Ok(Telling::Anew);
    }
    if heading == Heading::default() && lines.is_empty() {
        return Ok(Telling::Nothing);
    }
    Ok(Telling::Change(Changes::Some { heading, lines }))
}

fn heading<'a>(before: &'a PurchaseOrder, after: &'a PurchaseOrder, withdrawn: &mut bool) -> Heading<'a> {
    Heading {
        incoterms: anew(before.incoterms.as_ref(), after.incoterms.as_ref(), withdrawn),
        payment_terms: anew(before.payment_terms.as_deref(), after.payment_terms.as_deref(), withdrawn),
        ship_to: anew(before.ship_to.as_ref(), after.ship_to.as_ref(), withdrawn),
        notes: if before.notes == after.notes { &[] } else { &after.notes },
    }
}

/// The new value, where it is another one.
fn anew<'a, T: PartialEq + ?Sized>(
    before: Option<&'a T>,
    after: Option<&'a T>,
    withdrawn: &mut bool,
) -> Option<&'a T> {
    *withdrawn |= before.is_some() && after.is_none();
    after.filter(|_| before != after)
}

fn lines<'a>(before: &'a PurchaseOrder, after: &'a PurchaseOrder, withdrawn: &mut bool) -> Vec<Changed<'a>> {
    let known: BTreeMap<&str, &Line> =
        before.lines.iter().filter(|line| is_wanted(line)).map(|line| (line.number.as_str(), line)).collect();
    let mut found = Vec::new();
    let mut kept = BTreeSet::new();
    for line in after.lines.iter().filter(|line| is_wanted(line)) {
        kept.insert(line.number.as_str());
        let how = match known.get(line.number.as_str()) {
            None => How::Added,
            Some(before) => {
                let what = differs(before, line, withdrawn);
                if what == What::default() {
                    continue;
                }
                How::From { before, what }
            }
        };
        found.push(Changed { line, how });
    }
    let gone = known.values().filter(|line| !kept.contains(line.number.as_str()));
    found.extend(gone.map(|line| Changed { line, how: How::Cancelled }));
    found
}

fn differs(before: &Line, after: &Line, withdrawn: &mut bool) -> What {
    *withdrawn |= before.unit_price.is_some() && after.unit_price.is_none()
        || !before.schedules.is_empty() && after.schedules.is_empty()
        || has_window(before) && !has_window(after);
    let parts = |line: &Line| {
        (line.buyer_part.clone(), line.supplier_part.clone(), line.gtin.clone(), line.description.clone())
    };
    What {
        quantity: before.quantity != after.quantity,
        price: before.unit_price != after.unit_price || per(before) != per(after),
        dates: (before.deliver_from, before.deliver_to) != (after.deliver_from, after.deliver_to)
            || before.schedules != after.schedules,
        more: before.unit != after.unit
            || parts(before) != parts(after)
            || before.ship_to != after.ship_to
            || before.notes != after.notes && !after.notes.is_empty(),
    }
}

const fn has_window(line: &Line) -> bool {
    line.deliver_from.is_some() || line.deliver_to.is_some()
}

/// For how many units a price is.
pub(super) fn per(line: &Line) -> Micro {
    line.price_per.unwrap_or(Micro::from_millionths(1_000_000))
}
