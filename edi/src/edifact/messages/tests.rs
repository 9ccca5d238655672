//! What is written is read as the same, for messages made by the tables themselves.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use super::directory::{self, Component};
use super::grammar;
use super::{Message, read};
use crate::Options;
use crate::edifact::{InterchangeHeader, Interchanges, Layout, MessageHeader, ServiceCharacters, Writer};
use crate::raw::{Element, RawSegment};
use crate::tree::{Need, Rule};

/// A source of choices that proptest shrinks.
struct Choices {
    bytes: Vec<u8>,
    at: usize,
}

impl Choices {
    fn below(&mut self, limit: usize) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(byte) % limit.max(1)
    }

    fn text(&mut self, most: usize) -> String {
        const SIGNS: &[&str] =
            &["A", "B", "7", "0", "+", ":", "'", "?", "*", ".", ",", "ü", "x", "-", "(", " "];
        let length = 1 + self.below(most.min(12));
        let text: String = (0..length).map(|_| SIGNS[self.below(SIGNS.len())]).collect();
        let text = text.trim().to_owned();
        if text.is_empty() { "Z".into() } else { text }
    }

    fn component(&mut self, component: Component) -> String {
        if !component.number {
            return self.text(component.longest);
        }
        let digits = 1 + self.below(component.longest.min(9));
        let number: String =
            (0..digits).map(|_| char::from(b'1' + u8::try_from(self.below(9)).expect("small"))).collect();
        if digits > 2 && self.below(2) == 0 {
            format!("{}.{}", &number[..digits - 2], &number[digits - 2..])
        } else {
            number
        }
    }

    fn segment(&mut self, id: &str) -> RawSegment {
        let Some(layout) = directory::layout(id) else {
            return RawSegment::new(id, [Element::from(self.text(9).as_str())]);
        };
        let mut elements = Vec::new();
        for element in &layout.elements {
            let present = element.mandatory || self.below(3) == 0;
            let mut components = Vec::new();
            for component in element.components.iter().filter(|_| present) {
                let wanted = component.mandatory || components.is_empty() || self.below(3) == 0;
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
            let times = match self.below(8) {
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

/// The first segment that differs.
fn difference(one: &[u8], other: &[u8]) -> Option<(usize, String, String)> {
    let segments = |bytes: &[u8]| {
        String::from_utf8_lossy(bytes)
            .split_inclusive(['\'', '~'])
            .map(str::to_owned)
            .collect::<Vec<String>>()
    };
    let (one, other) = (segments(one), segments(other));
    let at = (0..one.len().max(other.len())).find(|at| one.get(*at) != other.get(*at))?;
    Some((
        at,
        one[at.saturating_sub(3)..].iter().take(6).cloned().collect(),
        other[at.saturating_sub(3).min(other.len())..].iter().take(6).cloned().collect(),
    ))
}

/// Where something stands is no part of what it says.
fn without_places(message: &Message) -> String {
    let text = format!("{message:?}");
    let mut pieces = text.split("Place {");
    let mut rest = String::from(pieces.next().unwrap_or_default());
    for piece in pieces {
        rest.push_str(piece.split_once('}').map_or("", |(_, rest)| rest));
    }
    rest
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
            let mut choices = Choices { bytes, at: 0 };
            choices.message(grammar::of(kind).expect("a grammar"), &mut segments, &mut 0);
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
        let segment = Choices { bytes: vec![3; 99], at: 0 }.segment(layout.id);
        assert_eq!(segment.id, layout.id);
    }
}
