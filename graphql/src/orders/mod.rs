//! Purchase orders in the schema.

pub mod change;
mod complete;
pub mod ledger;
pub mod line;
pub mod order;
pub mod page;
pub mod revision;

pub use change::RevisionDiff;
pub use line::{AnswerPart, PurchaseOrderLine, Quantity};
pub use order::PurchaseOrder;
pub use page::OrderQuery;
pub use revision::PurchaseOrderRevision;
