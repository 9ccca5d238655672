//! What shipments and receipts share: how goods are named, what was made together, and when things happened.
use chrono::{NaiveDate, NaiveTime};
use quayside_canonical::{
    Micro, Timestamp,
    goods_statement::NamedLine,
    gs1::{Gtin, Sscc},
};
use quayside_edi::{
    Located, Place,
    x12::messages::{Detail, LineId, OrderReference, ProductId, Quantity},
};

use super::{
    pieces::{self, GTIN},
    report::{Report, field},
    sent::moment,
    values,
};

/// The order of goods: the number, and the PRF it was read from, if it was one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ordered<'a> {
    pub(super) number: &'a Located<String>,
    pub(super) reference: Option<&'a OrderReference>,
}

impl<'a> Ordered<'a> {
    /// The order that a detail names.
    pub(super) fn of(detail: &'a Detail) -> Option<Self> {
        detail.order_number().map(|number| Self { number, reference: detail.orders.first() })
    }
}

/// The names of an order line. The line is a number the buyer gave (`PL`), else PRF05 of the goods themselves, else
/// the first number the sender counts by.
pub(super) fn named(
    order: Option<Ordered<'_>>,
    detail: &Detail,
    counted: &[Option<&Located<String>>],
    at: Place,
    report: &mut Report<'_>,
) -> Option<NamedLine> {
    let Some(order) = order else {
        report.refuse(
            at,
            "ORDER_MISSING",
            "the goods are of no order: no PRF, and no REF or LIN with PO, names one",
        );
        return None;
    };
    Some(NamedLine {
        order: values::code(order.number, report)?,
        release: order
            .reference
            .and_then(|reference| reference.release.as_ref())
            .and_then(|release| values::code(release, report)),
        ..named_alone(detail, counted, at, report)
    })
}

/// The same of goods that are of no order that is named: they are looked for in the shipment they came with.
pub(super) fn named_alone(
    detail: &Detail,
    counted: &[Option<&Located<String>>],
    at: Place,
    report: &mut Report<'_>,
) -> NamedLine {
    let ids = &detail.section.product_ids;
    let own = || detail.orders.first().and_then(|order| order.line_id.as_ref());
    let line = pieces::pick(ids, &["PL"]).or_else(own).or_else(|| counted.iter().copied().flatten().next());
    let named = NamedLine {
        order: String::new(),
        release: None,
        line: line.and_then(|line| values::code(line, report)),
        buyer_part: pieces::buyer_part(ids, report),
        supplier_part: pieces::supplier_part(ids, report),
        gtin: gtin(ids, report),
        place: field(line.map_or(at, |line| line.at)),
    };
    let nameless = named.line.is_none()
        && named.buyer_part.is_none()
        && named.supplier_part.is_none()
        && named.gtin.is_none();
    if nameless {
        report.refuse(at, "LINE_MISSING", "neither a line of the order nor an item we can look for is named");
    }
    named
}

/// The GTIN. Some senders put another number beside it under a qualifier of a GTIN: the one that can be one is taken.
fn gtin(ids: &[ProductId], report: &mut Report<'_>) -> Option<String> {
    let sound = |id: &&ProductId| id.id.value.parse::<Gtin>().is_ok();
    let sound: Vec<ProductId> = ids.iter().filter(sound).cloned().collect();
    match pieces::pick(&sound, GTIN) {
        Some(found) => Some(found.value.clone()),
        None => pieces::gtin(ids, report),
    }
}

/// The number of a line, unless it was made up.
pub(super) fn stated(id: &LineId) -> Option<Located<String>> {
    (!id.assumed).then(|| Located { value: id.text.clone(), at: id.at })
}

/// A quantity and its unit. Without its own, a unit is that of `other`.
pub(super) fn quantity(
    found: &Quantity,
    other: Option<&Located<String>>,
    report: &mut Report<'_>,
) -> Option<(Micro, Option<String>)> {
    let number = values::number(&found.value, report)?;
    let unit = found.unit.as_ref().or(other).and_then(|unit| pieces::unit_of(unit, report));
    Some((number, unit))
}

/// What is known of goods made together. Details are asked in their order, the goods' own first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) lot: Option<String>,
    pub(super) expires_on: Option<NaiveDate>,
    pub(super) produced_on: Option<NaiveDate>,
    pub(super) serials: Vec<String>,
}

impl Made {
    pub(super) fn of(details: &[&Detail], report: &mut Report<'_>) -> Self {
        Self {
            lot: details.iter().find_map(|detail| lot(detail, report)),
            expires_on: day(details, &["036", "208", "511"]),
            produced_on: day(details, &["094", "405"]),
            serials: details
                .iter()
                .map(|detail| serials(detail, report))
                .find(|s| !s.is_empty())
                .unwrap_or_default(),
        }
    }
}

/// The lot, by LIN or REF; a batch number where there is no lot. Of several none is chosen.
fn lot(detail: &Detail, report: &mut Report<'_>) -> Option<String> {
    let lots = || detail.product_ids("LT").chain(detail.references("LT"));
    let batches = || detail.product_ids("B8").chain(detail.references("BT"));
    let all: Vec<_> = if lots().next().is_some() { lots().collect() } else { batches().collect() };
    values::one_lot(&all, report)
}

fn serials(detail: &Detail, report: &mut Report<'_>) -> Vec<String> {
    let mut serials: Vec<String> = Vec::new();
    for serial in detail.serials().filter_map(|serial| values::code(serial, report)) {
        if !serials.contains(&serial) {
            serials.push(serial);
        }
    }
    serials
}

fn day(details: &[&Detail], qualifiers: &[&str]) -> Option<NaiveDate> {
    let dates = details.iter().flat_map(|detail| &detail.section.dates);
    let of =
        |wanted: &str| dates.clone().find(|date| date.qualifier.value == wanted).and_then(|date| date.date);
    qualifiers.iter().find_map(|wanted| of(wanted)).map(|day| day.value)
}

/// The one SSCC of a detail. A malformed one is left out; the reader told of it.
pub(super) fn sscc(detail: &Detail, report: &mut Report<'_>) -> Option<Located<Sscc>> {
    let mut found: Option<Located<Sscc>> = None;
    for mark in &detail.marks {
        let Some(sscc) = mark.sscc().and_then(Result::ok).and_then(|sscc| sscc.parse().ok()) else {
            continue;
        };
        match &found {
            Some(first) if first.value != sscc => {
                let words =
                    format!("SSCC {sscc} and {}: which of them the goods are in is not known", first.value);
                report.refuse(mark.number.at, "SEVERAL_SSCC", words);
            }
            _ => found = Some(Located { value: sscc, at: mark.number.at }),
        }
    }
    found
}

/// When something happened, by the first of the qualifiers that has a day. X12 times are read as UTC.
pub(super) fn when(details: &[&Detail], qualifiers: &[&str], report: &mut Report<'_>) -> Option<Timestamp> {
    let dates = || details.iter().flat_map(|detail| &detail.section.dates);
    let dated = |wanted: &&str| dates().find(|date| date.qualifier.value == *wanted && date.date.is_some());
    let found = qualifiers.iter().find_map(dated)?;
    let zone = found
        .zone
        .as_ref()
        .filter(|zone| found.time.is_some() && !matches!(zone.value.as_str(), "UT" | "GM"));
    if let Some(zone) = zone {
        report.warn(
            zone.at,
            "TIME_ZONE_LEFT_OUT",
            format!("the time is in {}; it was read as UTC", zone.value),
        );
    }
    Some(moment(found.date?.value, found.time.map_or(NaiveTime::MIN, |time| time.value)))
}
