//! X12 and EDIFACT: bytes, segments, messages.
//!
//! The crate knows the standard and nothing of any application. It is built in layers, each usable alone:
//!
//! 1. [`x12::Tokenizer`]: bytes to segments, whatever the delimiters, without copying;
//! 2. [`x12::Reader`]: segments to judged interchanges, groups and transaction sets;
//! 3. [`x12::messages`]: a transaction set to a typed purchase order, change or acknowledgment;
//! 4. [`lint`]: all of it at once, as a report for people and machines.
//!
//! What must stay true: no input makes it panic, memory is bounded by [`Limits`], nothing read is dropped
//! or guessed, and every complaint is a [`Problem`] with a stable code and a [`Position`].
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice, clippy::panic))]

mod buffer;
pub mod document;
pub mod edifact;
mod events;
pub mod lint;
mod options;
mod passing;
mod pieces;
mod position;
mod problem;
pub mod raw;
mod reading;
pub mod show;
mod stored;
#[cfg(test)]
mod testing;
mod tree;
mod value;
pub mod x12;

use std::io::{self, Read};

pub use events::{Ending, Fault, Garbage, Token};
pub use options::{Limits, Options, Unknown};
pub use position::{Control, Located, Place, Position, SegmentId};
pub use problem::{Problem, ProblemCode, Scope, Severity, Standard};
pub use reading::Reading;

/// How much of a file tells its syntax.
const HEAD: u64 = 4096;

/// The two syntaxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// ANSI ASC X12.
    X12,
    /// UN/EDIFACT.
    Edifact,
}

impl Syntax {
    /// The syntax a file begins with, blanks and a byte order mark passed over; `None` if it is neither.
    ///
    /// ```
    /// use quayside_edi::Syntax;
    /// assert_eq!(Syntax::of(b"\r\nUNA:+.? 'UNB+"), Some(Syntax::Edifact));
    /// assert_eq!(Syntax::of(b"ISA*00*"), Some(Syntax::X12));
    /// assert_eq!(Syntax::of(b"<xml/>"), None);
    /// ```
    #[must_use]
    pub fn of(head: &[u8]) -> Option<Self> {
        let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
        match head.get(..3)? {
            b"UNA" | b"UNB" | b"UNG" | b"UNH" => Some(Self::Edifact),
            b"ISA" => Some(Self::X12),
            _ => matches!(head.get(..2), Some(b"GS" | b"ST")).then_some(Self::X12),
        }
    }

    /// The syntax of a source, which is read from its beginning all the same.
    pub(crate) fn of_source(mut source: impl Read) -> io::Result<(Option<Self>, impl Read)> {
        let mut head = Vec::new();
        source.by_ref().take(HEAD).read_to_end(&mut head)?;
        let syntax = Self::of(&head);
        Ok((syntax, io::Cursor::new(head).chain(source)))
    }
}
