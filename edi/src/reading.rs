//! What reading has in common in both syntaxes: from tokens to events, and what comes of reading a message.

use std::collections::VecDeque;

use crate::events::{Fault, Garbage, Token};
use crate::options::Options;
use crate::position::{Control, Position};
use crate::problem::{Problem, ProblemCode};

/// What came of reading a transaction set or message.
#[derive(Debug, Clone)]
pub struct Reading<M> {
    /// The message; none if it is refused.
    pub message: Option<M>,
    /// Everything wrong with it, that of its envelope first.
    pub problems: Vec<Problem>,
}

impl<M> Reading<M> {
    /// Whether it is of a kind we do not read.
    #[must_use]
    pub fn unsupported(&self) -> bool {
        self.problems.iter().any(|problem| problem.code == ProblemCode::SetNotSupported)
    }
}

/// An interchange while its segments arrive.
pub(crate) trait Envelope<E>: Sized {
    type Header;
    type Segment<'a>;
    /// The segment that begins an interchange.
    const HEADER: &'static str;

    fn open(header: &Self::Header, options: Options, events: &mut VecDeque<E>) -> Self;
    fn fragment(offset: u64, options: Options, events: &mut VecDeque<E>) -> Self;
    /// Takes a segment; `true` if it was the last of the interchange.
    fn take(&mut self, segment: &Self::Segment<'_>, events: &mut VecDeque<E>) -> bool;
    /// The interchange broke a limit.
    fn fault(&mut self, fault: Fault);
    /// Something other than its trailer ended the interchange.
    fn cut(&mut self, found: &str, byte: u64, events: &mut VecDeque<E>);
    fn finish(self, events: &mut VecDeque<E>);

    /// Where an interchange starts, and whether its segments can be read.
    fn start(header: &Self::Header) -> (u64, bool);
    /// Where a segment ends, but for its terminator.
    fn end(segment: &Self::Segment<'_>) -> u64;
    /// What is told of something outside any interchange.
    fn outside(code: ProblemCode, position: Position, message: String) -> E;
    /// The syntax that bytes are of which are not of this one.
    fn other_syntax(sample: &str) -> Option<&'static str>;
}

/// How far a file was read.
#[derive(Debug)]
pub(crate) struct Progress<V, E> {
    options: Options,
    envelope: Option<V>,
    events: VecDeque<E>,
    interchanges: u64,
    outside: u64,
    offset: u64,
    finished: bool,
}

/// What to do next.
pub(crate) enum Next<E> {
    Tell(E),
    ReadOn,
    Stop,
}

impl<E, V: Envelope<E>> Progress<V, E> {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            options,
            envelope: None,
            events: VecDeque::new(),
            interchanges: 0,
            outside: 0,
            offset: 0,
            finished: false,
        }
    }

    pub(crate) fn next(&mut self) -> Next<E> {
        match self.events.pop_front() {
            Some(event) => Next::Tell(event),
            None if self.finished => Next::Stop,
            None => Next::ReadOn,
        }
    }

    /// Takes a token; `None` is the end of the file.
    pub(crate) fn take(&mut self, token: Option<Token<V::Header, V::Segment<'_>>>) {
        match token {
            Some(Token::Segment(segment)) => self.take_segment(&segment),
            Some(Token::Header(header)) => self.begin(&header),
            Some(Token::Fragment(offset)) => {
                self.interchanges += 1;
                self.envelope = Some(V::fragment(offset, self.options, &mut self.events));
            }
            Some(Token::Garbage(garbage)) => self.garbage(&garbage),
            Some(Token::Fault(fault)) => {
                if let Some(envelope) = &mut self.envelope {
                    envelope.fault(fault);
                }
            }
            None => self.end_of_file(),
        }
    }

    fn take_segment(&mut self, segment: &V::Segment<'_>) {
        self.offset = V::end(segment);
        if let Some(envelope) = &mut self.envelope
            && envelope.take(segment, &mut self.events)
            && let Some(envelope) = self.envelope.take()
        {
            envelope.finish(&mut self.events);
        }
    }

    fn begin(&mut self, header: &V::Header) {
        let (offset, readable) = V::start(header);
        self.cut(&format!("another {}", V::HEADER), offset);
        self.interchanges += 1;
        self.offset = offset;
        let envelope = V::open(header, self.options, &mut self.events);
        if readable {
            self.envelope = Some(envelope);
        } else {
            envelope.finish(&mut self.events);
        }
    }

    fn cut(&mut self, found: &str, byte: u64) {
        if let Some(mut envelope) = self.envelope.take() {
            envelope.cut(found, byte, &mut self.events);
            envelope.finish(&mut self.events);
        }
    }

    fn garbage(&mut self, garbage: &Garbage) {
        self.outside += 1;
        if self.outside > self.options.limits.problems as u64 {
            return;
        }
        let Garbage { offset, length, sample } = garbage;
        let kind = V::other_syntax(sample).map(|kind| format!(" (this looks like {kind})"));
        let kind = kind.unwrap_or_default();
        let message = format!("{length} bytes outside any interchange{kind}: \"{sample}\"");
        self.tell_outside(ProblemCode::BytesOutside, *offset, message);
    }

    fn end_of_file(&mut self) {
        self.finished = true;
        self.cut("the end of the file", self.offset);
        if self.interchanges == 0 {
            let message = format!("There is no {} in the file", V::HEADER);
            self.tell_outside(ProblemCode::NoInterchange, 0, message);
        }
    }

    fn tell_outside(&mut self, code: ProblemCode, byte: u64, message: String) {
        self.events.push_back(V::outside(code, Control::default().at_byte(byte), message));
    }
}
