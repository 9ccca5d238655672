//! What readers of both syntaxes tell besides their segments.

use crate::position::Position;
use crate::problem::{Problem, ProblemCode};

/// The verdict on a group or interchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Which one, and where.
    pub position: Position,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

impl Ending {
    /// Whether nothing in it may be used.
    #[must_use]
    pub fn rejected(&self) -> bool {
        self.problems.iter().any(Problem::rejects)
    }
}

/// Bytes outside any interchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Garbage {
    /// Where they start.
    pub offset: u64,
    /// How many there are.
    pub length: u64,
    /// The first of them, printable.
    pub sample: String,
}

/// What a tokenizer came upon: `H` tells how an interchange starts, `S` is a segment.
#[derive(Debug)]
pub enum Token<H, S> {
    /// An interchange starts; what follows is cut by its separators.
    Header(H),
    /// A group or message without an interchange around it, with separators guessed from it.
    Fragment(u64),
    /// A segment of the interchange.
    Segment(S),
    /// Bytes outside any interchange.
    Garbage(Garbage),
    /// The interchange broke a limit; nothing more is read from the file.
    Fault(Fault),
}

/// A limit that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which one.
    pub code: ProblemCode,
    /// Where.
    pub offset: u64,
    /// In words.
    pub message: String,
}
