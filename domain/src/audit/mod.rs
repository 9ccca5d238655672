//! Whether the log still says what it said.
//!
//! Each place of a tenant's log carries a hash over its event and over the hash before it
//! ([`crate::dispatch`] lays the chain). Recomputing the chain finds every event that was edited, put in,
//! taken out or moved, unless whoever did it also recomputed everything after it. Against that stand
//! [`Anchor`]s: a hash written down elsewhere now and then, which no later change of the database can match.

mod anchor;
mod chain;
#[cfg(test)]
mod tests;
mod verify;

pub use anchor::{Anchor, InvalidAnchor, anchor, read_anchors};
pub use verify::{Finding, MAX_FINDINGS, Report, Wrong, verify};
