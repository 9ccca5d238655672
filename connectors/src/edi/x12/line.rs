//! A line that states everything: of an 850, or new in an 860.
use quayside_canonical::{Micro, order::Line, order_change::Window};
use quayside_edi::x12::messages::{Description, Line as Stated};

use super::{
    heading,
    pieces::{self, Basis},
    report::Report,
    values,
};

/// The line, if nothing it must have is missing. Where it says no window, the heading's is its own.
pub(super) fn whole(
    stated: &Stated,
    heading_window: Option<Window>,
    report: &mut Report<'_>,
) -> Option<Line> {
    let quantity = quantity(stated, report);
    let unit = stated.unit.as_ref().and_then(|unit| pieces::unit_of(unit, report));
    if stated.unit.is_none() {
        report.refuse(stated.at, "REQUIRED", format!("line {} has no unit", stated.id.text));
    }
    let (unit_price, price_per) = price(stated, report);
    let own_window = pieces::window(&stated.section.dates, report);
    let window = own_window.or(heading_window).unwrap_or_default();
    let number = line_number(stated, report);
    let (description, mut notes) = descriptions(&stated.section.descriptions, report);
    notes.extend(heading::notes(&stated.section.notes, report));
    if let Some(split) = stated.section.splits.first() {
        report.warn(
            split.unit.at,
            "SPLIT_LEFT_OUT",
            "how the quantity is spread over locations was left out",
        );
    }
    let (quantity, unit) = (quantity?, unit?);
    let schedules = pieces::schedules(&stated.section.schedules, quantity, &unit, report);
    let ids = &stated.section.product_ids;
    Some(Line {
        translations: Vec::new(),
        number: number?,
        buyer_part: pieces::buyer_part(ids, report),
        supplier_part: pieces::supplier_part(ids, report),
        gtin: pieces::gtin(ids, report),
        description,
        quantity,
        unit,
        unit_price,
        price_per,
        deliver_from: window.from,
        deliver_to: window.to,
        ship_to: heading::ship_to(&stated.section, report),
        cancelled: false,
        schedules,
        notes,
    })
}

/// The number of a line: opaque text.
pub(super) fn line_number(stated: &Stated, report: &mut Report<'_>) -> Option<String> {
    let found = quayside_edi::Located { value: stated.id.text.clone(), at: stated.id.at };
    values::code(&found, report)
}

/// The quantity, which is more than nothing.
pub(super) fn quantity(stated: &Stated, report: &mut Report<'_>) -> Option<Micro> {
    let Some(found) = &stated.quantity else {
        report.refuse(stated.at, "REQUIRED", format!("line {} has no quantity", stated.id.text));
        return None;
    };
    let quantity = values::number(found, report)?;
    if !quantity.is_positive() {
        let words = format!("the quantity of line {} must be more than 0", stated.id.text);
        report.refuse(found.at, "INVALID_VALUE", words);
        return None;
    }
    Some(quantity)
}

/// The price and for how many units it is. A price of something else than the ordered unit is left out.
pub(super) fn price(stated: &Stated, report: &mut Report<'_>) -> (Option<Micro>, Option<Micro>) {
    let Some(found) = &stated.price else { return (None, None) };
    let Some(price) = values::number(found, report) else { return (None, None) };
    if price < Micro::ZERO {
        report.refuse(found.at, "INVALID_VALUE", format!("the price of line {} is below 0", stated.id.text));
    }
    match pieces::basis(stated.price_basis.as_ref()) {
        Basis::One => (Some(price), None),
        Basis::Many(units) => (Some(price), Some(Micro::from(units))),
        Basis::Other => {
            let at = stated.price_basis.as_ref().map_or(found.at, |basis| basis.at);
            let basis = stated.price_basis.as_ref().map_or("", |basis| basis.value.as_str());
            let words = format!(
                "line {}: {price} is a price on the basis {basis}, not of the ordered unit; it was left out",
                stated.id.text
            );
            report.warn(at, "PRICE_LEFT_OUT", words);
            (None, None)
        }
    }
}

/// The description of the product, and the other texts as notes.
pub(super) fn descriptions(found: &[Description], report: &mut Report<'_>) -> (Option<String>, Vec<String>) {
    let about_product = |description: &&Description| {
        description.characteristic.as_ref().is_none_or(|of| matches!(of.value.as_str(), "08" | "GEN"))
    };
    let main = found.iter().find(about_product).or(found.first());
    let others = found.iter().filter(|other| main.is_some_and(|main| !std::ptr::eq(main, *other)));
    let notes =
        others.filter_map(|other| other.text.as_ref()).filter_map(|words| values::text(words, report));
    let notes = notes.collect();
    (main.and_then(|main| main.text.as_ref()).and_then(|words| values::text(words, report)), notes)
}
