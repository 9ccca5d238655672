//! The messages, from segments to typed values, and what is said about what is wrong in them.

use crate::options::{Options, Unknown};
use crate::problem::{Problem, ProblemCode as Code};
use crate::x12::Interchanges;
use crate::x12::messages::{self, Message, Reading};

/// Reads one set, given as its segments between ST and SE.
fn read_with(id: &str, version: &str, body: &str, options: &Options) -> Reading {
    let kind = match id {
        "850" => "PO",
        "855" => "PR",
        "856" => "SH",
        "860" => "PC",
        "861" => "RC",
        "865" => "CA",
        "810" => "IN",
        "824" => "AG",
        _ => "FA",
    };
    let segments = body.matches('~').count() + 2;
    let text = format!(
        "ISA*00*{:10}*00*{:10}*ZZ*{:15}*ZZ*{:15}*260901*1200*U*00401*000000007*0*P*>~\
         GS*{kind}*A*B*20260901*1200*3*X*{version}~ST*{id}*0001~{body}SE*{segments}*0001~GE*1*3~IEA*1*000000007~",
        "", "", "A", "B"
    );
    let interchange = Interchanges::new(text.as_bytes(), *options)
        .next()
        .expect("an interchange")
        .expect("memory does not fail");
    assert!(!interchange.rejected() && !interchange.groups[0].rejected(), "{interchange:?}");
    messages::read(&interchange.groups[0].sets[0], options)
}

fn read(id: &str, body: &str) -> Reading {
    read_with(id, "004010", body, &Options::default())
}

fn codes(reading: &Reading) -> Vec<Code> {
    reading.problems.iter().map(|problem| problem.code).collect()
}

/// The problems of an order with these lines, and whether it was read all the same.
fn order_with(lines: &str) -> (Vec<Code>, bool) {
    let reading = read("850", &format!("BEG*00*NE*PO1**20260901~{lines}"));
    (codes(&reading), reading.message.is_some())
}

macro_rules! message {
    ($kind:ident, $id:literal, $body:expr) => {{
        let reading = read($id, $body);
        assert_eq!(reading.problems, [], "a clean set");
        match reading.message {
            Some(Message::$kind(message)) => *message,
            other => panic!("{other:?}"),
        }
    }};
}

mod receiving_advice;
mod round_trip;
mod ship_notice;
mod versions;

const ORDER: &str = "BEG*00*SA*PO-10045*R7*20260115*CT9~CUR*BY*USD~REF*DP*042~PER*BD*Ann*TE*5550100*EM*a@b.c~\
    FOB*PP*DE**01*FCA~ITD*01*3*2**10**30~DTM*002*20260205*1430~TD5**2*ABFS*M*ABF~N9*AH*77~MSG*LEAVE AT~MSG*DOCK 4~\
    N1*BY*ACME*UL*0614141000012~N2*DISTRIBUTION~N3*100 HARBOR RD~N4*NEWARK*NJ*07114*US~REF*IA*V1~N1*ST**92*DC12~\
    PO1*001*120*CA*32.50*PE*BP*A100*VN*SKU-A101~LIN**UK*10614141123459~CTP**CAT*33*1*CA~PID*F****WIDGET~PO4*12*1*EA~\
    DTM*010*20260201~SCH*60*CA***002*20260205~REF*LO*L1~SCH*60*CA***002*20260212**063*20260214~SDQ*CA*92*D1*70*D2*50~\
    N1*Z7*MARK*92*M1~DTM*002*20260206~SLN*1**I*2*EA~PID*F****A PART~PO1*2*.5*EA~CTT*2~AMT*TT*3900~";

