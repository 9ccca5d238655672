//! Bytes to segments, over any reader, in one reused buffer.
//!
//! The tokenizer finds interchanges, takes the separators from each header and hands out segments that
//! borrow the buffer. It knows nothing of envelopes beyond where they start and end. The buffer holds
//! one segment at a time, however large the file, and grows no further than the limit for a segment.

use std::io::{self, Read};

use crate::buffer::Buffer;
use crate::events;
use crate::options::Limits;
use crate::passing::{Cut, Taken, without_lines};
use crate::problem::ProblemCode;

use super::delimiters::{self, Delimiters, HEADER_WINDOW, looks_like_isa};
use super::segment::Segment;

/// What the tokenizer came upon.
pub type Token<'a> = events::Token<Box<Header>, Segment<'a>>;

/// An interchange header as it stands in the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// ISA01 to ISA15 with their padding; fewer if it is malformed.
    pub elements: Vec<Vec<u8>>,
    /// Its separators.
    pub delimiters: Delimiters,
    /// Where it starts in the file.
    pub offset: u64,
    /// Whether a byte order mark stands before it.
    pub byte_order_mark: bool,
    /// Whether a line end stands inside it.
    pub wrapped: bool,
    /// Why its segments cannot be read.
    pub unreadable: Option<(ProblemCode, String)>,
}

type Found = events::Token<Box<Header>, Cut>;

/// Cuts a file into segments. See the module's words on memory.
#[derive(Debug)]
pub struct Tokenizer<R> {
    buffer: Buffer<R>,
    limits: Limits,
    finished: bool,
    /// Inside an interchange.
    delimiters: Option<Delimiters>,
    taken: Taken,
    /// An interchange could not be read: what follows is the rest of it, not garbage.
    resync: bool,
    indented: bool,
    unwrapped: Vec<u8>,
}

impl<R: Read> Tokenizer<R> {
    /// A tokenizer at the start of a file.
    pub fn new(source: R, limits: Limits) -> Self {
        Self {
            buffer: Buffer::new(source),
            limits,
            finished: false,
            delimiters: None,
            taken: Taken::default(),
            resync: false,
            indented: false,
            unwrapped: Vec::new(),
        }
    }

    /// The next token; `None` at the end of the file.
    ///
    /// # Errors
    /// Only those of the source.
    pub fn next_token(&mut self) -> io::Result<Option<Token<'_>>> {
        if self.finished {
            return Ok(None);
        }
        let found = match self.delimiters {
            Some(delimiters) => self.find_segment(delimiters)?,
            None => self.find_start()?,
        };
        let Some(found) = found else {
            self.finished = true;
            return Ok(None);
        };
        Ok(Some(match found {
            Found::Header(header) => Token::Header(header),
            Found::Fragment(offset) => Token::Fragment(offset),
            Found::Garbage(garbage) => Token::Garbage(garbage),
            Found::Fault(fault) => {
                self.finished = true;
                Token::Fault(fault)
            }
            Found::Segment(cut) => Token::Segment(self.segment(cut)),
        }))
    }

    fn segment(&mut self, cut: Cut) -> Segment<'_> {
        let fallback = Delimiters { element: b'*', component: None, segment: b'~', repetition: None };
        let delimiters = self.delimiters.unwrap_or(fallback);
        let Cut { length, gap, offset, lines, unterminated } = cut;
        let (bytes, wrapped) =
            without_lines(self.buffer.passed(length, gap), lines, delimiters.segment, &mut self.unwrapped);
        let indented = self.indented;
        let segment = Segment { bytes, delimiters, offset, wrapped, indented, unterminated, index: 0 };
        if segment.is(b"IEA") {
            self.delimiters = None;
        }
        segment
    }

    // Inside an interchange.

    fn find_segment(&mut self, delimiters: Delimiters) -> io::Result<Option<Found>> {
        let separates = |byte| byte == delimiters.segment || byte == delimiters.element;
        self.indented = self.buffer.skip_blanks(separates)?;
        self.buffer.ensure(16)?;
        if looks_like_isa(self.buffer.window()) {
            return self.find_start();
        }
        self.buffer.cut(&self.limits, &mut self.taken, delimiters.segment, None)
    }

    // Between interchanges.

    fn find_start(&mut self) -> io::Result<Option<Found>> {
        self.delimiters = None;
        let byte_order_mark = self.buffer.skip_padding()?;
        self.buffer.ensure(HEADER_WINDOW)?;
        if self.buffer.window().is_empty() {
            return Ok(None);
        }
        if looks_like_isa(self.buffer.window()) {
            return Ok(Some(Found::Header(Box::new(self.header(byte_order_mark)))));
        }
        if let Some(delimiters) = delimiters::of_fragment(self.buffer.window()).filter(|_| !self.resync) {
            self.begin(delimiters);
            return Ok(Some(Found::Fragment(self.buffer.offset())));
        }
        let garbage = self.buffer.skip_garbage(HEADER_WINDOW, looks_like_isa)?;
        if std::mem::take(&mut self.resync) { self.find_start() } else { Ok(Some(Found::Garbage(garbage))) }
    }

    fn header(&mut self, byte_order_mark: bool) -> Header {
        let offset = self.buffer.offset();
        let Some(layout) = delimiters::layout(self.buffer.window()) else {
            let element = self.buffer.window().get(3).copied().unwrap_or(b'*');
            self.buffer.consume(3);
            self.resync = true;
            return Header {
                elements: Vec::new(),
                delimiters: Delimiters { element, component: None, segment: b'~', repetition: None },
                offset,
                byte_order_mark,
                wrapped: false,
                unreadable: Some((
                    ProblemCode::IsaMalformed,
                    "The ISA is cut short of its 16 elements".into(),
                )),
            };
        };
        let unreadable = layout.delimiters.fault();
        if unreadable.is_none() {
            self.begin(layout.delimiters);
        }
        self.resync = unreadable.is_some();
        self.buffer.consume(layout.length);
        Header {
            elements: layout.elements,
            delimiters: layout.delimiters,
            offset,
            byte_order_mark,
            wrapped: layout.wrapped,
            unreadable,
        }
    }

    fn begin(&mut self, delimiters: Delimiters) {
        self.delimiters = Some(delimiters);
        self.taken = Taken { began: self.buffer.offset(), segments: 1 };
        self.resync = false;
    }
}
