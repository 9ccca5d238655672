//! The ERP over a real socket: what it enforces, what it keeps, and each way it can go wrong.
mod contract;
mod faults;
mod invoices;
mod memory;
mod support;
