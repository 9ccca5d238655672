//! A message as it was read: all its segments, nothing interpreted.

use std::collections::HashSet;
use std::sync::Arc;

use crate::options::Limits;
use crate::position::{Control, Place};
use crate::problem::{Problem, ProblemCode, Problems};
use crate::stored::{One, Stored};
use crate::value;
use crate::x12::printable;

use super::charset::Charset;
use super::header::{GroupHeader, InterchangeHeader, MessageHeader};
use super::segment::Segment;
use super::service::ServiceCharacters;

/// `UNH` to `UNT`, with the headers it stands under.
#[derive(Debug, Clone)]
pub struct RawMessage {
    /// UNH.
    pub header: MessageHeader,
    /// The references around and of the message.
    pub control: Control,
    /// UNB; none in a fragment.
    pub interchange: Option<Arc<InterchangeHeader>>,
    /// UNG; most interchanges have none.
    pub group: Option<Arc<GroupHeader>>,
    /// What is wrong with `UNH` and `UNT`. The content is judged by [`messages::read`](super::messages::read).
    pub problems: Vec<Problem>,
    service: ServiceCharacters,
    charset: Charset,
    segments: Stored,
}

impl RawMessage {
    /// Its segments from `UNH` to `UNT`.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        self.segments.iter().map(|one| self.cut(one))
    }

    /// The segment a typed value was read from.
    #[must_use]
    pub fn segment(&self, at: Place) -> Option<Segment<'_>> {
        self.segments.get(at.segment_index).map(|one| self.cut(one))
    }

    fn cut<'a>(&self, one: One<'a>) -> Segment<'a> {
        let One { bytes, offset, wrapped, index } = one;
        let (service, charset) = (self.service, self.charset);
        Segment { bytes, service, charset, offset, wrapped, indented: false, unterminated: false, index }
    }

    /// The service characters of its interchange.
    #[must_use]
    pub fn service(&self) -> ServiceCharacters {
        self.service
    }

    /// Whether `UNH` or `UNT` refuse it.
    #[must_use]
    pub fn rejected(&self) -> bool {
        self.problems.iter().any(Problem::rejects)
    }
}

/// A message while its segments arrive.
#[derive(Debug)]
pub(super) struct MessageBuilder {
    message: RawMessage,
    problems: Problems,
}

impl MessageBuilder {
    pub(super) fn new(
        unh: &Segment<'_>,
        outer: &Control,
        interchange: Option<Arc<InterchangeHeader>>,
        group: Option<Arc<GroupHeader>>,
        limits: &Limits,
    ) -> Self {
        let header = MessageHeader::new(unh);
        let reference = Some(header.reference.clone()).filter(|reference| !reference.is_empty());
        let message = RawMessage {
            header,
            control: Control { set: reference, ..outer.clone() },
            interchange,
            group,
            problems: Vec::new(),
            service: unh.service,
            charset: unh.charset,
            segments: Stored::default(),
        };
        let mut builder = Self { message, problems: Problems::new(limits.problems) };
        builder.push(unh);
        builder
    }

    pub(super) fn push(&mut self, segment: &Segment<'_>) {
        self.message.segments.push(segment.bytes, segment.offset, segment.wrapped);
    }

    fn count(&self) -> u32 {
        self.message.segments.count()
    }

    fn report(&mut self, segment: &Segment<'_>, element: usize, code: ProblemCode, message: String) {
        let place = Segment { index: self.count(), ..*segment }.place(element);
        self.problems.push(Problem::edifact(code, self.message.control.position(place), message));
    }

    /// Judges `UNH`, right after it was added.
    pub(super) fn check_header(&mut self, unh: &Segment<'_>, references: &mut HashSet<String>) {
        let reference = self.message.header.reference.clone();
        if reference.is_empty() {
            self.report(unh, 1, ProblemCode::SetNumberInvalid, "UNH has no reference (0062)".into());
        } else if !references.insert(reference.clone()) {
            let message = format!("The reference {} was used before", printable(&reference));
            self.report(unh, 1, ProblemCode::SetNumberRepeated, message);
        }
        if self.message.header.kind.is_empty() {
            self.report(unh, 2, ProblemCode::SetIdInvalid, "UNH names no kind of message".into());
        }
    }

    /// Judges `UNT`, right after it was added.
    pub(super) fn check_trailer(&mut self, unt: &Segment<'_>) {
        let stated = unt.text(1, 1);
        if value::integer(stated.as_bytes()) != Some(u64::from(self.count())) {
            let message = format!("UNT says '{}' segments, there are {}", printable(&stated), self.count());
            self.report(unt, 1, ProblemCode::SegmentCountMismatch, message);
        }
        let (opened, closed) = (self.message.header.reference.clone(), unt.text(2, 1));
        if opened != closed {
            let message = format!("UNT refers to '{}', UNH is '{}'", printable(&closed), printable(&opened));
            self.report(unt, 2, ProblemCode::SetNumberMismatch, message);
        }
    }

    /// Refuses the message because something else came instead of `UNT`.
    pub(super) fn cut(&mut self, found: &str, byte: u64) {
        let message = format!("The message has no UNT; {found} comes instead");
        let position = self.message.control.at_byte(byte);
        self.problems.push(Problem::edifact(ProblemCode::SetTrailerMissing, position, message));
    }

    pub(super) fn finish(mut self) -> RawMessage {
        self.message.problems = self.problems.into_vec();
        self.message
    }
}
