//! X12 and EDIFACT: bytes, segments, messages.
//!
//! The crate knows the standards and nothing of any application. It is built in layers, each usable alone, and the same in
//! both syntaxes:
//!
//! 1. [`x12::Tokenizer`], [`edifact::Tokenizer`]: bytes to segments, whatever the separators, without copying;
//! 2. [`x12::Reader`], [`edifact::Reader`]: segments to judged interchanges, groups and messages, event by event; or
//!    [`x12::Interchanges`], [`edifact::Interchanges`]: whole interchanges, for those who must not act before the end;
//! 3. [`x12::messages`], [`edifact::messages`]: a message to a typed order, change, answer, ship notice and so on, and back;
//! 4. [`x12::Writer`], [`edifact::Writer`]: messages to bytes, with counts and trailers;
//! 5. [`x12::acknowledge`], [`edifact::acknowledge`]: what an interchange is owed: TA1, 997, CONTRL.
//!
//! Over both: [`lint`] reports everything that is wrong with a file, [`show`] tells it as a tree in plain words, and
//! [`document`] takes it apart into plain values and puts it together again.
//!
//! ```
//! use quayside_edi::x12::{Event, Reader, messages};
//! use quayside_edi::Options;
//!
//! let file = "ISA*00*          *00*          *ZZ*BUYER          *ZZ*SUPPLIER       *260115*0830*U*00401*000000101*0*P*>~\
//!             GS*PO*BUYER*SUPPLIER*20260115*0830*1*X*004010~ST*850*0001~BEG*00*SA*PO-1**20260115~PO1*1*12O*EA~\
//!             SE*4*0001~GE*1*1~IEA*1*000000101~";
//! let options = Options::default();
//! for event in Reader::new(file.as_bytes(), options) {
//!     if let Event::Set(set) = event? {
//!         let reading = messages::read(&set, &options);
//!         assert!(reading.message.is_none(), "it is refused whole");
//!         assert_eq!(
//!             reading.problems[0].to_string(),
//!             "error NUMBER_INVALID: PO102 is '12O', not a number (PO102, segment 3, byte 195, AK403 6)"
//!         );
//!     }
//! }
//! # Ok::<(), std::io::Error>(())
//! ```
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
pub use problem::{Problem, ProblemCode, Scope, Severity, Standard, Weight};
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
