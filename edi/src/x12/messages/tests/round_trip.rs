//! What is written is read as the same, for sets made by the tables themselves.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use super::super::codes::{self, Family};
use super::super::dictionary::{self, Element as Allowed, Kind};
use super::super::{Message, answers, read};
use crate::options::Options;
use crate::raw::{Element, RawSegment};
use crate::testing::{Choices, difference, without_places};
use crate::tree::{Need, Rule, parse};
use crate::x12::{Delimiters, GroupHeader, InterchangeHeader, Interchanges, Layout, Writer};

const SIGNS: &[&str] = &["A", "B", "7", "0", ".", ",", "-", "ü", "x", "(", "/", "'", "+", " "];
const DATES: &[&str] = &["20260115", "20260228", "19991231"];
const TIMES: &[&str] = &["1200", "0830", "123045", "12304599"];

const HEADING: &str = "CUR REF3 PER2 TAX FOB CTP2 SAC2 ITD2 DTM3 PID2 MEA PWK PKG TD1 TD52 TD3 MAN TXI AMT \
                       (N9_ DTM MSG2)2 (N1_ N2_2 N3_2 N4_ REF2 PER2)3";
const LINE: &str = "LIN CUR CTP2 MEA PID2 PO42 REF2 PER SAC ITD FOB SDQ2 DTM2 TD1 TD5 MSG QTY2 (ACK DTM2)3 (SCH REF)2 \
                    (N9_ MSG)2 (N1_ N2_ N3_ N4_ REF PER DTM2 QTY)2 AMT SLN";
const NOTICE: &str = "BSN! DTM3 (HL_! LIN SN1 SLN2 PRF PO42 PID2 MEA PWK PKG2 TD12 TD52 TD32 REF2 PER2 MAN2 DTM2 FOB \
                      (N1_ N2_ N3_ N4_ REF PER FOB)2 SDQ SAC)9 CTT";
const ADVICE: &str = "BRA! CUR REF3 PER2 DTM2 PRF2 TD12 TD52 TD32 MEA (N1_ N2_ N3_ N4_ REF PER)2 \
                      (RCD! SN1 CUR LIN2 PID2 PO42 REF2 PER DTM2 PRF2 MEA FOB TD1 TD5 TD3 SAC MAN (SLN PID PO4)2 \
                      (N1_ N2_ N3_ N4_ REF PER)2)3 CTT";

/// Which segments a set may have, in their order.
fn rules(set: &str) -> Vec<Rule> {
    let order = |begin: &str, line: &str, acknowledges: bool| {
        let lines = if acknowledges { LINE.to_owned() } else { LINE.replace("(ACK DTM2)3 ", "") };
        let text = format!("{begin}! {HEADING} ({line} {lines})3 CTT");
        parse(Box::leak(text.into_boxed_str()))
    };
    match set {
        "850" => order("BEG", "PO1", false),
        "855" => order("BAK", "PO1", true),
        "860" => order("BCH", "POC", false),
        "865" => order("BCA", "POC", true),
        "856" => parse(NOTICE),
        "861" => parse(ADVICE),
        other => answers::grammar(other).to_vec(),
    }
}

fn family(set: &str) -> Family {
    match set {
        "856" => Family::ShipNotice,
        "861" => Family::ReceivingAdvice,
        "810" => Family::Answer("810"),
        "824" => Family::Answer("824"),
        "997" => Family::Answer("997"),
        "999" => Family::Answer("999"),
        _ => Family::Order,
    }
}

/// Makes sets of whatever the tables allow.
struct Maker {
    choices: Choices,
    family: Family,
    levels: usize,
}

impl Maker {
    fn value(&mut self, id: &str, number: usize, element: Allowed) -> Element {
        let text = match element.kind {
            Kind::Date => self.choices.one_of(DATES).to_owned(),
            Kind::Time => self.choices.one_of(TIMES).to_owned(),
            Kind::Integer => self.choices.number(element.longest, true),
            Kind::Decimal => self.choices.number(element.longest, false),
            Kind::Composite => return Element::from([self.choices.one_of(&["EA", "3", "CA"]), "1"]),
            Kind::Text => match codes::list(id, number) {
                Some(list) => self.choices.one_of(list).to_owned(),
                None => {
                    let text = self.choices.text(element.longest, SIGNS);
                    format!("{text:Z<width$}", width = element.shortest)
                }
            },
        };
        Element::from(text.as_str())
    }

