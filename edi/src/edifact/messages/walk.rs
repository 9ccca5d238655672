//! Goes once through a message: checks each segment against its table, and finds its place in the tree.

use crate::edifact::header::Directory;
use crate::edifact::message::RawMessage;
use crate::edifact::segment::Segment;
use crate::edifact::service::Pieces;
use crate::options::{Options, Unknown};
use crate::pieces::number_of;
use crate::position::Place;
use crate::problem::{Problem, ProblemCode, Problems};
use crate::raw::RawSegment;
use crate::tree::{Growing, Need, Node, Placed, Rule};
use crate::value::NumberFault;
use crate::x12::printable;

use super::SEPARATOR;
use super::directory::{self, Component, Layout};

/// The group that senders leave out around packages and lines.
const LEVEL: &str = "CPS";

/// What the checks of one message share.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    message: &'a RawMessage,
    options: &'a Options,
    problems: &'a mut Problems,
    later: bool,
    measured: bool,
    tree: Growing<'a>,
    /// Characters outside the repertoire were told of.
    outside_told: bool,
}

/// Sorts a message into the tree of its rules.
pub(super) fn walk(
    message: &RawMessage,
    rules: &[Rule],
    options: &Options,
    problems: &mut Problems,
) -> Vec<Node> {
    let directory = message.header.directory();
    let mut walk = Walk {
        message,
        options,
        problems,
        later: directory.is_some_and(|directory| directory > Directory { year: 1996, letter: b'B' }),
        measured: directory.is_none_or(Directory::is_tabled),
        tree: Growing::new(rules, SEPARATOR),
        outside_told: false,
    };
    for segment in message.segments().skip(1) {
        if segment.id() == b"UNT" {
            break;
        }
        walk.take(&segment.without_release());
    }
    walk.finish()
}

