//! What both syntaxes pass over in the same way: padding, garbage between interchanges, blanks between segments.

use std::io::{self, Read};

use crate::buffer::Buffer;
use crate::events::{Fault, Garbage};
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

/// What is left when a file ends without a terminator: `length` bytes, and the padding after them.
pub(crate) struct Rest {
    pub(crate) length: usize,
    pub(crate) padding: usize,
    pub(crate) offset: u64,
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
            let window = self.window();
            let blanks = window.iter().take_while(|byte| blank(**byte)).count();
            indented |= window.iter().take(blanks).any(|byte| !is_line_end(*byte));
            let all = blanks == window.len();
            self.consume(blanks);
            if !all || !self.more()? {
                return Ok(indented);
            }
        }
    }

    /// Passes over what is left when the file ends without a terminator; `None` if that is padding only.
    pub(crate) fn take_rest(&mut self) -> Option<Rest> {
        let window = self.window();
        let padding = window.iter().rev().take_while(|byte| is_padding(**byte)).count();
        let (length, offset) = (window.len() - padding, self.offset());
        if length == 0 {
            return None;
        }
        self.consume(length + padding);
        Some(Rest { length, padding, offset })
    }

    /// The limit that an interchange from `began` breaks with a segment of `length` at the window, its `segments`th.
    pub(crate) fn over_limit(
        &self,
        limits: &Limits,
        began: u64,
        segments: u64,
        length: u64,
    ) -> Option<Fault> {
        let (code, message) = if self.offset() + length - began > limits.interchange_bytes {
            let message = format!("The interchange is larger than {} bytes", limits.interchange_bytes);
            (ProblemCode::InterchangeTooLarge, message)
        } else if segments > limits.segments {
            let message = format!("The interchange has more than {} segments", limits.segments);
            (ProblemCode::TooManySegments, message)
        } else {
            return None;
        };
        Some(Fault { code, offset: self.offset(), message })
    }
}
