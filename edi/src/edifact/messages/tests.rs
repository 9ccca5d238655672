//! What is written is read as the same, for messages made by the tables themselves.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use super::directory::{self, Component};
use super::grammar;
use super::{Message, read};
use crate::edifact::{
    InterchangeHeader, Interchanges, Layout, MessageHeader, ServiceCharacters, Writer, acknowledge,
};
use crate::raw::{Element, RawSegment};
use crate::testing::{Choices, difference, without_places};
use crate::tree::{Need, Rule};
use crate::{Options, ProblemCode};

const SIGNS: &[&str] = &["A", "B", "7", "0", "+", ":", "'", "?", "*", ".", ",", "ü", "x", "-", "(", " "];

/// Makes messages of whatever the tables allow.
struct Maker(Choices);

impl Maker {
    fn component(&mut self, component: Component) -> String {
        if component.number {
            self.0.number(component.longest, false)
        } else {
            self.0.text(component.longest, SIGNS)
        }
    }

    fn segment(&mut self, id: &str) -> RawSegment {
        let Some(layout) = directory::layout(id) else {
            return RawSegment::new(id, [Element::from(self.0.text(9, SIGNS).as_str())]);
        };
        let mut elements = Vec::new();
        for element in &layout.elements {
            let present = element.mandatory || self.0.below(3) == 0;
            let mut components = Vec::new();
            for component in element.components.iter().filter(|_| present) {
                let wanted = component.mandatory || components.is_empty() || self.0.below(3) == 0;
                components.push(if wanted { self.component(*component) } else { String::new() });
            }
            elements.push(Element { components, repetitions: Vec::new() });
        }
        let mut segment = RawSegment::new(id, elements);
        for element in &mut segment.elements {
            *element = Element::trimmed(vec![std::mem::take(&mut element.components)]);
        }
        segment
    }

    fn message(&mut self, rules: &[Rule], into: &mut Vec<RawSegment>, levels: &mut usize) {
        for rule in rules {
            let least = usize::from(rule.need != Need::May);
            let times = match self.0.below(8) {
                0 => 1,
                1 if rule.group.is_some() => 2.min(rule.most),
                _ if matches!(rule.id, "LIN" | "CPS") => 1,
                _ => 0,
            };
            for _ in 0..times.max(least).min(rule.most) {
                into.push(self.segment(rule.id));
                if let Some(last) = into.last_mut().filter(|last| last.id == "CPS") {
                    *levels += 1;
                    last.elements.truncate(1);
                    last.set(1, 1, &levels.to_string());
                    if *levels > 1 {
                        last.set(2, 1, "1");
                    }
                }
                if rule.id == "UNS" {
                    *into.last_mut().expect("just pushed") = RawSegment::new("UNS", [Element::from("S")]);
                }
                if let Some(rules) = &rule.group {
                    self.message(rules, into, levels);
                }
            }
        }
    }
}

fn envelope() -> InterchangeHeader {
    InterchangeHeader {
        syntax: "UNOC".into(),
        syntax_version: "3".into(),
        sender: "A+B".into(),
        recipient: "C'D".into(),
        date: "260101".into(),
        time: "1200".into(),
        reference: "R?1".into(),
        is_test: true,
        ..InterchangeHeader::default()
    }
}

fn write(header: &MessageHeader, segments: &[RawSegment], layout: Layout) -> Vec<u8> {
    let mut writer = Writer::begin(Vec::new(), envelope(), layout).expect("a sound header");
    writer.message(header, segments).expect("sound segments");
    writer.finish().expect("memory does not fail")
}

fn reread(bytes: &[u8]) -> Message {
    let interchange = Interchanges::new(bytes, Options::default()).next().expect("one").expect("memory");
    assert!(!interchange.rejected(), "{:?}\n{}", interchange.problems, bytes.escape_ascii());
    let reading = read(interchange.messages().next().expect("a message"), &Options::default());
    reading.message.unwrap_or_else(|| panic!("{:#?}\n{}", reading.problems, bytes.escape_ascii()))
}

#[test]
fn what_is_written_is_read_as_the_same() {
    let mut runner = TestRunner::new(Config {
        cases: 120,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..Config::default()
    });
    let strategy =
        (prop::collection::vec(any::<u8>(), 64..2500), 0..Message::KINDS.len(), any::<bool>(), any::<bool>());
    runner
        .run(&strategy, |(bytes, kind, later, odd)| {
            let kind = Message::KINDS[kind];
            let release = match kind {
                "CONTRL" => "3",
                _ if later => "01B",
                _ => "96A",
            };
            let header = MessageHeader::of(kind, "D", release, "EAN008");
            let mut segments = Vec::new();
            Maker(Choices::new(bytes)).message(grammar::of(kind).expect("a grammar"), &mut segments, &mut 0);
            let service = ServiceCharacters {
                component: b'>',
                element: b'*',
                decimal: b',',
                release: Some(b'\\'),
                repetition: None,
                segment: b'~',
            };
            let layout =
                if odd { Layout { service, lines: true, ..Layout::default() } } else { Layout::default() };

            let bytes = write(&header, &segments, layout);
            let first = reread(&bytes);
            let again = write(first.header(), &first.segments(), layout);
            let second = reread(&again);

            prop_assert_eq!(difference(&bytes, &again), None);
            prop_assert!(without_places(&first) == without_places(&second));
            Ok(())
        })
        .expect("the property holds");
}

#[test]
fn every_segment_of_the_tables_is_known_to_a_message_or_kept() {
    for layout in directory::all() {
        let segment = Maker(Choices::new(vec![3; 99])).segment(layout.id);
        assert_eq!(segment.id, layout.id);
    }
}

/// From D.01B on a quantity may be any text by the directory. We do not guess what such a text means: the message is
/// refused, and since its syntax is sound a CONTRL does not say otherwise.
#[test]
fn a_quantity_in_words_is_refused_as_a_matter_of_business_where_the_directory_allows_it() {
    for (release, standard) in [("96A", true), ("01B", false)] {
        let text = format!(
            "UNB+UNOC:3+A+B+260101:1200+1'UNH+1+ORDERS:D:{release}:UN'BGM+220+PO1+9'DTM+137:20260101:102'LIN+1'\
             QTY+21:AS REQUIRED'UNS+S'UNT+7+1'UNZ+1+1'"
        );
        let options = Options::default();
        let interchange = Interchanges::new(text.as_bytes(), options).next().expect("one").expect("memory");
        let reading = read(interchange.messages().next().expect("a message"), &options);
        let problem = reading.problems.iter().find(|problem| problem.rejects()).expect("a refusal");
        assert_eq!((problem.code, problem.standard.is_some()), (ProblemCode::NumberInvalid, standard));
        assert!(reading.message.is_none());

        let answer = acknowledge::interchange(&interchange, &options).expect("it is owed one");
        assert_eq!(!answer.messages.is_empty(), standard, "{release}");
    }
}
