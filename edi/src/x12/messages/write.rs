//! Typed sets to segments: the way back of `build`, `section` and `detail`.
//!
//! Pieces are put into the order of the standard by a table per place. What was kept as it is follows the loop it
//! opens, or stands where the table has it; what the table does not know stands before the first loop.

use chrono::{NaiveDate, NaiveTime, Timelike};
use rust_decimal::Decimal;

use crate::position::Located;
use crate::raw::RawSegment;

use super::detail::Detail;
use super::parts::{
    Contact, Currency, DateTime, Description, Fob, LineStatus, Note, Pack, Party, Price, ProductId, Quantity,
    Reference, Routing, Schedule, Split, Terms,
};
use super::section::{Line, Section};
use super::shipping::{Component, Equipment, Lading, Marks, OrderReference, Packaging, Shipped};
use super::{
    ChangedLine, Message, Order, OrderAcknowledgment, OrderChange, OrderChangeAcknowledgment,
    ReceivingAdvice, ShipNotice,
};

const HEADING: &str = "CUR REF PER TAX FOB CTP PAM CSH TC2 SAC ITD DIS INC DTM LDT LIN SI PID MEA PWK PKG TD1 TD5 TD3 \
                       TD4 MAN PCT CTB TXI AMT MSG MTX NTE N9 N1 LM SPI ADV";
const LINE: &str = "LIN SI CUR CN1 PO3 CTP PAM MEA PID PWK PO4 REF PER SAC IT8 CSH ITD DIS INC TAX FOB SDQ IT3 DTM TC2 \
                    TD1 TD5 TD3 TD4 PCT MAN MSG MTX NTE SPI TXI CTB QTY ACK SCH PKG LS LE N9 N1 AMT LM SLN";
const PARTY: &str = "N1 N2 N3 N4 NX2 REF PER SI DTM FOB SCH PKG TD1 TD5 TD3 TD4 QTY";
const NOTICE_HEADING: &str = "DTM";
const LEVEL: &str = "LIN SN1 SLN PRF PO4 PID MEA PWK PKG TD1 TD5 TD3 TD4 TSD REF PER LH1 CLD MAN DTM FOB PAL N1 SDQ ETD \
                     CUR SAC GF YNQ LM V1 EFI";
const ADVICE_HEADING: &str = "CUR REF PER DTM PRF TD1 TD5 TD3 TD4 MEA N1 LM";
const ADVICE_LINE: &str = "SN1 CUR LIN PID PO4 REF PER DTM PRF MEA FOB TD1 TD5 TD3 TD4 SAC MAN LM SLN N1";

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

impl Message {
    /// The segments between ST and SE, in the order of the standard. Elements that have no typed field are not in it;
    /// segments that have none are.
    #[must_use]
    pub fn segments(&self) -> Vec<RawSegment> {
        match self {
            Self::Order(order) => order.segments(),
            Self::OrderAcknowledgment(answer) => answer.segments(),
            Self::OrderChange(change) => change.segments(),
            Self::OrderChangeAcknowledgment(answer) => answer.segments(),
            Self::ShipNotice(notice) => notice.segments(),
            Self::ReceivingAdvice(advice) => advice.segments(),
            Self::Invoice(invoice) => invoice.segments(),
            Self::ApplicationAdvice(advice) => advice.segments(),
            Self::FunctionalAcknowledgment(answer) => answer.segments(),
            Self::ImplementationAcknowledgment(answer) => answer.segments(),
        }
    }

    /// ST01.
    #[must_use]
    pub fn set_id(&self) -> &'static str {
        match self {
            Self::Order(_) => "850",
            Self::OrderAcknowledgment(_) => "855",
            Self::OrderChange(_) => "860",
            Self::OrderChangeAcknowledgment(_) => "865",
            Self::ShipNotice(_) => "856",
            Self::ReceivingAdvice(_) => "861",
            Self::Invoice(_) => "810",
            Self::ApplicationAdvice(_) => "824",
            Self::FunctionalAcknowledgment(_) => "997",
            Self::ImplementationAcknowledgment(_) => "999",
        }
    }
}

/// A segment while its elements are set.
struct Out(RawSegment);

impl Out {
    fn new(id: &str) -> Self {
        Self(RawSegment::new(id, []))
    }

    fn put(mut self, element: usize, text: &str) -> Self {
        if !text.is_empty() {
            self.0.set(element, 1, text);
        }
        self
    }

    fn text(self, element: usize, found: Option<&Located<String>>) -> Self {
        self.put(element, found.map_or("", |found| found.value.as_str()))
    }

    fn number(self, element: usize, found: Option<&Located<Decimal>>) -> Self {
        self.put(element, &found.map(|found| found.value.to_string()).unwrap_or_default())
    }

    fn date(self, element: usize, found: Option<&Located<NaiveDate>>) -> Self {
        self.put(element, &found.map(|found| found.value.format("%Y%m%d").to_string()).unwrap_or_default())
    }

