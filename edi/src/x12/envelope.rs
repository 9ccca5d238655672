//! The state of an interchange while it is read: which levels are open, what was counted, what is wrong.
//!
//! A fault refuses its own level. A set that is cut or miscounted leaves its siblings alone; a group that
//! is miscounted refuses its sets, an interchange its groups. So a set is final only at `InterchangeEnd`.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use crate::events::{Ending, Fault};
use crate::options::Options;
use crate::position::{Control, Position};
use crate::problem::{Problem, ProblemCode, Problems, Scope};
use crate::reading;

use super::header::{GroupHeader, InterchangeHeader, printable};
use super::reader::Event;
use super::segment::Segment;
use super::set::{Same, SetBuilder, same_number};
use super::tokenizer::Header;
use crate::value;

/// An open interchange, or a fragment that stands for one.
#[derive(Debug)]
pub(super) struct Envelope {
    header: Option<Arc<InterchangeHeader>>,
    control: Control,
    problems: Problems,
    groups: u64,
    group: Option<OpenGroup>,
    options: Options,
    offset: u64,
    limited: bool,
}

#[derive(Debug)]
struct OpenGroup {
    header: Option<Arc<GroupHeader>>,
    control: Control,
    problems: Problems,
    sets: u64,
    numbers: HashSet<String>,
    set: Option<SetBuilder>,
}

impl reading::Envelope<Event> for Envelope {
    type Header = Box<Header>;
    type Segment<'a> = Segment<'a>;
    const HEADER: &'static str = "ISA";

    fn open(header: &Box<Header>, options: Options, events: &mut VecDeque<Event>) -> Self {
        let isa = Arc::new(InterchangeHeader::new(header));
        let number = Some(isa.control_number.clone()).filter(|number| !number.is_empty());
        let control = Control { interchange: number, ..Control::default() };
        let mut problems = Problems::new(options.limits.problems);
        for problem in isa.check(header, &options, &control) {
            problems.push(problem);
        }
        events.push_back(Event::InterchangeBegin(Some(Arc::clone(&isa))));
        Self {
            header: Some(isa),
            control,
            problems,
            groups: 0,
            group: None,
            options,
            offset: header.offset,
            limited: false,
        }
    }

    fn fragment(offset: u64, options: Options, events: &mut VecDeque<Event>) -> Self {
        let control = Control::default();
        let mut problems = Problems::new(options.limits.problems);
        let message =
            "The file begins with a group or set; without an ISA it names no sender and cannot be answered";
        problems.push(Problem::new(ProblemCode::IsaMissing, control.at_byte(offset), message));
        events.push_back(Event::InterchangeBegin(None));
        Self { header: None, control, problems, groups: 0, group: None, options, offset, limited: false }
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
        if segment.unterminated && segment.id() == b"IEA" {
            self.note(
                segment,
                ProblemCode::LastTerminatorMissing,
                "The file ends before the terminator of IEA",
            );
        }
        match segment.id() {
            b"GS" => self.begin_group(segment, events),
            b"ST" => self.begin_set(segment, events),
            b"SE" => self.end_set(segment, events),
            b"GE" => self.end_group(segment, events),
            b"IEA" => {
                self.close_group("IEA", segment.offset, events);
                self.close(segment);
                return true;
            }
            b"TA1" if self.group.is_none() => events.push_back(Event::Acknowledgment(segment.to_raw())),
            b"" => self.note(segment, ProblemCode::EmptySegment, "A terminator follows another"),
            _ => self.content(segment),
        }
        false
    }

    fn fault(&mut self, fault: Fault) {
        self.limited = true;
        self.problems.push(Problem::new(fault.code, self.control.at_byte(fault.offset), fault.message));
    }

    fn cut(&mut self, found: &str, byte: u64, events: &mut VecDeque<Event>) {
        self.close_group(found, byte, events);
        if self.header.is_some() && !self.limited {
            let message = format!("The interchange has no IEA; {found} comes instead");
            self.problems.push(Problem::new(ProblemCode::IeaMissing, self.control.at_byte(byte), message));
        }
    }

    fn finish(self, events: &mut VecDeque<Event>) {
        let position = self.control.at_byte(self.offset);
        events.push_back(Event::InterchangeEnd(Ending { position, problems: self.problems.into_vec() }));
    }

    fn start(header: &Box<Header>) -> (u64, bool) {
        (header.offset, header.unreadable.is_none())
    }

    fn end(segment: &Segment<'_>) -> u64 {
        segment.offset + segment.bytes.len() as u64
    }

    fn outside(code: ProblemCode, position: Position, message: String) -> Event {
        Event::Outside(Problem::new(code, position, message))
    }

    fn other_syntax(sample: &str) -> Option<&'static str> {
        (sample.starts_with("UNA") || sample.starts_with("UNB")).then_some("EDIFACT")
    }
}

impl Envelope {
    /// Remembers a fault of form, once for the interchange.
    fn note(&mut self, segment: &Segment<'_>, code: ProblemCode, message: &str) {
        self.problems.push_once(Problem::new(code, self.control.position(segment.place(0)), message));
    }

    fn content(&mut self, segment: &Segment<'_>) {
        match self.group.as_mut().and_then(|group| group.set.as_mut()) {
            Some(set) => set.push(segment),
            None => self.misplaced(segment),
        }
    }

    fn misplaced(&mut self, segment: &Segment<'_>) {
        let id = printable(&value::text(segment.id()).0);
        let message = format!("{id} stands where the envelope does not allow it");
        self.problems.push_once(Problem::new(ProblemCode::StructureInvalid, self.at(segment, 0), message));
    }

