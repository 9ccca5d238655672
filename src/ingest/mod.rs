//! Documents from other systems: canonical JSON from ERP and WMS, EDI from trading partners.

pub mod documents;
pub mod edi;
pub mod master_data;
pub mod openapi;
pub mod purchase_orders;
pub mod reply;
pub mod statements;
