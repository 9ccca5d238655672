//! Segments to judged interchanges, groups and sets, one event at a time.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::Arc;

use crate::events::{Ending, Garbage};
use crate::options::Options;
use crate::position::Control;
use crate::problem::{Problem, ProblemCode};

use super::envelope::Envelope;
use super::header::{GroupHeader, InterchangeHeader};
use super::segment::RawSegment;
use super::set::TransactionSet;
use super::tokenizer::{Token, Tokenizer};

/// What a file is made of, in the order it stands there. Every begin has its end, however broken the file.
#[derive(Debug)]
pub enum Event {
    /// An interchange starts; without a header if the file begins with a group or set.
    InterchangeBegin(Option<Arc<InterchangeHeader>>),
    /// A group starts; without a header if there is none.
    GroupBegin(Option<Arc<GroupHeader>>),
    /// A whole set. It may be used only when the ends of its group and interchange do not reject it.
    Set(Box<TransactionSet>),
    /// The group is over.
    GroupEnd(Ending),
    /// The interchange is over.
    InterchangeEnd(Ending),
    /// A `TA1` of the interchange.
    Acknowledgment(RawSegment),
    /// Something outside any interchange.
    Outside(Problem),
}

/// Reads a file event by event. Memory: one transaction set, and no more than the limits allow.
#[derive(Debug)]
pub struct Reader<R> {
    tokens: Tokenizer<R>,
    options: Options,
    envelope: Option<Envelope>,
    events: VecDeque<Event>,
    interchanges: u64,
    outside: u64,
    offset: u64,
    finished: bool,
}

impl<R: Read> Reader<R> {
    /// A reader at the start of a file.
    pub fn new(source: R, options: Options) -> Self {
        Self {
            tokens: Tokenizer::new(source, options.limits),
            options,
            envelope: None,
            events: VecDeque::new(),
            interchanges: 0,
            outside: 0,
            offset: 0,
            finished: false,
        }
    }

    /// The next event; `None` at the end of the file.
    ///
    /// # Errors
    /// Only those of the source; what is wrong with the file is told by events.
    pub fn next_event(&mut self) -> io::Result<Option<Event>> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(Some(event));
            }
            if self.finished {
                return Ok(None);
            }
            self.advance()?;
        }
    }

    fn advance(&mut self) -> io::Result<()> {
        match self.tokens.next_token()? {
            Some(Token::Segment(segment)) => {
                self.offset = segment.offset + segment.bytes.len() as u64;
                if let Some(envelope) = &mut self.envelope
                    && envelope.take(&segment, &mut self.events)
                    && let Some(envelope) = self.envelope.take()
                {
                    envelope.finish(&mut self.events);
                }
            }
            Some(Token::Header(header)) => {
                self.cut("another ISA", header.offset);
                self.interchanges += 1;
                self.offset = header.offset;
                let envelope = Envelope::open(&header, self.options, &mut self.events);
                if header.unreadable.is_some() {
                    envelope.finish(&mut self.events);
                } else {
                    self.envelope = Some(envelope);
                }
            }
            Some(Token::Fragment(offset)) => {
                self.interchanges += 1;
                self.envelope = Some(Envelope::fragment(offset, self.options, &mut self.events));
            }
            Some(Token::Garbage(garbage)) => self.garbage(&garbage),
            Some(Token::Fault(fault)) => {
                if let Some(envelope) = &mut self.envelope {
                    envelope.fault(fault);
                }
            }
            None => self.end_of_file(),
        }
        Ok(())
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
        let kind = if garbage.sample.starts_with("UNA") || garbage.sample.starts_with("UNB") {
            " (this looks like EDIFACT)"
        } else {
            ""
        };
        let message =
            format!("{} bytes outside any interchange{kind}: \"{}\"", garbage.length, garbage.sample);
        let position = Control::default().at_byte(garbage.offset);
        self.events.push_back(Event::Outside(Problem::new(ProblemCode::BytesOutside, position, message)));
    }

    fn end_of_file(&mut self) {
        self.finished = true;
        self.cut("the end of the file", self.offset);
        if self.interchanges == 0 {
            let position = Control::default().at_byte(0);
            let problem = Problem::new(ProblemCode::NoInterchange, position, "There is no ISA in the file");
            self.events.push_back(Event::Outside(problem));
        }
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = io::Result<Event>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_event().transpose()
    }
}
