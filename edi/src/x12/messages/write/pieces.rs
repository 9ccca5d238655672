//! Pieces to segments, and segments into the order of the standard.

use chrono::{NaiveDate, NaiveTime};
use rust_decimal::Decimal;

use crate::position::Located;
use crate::raw::RawSegment;
use crate::value;
use crate::x12::messages::parts::{
    Contact, Currency, DateTime, Description, Fob, LineStatus, Note, Pack, Party, Price, ProductId, Quantity,
    Reference, Routing, Schedule, Split, Terms,
};
use crate::x12::messages::section::Section;
use crate::x12::messages::shipping::{
    Component, Equipment, Lading, Marks, OrderReference, Packaging, Shipped,
};

const PARTY: &str = "N1 N2 N3 N4 NX2 REF PER SI DTM FOB SCH PKG TD1 TD5 TD3 TD4 QTY";

/// Segments that belong to the one before them, where something is kept as it is.
const FOLLOWERS: &[(&str, &[&str])] = &[
    ("SAC", &["CUR"]),
    ("AMT", &["REF", "DTM", "PCT"]),
    ("CLD", &["REF"]),
    ("LH1", &["LH2", "LH3", "LFH", "LEP", "LH4", "LHT", "LHR", "PER", "LHE"]),
    ("LM", &["LQ"]),
    ("LS", &["LDT", "QTY", "MSG", "REF", "LE"]),
    ("V1", &["R4", "DTM"]),
    ("SPI", &["REF", "DTM", "MSG", "CB1"]),
    ("ADV", &["DTM", "MTX"]),
];

/// A segment while its elements are set.
pub(super) struct Out(RawSegment);

impl Out {
    pub(super) fn new(id: &str) -> Self {
        Self(RawSegment::new(id, []))
    }

    pub(super) fn put(mut self, element: usize, text: &str) -> Self {
        if !text.is_empty() {
            self.0.set(element, 1, text);
        }
        self
    }

    pub(super) fn text(self, element: usize, found: Option<&Located<String>>) -> Self {
        self.put(element, found.map_or("", |found| found.value.as_str()))
    }

    pub(super) fn number(self, element: usize, found: Option<&Located<Decimal>>) -> Self {
        self.put(element, &found.map(|found| found.value.to_string()).unwrap_or_default())
    }

    pub(super) fn date(self, element: usize, found: Option<&Located<NaiveDate>>) -> Self {
        self.put(element, &found.map(|found| found.value.format("%Y%m%d").to_string()).unwrap_or_default())
    }

    pub(super) fn time(self, element: usize, found: Option<&Located<NaiveTime>>) -> Self {
        self.put(element, &found.map(|found| value::written_time(found.value)).unwrap_or_default())
    }

    /// A number, and its unit in the element after it.
    pub(super) fn quantity(self, element: usize, found: Option<&Quantity>) -> Self {
        let unit = found.and_then(|found| found.unit.as_ref());
        self.number(element, found.map(|found| &found.value)).text(element + 1, unit)
    }

    pub(super) fn ids(self, first: usize, last: usize, ids: &[ProductId]) -> Self {
        let places = (first..last).step_by(2);
        places.zip(ids).fold(self, |out, (at, id)| out.put(at, &id.qualifier).put(at + 1, &id.id))
    }

    pub(super) fn done(mut self) -> RawSegment {
        self.0.trim();
        self.0
    }
}

/// A list of loops, each by its first segment, on the way into the order of the standard.
#[derive(Default)]
pub(super) struct Loops(pub(super) Vec<Vec<RawSegment>>);

impl Loops {
    pub(super) fn one(&mut self, segment: RawSegment) {
        self.0.push(vec![segment]);
    }

    /// What was kept as it is, cut into the loops it had.
    pub(super) fn kept(&mut self, other: &[RawSegment], whole: Option<&str>) {
        let mut members: &[&str] = &[];
        let mut to_the_end = false;
        for segment in other {
            if (to_the_end || members.contains(&segment.id.as_str()))
                && let Some(last) = self.0.last_mut()
            {
                last.push(segment.clone());
                continue;
            }
            to_the_end = whole == Some(segment.id.as_str());
            members = FOLLOWERS.iter().find(|(id, _)| *id == segment.id).map_or(&[], |(_, members)| members);
            self.one(segment.clone());
        }
    }

    pub(super) fn sorted(mut self, order: &str) -> Vec<RawSegment> {
        let order: Vec<&str> = order.split_ascii_whitespace().collect();
        let unknown = order.iter().position(|id| matches!(*id, "N9" | "N1")).unwrap_or(order.len());
        self.0.sort_by_key(|found| {
            let id = found.first().map_or("", |segment| segment.id.as_str());
            order.iter().position(|known| *known == id).map_or(2 * unknown, |at| 2 * at + 1)
        });
        self.0.into_iter().flatten().collect()
    }
}

pub(super) trait ToSegment {
    fn to_segment(&self) -> RawSegment;
}

