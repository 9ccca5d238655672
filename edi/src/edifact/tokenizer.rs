//! Bytes to segments, over any reader, in one reused buffer: the counterpart of [`x12::Tokenizer`](crate::x12::Tokenizer).
//!
//! It finds interchanges, takes the service characters from each UNA and hands out segments that borrow the buffer.
//! The buffer holds one segment at a time, however large the file, and grows no further than the limit for a segment.

use std::io::{self, Read};

use crate::buffer::Buffer;
use crate::events;
use crate::options::Limits;
use crate::passing::{Cut, Taken, without_lines};

use super::charset::Charset;
use super::segment::Segment;
use super::service::{ServiceCharacters, WINDOW, looks_like_start};

/// What the tokenizer came upon. After a header the UNB comes, as a segment.
pub type Token<'a> = events::Token<Start, Segment<'a>>;

/// How an interchange starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Its service characters.
    pub service: ServiceCharacters,
    /// Where it starts in the file.
    pub offset: u64,
    /// Whether a byte order mark stands before it.
    pub byte_order_mark: bool,
    /// Whether its UNA has five characters instead of six.
    pub short_advice: bool,
    /// Whether it has no UNA and uses other characters than the customary ones.
    pub assumed: bool,
    /// Why its segments cannot be read.
    pub unreadable: Option<String>,
}

type Found = events::Token<Start, Cut>;

/// Cuts a file into segments. See the module's words on memory.
#[derive(Debug)]
pub struct Tokenizer<R> {
    buffer: Buffer<R>,
    limits: Limits,
    finished: bool,
    /// Inside an interchange.
    service: Option<ServiceCharacters>,
    charset: Charset,
    taken: Taken,
    /// The UNB of this interchange is still to come.
    expects_header: bool,
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
            service: None,
            charset: Charset::default(),
            taken: Taken::default(),
            expects_header: false,
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
        let found = match self.service {
            Some(service) => self.find_segment(service)?,
            None => self.find_start()?,
        };
        let Some(found) = found else {
            self.finished = true;
            return Ok(None);
        };
        Ok(Some(match found {
            Found::Header(start) => Token::Header(start),
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
        let service = self.service.unwrap_or_default();
        let Cut { length, gap, offset, lines, unterminated } = cut;
        let (bytes, wrapped) =
            without_lines(self.buffer.passed(length, gap), lines, service.segment, &mut self.unwrapped);
        let (indented, charset) = (self.indented, self.charset);
        let mut segment =
            Segment { bytes, service, charset, offset, wrapped, indented, unterminated, index: 0 };
        if segment.is(b"UNB") {
            // The repertoire is named in ASCII, whatever it is.
            self.charset = Charset::named(&segment.text(1, 1)).unwrap_or(Charset::B);
            segment.charset = self.charset;
        } else if segment.is(b"UNZ") {
            self.service = None;
        }
        segment
    }

    // Inside an interchange.

    fn find_segment(&mut self, service: ServiceCharacters) -> io::Result<Option<Found>> {
        self.indented = self.buffer.skip_blanks(|byte| service.contains(byte))?;
        self.buffer.ensure(16)?;
        let expected = std::mem::take(&mut self.expects_header);
        if !expected && looks_like_start(self.buffer.window()) {
            return self.find_start();
        }
        self.buffer.cut(&self.limits, &mut self.taken, service.segment, service.release)
    }

    // Between interchanges.

    fn find_start(&mut self) -> io::Result<Option<Found>> {
        self.service = None;
        let byte_order_mark = self.buffer.skip_padding()?;
        self.buffer.ensure(WINDOW)?;
        let window = self.buffer.window();
        if window.is_empty() {
            return Ok(None);
        }
        if looks_like_start(window) {
            return Ok(Some(Found::Header(self.start(byte_order_mark))));
        }
        if (window.starts_with(b"UNH+") || window.starts_with(b"UNG+")) && !self.resync {
            self.begin(ServiceCharacters::CUSTOMARY);
            return Ok(Some(Found::Fragment(self.buffer.offset())));
        }
        let garbage = self.buffer.skip_garbage(WINDOW, looks_like_start)?;
        if std::mem::take(&mut self.resync) { self.find_start() } else { Ok(Some(Found::Garbage(garbage))) }
    }

    fn start(&mut self, byte_order_mark: bool) -> Start {
        let offset = self.buffer.offset();
        let (service, found) = ServiceCharacters::find(self.buffer.window());
        let mut unreadable = service.fault();
        let window = self.buffer.window();
        if !window.get(found.length..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b"UNB")) {
            unreadable = unreadable.or_else(|| Some("No UNB follows the UNA".into()));
        }
        self.resync = unreadable.is_some();
        if unreadable.is_some() {
            self.buffer.consume(3);
        } else {
            self.begin(service);
            self.expects_header = true;
            self.buffer.consume(found.length);
        }
        Start {
            service,
            offset,
            byte_order_mark,
            short_advice: found.short,
            assumed: found.assumed,
            unreadable,
        }
    }

    fn begin(&mut self, service: ServiceCharacters) {
        self.service = Some(service);
        self.charset = Charset::B;
        self.taken = Taken { began: self.buffer.offset(), segments: 0 };
        self.resync = false;
    }
}
