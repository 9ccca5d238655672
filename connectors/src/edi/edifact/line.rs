//! A line that states everything: of an ORDERS, or new in an ORDCHG.
use quayside_canonical::{
    Micro,
    order::{Line, Schedule},
    order_change::Window,
};
use quayside_edi::{
    Located, Place,
    edifact::messages::{Description, Line as Stated, Price, Quantity},
};

use super::{
    dates, heading,
    names::{self, unit_of},
    report::Report,
    values,
};

/// The unit of a quantity that states none: a piece.
const PIECE: &str = "H87";

/// The line, if nothing it must have is missing. Where it says no window, the heading's is its own.
pub(super) fn whole(
    stated: &Stated,
    heading_window: Option<Window>,
    report: &mut Report<'_>,
) -> Option<Line> {
    let ordered = ordered(stated, report);
    let (unit_price, price_per) = price(stated, report);
    let window = dates::window(&stated.dates, report).or(heading_window).unwrap_or_default();
    let number = number(stated, report);
    let (description, mut notes) = descriptions(&stated.descriptions, report);
    notes.extend(heading::notes(&stated.texts, report));
    if let Some(split) = stated.locations.iter().find(|location| !location.quantities.is_empty()) {
        report.warn(split.at, "SPLIT_LEFT_OUT", "how the quantity is spread over locations was left out");
    }
    let (quantity, stated_unit) = ordered?;
    let unit = unit(stated, stated_unit, report);
    let schedules = schedules(stated, quantity, &unit, report);
    let ids = names::ids(stated);
    Some(Line {
        translations: Vec::new(),
        number: number?,
        buyer_part: names::buyer_part(&ids, report),
        supplier_part: names::supplier_part(&ids, report),
        gtin: names::gtin(&ids, report),
        description,
        quantity,
        unit,
        unit_price,
        price_per,
        deliver_from: window.from,
        deliver_to: window.to,
        ship_to: heading::ship_to(&stated.parties, report),
        cancelled: false,
        schedules,
        notes,
    })
}

/// The number the buyer gave the line.
pub(super) fn number(stated: &Stated, report: &mut Report<'_>) -> Option<String> {
    let Some(number) = names::line_of(stated) else {
        report.refuse(stated.at, "REQUIRED", "the line has no number");
        return None;
    };
    values::code(number, report)
}

/// How the line is called in words.
pub(super) fn shown(stated: &Stated) -> &str {
    names::line_of(stated).map_or("without a number", |number| number.as_str())
}

/// The one quantity with this qualifier.
pub(super) fn quantity_of<'a>(
    quantities: &'a [Quantity],
    qualifier: &str,
    report: &mut Report<'_>,
) -> Option<(&'a Quantity, Micro)> {
    let mut found: Option<(&Quantity, Micro)> = None;
    for quantity in quantities.iter().filter(|quantity| quantity.qualifier.value == qualifier) {
        let Some(value) = quantity.value.as_ref() else { continue };
        let Some(number) = values::number(value, report) else { continue };
        match found {
            Some((_, first)) if first != number => {
                let words = format!("quantity {qualifier} is {first} and {number}; which holds is not known");
                report.refuse(value.at, "AMBIGUOUS_QUANTITY", words);
            }
            _ => found = Some((quantity, number)),
        }
    }
    found
}

/// What is ordered (QTY 21): more than nothing.
pub(super) fn ordered<'a>(
    stated: &'a Stated,
    report: &mut Report<'_>,
) -> Option<(Micro, Option<&'a Located<String>>)> {
    let Some((found, quantity)) = quantity_of(&stated.quantities, "21", report) else {
        let words = format!("line {} has no ordered quantity (QTY 21)", shown(stated));
        report.refuse(stated.at, "REQUIRED", words);
        return None;
    };
    if !quantity.is_positive() {
        let words = format!("the quantity of line {} must be more than 0", shown(stated));
        report.refuse(found.value.as_ref().map_or(found.at, |value| value.at), "INVALID_VALUE", words);
        return None;
    }
    Some((quantity, found.unit.as_ref()))
}

/// The unit of the line. A quantity without one is of pieces.
fn unit(stated: &Stated, found: Option<&Located<String>>, report: &mut Report<'_>) -> String {
    found.and_then(|found| unit_of(found, report)).unwrap_or_else(|| {
        let words = format!("line {} states no unit; it was read as pieces", shown(stated));
        report.warn(stated.at, "UNIT_ASSUMED", words);
        PIECE.to_owned()
    })
}