    fn at(&self, segment: &Segment<'_>, element: usize) -> Position {
        self.control.position(segment.place(element))
    }

    // Groups.

    fn begin_group(&mut self, gs: &Segment<'_>, events: &mut VecDeque<Event>) {
        self.close_group("GS", gs.offset, events);
        let header = GroupHeader::read(gs);
        let number = Some(header.control_number.clone()).filter(|number| !number.is_empty());
        let control = Control { group: number, ..self.control.clone() };
        let mut problems = Problems::new(self.options.limits.problems);
        for problem in header.check(gs, &control) {
            problems.push(problem);
        }
        self.groups += 1;
        self.open_group(Some(Arc::new(header)), control, problems, events);
    }

    fn open_group(
        &mut self,
        header: Option<Arc<GroupHeader>>,
        control: Control,
        problems: Problems,
        events: &mut VecDeque<Event>,
    ) {
        events.push_back(Event::GroupBegin(header.clone()));
        self.group =
            Some(OpenGroup { header, control, problems, sets: 0, numbers: HashSet::new(), set: None });
    }

    fn end_group(&mut self, ge: &Segment<'_>, events: &mut VecDeque<Event>) {
        let Some(mut group) = self.group.take() else { return self.misplaced(ge) };
        group.close_set("GE", ge.offset, events);
        if group.header.is_none() {
            self.misplaced(ge);
        }
        let stated = ge.text(1);
        let at = |element: usize| group.control.position(ge.place(element));
        if value::integer(stated.as_bytes()) != Some(group.sets) {
            let message = format!("GE01 says '{}' sets, there are {}", printable(&stated), group.sets);
            group.problems.push(Problem::new(ProblemCode::SetCountMismatch, at(1), message));
        }
        let (opened, closed) = (group.control.group.clone().unwrap_or_default(), ge.text(2));
        let message = format!("GE02 is '{}', GS06 is '{}'", printable(&closed), printable(&opened));
        match same_number(&opened, &closed) {
            Same::Yes => {}
            Same::Padded => {
                group
                    .problems
                    .push(Problem::new(ProblemCode::NumberPadding, at(2), message).within(Scope::Group));
            }
            Same::No => group.problems.push(Problem::new(ProblemCode::GroupNumberMismatch, at(2), message)),
        }
        group.finish(ge.offset, events);
    }

    fn close_group(&mut self, found: &str, byte: u64, events: &mut VecDeque<Event>) {
        let Some(mut group) = self.group.take() else { return };
        group.close_set(found, byte, events);
        if group.header.is_some() {
            let message = format!("The group has no GE; {found} comes instead");
            let position = group.control.at_byte(byte);
            group.problems.push(Problem::new(ProblemCode::GroupTrailerMissing, position, message));
        }
        group.finish(byte, events);
    }

    // Sets.

    fn begin_set(&mut self, st: &Segment<'_>, events: &mut VecDeque<Event>) {
        if self.group.is_none() {
            if self.header.is_some() {
                let problem =
                    Problem::new(ProblemCode::GroupMissing, self.at(st, 0), "A set stands outside a group");
                self.problems.push_once(problem);
            }
            let problems = Problems::new(self.options.limits.problems);
            self.open_group(None, self.control.clone(), problems, events);
        }
        let Some(group) = &mut self.group else { return };
        group.close_set("ST", st.offset, events);
        group.sets += 1;
        let (isa, gs) = (self.header.clone(), group.header.clone());
        let mut set = SetBuilder::new(st, &group.control, isa, gs, &self.options.limits);
        set.check_header(st, &mut group.numbers);
        group.set = Some(set);
    }

    fn end_set(&mut self, se: &Segment<'_>, events: &mut VecDeque<Event>) {
        let Some(mut set) = self.group.as_mut().and_then(|group| group.set.take()) else {
            return self.misplaced(se);
        };
        set.push(se);
        set.check_trailer(se);
        events.push_back(Event::Set(Box::new(set.finish())));
    }

    fn close(&mut self, iea: &Segment<'_>) {
        let stated = iea.text(1);
        if value::integer(stated.as_bytes()) != Some(self.groups) {
            let message = format!("IEA01 says '{}' groups, there are {}", printable(&stated), self.groups);
            self.problems.push(Problem::new(ProblemCode::GroupCountMismatch, self.at(iea, 1), message));
        }
        let (opened, closed) = (self.control.interchange.clone().unwrap_or_default(), iea.text(2));
        let message = format!("IEA02 is '{}', ISA13 is '{}'", printable(&closed), printable(&opened));
        match same_number(&opened, &closed) {
            Same::Yes => {}
            Same::Padded => {
                self.problems.push(Problem::new(ProblemCode::NumberPadding, self.at(iea, 2), message));
            }
            Same::No => {
                self.problems.push(Problem::new(
                    ProblemCode::InterchangeNumberMismatch,
                    self.at(iea, 2),
                    message,
                ));
            }
        }
    }
}

impl OpenGroup {
    fn close_set(&mut self, found: &str, byte: u64, events: &mut VecDeque<Event>) {
        if let Some(mut set) = self.set.take() {
            set.cut(found, byte);
            events.push_back(Event::Set(Box::new(set.finish())));
        }
    }

    fn finish(self, byte: u64, events: &mut VecDeque<Event>) {
        let position = self.control.at_byte(byte);
        events.push_back(Event::GroupEnd(Ending { position, problems: self.problems.into_vec() }));
    }
}