    fn segment(&mut self, id: &str) -> RawSegment {
        let Some(layout) = dictionary::layout(self.family, id) else {
            return RawSegment::new(id, [Element::from(self.choices.text(9, SIGNS).as_str())]);
        };
        let mut wanted: Vec<bool> =
            layout.elements.iter().map(|element| element.mandatory || self.choices.below(3) == 0).collect();
        for (one, other, _) in &layout.pairs {
            let either = wanted[one - 1] || wanted[other - 1];
            (wanted[one - 1], wanted[other - 1]) = (either, either);
        }
        if let Some(first) = layout.one_of.first()
            && !layout.one_of.iter().any(|element| wanted[element - 1])
        {
            wanted[first - 1] = true;
        }
        let mut elements = Vec::new();
        for ((number, element), wanted) in (1..).zip(&layout.elements).zip(wanted) {
            elements.push(if wanted { self.value(id, number, *element) } else { Element::default() });
        }
        let mut segment = RawSegment::new(id, elements);
        if id == "HL" {
            self.levels += 1;
            let above = if self.levels > 1 { 1 + self.choices.below(self.levels - 1) } else { 0 };
            segment.elements.resize_with(4, Element::default);
            segment.elements[0] = Element::from(self.levels.to_string().as_str());
            segment.elements[1] =
                if above > 0 { Element::from(above.to_string().as_str()) } else { Element::default() };
            segment.trim();
        }
        segment
    }

    fn fill(&mut self, rules: &[Rule], into: &mut Vec<RawSegment>) {
        for rule in rules {
            let least = usize::from(rule.need == Need::Must);
            let times = match self.choices.below(5) {
                0 => 1,
                1 => rule.most.min(3),
                _ => 0,
            };
            for _ in 0..times.max(least) {
                into.push(self.segment(rule.id));
                if let Some(inside) = &rule.group {
                    self.fill(inside, into);
                }
            }
        }
    }
}

fn write(set: &str, segments: &[RawSegment], delimiters: Delimiters) -> Vec<u8> {
    let isa = InterchangeHeader {
        sender_qualifier: "ZZ".into(),
        sender: "SENDER".into(),
        receiver_qualifier: "ZZ".into(),
        receiver: "RECEIVER".into(),
        date: "260101".into(),
        time: "1200".into(),
        version: "00401".into(),
        control_number: "1".into(),
        usage: "T".into(),
        ..InterchangeHeader::default()
    };
    let kind = match set {
        "810" => "IN",
        "824" => "AG",
        "850" => "PO",
        "855" => "PR",
        "856" => "SH",
        "860" => "PC",
        "861" => "RC",
        "865" => "CA",
        _ => "FA",
    };
    let layout = Layout { delimiters, lines: delimiters.segment == b'~' };
    let mut writer = Writer::begin(Vec::new(), &isa, layout).expect("a sound ISA");
    writer
        .begin_group(&GroupHeader::new(kind, "SENDER", "RECEIVER", "20260101", "1200", "1", "004010"))
        .expect("a sound GS");
    writer.set(set, "0001", segments).expect("sound segments");
    writer.end_group().expect("a group is open");
    writer.finish().expect("memory does not fail")
}

fn reread(bytes: &[u8]) -> Message {
    let options = Options::default();
    let interchange = Interchanges::new(bytes, options).next().expect("one").expect("memory");
    assert!(!interchange.rejected() && !interchange.groups[0].rejected(), "{interchange:?}");
    let reading = read(&interchange.groups[0].sets[0], &options);
    reading.message.unwrap_or_else(|| panic!("{:#?}\n{}", reading.problems, bytes.escape_ascii()))
}

#[test]
fn what_is_written_is_read_as_the_same() {
    let mut runner = TestRunner::new(Config {
        cases: 150,
        rng_seed: RngSeed::Fixed(11),
        failure_persistence: None,
        ..Config::default()
    });
    let strategy = (prop::collection::vec(any::<u8>(), 64..2500), 0..Message::SETS.len(), any::<bool>());
    runner
        .run(&strategy, |(bytes, set, odd)| {
            let set = Message::SETS[set];
            let mut maker = Maker { choices: Choices::new(bytes), family: family(set), levels: 0 };
            let mut segments = Vec::new();
            maker.fill(&rules(set), &mut segments);
            let delimiters = if odd {
                Delimiters { element: b'|', component: Some(0x1F), segment: 0x1C, repetition: Some(b'^') }
            } else {
                Layout::default().delimiters
            };

            // What no typed field holds is gone with the first writing; from then on nothing is.
            let first = reread(&write(set, &segments, delimiters));
            let written = write(set, &first.segments(), delimiters);
            let second = reread(&written);
            let again = write(set, &second.segments(), delimiters);

            let (one, other) = (without_places(&first), without_places(&second));
            prop_assert!(one == other, "{}\n{one}\n{other}", written.escape_ascii());
            prop_assert_eq!(difference(&written, &again), None);
            Ok(())
        })
        .expect("the property holds");
}
