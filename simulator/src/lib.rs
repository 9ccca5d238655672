//! Fake ERPs and WMSs that enforce the vendors' contracts: for tests, the demo and a tenant's TEST stream.
//!
//! They are servers over real HTTP and know nothing of our connectors: their wire types are their own, so
//! that one mistake is not made twice. What they accept is written down; what they were told to spoil
//! ([`Behaviour`]) they spoil, and their books ([`Erp::documents`], [`Wms::report`]) tell the truth about both.
//!
//! Two know nothing but EDI files: an [`EdiSupplier`], which reads and writes them in a folder, and a [`Translator`], which
//! copies them to us.
//!
//! They answer as well: with the address and a connection's token ([`Quayside`]) the [`Wms`] states
//! appointments and receipts, and the [`Erp`] where invoices stand, at the ingest endpoints. What they say is
//! decided by a scenario, is said in order, and says the same when it is said again.
mod edi;
mod erp;
mod hooks;
mod open;
mod oracle_wms;
mod quantity;
mod quayside;
mod receiver;
mod sap;
mod serve;
mod statement;
#[cfg(test)]
mod testing;
mod translator;
mod wms;

pub use edi::{EdiLine, EdiOrder, EdiSupplier, EdiSupplierError, EdiSupplierReport, EdiSupplierSettings};
pub use erp::{Erp, InvoiceInstruction, InvoiceScenario, Invoices, Settings};
pub use hooks::{HookAnswer, HookCall, Hooks};
pub use open::OpenError;
pub use oracle_wms::{
    Goods, NotReceived, OracleEffect, OracleFault, OracleReport, OracleWms, OracleWmsSettings, Output,
    Telling,
};
pub use quantity::{Quantity, QuantityError};
pub use quayside::{Quayside, QuaysideError};
pub use receiver::{Behaviour, Clock, Document, Fault, NotKept, Report, SecretError, TooManyFaults};
pub use sap::{Sap, SapBehaviour, SapBooks, SapFault, SapSettings};
pub use serve::{serve, serve_hooks, serve_oracle_wms, serve_sap, serve_wms};
pub use statement::{Statement, StatementAnswer, StatementKind, StatementReport};
pub use translator::{NotCopied, Translator};
pub use wms::{
    AppointmentScenario, Course, Instruction, ReceiveError, Scenario, Shipment, ShipmentLine, ShipmentStage,
    Slot, SlotStatus, Wms, WmsReport, WmsSettings,
};