impl Walk<'_> {
    fn report(&mut self, code: ProblemCode, at: Place, message: impl Into<String>) -> &mut Self {
        let problem = self.problem(code, at, message);
        self.problems.push(problem);
        self
    }

    fn problem(&self, code: ProblemCode, at: Place, message: impl Into<String>) -> Problem {
        Problem::edifact(code, self.message.control.position(at), message)
    }

    fn tolerate(&mut self, code: ProblemCode, at: Place, message: impl Into<String>) {
        let problem = self.problem(code, at, message);
        self.problems.push(problem.tolerated());
    }

    fn unknown(&mut self, problem: Problem) {
        self.problems.push(match self.options.unknown {
            Unknown::Warn => problem.tolerated(),
            Unknown::Reject => problem.refused(),
        });
    }

    fn take(&mut self, segment: &Segment<'_>) {
        let Some(id) = std::str::from_utf8(segment.id()).ok().filter(|id| is_tag(id)) else {
            if !segment.bytes.is_empty() {
                let shown = printable(&String::from_utf8_lossy(segment.id()));
                let message = format!("'{shown}' is not a tag of three capital letters and digits");
                self.report(ProblemCode::SegmentIdInvalid, segment.place(0), message);
            }
            return;
        };
        self.characters(segment);
        match directory::layout(id) {
            Some(layout) => self.elements(segment, layout),
            None if !directory::is_known(id) => {
                let message = format!("{id} is no segment we know; it was kept as it is");
                let problem = self.problem(ProblemCode::SegmentUnknown, segment.place(0), message);
                self.unknown(problem);
                return self.tree.keep(segment.to_raw());
            }
            None => {}
        }
        self.place(id, segment.to_raw());
    }

    // The place.

    fn place(&mut self, id: &str, raw: RawSegment) {
        let at = raw.at;
        if !self.tree.expects(at.segment) && self.tree.imply(LEVEL, at.segment) {
            let message = format!("{id} stands in no level; a CPS is missing before it");
            let problem = self.problem(ProblemCode::SegmentMissing, at, message);
            self.problems.push(problem.called("15").tolerated());
        }
        match self.tree.place(raw) {
            Placed::Well => {}
            Placed::OutOfOrder => {
                let message = format!("{id} stands later or earlier than it may");
                self.tolerate(ProblemCode::SegmentOutOfOrder, at, message);
            }
            Placed::Nowhere => {
                let message = format!("{id} has no place here; it was kept as it is");
                let problem = self.problem(ProblemCode::SegmentUnexpected, at, message);
                self.unknown(problem);
            }
            Placed::TooOften { group, most } => {
                let code = if group { ProblemCode::LoopTooOften } else { ProblemCode::SegmentRepeated };
                self.tolerate(code, at, format!("{id} stands more than {most} times"));
            }
        }
    }

    fn finish(self) -> Vec<Node> {
        let (nodes, missing) = self.tree.finish();
        let at = self.message.segments().next().map(|unh| unh.place(0)).unwrap_or_default();
        for rule in missing {
            let position = self.message.control.position(at);
            let problem =
                Problem::edifact(ProblemCode::SegmentMissing, position, format!("{} is missing", rule.id));
            self.problems.push(if rule.need == Need::Must { problem } else { problem.tolerated() });
        }
        nodes
    }

    // The elements.

    fn characters(&mut self, segment: &Segment<'_>) {
        let limit = self.options.limits.element_bytes;
        // All of it is looked at, which is quicker than to stop at the first.
        let is_plain = |byte: u8| matches!(byte, b' ' | b'%'..=b'?' | b'A'..=b'Z');
        let plain = segment.bytes.iter().fold(true, |plain, byte| plain & is_plain(*byte));
        if plain && segment.bytes.len() <= limit {
            return;
        }
        for (number, raw) in (1..).zip(segment.elements()) {
            let name = || format!("{}{number:02}", segment.place(0).segment);
            if raw.len() > limit {
                let message = format!("{} has {} bytes, more than the limit of {limit}", name(), raw.len());
                self.report(ProblemCode::ElementTooLarge, segment.place(number), message);
                continue;
            }
            let control = |byte: &&u8| byte.is_ascii_control() && !segment.service.contains(**byte);
            if let Some(byte) = raw.iter().find(control) {
                let message = format!("{} holds the control character {byte:#04x}", name());
                // A tab is harmless; whatever else it is, it is no text.
                let problem = self.problem(ProblemCode::CharacterInvalid, segment.place(number), message);
                self.problems.push(if *byte == b'\t' { problem.tolerated() } else { problem });
            }
            for component in segment.components(raw) {
                if self.outside_told || segment.charset.decode(&segment.unescape(component)).fits {
                    continue;
                }
                self.outside_told = true;
                let syntax = self.message.interchange.as_ref().map_or("UNOB", |unb| unb.syntax.as_str());
                let message = format!("{} has a character that is not in {}", name(), printable(syntax));
                let problem = self.problem(ProblemCode::CharacterOutsideSet, segment.place(number), message);
                self.problems.push(if self.options.lenient_characters { problem } else { problem.refused() });
            }
        }
    }

    fn elements(&mut self, segment: &Segment<'_>, layout: &Layout) {
        let mut elements = segment.elements();
        for (number, element) in (1..).zip(&layout.elements) {
            let raw = elements.next().unwrap_or_default();
            if raw.is_empty() {
                if element.mandatory {
                    let message = format!("{}{number:02} is missing", layout.id);
                    self.report(ProblemCode::ElementMissing, segment.place(number), message);
                }
                continue;
            }
            match segment.service.repetition {
                Some(separator) => {
                    for raw in Pieces::new(raw, separator, segment.service.release) {
                        self.composite(segment, layout, number, raw);
                    }
                }
                None => self.composite(segment, layout, number, raw),
            }
        }
        let surplus = elements.position(|raw| !raw.is_empty());
        if let Some(number) = surplus.map(|at| layout.elements.len() + 1 + at) {
            let message =
                format!("{} has an element {number}; it ends at {}", layout.id, layout.elements.len());
            self.tolerate(ProblemCode::TooManyElements, segment.place(number), message);
        }
    }

    fn composite(&mut self, segment: &Segment<'_>, layout: &Layout, number: usize, raw: &[u8]) {
        let Some(element) = layout.elements.get(number - 1) else { return };
        let place = |component: usize| {
            let at = segment.place(number);
            let component =
                if element.components.len() > 1 { u16::try_from(component).unwrap_or(u16::MAX) } else { 0 };
            Place { component, ..at }
        };
        let service = segment.service;
        let mut pieces = Pieces::new(raw, service.component, service.release);
        for (at, component) in (1..).zip(&element.components) {
            let raw = pieces.next().unwrap_or_default();
            let text = raw.trim_ascii();
            if text.is_empty() {
                if component.mandatory {
                    let message = format!("{}{number:02}-{at} is missing", layout.id);
                    // Senders leave out what a code would say when they say it in words.
                    let problem = self.problem(ProblemCode::ElementMissing, place(at), message);
                    self.problems.push(if at == 1 && !element.mandatory {
                        problem.tolerated()
                    } else {
                        problem
                    });
                }
                continue;
            }
            self.component(segment, *component, text, &place, (layout, number, at));
        }
        if pieces.any(|raw| !raw.trim_ascii().is_empty()) {
            let allowed = element.components.len();
            let message = format!("{}{number:02} has more than {allowed} components", layout.id);
            self.report(ProblemCode::TooManyComponents, place(allowed + 1), message);
        }
    }

    fn component(
        &mut self,
        segment: &Segment<'_>,
        component: Component,
        raw: &[u8],
        place: &dyn Fn(usize) -> Place,
        (layout, number, at): (&Layout, usize, usize),
    ) {
        let longest = if self.later { component.longest_later } else { component.longest };
        if !component.number {
            if raw.len() <= longest {
                return;
            }
            let text = segment.decode(raw);
            let length = text.chars().count();
            if length > longest && (self.measured || component.identifies && length > component.longest_later)
            {
                let shown = printable(&text);
                let message = format!(
                    "{}{number:02}-{at} is '{shown}', {length} characters; {longest} are allowed",
                    layout.id
                );
                let problem = self.problem(ProblemCode::ElementTooLong, place(at), message);
                self.problems.push(if component.identifies { problem.refused() } else { problem });
            }
            return;
        }
        let digits = self.options.limits.number_digits;
        let Err(fault) = number_of(raw, digits) else { return };
        let shown = printable(&segment.decode(raw));
        match fault {
            NumberFault::Invalid => {
                let marks = raw.iter().filter(|byte| matches!(byte, b'.' | b',')).count();
                let numeric = raw.iter().all(|byte| byte.is_ascii_digit() || b".,-".contains(byte));
                let message = format!("{}{number:02}-{at} is '{shown}', not a number", layout.id);
                let problem = self.problem(ProblemCode::NumberInvalid, place(at), message);
                self.problems.push(if component.text_later && self.later {
                    problem.of_business()
                } else if numeric && marks > 1 {
                    problem.called("19")
                } else {
                    problem
                });
            }
            NumberFault::TooLong => {
                let message =
                    format!("{}{number:02}-{at} is '{shown}', more than {digits} digits", layout.id);
                self.report(ProblemCode::NumberTooLong, place(at), message);
            }
        }
    }
}

fn is_tag(id: &str) -> bool {
    id.len() == 3
        && id.starts_with(|first: char| first.is_ascii_uppercase())
        && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}
