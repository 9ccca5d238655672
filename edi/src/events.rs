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
