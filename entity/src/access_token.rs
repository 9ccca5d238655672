//! Bearer tokens, by the hash of their secret.
use quayside_canonical::{
    AccessTokenId, ConnectionId, MembershipId, TenantId, Timestamp, TradingPartnerId, identity::TokenKind,
    states::Environment,
};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "access_token")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccessTokenId,
    pub tenant_id: TenantId,
    pub kind: TokenKind,
    pub environment: Environment,
    pub membership_id: Option<MembershipId>,
    pub connection_id: Option<ConnectionId>,
    pub partner_id: Option<TradingPartnerId>,
    pub name: String,
    pub hint: String,
    pub secret_hash: Vec<u8>,
    pub scopes: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
