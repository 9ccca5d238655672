//! The whole flow, from bytes to result, on a fresh database.

mod flow;
mod samples;
mod support;
