//! What shipments and receipts share: how goods are named, and what was made together.
use chrono::NaiveDate;
use quayside_canonical::{goods_statement::NamedLine, gs1::Sscc, shipment::Measure};
use quayside_edi::{
    Located,
    edifact::messages::{Despatch, Identities, Line, Measurement, Reference},
};

use super::{
    dates,
    names::{self, unit_of},
    report::{Report, field},
    values,
};

/// The names of an order line: the order is that of the line (RFF `ON`), else the only one of the heading.
pub(super) fn named(stated: &Despatch, line: &Line, report: &mut Report<'_>) -> Option<NamedLine> {
    let Some(order) = order_of(stated, line) else {
        let words = "the goods are of no order: no RFF with ON names one, or the heading names several";
        report.refuse(line.at, "ORDER_MISSING", words);
        return None;
    };
    Some(NamedLine { order: values::code(order, report)?, ..named_alone(line, report) })
}

/// The same of goods that are of no order that is named: they are looked for in the shipment they came with.
pub(super) fn named_alone(line: &Line, report: &mut Report<'_>) -> NamedLine {
    let ids = names::ids(line);
    let number = names::line_of(line);
    let named = NamedLine {
        order: String::new(),
        release: None,
        line: number.and_then(|number| values::code(number, report)),
        buyer_part: names::buyer_part(&ids, report),
        supplier_part: names::supplier_part(&ids, report),
        gtin: names::gtin(&ids, report),
        place: field(number.map_or(line.at, |number| number.at)),
    };
    let nameless = named.line.is_none()
        && named.buyer_part.is_none()
        && named.supplier_part.is_none()
        && named.gtin.is_none();
    if nameless {
        let words = "neither a line of the order nor an item we can look for is named";
        report.refuse(line.at, "LINE_MISSING", words);
    }
    named
}

pub(super) fn order_of<'a>(stated: &'a Despatch, line: &'a Line) -> Option<&'a Located<String>> {
    if let Some(own) = names::order(&line.references) {
        return own.number.as_ref();
    }
    let orders = |reference: &&Reference| reference.qualifier.as_str() == "ON";
    let mut all = stated.references.iter().filter(orders).filter_map(|reference| reference.number.as_ref());
    let first = all.next()?;
    all.all(|other| other.value == first.value).then_some(first)
}

/// What is known of goods made together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) lot: Option<String>,
    pub(super) expires_on: Option<NaiveDate>,
    pub(super) produced_on: Option<NaiveDate>,
    pub(super) serials: Vec<String>,
}

impl Made {
    pub(super) fn of(line: &Line, report: &mut Report<'_>) -> Self {
        let marks = line.marks.iter().flat_map(|marks| &marks.dates);
        let dates = || line.dates.iter().chain(marks.clone());
        Self {
            lot: lot(line, report),
            expires_on: dates::day_of(dates(), &["36", "361"]),
            produced_on: dates::day_of(dates(), &["94"]),
            serials: serials(line, report),
        }
    }
}

fn identities(line: &Line) -> impl Iterator<Item = &Identities> {
    line.identities.iter().chain(line.marks.iter().flat_map(|marks| &marks.identities))
}

/// The lot: GIN `BX`, PIA with `NB`, RFF `BT`. Of several none is chosen.
fn lot(line: &Line, report: &mut Report<'_>) -> Option<String> {
    let marked = identities(line).filter(|found| found.qualifier.as_str() == "BX");
    let marked = marked.flat_map(|found| found.numbers.iter().map(|(first, _)| first));
    let listed = names::ids(line).into_iter().filter(|id| id.kind == "NB").map(|id| id.id);
    let referred = names::reference(&line.references, &["BT", "LT"]);
    let all: Vec<&Located<String>> = marked.chain(listed).chain(referred).collect();
    values::one_lot(&all, report)
}

/// Serial numbers: GIN `BN`, or PIA with `SN`. A range is not spelt out.
fn serials(line: &Line, report: &mut Report<'_>) -> Vec<String> {
    let mut serials: Vec<String> = Vec::new();
    let marked = identities(line).filter(|found| found.qualifier.as_str() == "BN");
    let listed = names::ids(line).into_iter().filter(|id| id.kind == "SN").map(|id| (id.id, None));
    let marked = marked.flat_map(|found| &found.numbers).map(|(first, last)| (first, last.as_ref()));
    for (first, last) in marked.chain(listed) {
        if let Some(last) = last {
            let words = format!("serial numbers {} to {} were left out: list each", first.value, last.value);
            report.warn(last.at, "SERIALS_LEFT_OUT", words);
            continue;
        }
        let Some(serial) = values::code(first, report) else { continue };
        if !serials.contains(&serial) {
            serials.push(serial);
        }
    }
    serials
}

/// The SSCCs that GIN marks packages with: `BJ`, `AW`, and `ML` where the number is one. The reader told of malformed
/// ones.
pub(super) fn ssccs<'a>(marked: impl Iterator<Item = &'a Identities>) -> Vec<Located<Sscc>> {
    let mut found: Vec<Located<Sscc>> = Vec::new();
    let marked = marked.filter(|identities| matches!(identities.qualifier.as_str(), "BJ" | "AW" | "ML"));
    for (number, _) in marked.flat_map(|identities| &identities.numbers) {
        let Ok(sscc) = number.parse::<Sscc>() else { continue };
        if !found.iter().any(|other| other.value == sscc) {
            found.push(Located { value: sscc, at: number.at });
        }
    }
    found
}

/// The gross weight, where one MEA states it.
pub(super) fn gross_weight(all: &[Measurement], report: &mut Report<'_>) -> Option<Measure> {
    measured(all, &["G", "AAD", "AAB"], report)
}

/// The one measurement of a dimension (6313).
pub(super) fn measured(all: &[Measurement], dimensions: &[&str], report: &mut Report<'_>) -> Option<Measure> {
    let found = dimensions.iter().find_map(|wanted| {
        let is_it = |found: &&Measurement| {
            found.dimension.as_ref().is_some_and(|of| of.value == **wanted) && found.value.is_some()
        };
        let mut with = all.iter().filter(is_it);
        with.next().map(|first| (first, with.next()))
    })?;
    if let (_, Some(second)) = found {
        let words = "several MEA state the same; whether they add up is not known, and they were left out";
        report.warn(second.at, "MEASURE_LEFT_OUT", words);
        return None;
    }
    let (Some(value), Some(unit)) = (&found.0.value, &found.0.unit) else {
        report.warn(found.0.at, "MEASURE_LEFT_OUT", "a weight or volume without unit was left out");
        return None;
    };
    Some(Measure { value: values::number(value, report)?, unit: unit_of(unit, report)? })
}
