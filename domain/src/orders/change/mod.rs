//! Changes that state only what differs: applied to the current revision, they make the next one.
//!
//! Applying is pure and finds every problem at once. The revision it makes goes the way of every revision, through
//! [`receive`](super::receive()), and is filed only if the order still stands where it was applied to. A change
//! that comes late cannot be filed like a late whole revision: what it would have made is not known. It is
//! reported, and a person decides. One that comes early waits: for the order, or for the changes its source counted
//! before it. Whatever brings those in looks for who waits (`release`); what that missed, the clock finds
//! ([`tend_waiting`]), and it also ends the waiting when it takes too long.

mod apply;
mod receive;
#[cfg(test)]
mod tests;
mod wait;

pub use apply::apply_change;
pub use receive::{force_change, preview_change, receive_change};
pub(crate) use wait::no_longer_waiting;
pub(in crate::orders) use wait::release;
pub use wait::tend_waiting;
