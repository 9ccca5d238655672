//! People, sessions and tokens in the schema.

pub mod sessions;
pub mod tokens;
pub mod viewer;

pub use sessions::SessionMutation;
pub use tokens::TokenMutation;
pub use viewer::ViewerQuery;

use quayside_domain::{
    SystemScope,
    identity::{Hasher, IdentitySettings},
};

/// What sign-in needs beside the request.
#[derive(Clone)]
pub struct Door {
    /// Sign-in belongs to no tenant.
    pub system: SystemScope,
    /// How passwords are hashed.
    pub hasher: Hasher,
    /// How long sign-ins last.
    pub settings: IdentitySettings,
}

/// The cookie that carries a session, for as long as it may last.
fn session_cookie(secret: &str, max_age_seconds: u64) -> String {
    format!(
        "__Host-quayside_session={secret}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={max_age_seconds}"
    )
}
