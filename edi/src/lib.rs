//! X12 (and, later, EDIFACT): bytes, segments, messages.
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

pub mod lint;
mod options;
mod position;
mod problem;
pub mod x12;

pub use options::{Limits, Options, Unknown};
pub use position::{Control, Located, Place, Position, SegmentId};
pub use problem::{Problem, ProblemCode, Scope, Severity, Standard};