#[test]
fn an_order_is_read_whole() {
    let order = message!(Order, "850", ORDER);

    assert_eq!(
        (order.purpose.as_str(), order.order_type.as_str(), order.number.as_str()),
        ("00", "SA", "PO-10045")
    );
    assert_eq!(
        (order.date.to_string(), order.release.as_ref().map(|r| r.as_str())),
        ("2026-01-15".into(), Some("R7"))
    );
    let heading = &order.heading;
    assert_eq!(heading.currency.as_ref().map(|currency| currency.code.as_str()), Some("USD"));
    assert_eq!(heading.references.len(), 1, "the REF after N1 is that party's");
    assert_eq!(heading.contacts[0].numbers[1].1.as_str(), "a@b.c");
    assert_eq!(
        heading.fob.as_ref().and_then(|fob| fob.terms.as_ref()).map(|terms| terms.as_str()),
        Some("FCA")
    );
    assert_eq!(heading.terms[0].net_days.map(|days| days.to_string()), Some("30".into()));
    assert_eq!(
        heading.notes[0].text.iter().map(|text| text.as_str()).collect::<Vec<_>>(),
        ["LEAVE AT", "DOCK 4"]
    );
    assert_eq!(heading.parties[0].names.len(), 2);
    assert_eq!(heading.parties[0].references[0].value.as_ref().map(|value| value.as_str()), Some("V1"));
    assert_eq!(heading.parties[1].id.as_ref().map(|id| id.as_str()), Some("DC12"));
    assert_eq!(order.summary.iter().map(|segment| segment.id.as_str()).collect::<Vec<_>>(), ["CTT", "AMT"]);
}

#[test]
fn a_line_keeps_its_parts_apart() {
    let order = message!(Order, "850", ORDER);
    let line = &order.lines[0];

    assert_eq!((line.id.text.as_str(), line.id.assumed), ("001", false), "leading zeros are part of the id");
    assert_eq!(line.quantity.map(|quantity| quantity.to_string()), Some("120".into()));
    assert_eq!(line.price.map(|price| price.to_string()), Some("32.50".into()), "exact, not 32.5");
    let ids: Vec<_> =
        line.section.product_ids.iter().map(|id| (id.qualifier.as_str(), id.id.as_str())).collect();
    assert_eq!(ids, [("BP", "A100"), ("VN", "SKU-A101"), ("UK", "10614141123459")]);
    assert_eq!(line.section.packs[0].units.map(|units| units.to_string()), Some("12".into()));
    assert_eq!(line.section.dates.len(), 1, "the DTM after N1 is that party's");
    assert_eq!(line.section.parties[0].dates.len(), 1);
    assert_eq!(line.section.schedules[0].references.len(), 1);
    assert_eq!(line.section.schedules[1].dates.len(), 2);
    assert_eq!(line.section.splits[0].quantities.len(), 2);
    assert_eq!(line.section.descriptions.len(), 1, "the PID after SLN describes the component");
    let kept: Vec<_> = line.section.other.iter().map(|segment| segment.id.as_str()).collect();
    assert_eq!(kept, ["SLN", "PID"]);
    assert_eq!(order.lines[1].quantity.map(|quantity| quantity.to_string()), Some("0.5".into()));
}

#[test]
fn every_value_knows_its_place() {
    let order = message!(Order, "850", ORDER);

    let position = order.control.position(order.lines[0].quantity.expect("a quantity").at);

    assert_eq!((position.segment_index, position.element), (Some(19), Some(2)));
    let control = &position.control;
    let numbers = [&control.interchange, &control.group, &control.set].map(|number| number.as_deref());
    assert_eq!(numbers, [Some("000000007"), Some("3"), Some("0001")]);
    assert!(position.to_string().starts_with("PO102, segment 19, byte "));
}