macro_rules! to_segment {
    ($($of:ty: |$it:ident| $id:literal $(.$call:ident($($arg:expr),*))*;)*) => {$(
        impl ToSegment for $of {
            fn to_segment(&self) -> RawSegment {
                let $it = self;
                Out::new($id)$(.$call($($arg),*))*.done()
            }
        }
    )*};
}

to_segment! {
    Reference: |it| "REF".put(1, &it.qualifier).text(2, it.value.as_ref()).text(3, it.description.as_ref());
    DateTime: |it| "DTM".put(1, &it.qualifier).date(2, it.date.as_ref()).time(3, it.time.as_ref())
        .text(4, it.zone.as_ref()).put(5, if it.period.is_some() { period_format(it) } else { "" })
        .text(6, it.period.as_ref());
    Currency: |it| "CUR".put(1, &it.entity).put(2, &it.code);
    Fob: |it| "FOB".put(1, &it.payment).text(2, it.location_qualifier.as_ref()).text(3, it.location.as_ref())
        .text(4, it.terms_qualifier.as_ref()).text(5, it.terms.as_ref())
        .put(6, if it.terms_location.is_some() { "ZZ" } else { "" }).text(7, it.terms_location.as_ref());
    Terms: |it| "ITD".text(1, it.kind.as_ref()).text(2, it.basis.as_ref()).number(3, it.discount_percent.as_ref())
        .date(4, it.discount_due.as_ref()).number(5, it.discount_days.as_ref()).date(6, it.net_due.as_ref())
        .number(7, it.net_days.as_ref()).text(12, it.description.as_ref());
    Routing: |it| "TD5".text(2, it.carrier_qualifier.as_ref()).text(3, it.carrier.as_ref()).text(4, it.mode.as_ref())
        .text(5, it.text.as_ref()).text(12, it.service_level.as_ref());
    Description: |it| "PID".put(1, &it.kind).text(2, it.characteristic.as_ref())
        .put(3, if it.code.is_some() { "ZZ" } else { "" }).text(4, it.code.as_ref()).text(5, it.text.as_ref());
    Pack: |it| "PO4".number(1, it.units.as_ref()).quantity(2, it.size.as_ref()).text(4, it.packaging.as_ref())
        .quantity(6, it.gross_weight.as_ref()).quantity(8, it.gross_volume.as_ref()).number(14, it.inner_units.as_ref());
    Price: |it| "CTP".text(2, it.kind.as_ref()).number(3, it.price.as_ref()).quantity(4, it.quantity.as_ref())
        .text(6, it.multiplier_qualifier.as_ref()).number(7, it.multiplier.as_ref()).text(9, it.basis.as_ref());
    LineStatus: |it| "ACK".put(1, &it.status).quantity(2, it.quantity.as_ref()).text(4, it.date_qualifier.as_ref())
        .date(5, it.date.as_ref()).text(6, it.request_reference.as_ref()).ids(7, 26, &it.product_ids)
        .text(27, it.reason_agency.as_ref()).text(29, it.reason.as_ref());
    OrderReference: |it| "PRF".put(1, &it.number).text(2, it.release.as_ref()).text(3, it.change.as_ref())
        .date(4, it.date.as_ref()).text(5, it.line_id.as_ref()).text(6, it.contract.as_ref())
        .text(7, it.order_type.as_ref());
    Shipped: |it| "SN1".text(1, it.line_id.as_ref()).quantity(2, Some(&it.quantity)).number(4, it.shipped_to_date.as_ref())
        .quantity(5, it.ordered.as_ref()).text(8, it.status.as_ref());
    Component: |it| "SLN".text(1, it.line_id.as_ref()).text(2, it.parent_line_id.as_ref()).put(3, &it.relationship)
        .quantity(4, it.quantity.as_ref()).ids(9, 28, &it.product_ids);
    Marks: |it| "MAN".put(1, &it.qualifier).put(2, &it.number).text(3, it.through.as_ref());
    Lading: |it| "TD1".text(1, it.packaging.as_ref()).number(2, it.packages.as_ref()).text(5, it.description.as_ref())
        .text(6, it.weight_qualifier.as_ref()).quantity(7, it.weight.as_ref()).quantity(9, it.volume.as_ref());
    Equipment: |it| "TD3".text(1, it.kind.as_ref()).text(2, it.initial.as_ref()).text(3, it.number.as_ref())
        .quantity(5, it.weight.as_ref()).text(9, it.seal.as_ref()).text(10, it.equipment_type.as_ref());
    Packaging: |it| "PKG".put(1, if it.code.is_some() { "S" } else { "F" }).text(2, it.characteristic.as_ref())
        .text(4, it.code.as_ref()).text(5, it.text.as_ref());
}

/// DTM05 is not kept: eight digits are a date, two dates with a hyphen a range.
fn period_format(date: &DateTime) -> &'static str {
    match date.period.as_ref().map_or(0, |period| period.value.len()) {
        8 => "D8",
        17 => "RD8",
        _ => "ZZZ",
    }
}

