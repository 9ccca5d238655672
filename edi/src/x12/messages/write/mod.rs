//! Typed sets to segments: the way back of `build`, `section` and `detail`.
//!
//! Pieces are put into the order of the standard by a table per place. What was kept as it is follows the loop it
//! opens, or stands where the table has it; what the table does not know stands before the first loop.

mod pieces;

use crate::raw::RawSegment;

use super::detail::Detail;
use super::section::{Line, Section};
use super::{
    ChangedLine, Message, Order, OrderAcknowledgment, OrderChange, OrderChangeAcknowledgment,
    ReceivingAdvice, ShipNotice,
};

use pieces::{Loops, Out, ToSegment, all, section};

const HEADING: &str = "CUR REF PER TAX FOB CTP PAM CSH TC2 SAC ITD DIS INC DTM LDT LIN SI PID MEA PWK PKG TD1 TD5 TD3 \
                       TD4 MAN PCT CTB TXI AMT MSG MTX NTE N9 N1 LM SPI ADV";
const LINE: &str = "LIN SI CUR CN1 PO3 CTP PAM MEA PID PWK PO4 REF PER SAC IT8 CSH ITD DIS INC TAX FOB SDQ IT3 DTM TC2 \
                    TD1 TD5 TD3 TD4 PCT MAN MSG MTX NTE SPI TXI CTB QTY ACK SCH PKG LS LE N9 N1 AMT LM SLN";
const NOTICE_HEADING: &str = "DTM";
const LEVEL: &str = "LIN SN1 SLN PRF PO4 PID MEA PWK PKG TD1 TD5 TD3 TD4 TSD REF PER LH1 CLD MAN DTM FOB PAL N1 SDQ ETD \
                     CUR SAC GF YNQ LM V1 EFI";
const ADVICE_HEADING: &str = "CUR REF PER DTM PRF TD1 TD5 TD3 TD4 MEA N1 LM";
const ADVICE_LINE: &str = "SN1 CUR LIN PID PO4 REF PER DTM PRF MEA FOB TD1 TD5 TD3 TD4 SAC MAN LM SLN N1";

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
    let (first, more) = it.section.product_ids.split_at(it.section.product_ids.len().min(15));
    if it.line_id.is_some() || !first.is_empty() {
        loops.one(Out::new("LIN").text(1, it.line_id.as_ref()).ids(2, 31, first).done());
    }
    // Only a received line may have more than one.
    for more in more.chunks(15) {
        loops.one(Out::new("LIN").ids(2, 31, more).done());
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