/// The price and for how many units it is. A price of something else than the ordered unit, or one that is not net,
/// is left out.
pub(super) fn price(stated: &Stated, report: &mut Report<'_>) -> (Option<Micro>, Option<Micro>) {
    let Some(found) = net(&stated.prices) else {
        if let Some(other) = stated.prices.iter().find(|price| price.value.is_some()) {
            let words = format!(
                "line {}: a price {} is not what is paid; it was left out",
                shown(stated),
                other.qualifier.as_str()
            );
            report.warn(other.at, "PRICE_LEFT_OUT", words);
        }
        return (None, None);
    };
    let Some(value) = &found.value else { return (None, None) };
    let Some(price) = values::number(value, report) else { return (None, None) };
    if price < Micro::ZERO {
        report.refuse(value.at, "INVALID_VALUE", format!("the price of line {} is below 0", shown(stated)));
    }
    if !is_of_line_unit(found, stated) {
        let basis = found.unit.as_ref().map_or("", |unit| unit.as_str());
        let words = format!(
            "line {}: {price} is a price per {basis}, not of the ordered unit; it was left out",
            shown(stated)
        );
        report.warn(found.unit.as_ref().map_or(found.at, |unit| unit.at), "PRICE_LEFT_OUT", words);
        return (None, None);
    }
    let per = found.basis.as_ref().and_then(|basis| values::number(basis, report));
    (Some(price), per.filter(|per| per.is_positive() && *per != Micro::ONE))
}

fn net(prices: &[Price]) -> Option<&Price> {
    ["AAA", "CAL", "INV"].iter().find_map(|qualifier| {
        prices.iter().find(|price| price.qualifier.value == **qualifier && price.value.is_some())
    })
}

/// Whether a price is per unit of the line, as far as both say.
fn is_of_line_unit(price: &Price, stated: &Stated) -> bool {
    let Some(unit) = &price.unit else { return true };
    let units = stated.quantities.iter().filter_map(|quantity| quantity.unit.as_ref());
    let mut units = units.peekable();
    units.peek().is_none() || units.any(|other| other.value == unit.value)
}

/// The description of the product, and the other texts as notes.
pub(super) fn descriptions(found: &[Description], report: &mut Report<'_>) -> (Option<String>, Vec<String>) {
    let mut words = found.iter().filter_map(|description| {
        let parts = [&description.text, &description.more].into_iter().flatten();
        let parts: Vec<String> = parts.filter_map(|part| values::text(part, report)).collect();
        // A long text goes on in the next component, wherever the first was full.
        (!parts.is_empty()).then(|| parts.concat())
    });
    (words.next(), words.collect())
}

/// Instalments (SCC), when they are in the line's unit and add up to its quantity.
pub(super) fn schedules(
    stated: &Stated,
    quantity: Micro,
    line_unit: &str,
    report: &mut Report<'_>,
) -> Vec<Schedule> {
    let parts: Vec<&Quantity> = stated.schedules.iter().flat_map(|schedule| &schedule.quantities).collect();
    let Some(at) = parts.first().map(|first| first.at) else { return Vec::new() };
    instalments(&parts, line_unit, at, report)
        .map(|schedules| values::adding_up(schedules, quantity, at, report))
        .unwrap_or_default()
}

fn instalments(
    parts: &[&Quantity],
    line_unit: &str,
    at: Place,
    report: &mut Report<'_>,
) -> Option<Vec<Schedule>> {
    let mut schedules = Vec::with_capacity(parts.len());
    for part in parts {
        let quantity = values::number(part.value.as_ref()?, report)?;
        let unit = part.unit.as_ref().and_then(|unit| unit_of(unit, report));
        if unit.is_some_and(|unit| unit != line_unit) {
            report.warn(at, "SCHEDULES_LEFT_OUT", "the instalments are in another unit than the line");
            return None;
        }
        let window = dates::window(&part.dates, report).unwrap_or_default();
        schedules.push(Schedule { quantity, deliver_from: window.from, deliver_to: window.to });
    }
    Some(schedules)
}

/// Lines that are a part of another: the other stands for them.
pub(super) fn is_component(stated: &Stated, report: &mut Report<'_>) -> bool {
    let is_part =
        stated.parent.is_some() && stated.sub_line.as_ref().is_some_and(|kind| kind.as_str() == "1");
    if is_part {
        let words =
            format!("line {} is a part of another, which stands for it; it was left out", shown(stated));
        report.warn(stated.at, "COMPONENT_LEFT_OUT", words);
    }
    is_part
}
