//! The pieces that orders, changes and answers share: texts, numbers, units, dates.
use chrono::NaiveDate;
use quayside_canonical::{Micro, order::Schedule, order_change::Window, unit};
use quayside_edi::{
    Located,
    x12::messages::{DateTime, ProductId, Schedule as Instalment},
};

use super::{
    report::Report,
    values::{self, code, number},
};

/// The UN/ECE unit of an X12 unit where there is a certain one, else the unit as it stands.
pub(super) fn unit_of(found: &Located<String>, report: &mut Report<'_>) -> Option<String> {
    values::unit(found, unit::from_x12, report)
}

/// For how many units a price is, by its basis code (data element 639).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Basis {
    /// One unit: said, not said, or the code tells where the price comes from.
    One,
    /// So many units.
    Many(i32),
    /// Something else, such as a weight: not a price of the ordered unit.
    Other,
}

pub(super) fn basis(found: Option<&Located<String>>) -> Basis {
    match found.map(|code| code.value.as_str()) {
        None
        | Some("PE" | "UM" | "CA" | "CT" | "DI" | "LE" | "NT" | "QE" | "QT" | "TE" | "WE" | "PN" | "EA") => {
            Basis::One
        }
        Some("HP") => Basis::Many(100),
        Some("TP") => Basis::Many(1_000),
        Some(_) => Basis::Other,
    }
}

/// The first identifier whose qualifier (data element 235) is in `wanted`, the qualifiers in their order.
pub(super) fn pick<'a>(ids: &'a [ProductId], wanted: &[&str]) -> Option<&'a Located<String>> {
    wanted.iter().find_map(|qualifier| ids.iter().find(|id| id.qualifier == *qualifier)).map(|id| &id.id)
}

/// Qualifiers of the buyer's part number.
const BUYER_PART: &[&str] = &["BP", "IN", "PI"];
/// Qualifiers of the supplier's part number.
pub(super) const SUPPLIER_PART: &[&str] = &["VN", "VP", "VC", "VA"];

/// Qualifiers of the GTIN.
pub(super) const GTIN: &[&str] = &["UK", "EN", "UP", "EO"];

/// The GTIN of a line. One of another length is left out and reported.
pub(super) fn gtin(ids: &[ProductId], report: &mut Report<'_>) -> Option<String> {
    values::gtin(pick(ids, GTIN)?, report)
}

/// The buyer's number of the item.
pub(super) fn buyer_part(ids: &[ProductId], report: &mut Report<'_>) -> Option<String> {
    values::item(pick(ids, BUYER_PART), ids.iter().map(|id| &id.id), report)
}

/// The supplier's number of the item.
pub(super) fn supplier_part(ids: &[ProductId], report: &mut Report<'_>) -> Option<String> {
    pick(ids, SUPPLIER_PART).and_then(|id| code(id, report))
}

/// When goods are wanted, by DTM. Days of delivery go before days of shipping; either way the last day is the
/// later end of the window, or the day that is asked for.
pub(super) fn window(dates: &[DateTime], report: &mut Report<'_>) -> Option<Window> {
    let delivery = Window {
        from: day(dates, "064", report),
        to: ["063", "106", "002"].iter().find_map(|qualifier| day(dates, qualifier, report)),
    };
    let shipping = Window {
        from: day(dates, "037", report),
        to: ["038", "010"].iter().find_map(|qualifier| day(dates, qualifier, report)),
    };
    let found = if delivery.is_open() { shipping } else { delivery };
    if found.is_open() {
        return None;
    }
    let at = dates.iter().find(|date| {
        let value = date.date.as_ref().map(|date| date.value);
        value.is_some() && (value == found.from || value == found.to)
    });
    if let Some(at) = at.map(|date| date.qualifier.at) {
        if delivery.is_open() {
            report.warn(
                at,
                "SHIP_DATES_TAKEN",
                "only days of shipping are given; they were taken as the window",
            );
        }
        if found.from.zip(found.to).is_some_and(|(from, to)| from > to) {
            report.refuse(at, "INVALID_VALUE", "the window ends before it begins");
        }
    }
    Some(found)
}

/// The one day with this qualifier.
fn day(dates: &[DateTime], qualifier: &str, report: &mut Report<'_>) -> Option<NaiveDate> {
    let mut found: Option<NaiveDate> = None;
    for date in dates.iter().filter(|date| date.qualifier.value == qualifier) {
        match (&date.date, found) {
            (Some(day), Some(first)) if day.value != first => {
                let words = format!("date {qualifier} is {first} and {}", day.value);
                report.refuse(day.at, "AMBIGUOUS_DATE", words);
            }
            (Some(day), _) => found = Some(day.value),
            (None, _) => {
                let words = format!("date {qualifier} is not a day; it was left out");
                report.warn(date.qualifier.at, "DATE_LEFT_OUT", words);
            }
        }
    }
    found
}

/// Instalments, when they are in the line's unit and add up to its quantity. Otherwise they are left out and reported.
pub(super) fn schedules(
    instalments: &[Instalment],
    quantity: Micro,
    line_unit: &str,
    report: &mut Report<'_>,
) -> Vec<Schedule> {
    let Some(first) = instalments.first() else { return Vec::new() };
    let at = first.quantity.value.at;
    let mut schedules = Vec::with_capacity(instalments.len());
    for instalment in instalments {
        let Some(part) = number(&instalment.quantity.value, report) else { return Vec::new() };
        let unit = instalment.quantity.unit.as_ref().and_then(|unit| unit_of(unit, report));
        if unit.is_some_and(|unit| unit != line_unit) {
            report.warn(at, "SCHEDULES_LEFT_OUT", "the instalments are in another unit than the line");
            return Vec::new();
        }
        let window = window(&instalment.dates, report).unwrap_or_default();
        schedules.push(Schedule { quantity: part, deliver_from: window.from, deliver_to: window.to });
    }
    values::adding_up(schedules, quantity, at, report)
}
