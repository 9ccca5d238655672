//! Reading what a partner sends: every problem of a document at once, each with its field.
//!
//! Deserialising straight into a type would stop at the first problem. A [`Reader`] walks the JSON instead,
//! notes what is missing, malformed, too long or unknown, and hands back what it could read.

mod appointment;
mod invoice_status;
mod master_data;
mod pieces;
mod purchase_order;
mod reader;
mod receipt;

pub use appointment::{check_appointment, read_appointment};
pub use invoice_status::{check_invoice_status, read_invoice_status};
pub use master_data::{read_cross_reference, read_item, read_location, read_supplier_record};
pub use purchase_order::{check_purchase_order, read_purchase_order};
pub use reader::Reader;
pub use receipt::{check_receipt, read_receipt};
