//! The way in over HTTP: connections with timers ([`server`]), the headers every reply carries ([`headers`]) and the
//! transports of the GraphQL API ([`graphql`]). Nothing here knows a business rule or a table.

pub mod graphql;
pub mod headers;
pub mod server;
mod stall;
