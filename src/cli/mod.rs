//! The command line.

pub mod edi_lint;