#[test]
fn an_acknowledgment_keeps_every_part_of_an_answer() {
    let body = "BAK*00*AC*PO-10045*20260115****SO-88012*20260116~PO1*1*120*CA*32.50*PE*BP*A100~\
        ACK*IA*60*CA*068*20260203~DTM*067*20260205~ACK*IS*60*CA*068*20260210**VN*SKU-NEW~PO1*2*48*EA~ACK*IR*48*EA~CTT*2~";

    let answer = message!(OrderAcknowledgment, "855", body);

    assert_eq!((answer.acknowledgment_type.as_str(), answer.order_number.as_str()), ("AC", "PO-10045"));
    assert_eq!(answer.reference.as_ref().map(|reference| reference.as_str()), Some("SO-88012"));
    let statuses = &answer.lines[0].section.statuses;
    assert_eq!(statuses.iter().map(|status| status.status.as_str()).collect::<Vec<_>>(), ["IA", "IS"]);
    assert_eq!(statuses[0].dates[0].qualifier.as_str(), "067");
    assert_eq!(statuses[1].product_ids[0].id.as_str(), "SKU-NEW");
    assert_eq!(statuses[1].date.map(|date| date.to_string()), Some("2026-02-10".into()));
    assert_eq!(answer.lines[1].section.statuses.len(), 1);
}

#[test]
fn a_change_names_what_changes() {
    let body = "BCH*04*SA*PO-10045**2*20260115*****20260118~POC*1*QI*150*30*CA>1*32.50*PE*BP*A100~POC*2*DI*0*0*EA~CTT*2~";

    let change = message!(OrderChange, "860", body);

    assert_eq!(change.sequence.as_ref().map(|sequence| sequence.as_str()), Some("2"));
    assert_eq!(change.change_date.map(|date| date.to_string()), Some("2026-01-18".into()));
    let line = &change.lines[0];
    assert_eq!((line.change.as_str(), line.line.unit.as_ref().map(|unit| unit.as_str())), ("QI", Some("CA")));
    assert_eq!(line.left_to_receive.map(|left| left.to_string()), Some("30".into()));
    assert_eq!(line.line.section.product_ids.len(), 1);
}

#[test]
fn what_is_malformed_refuses_the_set_and_names_the_element() {
    for (line, code, place) in [
        ("PO1*1*1X0*EA~", Code::NumberInvalid, "PO102"),
        ("PO1*1*1E9*EA~", Code::NumberInvalid, "PO102"),
        ("PO1*1*1234567890123456789*EA~", Code::NumberTooLong, "PO102"),
        ("PO1*1*-5*EA~", Code::QuantityNegative, "PO102"),
        ("PO1*1*5*EA***VN~", Code::ElementConditionMissing, "PO107"),
        ("PO1*1*5*EA****X1~", Code::ElementConditionMissing, "PO106"),
        ("DTM*002*20261301~", Code::DateInvalid, "DTM02"),
        ("DTM*002*20260901*2561~", Code::TimeInvalid, "DTM03"),
        ("DTM**20260901~", Code::ElementMissing, "DTM01"),
        ("PO4*1.5~", Code::NumberInvalid, "PO401"),
        ("CTT*0*******9~", Code::TooManyElements, "CTT08"),
        ("N1*ST*A\u{0}B~", Code::CharacterInvalid, "N102"),
        ("HL*1**S~", Code::SegmentNotInSet, "HL"),
        ("POC*1*DI~", Code::SegmentNotInSet, "POC"),
        ("ref*1*2~", Code::SegmentIdInvalid, "ref"),
        ("PO1Loop/PO1*1~", Code::SegmentIdInvalid, "PO1"),
        ("BEG*00*NE*2**20260901~", Code::SegmentRepeated, "BEG"),
        ("CTT*0~PO1*1~", Code::SegmentOutOfOrder, "PO1"),
    ] {
        let reading = read("850", &format!("BEG*00*NE*PO1**20260901~{line}"));
        let problem = reading.problems.iter().find(|problem| problem.rejects()).expect(line);
        assert_eq!((problem.code, reading.message.is_some()), (code, false), "{line}");
        assert!(problem.position.to_string().starts_with(place), "{problem}");
    }
}

#[test]
fn the_beginning_segment_must_stand_first() {
    assert_eq!(codes(&read("850", "REF*IA*1~")), [Code::SegmentMissing]);
    let late = read("850", "REF*IA*1~BEG*00*NE*PO1**20260901~");
    assert_eq!((codes(&late), late.message), (vec![Code::SegmentOutOfOrder], None));
}

