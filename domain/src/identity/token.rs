//! Bearer tokens: how one is issued, and what is shown of it afterwards.
use quayside_canonical::{
    AccessTokenId, ConnectionId, MembershipId, SupplierId, TenantId, Timestamp, TradingPartnerId,
    events::ApiTokenCreated,
    identity::{Permission, TokenKind},
    states::Environment,
};
use quayside_entity::access_token;
use sea_orm::{ActiveModelTrait, Set};

use super::{Secret, secret};
use crate::{
    Failure, Scope,
    outbox::{self, About, Fact},
    store::Tx,
};

/// A token without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// The token.
    pub id: AccessTokenId,
    /// The tenant.
    pub tenant: TenantId,
    /// Whose it is.
    pub kind: TokenKind,
    /// Real data or trial data.
    pub environment: Environment,
    /// The place it acts from, when it is a person's.
    pub membership: Option<MembershipId>,
    /// What its owner calls it.
    pub name: String,
    /// What it begins with.
    pub hint: String,
    /// What it may do, as far as its owner may.
    pub scopes: Vec<Permission>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it works.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, give or take a minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl TryFrom<access_token::Model> for AccessToken {
    type Error = Failure;
    fn try_from(row: access_token::Model) -> Result<Self, Failure> {
        Ok(Self {
            id: row.id,
            tenant: row.tenant_id,
            kind: row.kind,
            environment: row.environment,
            membership: row.membership_id,
            name: row.name,
            hint: row.hint,
            scopes: serde_json::from_str(&row.scopes)?,
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        })
    }
}

/// Whose a token will be.
#[derive(Clone, Copy)]
pub(crate) enum Owner {
    /// A person's, in one of their places.
    Membership(MembershipId, Option<SupplierId>),
    /// A connection's.
    Connection(ConnectionId),
    /// A trading partner's.
    Partner(TradingPartnerId, SupplierId),
}

/// A token that has been checked.
pub(crate) struct NewToken {
    pub(crate) id: AccessTokenId,
    pub(crate) owner: Owner,
    pub(crate) environment: Environment,
    pub(crate) name: String,
    pub(crate) scopes: Vec<Permission>,
    pub(crate) expires_at: Option<Timestamp>,
}

/// Issues a token in the scope's tenant, with its event. The secret is shown this once.
pub(crate) async fn issue(tx: &Tx, scope: &Scope, new: NewToken) -> Result<(AccessToken, Secret), Failure> {
    let (kind, membership, connection, partner, supplier) = match new.owner {
        Owner::Membership(id, supplier) => (TokenKind::Api, Some(id), None, None, supplier),
        Owner::Connection(id) => (TokenKind::Connection, None, Some(id), None, None),
        Owner::Partner(id, supplier) => (TokenKind::Partner, None, None, Some(id), Some(supplier)),
    };
    let secret = secret::new_token(kind, new.environment)?;
    let event = ApiTokenCreated { token: new.id, name: new.name.clone(), expires_at: new.expires_at };
    let row = access_token::ActiveModel {
        id: Set(new.id),
        tenant_id: Set(scope.tenant),
        kind: Set(kind),
        environment: Set(new.environment),
        membership_id: Set(membership),
        connection_id: Set(connection),
        partner_id: Set(partner),
        name: Set(new.name),
        hint: Set(secret::hint(&secret)),
        secret_hash: Set(secret::digest(secret.expose())),
        scopes: Set(serde_json::to_string(&new.scopes)?),
        created_at: Set(scope.now),
        expires_at: Set(new.expires_at),
        last_used_at: Set(None),
        revoked_at: Set(None),
    };
    let row = row.insert(&**tx).await?;
    let about = About { subject: row.id.to_string(), supplier, order: None };
    outbox::append(tx, scope, vec![Fact::new(about, &event)?]).await?;
    Ok((row.try_into()?, secret))
}
