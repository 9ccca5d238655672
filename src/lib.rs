//! Quayside.

pub mod cli;
pub mod ingest;
pub mod web;
