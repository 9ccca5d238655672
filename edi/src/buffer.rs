//! The part of a file that is being looked at: a window over any source, with its offset.
//!
//! The buffer is reused. It grows only while the window fills it, so its size follows the longest thing
//! that must be seen whole, not the file.

use std::io::{self, Read};

const INITIAL: usize = 256 << 10;

/// A window that moves forward over a source.
#[derive(Debug)]
pub(crate) struct Buffer<R> {
    source: R,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    offset: u64,
    exhausted: bool,
}

impl<R: Read> Buffer<R> {
    pub(crate) fn new(source: R) -> Self {
        Self { source, bytes: vec![0; INITIAL], start: 0, end: 0, offset: 0, exhausted: false }
    }

    /// The offset of the window in the file.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether the source has no more than what the window shows.
    pub(crate) fn exhausted(&self) -> bool {
        self.exhausted
    }

    pub(crate) fn window(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// The last `length` bytes before the window but `gap`, which stay until more is read.
    pub(crate) fn passed(&self, length: usize, gap: usize) -> &[u8] {
        let end = self.start.saturating_sub(gap);
        self.bytes.get(end.saturating_sub(length)..end).unwrap_or_default()
    }

    pub(crate) fn consume(&mut self, bytes: usize) {
        let bytes = bytes.min(self.end - self.start);
        self.start += bytes;
        self.offset += bytes as u64;
    }

    /// Reads until the window has `bytes`, or the source ends.
    pub(crate) fn ensure(&mut self, bytes: usize) -> io::Result<()> {
        while self.end - self.start < bytes && self.more()? {}
        Ok(())
    }

    /// Reads more; `false` at the end of the source.
    pub(crate) fn more(&mut self) -> io::Result<bool> {
        if self.exhausted {
            return Ok(false);
        }
        if self.end == self.bytes.len() {
            self.make_room();
        }
        loop {
            match self.source.read(self.bytes.get_mut(self.end..).unwrap_or_default()) {
                Ok(0) => {
                    self.exhausted = true;
                    return Ok(false);
                }
                Ok(read) => {
                    self.end = (self.end + read).min(self.bytes.len());
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn make_room(&mut self) {
        if self.start >= self.bytes.len() / 2 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        } else {
            self.bytes.resize(self.bytes.len() * 2, 0);
        }
    }
}
