//! The public GraphQL API: its schema and its resolvers.

pub mod guard;
