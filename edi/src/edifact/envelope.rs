//! The state of an interchange while it is read: which levels are open, what was counted, what is wrong.
//!
//! A fault refuses its own level and what is in it, as in X12; so a message is final only at `InterchangeEnd`.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use crate::events::{Ending, Fault};
use crate::options::Options;
use crate::position::{Control, Position};
use crate::problem::{Problem, ProblemCode, Problems};
use crate::reading;
use crate::value;
use crate::x12::printable;

use super::header::{GroupHeader, InterchangeHeader};
use super::message::MessageBuilder;
use super::reader::Event;
use super::segment::Segment;
use super::tokenizer::Start;

/// An open interchange, or a fragment that stands for one.
#[derive(Debug)]
pub(super) struct Envelope {
    header: Option<Arc<InterchangeHeader>>,
    /// Whether a UNB was, or is still to be, there.
    whole: bool,
    control: Control,
    problems: Problems,
    groups: u64,
    messages: u64,
    /// Messages outside groups.
    loose: u64,
    group: Option<OpenGroup>,
    message: Option<MessageBuilder>,
    references: HashSet<String>,
    options: Options,
    offset: u64,
    limited: bool,
    /// Whether its begin was told.
    begun: bool,
}

#[derive(Debug)]
struct OpenGroup {
    header: Arc<GroupHeader>,
    control: Control,
    problems: Problems,
    messages: u64,
}

impl reading::Envelope<Event> for Envelope {
    type Header = Start;
    type Segment<'a> = Segment<'a>;
    const HEADER: &'static str = "UNB";

    fn open(start: &Start, options: Options, events: &mut VecDeque<Event>) -> Self {
        let mut envelope = Self::new(start.offset, options, true);
        let mut note = |code: ProblemCode, message: String| {
            envelope.problems.push(Problem::edifact(code, Control::default().at_byte(start.offset), message));
        };
        if start.byte_order_mark {
            note(ProblemCode::ByteOrderMark, "A byte order mark stands before the interchange".into());
        }
        if start.short_advice {
            note(
                ProblemCode::UnaShort,
                "The UNA has five characters; the last was taken as terminator".into(),
            );
        }
        if start.assumed {
            let message =
                format!("There is no UNA; segments end with '{}'", start.service.segment.escape_ascii());
            note(ProblemCode::ServiceCharactersAssumed, message);
        }
        if let Some(message) = &start.unreadable {
            note(ProblemCode::ServiceCharacterInvalid, message.clone());
            envelope.announce(None, events);
        }
        envelope
    }

    fn fragment(offset: u64, options: Options, events: &mut VecDeque<Event>) -> Self {
        let mut envelope = Self::new(offset, options, false);
        let message = "The file begins with a group or message; without a UNB it names no sender and cannot be answered";
        let position = envelope.control.at_byte(offset);
        envelope.problems.push(Problem::edifact(ProblemCode::UnbMissing, position, message));
        envelope.announce(None, events);
        envelope
    }

    fn take(&mut self, segment: &Segment<'_>, events: &mut VecDeque<Event>) -> bool {
        if segment.wrapped {
            self.note(
                segment,
                ProblemCode::LinesWrapped,
                "Line ends stand inside segments; they were taken out",
            );
        }
        if segment.indented {
            self.note(segment, ProblemCode::SegmentsIndented, "Blanks stand before segments");
        }
        if segment.unterminated && segment.id() == b"UNZ" {
            self.note(
                segment,
                ProblemCode::LastTerminatorMissing,
                "The file ends before the terminator of UNZ",
            );
        }
        match segment.id() {
            b"UNB" if self.header.is_none() && self.whole => self.begin(segment, events),
            b"UNG" => self.begin_group(segment, events),
            b"UNH" => self.begin_message(segment, events),
            b"UNT" => self.end_message(segment, events),
            b"UNE" => self.end_group(segment, events),
            b"UNZ" => {
                self.close_group("UNZ", segment.offset, events);
                self.close(segment);
                return true;
            }
            b"" => self.note(segment, ProblemCode::EmptySegment, "A terminator follows another"),
            _ => match &mut self.message {
                Some(message) => message.push(segment),
                None => self.misplaced(segment),
            },
        }
        false
    }

