//! Fake ERPs and WMSs that enforce the vendors' contracts: for tests, the demo and a tenant's TEST stream.
//!
//! They are servers over real HTTP and know nothing of our connectors: their wire types are their own, so
//! that one mistake is not made twice. What they accept is written down; what they were told to spoil
//! ([`Behaviour`]) they spoil, and their books ([`Erp::documents`], [`Erp::report`]) tell the truth about both.
pub mod erp;
mod serve;

pub use erp::{
    Behaviour, Clock, Document, Erp, Fault, OpenError, Report, SecretError, Settings, TooManyFaults,
};
pub use serve::serve;
