//! The whole application, from outside: on SQLite, or on the PostgreSQL that `QUAYSIDE_TEST_DATABASE_URL` names.
// The flow through all layers is one future within another.
#![recursion_limit = "256"]
#![expect(
    clippy::unwrap_used,
    reason = "what goes wrong in a test's set-up should fail the test where it stands"
)]

mod support;

mod acknowledgments;
mod appointments;
mod architecture;
mod change_proposals;
mod connections;
mod deliveries;
mod discrepancies;
mod events;
mod exceptions;
mod exchange;
mod idempotency;
mod identity;
mod inbound;
mod interchanges;
mod invoices;
mod isolation;
mod labels;
mod ledger;
mod life;
mod mail;
mod master_data;
mod messages;
mod nodes;
mod orders;
mod partners;
mod receipts;
mod serving;
mod shipments;
mod traces;
mod transports;
mod trials;
mod webhooks;
