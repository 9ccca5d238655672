//! Quayside.
