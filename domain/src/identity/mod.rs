//! People, their sessions and tokens: who somebody is, before any rule asks what they may do.
//!
//! Sign-in and authentication belong to no tenant, so they run as the system. What they find out, a
//! [`Principal`], makes the scope that everything else starts from. A refusal never tells whether it was the
//! account, the password, the session or the token that was wrong.

mod authenticate;
mod callers;
mod create_api_token;
mod create_user;
mod disable_user;
mod end_membership;
mod end_sessions;
mod grant_membership;
mod hasher;
mod list_api_tokens;
pub mod password;
mod revocation;
mod revoke_api_token;
mod secret;
mod session;
mod set_password;
mod sign_in;
mod sign_out;
mod switch_membership;
mod throttle;
mod token;
mod touch;
mod viewer;

use std::time::Duration;

use quayside_canonical::UserId;
use quayside_entity::app_user;

pub use authenticate::{AuthenticateError, Credential, Principal, Via, authenticate};
pub use callers::{Callers, Recognised};
pub use create_api_token::{CreateApiToken, CreateApiTokenError, CreatedApiToken, create_api_token};
pub use create_user::{CreateUser, CreatedUser, create_user, user_by_email};
pub use disable_user::{disable_user, enable_user};
pub use end_membership::end_membership;
pub use end_sessions::end_sessions;
pub use grant_membership::{NewMembership, grant_membership};
pub use hasher::{Busy, Cost, Hasher, Turn, Verdict};
pub use list_api_tokens::{ListApiTokens, list_api_tokens};
pub use revocation::RevocationWatch;
pub use revoke_api_token::{RevokeApiToken, RevokeApiTokenError, RevokedApiToken, revoke_api_token};
pub use secret::Secret;
pub use set_password::set_password;
pub use sign_in::{SignIn, SignInError, SignedIn, sign_in};
pub use sign_out::{SignOutError, sign_out};
pub use switch_membership::{SwitchError, SwitchMembership, switch_membership};
pub use throttle::{allow_sign_in, forget_old_attempts};
pub use token::AccessToken;
pub use touch::touch;
pub use viewer::{Membership, Viewer, places_of, viewer};

pub(crate) use token::{NewToken, Owner, issue};

/// For how long a sign-in lasts.
#[derive(Clone, Copy, Debug)]
pub struct IdentitySettings {
    /// A session ends when it was not used for so long.
    pub idle: Duration,
    /// A session ends after so long, used or not.
    pub absolute: Duration,
}

impl Default for IdentitySettings {
    fn default() -> Self {
        Self { idle: Duration::from_secs(30 * 60), absolute: Duration::from_secs(12 * 60 * 60) }
    }
}

/// A person, as far as others may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The person's id.
    pub id: UserId,
    /// The mail address, in small letters.
    pub email: String,
    /// The name.
    pub name: String,
}

impl From<app_user::Model> for User {
    fn from(row: app_user::Model) -> Self {
        Self { id: row.id, email: row.email, name: row.name }
    }
}

/// The one spelling under which a mail address is kept and looked for.
fn normalised_email(typed: &str) -> String {
    typed.trim().to_lowercase()
}

#[cfg(test)]
mod testing;
