//! What both syntaxes pass over in the same way: padding, garbage between interchanges, blanks between segments.

use std::io::{self, Read};

use memchr::memchr3_iter;

use crate::buffer::Buffer;
use crate::events::{Fault, Garbage, Token};
use crate::options::Limits;
use crate::problem::ProblemCode;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
/// The end-of-file mark of old systems.
const CTRL_Z: u8 = 0x1A;
const SAMPLE: usize = 40;

pub(crate) fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

fn is_padding(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == CTRL_Z
}

/// A segment that was passed over: `length` bytes, then `gap` bytes of terminator or padding.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    pub(crate) length: usize,
    pub(crate) gap: usize,
    pub(crate) offset: u64,
    /// A line end stands in it.
    pub(crate) lines: bool,
    /// The file ends before its terminator.
    pub(crate) unterminated: bool,
}

/// What an interchange has taken so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Taken {
    /// Where it began.
    pub(crate) began: u64,
    pub(crate) segments: u64,
}

/// Where the segment at the start of the window ends.
enum Terminator {
    /// After so many bytes, and whether a line end stands among them.
    After(usize, bool),
    OutOfReach,
    Missing,
}

/// Whether a release character before it takes the meaning from what comes next.
fn is_released(before: &[u8], release: Option<u8>) -> bool {
    let Some(release) = release else { return false };
    before.iter().rev().take_while(|byte| **byte == release).count() % 2 == 1
}

impl<R: Read> Buffer<R> {
    /// Passes over blanks, Ctrl-Z and a byte order mark; tells whether there was one.
    pub(crate) fn skip_padding(&mut self) -> io::Result<bool> {
        let mut mark = false;
        loop {
            self.ensure(BYTE_ORDER_MARK.len())?;
            if self.window().starts_with(BYTE_ORDER_MARK) {
                mark = true;
                self.consume(BYTE_ORDER_MARK.len());
                continue;
            }
            let padding = self.window().iter().take_while(|byte| is_padding(**byte)).count();
            if padding == 0 {
                return Ok(mark);
            }
            self.consume(padding);
        }
    }

    /// Passes over everything up to the next header, which `starts` recognises in a window of `header` bytes.
    pub(crate) fn skip_garbage(&mut self, header: usize, starts: fn(&[u8]) -> bool) -> io::Result<Garbage> {
        let offset = self.offset();
        let sample =
            self.window().iter().take(SAMPLE).copied().collect::<Vec<u8>>().escape_ascii().to_string();
        loop {
            self.consume(1);
            self.ensure(header)?;
            let window = self.window();
            let next = (0..window.len()).find(|at| window.get(*at..).is_some_and(starts));
            let skip =
                next.unwrap_or(if self.exhausted() { window.len() } else { window.len().saturating_sub(16) });
            self.consume(skip);
            if next.is_some() || self.window().is_empty() {
                return Ok(Garbage { offset, length: self.offset() - offset, sample });
            }
        }
    }

    /// Passes over blanks that are not in `service`, and tells whether there was more than line ends.
    pub(crate) fn skip_blanks(&mut self, service: impl Fn(u8) -> bool) -> io::Result<bool> {
        let blank = |byte: u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n') && !service(byte);
        let mut indented = false;
        loop {
            match self.window().first().copied() {
                Some(byte) if blank(byte) => {
                    indented |= !is_line_end(byte);
                    self.consume(1);
                }
                None if self.more()? => {}
                _ => return Ok(indented),
            }
        }
    }

    /// Passes over the segment at the window. `None` if nothing but padding is left of the file.
    pub(crate) fn cut<H>(
        &mut self,
        limits: &Limits,
        taken: &mut Taken,
        terminator: u8,
        release: Option<u8>,
    ) -> io::Result<Option<Token<H, Cut>>> {
        let offset = self.offset();
        let (length, lines) = match self.find_terminator(terminator, release, limits.segment_bytes)? {
            Terminator::After(length, lines) => (length, lines),
            Terminator::Missing => return Ok(self.cut_rest().map(Token::Segment)),
            Terminator::OutOfReach => {
                let message = format!("No terminator within {} bytes", limits.segment_bytes);
                return Ok(Some(Token::Fault(Fault { code: ProblemCode::SegmentTooLong, offset, message })));
            }
        };
        taken.segments += 1;
        if let Some(fault) = self.over_limit(limits, *taken, length as u64) {
            return Ok(Some(Token::Fault(fault)));
        }
        self.consume(length + 1);
        Ok(Some(Token::Segment(Cut { length, gap: 1, offset, lines, unterminated: false })))
    }

    fn find_terminator(
        &mut self,
        terminator: u8,
        release: Option<u8>,
        limit: usize,
    ) -> io::Result<Terminator> {
        let (mut searched, mut lines) = (0, false);
        loop {
            let window = self.window();
            let mut found = None;
            for at in memchr3_iter(terminator, b'\r', b'\n', window.get(searched..).unwrap_or_default()) {
                let (before, after) = window.split_at_checked(searched + at).unwrap_or_default();
                if after.first() != Some(&terminator) {
                    lines = true;
                } else if !is_released(before, release) {
                    found = Some(before.len());
                    break;
                }
            }
            searched = window.len();
            if found.unwrap_or(searched) > limit {
                return Ok(Terminator::OutOfReach);
            }
            if let Some(length) = found {
                return Ok(Terminator::After(length, lines));
            }
            if !self.more()? {
                return Ok(Terminator::Missing);
            }
        }
    }

    /// Passes over what is left when the file ends without a terminator; `None` if that is padding only.
    fn cut_rest(&mut self) -> Option<Cut> {
        let window = self.window();
        let gap = window.iter().rev().take_while(|byte| is_padding(**byte)).count();
        let (length, offset) = (window.len() - gap, self.offset());
        if length == 0 {
            return None;
        }
        let lines = window.iter().take(length).any(|byte| is_line_end(*byte));
        self.consume(length + gap);
        Some(Cut { length, gap, offset, lines, unterminated: true })
    }

    /// The limit that an interchange breaks with a segment of `length` at the window.
    fn over_limit(&self, limits: &Limits, taken: Taken, length: u64) -> Option<Fault> {
        let (code, message) = if self.offset() + length - taken.began > limits.interchange_bytes {
            let message = format!("The interchange is larger than {} bytes", limits.interchange_bytes);
            (ProblemCode::InterchangeTooLarge, message)
        } else if taken.segments > limits.segments {
            let message = format!("The interchange has more than {} segments", limits.segments);
            (ProblemCode::TooManySegments, message)
        } else {
            return None;
        };
        Some(Fault { code, offset: self.offset(), message })
    }
}

/// A segment as it is read: without line ends where they are nothing but layout, and whether there were any.
pub(crate) fn without_lines<'a>(
    bytes: &'a [u8],
    lines: bool,
    terminator: u8,
    spare: &'a mut Vec<u8>,
) -> (&'a [u8], bool) {
    if is_line_end(terminator) {
        let bytes = if terminator == b'\n' { bytes.strip_suffix(b"\r").unwrap_or(bytes) } else { bytes };
        return (bytes, false);
    }
    if !lines {
        return (bytes, false);
    }
    spare.clear();
    spare.extend(bytes.iter().copied().filter(|byte| !is_line_end(*byte)));
    (spare.as_slice(), true)
}