    fn fault(&mut self, fault: Fault) {
        self.limited = true;
        let position = self.control.at_byte(fault.offset);
        self.problems.push(Problem::edifact(fault.code, position, fault.message));
    }

    fn cut(&mut self, found: &str, byte: u64, events: &mut VecDeque<Event>) {
        self.close_group(found, byte, events);
        if self.whole && !self.limited {
            let message = format!("The interchange has no UNZ; {found} comes instead");
            let position = self.control.at_byte(byte);
            self.problems.push(Problem::edifact(ProblemCode::UnzMissing, position, message));
        }
    }

    fn finish(mut self, events: &mut VecDeque<Event>) {
        if !self.begun {
            self.announce(None, events);
        }
        if self.whole && self.header.is_none() && !self.problems.rejected() {
            let position = self.control.at_byte(self.offset);
            self.problems.push(Problem::edifact(ProblemCode::UnbMissing, position, "There is no UNB"));
        }
        let position = self.control.at_byte(self.offset);
        events.push_back(Event::InterchangeEnd(Ending { position, problems: self.problems.into_vec() }));
    }

    fn start(header: &Start) -> (u64, bool) {
        (header.offset, header.unreadable.is_none())
    }

    fn end(segment: &Segment<'_>) -> u64 {
        segment.offset + segment.bytes.len() as u64
    }

    fn outside(code: ProblemCode, position: Position, message: String) -> Event {
        Event::Outside(Problem::edifact(code, position, message))
    }

    fn other_syntax(sample: &str) -> Option<&'static str> {
        sample.starts_with("ISA").then_some("X12")
    }
}

impl Envelope {
    fn new(offset: u64, options: Options, whole: bool) -> Self {
        Self {
            header: None,
            whole,
            control: Control::default(),
            problems: Problems::new(options.limits.problems),
            groups: 0,
            messages: 0,
            loose: 0,
            group: None,
            message: None,
            references: HashSet::new(),
            options,
            offset,
            limited: false,
            begun: false,
        }
    }

    fn announce(&mut self, header: Option<Arc<InterchangeHeader>>, events: &mut VecDeque<Event>) {
        self.begun = true;
        events.push_back(Event::InterchangeBegin(header));
    }

    /// Remembers a fault of form, once for the interchange.
    fn note(&mut self, segment: &Segment<'_>, code: ProblemCode, message: &str) {
        let position = self.control.position(segment.place(0));
        self.problems.push_once(Problem::edifact(code, position, message));
    }

    fn report(&mut self, segment: &Segment<'_>, element: usize, code: ProblemCode, message: String) {
        let position = self.control.position(segment.place(element));
        self.problems.push(Problem::edifact(code, position, message));
    }

    fn misplaced(&mut self, segment: &Segment<'_>) {
        let id = printable(&String::from_utf8_lossy(segment.id()));
        let message = format!("{id} stands where the envelope does not allow it");
        let position = self.control.position(segment.place(0));
        self.problems.push_once(Problem::edifact(ProblemCode::StructureInvalid, position, message));
    }

    fn begin(&mut self, unb: &Segment<'_>, events: &mut VecDeque<Event>) {
        let header = Arc::new(InterchangeHeader::new(unb));
        self.control.interchange = Some(header.reference.clone()).filter(|reference| !reference.is_empty());
        for problem in header.check(unb, &self.control) {
            self.problems.push(problem);
        }
        self.announce(Some(Arc::clone(&header)), events);
        self.header = Some(header);
    }

    fn close(&mut self, unz: &Segment<'_>) {
        let (count, what) =
            if self.groups > 0 { (self.groups, "groups") } else { (self.messages, "messages") };
        let stated = unz.text(1, 1);
        if value::integer(stated.as_bytes()) != Some(count) {
            let message = format!("UNZ says '{}' {what}, there are {count}", printable(&stated));
            self.report(unz, 1, ProblemCode::GroupCountMismatch, message);
        }
        let opened = self.header.as_ref().map(|header| header.reference.clone()).unwrap_or_default();
        let closed = unz.text(2, 1);
        if self.header.is_some() && opened != closed {
            let message = format!("UNZ refers to '{}', UNB is '{}'", printable(&closed), printable(&opened));
            self.report(unz, 2, ProblemCode::InterchangeNumberMismatch, message);
        }
        if self.messages == 0 {
            self.report(unz, 0, ProblemCode::InterchangeEmpty, "The interchange has no message".into());
        }
        if self.groups > 0 && self.loose > 0 {
            let message = format!("{} messages stand outside the {} groups", self.loose, self.groups);
            self.report(unz, 0, ProblemCode::GroupsMixed, message);
        }
    }

