//! Segments to judged interchanges, groups and messages, one event at a time.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::Arc;

use crate::events::{Ending, Garbage};
use crate::options::Options;
use crate::position::Control;
use crate::problem::{Problem, ProblemCode};

use super::envelope::Envelope;
use super::header::{GroupHeader, InterchangeHeader};
use super::message::RawMessage;
use super::tokenizer::{Token, Tokenizer};

/// What a file is made of, in the order it stands there. Every begin has its end, however broken the file.
#[derive(Debug)]
pub enum Event {
    /// An interchange starts; without a header if it has no UNB that can be read.
    InterchangeBegin(Option<Arc<InterchangeHeader>>),
    /// A group starts. Messages may stand outside groups, and mostly do.
    GroupBegin(Arc<GroupHeader>),
    /// A whole message. It may be used only when the ends of its group and interchange do not reject it.
    Message(Box<RawMessage>),
    /// The group is over.
    GroupEnd(Ending),
    /// The interchange is over.
    InterchangeEnd(Ending),
    /// Something outside any interchange.
    Outside(Problem),
}

/// Reads a file event by event. Memory: one message, and no more than the limits allow.
///
/// ```
/// use quayside_edi::Options;
/// use quayside_edi::edifact::{Event, Reader};
///
/// let file = "UNB+UNOC:3+5412345000013:14+8798765432109:14+260115:0830+R1'\
///             UNH+1+ORDERS:D:96A:UN'BGM+220+PO-1+9'DTM+137:20260115:102'UNS+S'UNT+5+1'UNZ+1+R1'";
/// let mut kinds = Vec::new();
/// for event in Reader::new(file.as_bytes(), Options::default()) {
///     match event? {
///         Event::Message(message) => kinds.push(message.header.kind.clone()),
///         Event::InterchangeEnd(ending) => assert!(!ending.rejected()),
///         _ => {}
///     }
/// }
/// assert_eq!(kinds, ["ORDERS"]);
/// # Ok::<(), std::io::Error>(())
/// ```
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
            Some(Token::Start(start)) => {
                self.cut("another UNB", start.offset);
                self.interchanges += 1;
                self.offset = start.offset;
                let envelope = Envelope::open(&start, self.options, &mut self.events);
                if start.unreadable.is_some() {
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
            None => {
                self.finished = true;
                self.cut("the end of the file", self.offset);
                if self.interchanges == 0 {
                    let position = Control::default().at_byte(0);
                    let message = "There is no UNB in the file";
                    let problem = Problem::edifact(ProblemCode::NoInterchange, position, message);
                    self.events.push_back(Event::Outside(problem));
                }
            }
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
        let kind = if garbage.sample.starts_with("ISA") { " (this looks like X12)" } else { "" };
        let message =
            format!("{} bytes outside any interchange{kind}: \"{}\"", garbage.length, garbage.sample);
        let position = Control::default().at_byte(garbage.offset);
        self.events.push_back(Event::Outside(Problem::edifact(ProblemCode::BytesOutside, position, message)));
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = io::Result<Event>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_event().transpose()
    }
}
