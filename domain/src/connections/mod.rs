//! Tenants' ERPs, WMSs and other systems: how they are set up, what they get, and how they sign in.

mod codes;
mod create;
mod create_token;
mod receives;
mod secrets;

pub use codes::codes;
pub use create::{CreateConnection, Profile, connection_by_name, create};
pub use create_token::{CreateConnectionToken, create_token};
pub use receives::{DEFAULT_EVENT_TYPES, Receives, Traits, location_of, visible_to};
pub use secrets::{SIGNING_SECRET, Secrets, open, open_secrets, seal};

pub(crate) use codes::codes_changed;
