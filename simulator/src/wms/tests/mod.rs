//! The WMS over a real socket, with a Quayside that listens: what it takes, and what it says because of it.
mod contract;
mod receipts;
mod slots;
mod support;
mod trouble;
