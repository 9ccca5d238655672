//! A message as it was read: all its segments, nothing interpreted.

use std::collections::HashSet;
use std::sync::Arc;

use crate::options::Limits;
use crate::position::{Control, Place};
use crate::problem::{Problem, ProblemCode, Problems};
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
    data: Vec<u8>,
    spans: Vec<Span>,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
    offset: u64,
    wrapped: bool,
}

impl RawMessage {
    /// Its segments from `UNH` to `UNT`.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        (1u32..).zip(&self.spans).map(|(index, span)| Segment {
            bytes: self.data.get(span.start..span.end).unwrap_or_default(),
            service: self.service,
            charset: self.charset,
            offset: span.offset,
            wrapped: span.wrapped,
            indented: false,
            unterminated: false,
            index,
        })
    }

    /// The segment a typed value was read from.
    #[must_use]
    pub fn segment(&self, at: Place) -> Option<Segment<'_>> {
        self.segments().nth(usize::try_from(at.segment_index).ok()?.checked_sub(1)?)
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
    count: u32,
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
            data: Vec::new(),
            spans: Vec::new(),
        };
        let mut builder = Self { message, problems: Problems::new(limits.problems), count: 0 };
        builder.push(unh);
        builder
    }

    pub(super) fn push(&mut self, segment: &Segment<'_>) {
        let message = &mut self.message;
        let start = message.data.len();
        message.data.extend_from_slice(segment.bytes);
        let (offset, wrapped) = (segment.offset, segment.wrapped);
        message.spans.push(Span { start, end: message.data.len(), offset, wrapped });
        self.count += 1;
    }

    fn report(&mut self, segment: &Segment<'_>, element: usize, code: ProblemCode, message: String) {
        let place = Segment { index: self.count, ..*segment }.place(element);
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
        if value::integer(stated.as_bytes()) != Some(u64::from(self.count)) {
            let message = format!("UNT says '{}' segments, there are {}", printable(&stated), self.count);
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
