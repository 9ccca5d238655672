//! Events about people and their tokens: the audit trail of access.
use serde::{Deserialize, Serialize};

use crate::{AccessTokenId, MembershipId, SessionId, Timestamp, UserId};

/// A person began to act in the tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionStarted {
    /// The session.
    pub session: SessionId,
    /// The person.
    pub user: UserId,
    /// As what.
    pub membership: MembershipId,
}

/// A person signed out or went on to another membership.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionEnded {
    /// The session.
    pub session: SessionId,
    /// The person.
    pub user: UserId,
}

/// A token was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ApiTokenCreated {
    /// The token.
    pub token: AccessTokenId,
    /// What its owner calls it.
    pub name: String,
    /// Until when it works.
    pub expires_at: Option<Timestamp>,
}

/// A token was revoked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ApiTokenRevoked {
    /// The token.
    pub token: AccessTokenId,
    /// What its owner called it.
    pub name: String,
}
