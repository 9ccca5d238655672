//! Tenants' ERPs, WMSs and other systems: how they are set up and how they sign in.

mod create;
mod create_token;

pub use create::{CreateConnection, connection_by_name, create, open_secret};
pub use create_token::{CreateConnectionToken, create_token};