    fn time(self, element: usize, found: Option<&Located<NaiveTime>>) -> Self {
        let Some(found) = found else { return self };
        let hundredths = found.value.nanosecond() / 10_000_000;
        let text = match (found.value.second(), hundredths) {
            (0, 0) => found.value.format("%H%M").to_string(),
            (_, 0) => found.value.format("%H%M%S").to_string(),
            _ => format!("{}{hundredths:02}", found.value.format("%H%M%S")),
        };
        self.put(element, &text)
    }

    /// A number, and its unit in the element after it.
    fn quantity(self, element: usize, found: Option<&Quantity>) -> Self {
        let unit = found.and_then(|found| found.unit.as_ref());
        self.number(element, found.map(|found| &found.value)).text(element + 1, unit)
    }

    fn ids(self, first: usize, last: usize, ids: &[ProductId]) -> Self {
        let places = (first..last).step_by(2);
        places.zip(ids).fold(self, |out, (at, id)| out.put(at, &id.qualifier).put(at + 1, &id.id))
    }

    fn done(mut self) -> RawSegment {
        self.0.trim();
        self.0
    }
}

/// A list of loops, each by its first segment, on the way into the order of the standard.
#[derive(Default)]
struct Loops(Vec<Vec<RawSegment>>);

impl Loops {
    fn one(&mut self, segment: RawSegment) {
        self.0.push(vec![segment]);
    }

