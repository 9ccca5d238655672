//! Changes that state only what differs: applied to the current revision, they make the next one.
//!
//! Applying is pure and finds every problem at once. The revision it makes goes the way of every revision, through
//! [`receive`](super::receive()), and is filed only if the order still stands where it was applied to. A change
//! that comes late cannot be filed like a late whole revision: what it would have made is not known. It is
//! reported, and a person decides.

mod apply;
mod receive;
#[cfg(test)]
mod tests;

pub use apply::apply_change;
pub use receive::receive_change;
