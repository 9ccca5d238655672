//! Quayside.

pub mod web;