    // Groups.

    fn begin_group(&mut self, ung: &Segment<'_>, events: &mut VecDeque<Event>) {
        self.close_group("UNG", ung.offset, events);
        let header = Arc::new(GroupHeader::new(ung));
        let reference = Some(header.reference.clone()).filter(|reference| !reference.is_empty());
        let control = Control { group: reference, ..self.control.clone() };
        let mut problems = Problems::new(self.options.limits.problems);
        if control.group.is_none() {
            let position = control.position(ung.place(5));
            let message = "UNG has no reference (0048)";
            problems.push(Problem::edifact(ProblemCode::GroupNumberInvalid, position, message));
        }
        self.groups += 1;
        events.push_back(Event::GroupBegin(Arc::clone(&header)));
        self.group = Some(OpenGroup { header, control, problems, messages: 0 });
    }

    fn end_group(&mut self, une: &Segment<'_>, events: &mut VecDeque<Event>) {
        self.close_message("UNE", une.offset, events);
        let Some(mut group) = self.group.take() else { return self.misplaced(une) };
        let at = |element: usize| group.control.position(une.place(element));
        let stated = une.text(1, 1);
        if value::integer(stated.as_bytes()) != Some(group.messages) {
            let message = format!("UNE says '{}' messages, there are {}", printable(&stated), group.messages);
            group.problems.push(Problem::edifact(ProblemCode::SetCountMismatch, at(1), message));
        }
        let closed = une.text(2, 1);
        if closed != group.header.reference {
            let opened = printable(&group.header.reference);
            let message = format!("UNE refers to '{}', UNG is '{opened}'", printable(&closed));
            group.problems.push(Problem::edifact(ProblemCode::GroupNumberMismatch, at(2), message));
        }
        group.finish(une.offset, events);
    }

    fn close_group(&mut self, found: &str, byte: u64, events: &mut VecDeque<Event>) {
        self.close_message(found, byte, events);
        let Some(mut group) = self.group.take() else { return };
        let message = format!("The group has no UNE; {found} comes instead");
        let position = group.control.at_byte(byte);
        group.problems.push(Problem::edifact(ProblemCode::GroupTrailerMissing, position, message));
        group.finish(byte, events);
    }

    // Messages.

    fn begin_message(&mut self, unh: &Segment<'_>, events: &mut VecDeque<Event>) {
        self.close_message("UNH", unh.offset, events);
        self.messages += 1;
        match &mut self.group {
            Some(group) => group.messages += 1,
            None => self.loose += 1,
        }
        let control = self.group.as_ref().map_or(&self.control, |group| &group.control);
        let group = self.group.as_ref().map(|group| Arc::clone(&group.header));
        let header = self.header.clone();
        let mut message = MessageBuilder::new(unh, control, header, group, &self.options.limits);
        message.check_header(unh, &mut self.references);
        self.message = Some(message);
    }

    fn end_message(&mut self, unt: &Segment<'_>, events: &mut VecDeque<Event>) {
        let Some(mut message) = self.message.take() else { return self.misplaced(unt) };
        message.push(unt);
        message.check_trailer(unt);
        events.push_back(Event::Message(Box::new(message.finish())));
    }

    fn close_message(&mut self, found: &str, byte: u64, events: &mut VecDeque<Event>) {
        if let Some(mut message) = self.message.take() {
            message.cut(found, byte);
            events.push_back(Event::Message(Box::new(message.finish())));
        }
    }
}

impl OpenGroup {
    fn finish(self, byte: u64, events: &mut VecDeque<Event>) {
        let position = self.control.at_byte(byte);
        events.push_back(Event::GroupEnd(Ending { position, problems: self.problems.into_vec() }));
    }
}