#[test]
fn what_is_odd_is_kept_and_told() {
    for (line, code) in [
        ("PIZ*F*1~", Code::SegmentUnknown),
        ("SCH*1*EA***002*20260901~", Code::SegmentUnexpected),
        ("N3*NOWHERE~", Code::SegmentUnexpected),
        ("DTM*002*260901~", Code::ShortDate),
        ("REF*IA~", Code::ElementConditionMissing),
        ("REF*IA*1234567890123456789012345678901~", Code::ElementTooLong),
        ("N1*S*A~", Code::ElementTooShort),
        ("N1*ST*A   ~", Code::BlankPadding),
        ("N1*ST*A~DTM*002*20260901~", Code::SegmentOutOfOrder),
        ("CTT*3~", Code::LineCountMismatch),
        ("PO1**5*EA~", Code::LineIdMissing),
        ("PO1*1*5*EA~PO1*1*6*EA~", Code::LineIdRepeated),
        ("PER*BD*ANN*TE~", Code::ElementConditionMissing),
    ] {
        assert_eq!(order_with(line), (vec![code], true), "{line}");
    }
}

#[test]
fn an_unknown_segment_is_found_where_it_stood() {
    let reading = read("850", "BEG*00*NE*PO1**20260901~PO1*A*5*EA~PIZ*F**X~");
    let Some(Message::Order(order)) = reading.message else { panic!("{:?}", reading.problems) };

    assert_eq!(order.lines[0].section.other[0].elements, ["F", "", "X"].map(crate::raw::Element::from));
    assert_eq!(order.lines[0].section.other[0].at.segment_index, 4);
}

#[test]
fn a_line_without_a_number_gets_its_position() {
    let reading = read("850", "BEG*00*NE*PO1**20260901~PO1*A*5*EA~PO1**6*EA~");
    let Some(Message::Order(order)) = reading.message else { panic!("{:?}", reading.problems) };

    assert_eq!((order.lines[1].id.text.as_str(), order.lines[1].id.assumed), ("2", true));
}

#[test]
fn unknown_codes_are_kept_unless_the_partner_is_held_to_the_lists() {
    let strict = Options { unknown: Unknown::Reject, ..Options::default() };
    for (id, body) in [
        ("850", "BEG*00*QQ*PO1**20260901~"),
        ("850", "BEG*00*NE*PO1**20260901~PIZ*1~"),
        ("855", "BAK*00*AC*PO1*20260901~PO1*1*5*EA~ACK*X9*5*EA~"),
        ("860", "BCH*04*SA*PO1***20260901~POC*1*XX*5~"),
    ] {
        let (lenient, held) = (read(id, body), read_with(id, "004010", body, &strict));
        assert_eq!((lenient.message.is_some(), held.message.is_some()), (true, false), "{body}");
        assert_eq!(codes(&lenient), codes(&held));
    }
}

#[test]
fn later_versions_may_be_longer_and_earlier_ones_have_short_dates() {
    let longer = "BEG*00*NE*PO1**20260901*******XXX*13~";
    let later = read_with("850", "006010", longer, &Options::default());
    assert_eq!((codes(&later), later.message.is_some()), (vec![Code::TooManyElements], true));

    let earlier = read_with("850", "003060", "BEG*00*NE*PO1**970901~", &Options::default());
    assert_eq!((codes(&earlier), earlier.message.is_some()), (vec![], true));
}

#[test]
fn problems_are_listed_up_to_the_limit() {
    let body = format!("BEG*00*NE*PO1**20260901~{}", "DTM*002*x~".repeat(1000));
    let reading = read("850", &body);

    assert_eq!(reading.problems.len(), Options::default().limits.problems + 1);
    assert!(reading.message.is_none() && reading.problems.iter().all(Problem::rejects));
}
