//! The rules: operations on the words, in one transaction each.
//!
//! Every change takes one path. A transport builds a scope (who asks, which rows, by what channel) and a
//! command; the operation loads what it needs through the scope, lets a pure function find every problem at
//! once, and writes state, event and idempotency record in one transaction. There is no network call inside.

pub mod acknowledgments;
pub mod appointments;
pub mod audit;
pub mod clock;
pub mod connections;
pub mod deliveries;
pub mod discrepancies;
pub mod dispatch;
pub mod exceptions;
pub mod exchange;
pub mod failure;
pub mod feed;
pub mod files;
pub mod housekeeping;
pub mod idempotency;
pub mod identity;
pub mod inbound;
pub mod interchanges;
pub mod invoices;
mod lease;
pub mod ledger;
pub mod master_data;
pub mod messages;
pub mod notifications;
pub mod orders;
pub mod outbox;
pub mod partners;
pub mod planted;
pub mod publication;
pub mod receipts;
pub mod scope;
pub mod set_up;
pub mod shipments;
pub mod statements;
pub mod store;
pub mod suppliers;
pub mod transports;
pub mod vault;
pub mod webhooks;
mod writes;

pub use clock::Clock;
pub use failure::Failure;
pub use scope::{BuyerScope, Scope, SupplierScope, SystemScope};
pub use store::Store;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod testing;
