//! Suppliers in the schema.
use async_graphql::ID;
use quayside_entity::supplier;

use crate::types::plain::plain;

plain! {
    /// A supplier of a tenant.
    Supplier {
        /// Globally unique id.
        id as "id": ID,
        /// The number the buyer knows it by.
        number as "number": String,
        /// Name.
        name as "name": String,
    }
}

impl From<supplier::Model> for Supplier {
    fn from(row: supplier::Model) -> Self {
        Self { id: ID(row.id.to_string()), number: row.number, name: row.name }
    }
}