impl ToSegment for Contact {
    fn to_segment(&self) -> RawSegment {
        let out = Out::new("PER").put(1, &self.function).text(2, self.name.as_ref());
        let places = (3..8).step_by(2).zip(&self.numbers);
        places.fold(out, |out, (at, (qualifier, number))| out.put(at, qualifier).put(at + 1, number)).done()
    }
}

impl ToSegment for Split {
    fn to_segment(&self) -> RawSegment {
        let out = Out::new("SDQ").put(1, &self.unit).text(2, self.location_qualifier.as_ref());
        let places = (3..22).step_by(2).zip(&self.quantities);
        places
            .fold(out, |out, (at, (location, number))| out.put(at, location).number(at + 1, Some(number)))
            .done()
    }
}

impl ToSegment for (String, Quantity) {
    fn to_segment(&self) -> RawSegment {
        Out::new("QTY").put(1, &self.0).quantity(2, Some(&self.1)).done()
    }
}

pub(super) fn all<'a, T: ToSegment + 'a>(
    pieces: impl IntoIterator<Item = &'a T>,
) -> impl Iterator<Item = RawSegment> {
    pieces.into_iter().map(ToSegment::to_segment).collect::<Vec<_>>().into_iter()
}

fn schedule(it: &Schedule) -> Vec<RawSegment> {
    let mut out = Out::new("SCH")
        .quantity(1, Some(&it.quantity))
        .text(3, it.entity.as_ref())
        .text(4, it.entity_name.as_ref())
        .text(11, it.request_reference.as_ref())
        .text(12, it.line_id.as_ref());
    for (at, date) in [5, 8].into_iter().zip(&it.dates) {
        out = out.put(at, &date.qualifier).date(at + 1, date.date.as_ref()).time(at + 2, date.time.as_ref());
    }
    let mut segments = vec![out.done()];
    segments.extend(it.other.iter().cloned());
    segments.extend(all(&it.references));
    segments
}

fn party(it: &Party) -> Vec<RawSegment> {
    let n1 = Out::new("N1")
        .put(1, &it.role)
        .text(2, it.names.first())
        .text(3, it.id_qualifier.as_ref())
        .text(4, it.id.as_ref());
    let mut loops = Loops::default();
    loops.one(n1.done());
    for (id, texts) in [("N2", it.names.get(1..).unwrap_or_default()), ("N3", it.street.as_slice())] {
        for pair in texts.chunks(2) {
            loops.one(Out::new(id).text(1, pair.first()).text(2, pair.get(1)).done());
        }
    }
    if it.city.is_some() || it.state.is_some() || it.postal_code.is_some() || it.country.is_some() {
        let n4 = Out::new("N4").text(1, it.city.as_ref()).text(2, it.state.as_ref());
        loops.one(n4.text(3, it.postal_code.as_ref()).text(4, it.country.as_ref()).done());
    }
    loops.kept(&it.other, None);
    all(&it.references).for_each(|segment| loops.one(segment));
    all(&it.contacts).for_each(|segment| loops.one(segment));
    all(&it.dates).for_each(|segment| loops.one(segment));
    all(&it.quantities).for_each(|segment| loops.one(segment));
    it.schedules.iter().for_each(|found| loops.0.push(schedule(found)));
    loops.sorted(PARTY)
}

fn note(it: &Note) -> Vec<RawSegment> {
    let message = |text: &Located<String>| Out::new("MSG").put(1, text).done();
    let Some(qualifier) = &it.qualifier else { return it.text.iter().map(message).collect() };
    // N902 or N903 must be there, so without a reference the first text is N903.
    let inside = usize::from(it.reference.is_none());
    let n9 = Out::new("N9").put(1, qualifier).text(2, it.reference.as_ref());
    let mut segments = vec![n9.text(3, it.text.first().filter(|_| inside == 1)).done()];
    segments.extend(all(&it.dates));
    segments.extend(it.text.iter().skip(inside).map(message));
    segments
}

pub(super) fn section(it: &Section, loops: &mut Loops) {
    let singles = all(it.currency.as_ref())
        .chain(all(&it.descriptions))
        .chain(all(&it.packs))
        .chain(all(&it.prices))
        .chain(all(&it.references))
        .chain(all(&it.contacts))
        .chain(all(it.fob.as_ref()))
        .chain(all(&it.terms))
        .chain(all(&it.dates))
        .chain(all(&it.routings))
        .chain(all(&it.splits))
        .chain(all(&it.quantities));
    singles.for_each(|segment| loops.one(segment));
    it.notes.iter().for_each(|found| loops.0.push(note(found)));
    it.parties.iter().for_each(|found| loops.0.push(party(found)));
    it.schedules.iter().for_each(|found| loops.0.push(schedule(found)));
    for status in &it.statuses {
        loops.0.push(std::iter::once(status.to_segment()).chain(all(&status.dates)).collect());
    }
    // An order's SLN takes all that follows it in its line.
    loops.kept(&it.other, Some("SLN"));
}
