//! Slots at docks: asked for by the supplier, answered by the warehouse.

pub mod query;
mod record;
