//! Quayside, the application: it reads the settings, wires the parts, serves and works. Rules of business are
//! in `domain`, the words in `canonical`, vendors in `connectors`.
// The schema is one type nested in another for each group of operations.
#![recursion_limit = "256"]

pub mod app;
pub mod bus;
pub mod cli;
pub mod config;
mod demo;
pub mod inbound;
pub mod ingest;
mod labels;
pub mod migrate;
mod samples;
mod simulate;
mod systems;
pub mod telemetry;
pub mod web;
pub mod work;
