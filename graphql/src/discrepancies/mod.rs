//! Discrepancies in the schema.

pub mod contest;
pub mod discrepancy;
pub mod page;
pub mod resolve;

pub use contest::ContestMutation;
pub use discrepancy::Discrepancy;
pub use page::DiscrepancyQuery;
pub use resolve::ResolveDiscrepancyMutation;
