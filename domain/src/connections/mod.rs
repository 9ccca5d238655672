//! Tenants' ERPs, WMSs and other systems: how they are set up, what they get, and how they sign in.

mod codes;
mod create;
mod create_token;
mod manage;
mod query;
mod receives;
mod rotate;
mod secrets;
mod systems;

pub use codes::codes;
pub use create::{CreateConnection, Profile, connection_by_name, create};
pub use create_token::{CreateConnectionToken, create_token};
pub use manage::{
    ConnectionChange, ConnectionError, NewConnection, Saved, Settings, create_connection, settings_of,
    update_connection,
};
pub use query::{Preview, connection, connections, preview_delivery, test_connection};
pub use receives::{DEFAULT_EVENT_TYPES, Receives, Traits, location_of, visible_to};
pub use rotate::{KeyError, Rotated, check_keys, rotate};
pub use secrets::{SIGNING_SECRET, Secrets, open, open_secrets, seal};
pub use systems::{Keeper, Kind, Proposal, Request, Sample, Systems, Tested};

pub(crate) use codes::codes_changed;