    /// What was kept as it is, cut into the loops it had.
    fn kept(&mut self, other: &[RawSegment], whole: Option<&str>) {
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

    fn sorted(mut self, order: &str) -> Vec<RawSegment> {
        let order: Vec<&str> = order.split_ascii_whitespace().collect();
        let unknown = order.iter().position(|id| matches!(*id, "N9" | "N1")).unwrap_or(order.len());
        self.0.sort_by_key(|found| {
            let id = found.first().map_or("", |segment| segment.id.as_str());
            order.iter().position(|known| *known == id).map_or(2 * unknown, |at| 2 * at + 1)
        });
        self.0.into_iter().flatten().collect()
    }
}

trait ToSegment {
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

fn all<'a, T: ToSegment + 'a>(pieces: impl IntoIterator<Item = &'a T>) -> impl Iterator<Item = RawSegment> {
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

fn section(it: &Section, loops: &mut Loops) {
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

fn heading(it: &Section) -> Vec<RawSegment> {
    let mut loops = Loops::default();
    section(it, &mut loops);
    loops.sorted(HEADING)
}

/// What stands under a line; ids that its own segment has no room for are in a LIN.
fn line(opener: Out, (first, last): (usize, usize), line: &Line) -> Vec<RawSegment> {
    let room = (last - first) / 2 + 1;
    let ids = &line.section.product_ids;
    let (own, more) = ids.split_at(ids.len().min(room));
    let mut loops = Loops::default();
    for more in more.chunks(15) {
        loops.one(Out::new("LIN").ids(2, 31, more).done());
    }
    section(&line.section, &mut loops);
    let mut segments = vec![opener.ids(first, last, own).done()];
    segments.extend(loops.sorted(LINE));
    segments
}

fn po1(it: &Line) -> Vec<RawSegment> {
    let id = if it.id.assumed { "" } else { it.id.text.as_str() };
    let out = Out::new("PO1")
        .put(1, id)
        .number(2, it.quantity.as_ref())
        .text(3, it.unit.as_ref())
        .number(4, it.price.as_ref())
        .text(5, it.price_basis.as_ref());
    line(out, (6, 25), it)
}

fn poc(it: &ChangedLine) -> Vec<RawSegment> {
    let id = if it.line.id.assumed { "" } else { it.line.id.text.as_str() };
    let out = Out::new("POC")
        .put(1, id)
        .put(2, &it.change)
        .number(3, it.line.quantity.as_ref())
        .number(4, it.left_to_receive.as_ref())
        .text(5, it.line.unit.as_ref())
        .number(6, it.line.price.as_ref())
        .text(7, it.line.price_basis.as_ref());
    line(out, (8, 27), &it.line)
}

fn set(
    begin: Out,
    head: Vec<RawSegment>,
    lines: impl Iterator<Item = Vec<RawSegment>>,
    summary: &[RawSegment],
) -> Vec<RawSegment> {
    let mut segments = vec![begin.done()];
    segments.extend(head);
    segments.extend(lines.flatten());
    segments.extend(summary.iter().cloned());
    segments
}

impl Order {
    /// The segments between ST and SE.
    #[must_use]
    pub fn segments(&self) -> Vec<RawSegment> {
        let begin = Out::new("BEG")
            .put(1, &self.purpose)
            .put(2, &self.order_type)
            .put(3, &self.number)
            .text(4, self.release.as_ref())
            .date(5, Some(&self.date))
            .text(6, self.contract.as_ref());
        set(begin, heading(&self.heading), self.lines.iter().map(po1), &self.summary)
    }
}

impl OrderAcknowledgment {
    /// The segments between ST and SE.
    #[must_use]
    pub fn segments(&self) -> Vec<RawSegment> {
        let begin = Out::new("BAK")
            .put(1, &self.purpose)
            .put(2, &self.acknowledgment_type)
            .put(3, &self.order_number)
            .date(4, Some(&self.order_date))
            .text(5, self.release.as_ref())
            .text(6, self.request_reference.as_ref())
            .text(7, self.contract.as_ref())
            .text(8, self.reference.as_ref())
            .date(9, self.date.as_ref());
        set(begin, heading(&self.heading), self.lines.iter().map(po1), &self.summary)
    }
}

impl OrderChange {
    /// The segments between ST and SE.
    #[must_use]
    pub fn segments(&self) -> Vec<RawSegment> {
        let begin = Out::new("BCH")
            .put(1, &self.purpose)
            .put(2, &self.order_type)
            .put(3, &self.order_number)
            .text(4, self.release.as_ref())
            .text(5, self.sequence.as_ref())
            .date(6, Some(&self.order_date))
            .text(7, self.request_reference.as_ref())
            .text(8, self.contract.as_ref())
            .text(9, self.reference.as_ref())
            .date(10, self.date.as_ref())
            .date(11, self.change_date.as_ref());
        set(begin, heading(&self.heading), self.lines.iter().map(poc), &self.summary)
    }
}

impl OrderChangeAcknowledgment {
    /// The segments between ST and SE.
    #[must_use]
    pub fn segments(&self) -> Vec<RawSegment> {
        let begin = Out::new("BCA")
            .put(1, &self.purpose)
            .text(2, self.acknowledgment_type.as_ref())
            .put(3, &self.order_number)
            .text(4, self.release.as_ref())
            .text(5, self.sequence.as_ref())
            .date(6, Some(&self.order_date))
            .text(7, self.request_reference.as_ref())
            .text(8, self.contract.as_ref())
            .text(9, self.reference.as_ref())
            .date(10, self.date.as_ref());
        set(begin, heading(&self.heading), self.lines.iter().map(poc), &self.summary)
    }
}

fn detail(it: &Detail, order: &str) -> Vec<RawSegment> {
    let mut loops = Loops::default();
    let ids = &it.section.product_ids;
    if it.line_id.is_some() || !ids.is_empty() {
        loops.one(
            Out::new("LIN").text(1, it.line_id.as_ref()).ids(2, 31, ids.get(..15).unwrap_or(ids)).done(),
        );
    }
    let singles = all(&it.orders)
        .chain(all(it.shipped.as_ref()))
        .chain(all(&it.marks))
        .chain(all(&it.ladings))
        .chain(all(&it.equipment))
        .chain(all(&it.packaging));
    singles.for_each(|segment| loops.one(segment));
    for component in &it.components {
        loops
            .0
            .push(std::iter::once(component.to_segment()).chain(component.other.iter().cloned()).collect());
    }
    section(&it.section, &mut loops);
    loops.sorted(order)
}

impl ShipNotice {
    /// The segments between ST and SE.
    #[must_use]
    pub fn segments(&self) -> Vec<RawSegment> {
        let begin = Out::new("BSN")
            .put(1, &self.purpose)
            .put(2, &self.number)
            .date(3, Some(&self.date))
            .time(4, Some(&self.time))
            .text(5, self.structure.as_ref())
            .text(6, self.transaction_type.as_ref())
            .text(7, self.status_reason.as_ref());
        let levels = self.levels.iter().map(|level| {
            let has_children = if level.children.is_empty() { "0" } else { "1" };
            let hl = Out::new("HL").put(1, &level.id).text(2, level.parent_id.as_ref()).put(3, &level.code);
            let mut segments = vec![hl.put(4, has_children).done()];
            segments.extend(detail(&level.detail, LEVEL));
            segments
        });
        set(begin, detail(&self.heading, NOTICE_HEADING), levels, &self.summary)
    }
}

impl ReceivingAdvice {
    /// The segments between ST and SE.
    #[must_use]
    pub fn segments(&self) -> Vec<RawSegment> {
        let begin = Out::new("BRA")
            .put(1, &self.number)
            .date(2, Some(&self.date))
            .put(3, &self.purpose)
            .put(4, &self.advice_type)
            .time(5, self.time.as_ref())
            .text(6, self.condition.as_ref())
            .text(7, self.action.as_ref());
        let lines = self.lines.iter().map(|line| {
            // Where LIN01 names the line it does so again.
            let named = line.id.assumed || line.detail.line_id.as_ref().is_some_and(|id| id.at == line.id.at);
            let mut rcd = Out::new("RCD")
                .put(1, if named { "" } else { &line.id.text })
                .quantity(2, line.received.as_ref())
                .quantity(4, line.returned.as_ref())
                .number(21, line.received_to_date.as_ref());
            for (at, question) in (6..=18).step_by(3).zip(&line.questions) {
                rcd = rcd.quantity(at, question.quantity.as_ref()).text(at + 2, question.condition.as_ref());
            }
            let mut segments = vec![rcd.done()];
            segments.extend(detail(&line.detail, ADVICE_LINE));
            segments
        });
        set(begin, detail(&self.heading, ADVICE_HEADING), lines, &self.summary)
    }
}
