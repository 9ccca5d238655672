//! Bytes to segments, over any reader, in one reused buffer: the counterpart of [`x12::Tokenizer`](crate::x12::Tokenizer).
//!
//! It finds interchanges, takes the service characters from each UNA and hands out segments that borrow the buffer.
//! The buffer holds one segment at a time, however large the file, and grows no further than the limit for a segment.

use std::io::{self, Read};

use crate::buffer::Buffer;
use crate::events::{Fault, Garbage};
use crate::options::Limits;
use crate::passing::{Rest, is_line_end};
use crate::problem::ProblemCode;

use super::charset::Charset;
use super::segment::Segment;
use super::service::{ServiceCharacters, WINDOW, looks_like_start};

/// What the tokenizer came upon.
#[derive(Debug)]
pub enum Token<'a> {
    /// An interchange starts: its service characters. The UNB comes next, as a segment.
    Start(Start),
    /// A group or message without a UNB.
    Fragment(u64),
    /// A segment of the interchange.
    Segment(Segment<'a>),
    /// Bytes outside any interchange.
    Garbage(Garbage),
    /// The interchange broke a limit; nothing more is read from the file.
    Fault(Fault),
}

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

enum Found {
    Start(Start),
    Fragment(u64),
    /// `length` bytes, then `gap` bytes of terminator or padding; both passed over.
    Segment {
        length: usize,
        gap: usize,
        offset: u64,
    },
    Garbage(Garbage),
    Fault(Fault),
}

/// Where the segment at the start of the window ends.
enum Terminator {
    After(usize),
    OutOfReach,
    Missing,
}

/// Cuts a file into segments. See the module's words on memory.
#[derive(Debug)]
pub struct Tokenizer<R> {
    buffer: Buffer<R>,
    limits: Limits,
    finished: bool,
    /// Inside an interchange.
    service: Option<ServiceCharacters>,
    charset: Charset,
    began: u64,
    segments: u64,
    /// The UNB of this interchange is still to come.
    expects_header: bool,
    /// An interchange could not be read: what follows is the rest of it, not garbage.
    resync: bool,
    indented: bool,
    unterminated: bool,
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
            began: 0,
            segments: 0,
            expects_header: false,
            resync: false,
            indented: false,
            unterminated: false,
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
            Found::Start(start) => Token::Start(start),
            Found::Fragment(offset) => Token::Fragment(offset),
            Found::Garbage(garbage) => Token::Garbage(garbage),
            Found::Fault(fault) => {
                self.finished = true;
                Token::Fault(fault)
            }
            Found::Segment { length, gap, offset } => Token::Segment(self.segment(length, gap, offset)),
        }))
    }

    fn segment(&mut self, length: usize, gap: usize, offset: u64) -> Segment<'_> {
        let service = self.service.unwrap_or_default();
        let mut bytes = self.buffer.passed(length, gap);
        let wrapped = service.ignores_lines() && (bytes.contains(&b'\n') || bytes.contains(&b'\r'));
        if wrapped {
            self.unwrapped.clear();
            self.unwrapped.extend(bytes.iter().copied().filter(|byte| !is_line_end(*byte)));
            bytes = &self.unwrapped;
        } else if service.segment == b'\n' {
            bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        }
        let (indented, unterminated) = (self.indented, self.unterminated);
        let charset = self.charset;
        let mut segment =
            Segment { bytes, service, charset, offset, wrapped, indented, unterminated, index: 0 };
        match segment.id() {
            b"UNB" => {
                // The repertoire is named in ASCII, whatever it is.
                self.charset = Charset::named(&segment.text(1, 1)).unwrap_or(Charset::B);
                segment.charset = self.charset;
            }
            b"UNZ" => self.service = None,
            _ => {}
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
        let offset = self.buffer.offset();
        let length = match self.find_terminator(service)? {
            Terminator::After(length) => length,
            Terminator::Missing => {
                let rest = self.buffer.take_rest();
                self.unterminated = rest.is_some();
                return Ok(rest.map(|Rest { length, padding, offset }| Found::Segment {
                    length,
                    gap: padding,
                    offset,
                }));
            }
            Terminator::OutOfReach => {
                let message = format!("No terminator within {} bytes", self.limits.segment_bytes);
                return Ok(Some(Found::Fault(Fault { code: ProblemCode::SegmentTooLong, offset, message })));
            }
        };
        self.segments += 1;
        let (began, segments) = (self.began, self.segments);
        if let Some(fault) = self.buffer.over_limit(&self.limits, began, segments, length as u64) {
            return Ok(Some(Found::Fault(fault)));
        }
        self.buffer.consume(length + 1);
        Ok(Some(Found::Segment { length, gap: 1, offset }))
    }

    fn find_terminator(&mut self, service: ServiceCharacters) -> io::Result<Terminator> {
        let limit = self.limits.segment_bytes;
        let mut searched = 0;
        loop {
            let window = self.buffer.window();
            let mut found = None;
            while let Some(at) = window
                .get(searched..)
                .and_then(|fresh| fresh.iter().position(|byte| *byte == service.segment))
            {
                let at = searched + at;
                searched = at + 1;
                if !is_released(window.get(..at).unwrap_or_default(), service.release) {
                    found = Some(at);
                    break;
                }
            }
            if found.is_none() {
                searched = window.len();
            }
            if found.unwrap_or(searched) > limit {
                return Ok(Terminator::OutOfReach);
            }
            if let Some(length) = found {
                return Ok(Terminator::After(length));
            }
            if !self.buffer.more()? {
                return Ok(Terminator::Missing);
            }
        }
    }

    // Between interchanges.

    fn find_start(&mut self) -> io::Result<Option<Found>> {
        self.service = None;
        self.unterminated = false;
        let byte_order_mark = self.buffer.skip_padding()?;
        self.buffer.ensure(WINDOW)?;
        let window = self.buffer.window();
        if window.is_empty() {
            return Ok(None);
        }
        if looks_like_start(window) {
            return Ok(Some(Found::Start(self.start(byte_order_mark))));
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
        self.began = self.buffer.offset();
        self.segments = 0;
        self.resync = false;
    }
}

/// Whether a release character before it takes the meaning from what comes next.
fn is_released(before: &[u8], release: Option<u8>) -> bool {
    let Some(release) = release else { return false };
    before.iter().rev().take_while(|byte| **byte == release).count() % 2 == 1
}
