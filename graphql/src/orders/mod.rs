//! Purchase orders in the schema.

mod change;
mod line;
mod order;
mod page;
mod revision;

pub use change::RevisionDiff;
pub use line::{AnswerPart, PurchaseOrderLine};
pub use order::PurchaseOrder;
pub use page::OrderQuery;
pub use revision::PurchaseOrderRevision;
