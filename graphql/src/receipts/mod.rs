//! Receipts in the schema.

pub mod page;
pub mod receipt;

pub use page::ReceiptQuery;
pub use receipt::Receipt;
