//! The way in for documents: what partners and systems hand in, mapped and passed to the rules.

pub mod edi;
