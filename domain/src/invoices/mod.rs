//! Where invoices stand, as the buyer's ERP says. Quayside shows and counts it; it matches nothing itself.

pub mod query;
mod record;
