//! A token stops working: one's own, or, for an administrator, that of somebody else on the same side.
use quayside_canonical::{
    AccessTokenId,
    events::ApiTokenRevoked,
    identity::{Permission, Role},
};
use quayside_entity::{access_token, membership, trading_partner};
use sea_orm::{ActiveModelTrait, ColumnTrait, Condition, QueryFilter, QuerySelect, QueryTrait, Set};
use serde::Serialize;

use super::AccessToken;
use crate::{
    Failure, Scope,
    idempotency::{Claim, ClaimError, IdempotencyKey, claim},
    outbox::{self, About, Fact},
    scope::{Person, in_tenant},
    store::Tx,
};

/// What is asked for.
#[derive(Clone, Debug, Serialize)]
pub struct RevokeApiToken {
    /// The caller's key for this request.
    #[serde(skip)]
    pub idempotency_key: IdempotencyKey,
    /// The token.
    pub token: AccessTokenId,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct RevokedApiToken {
    /// The token.
    pub token: AccessToken,
    /// Whether the request was carried out before.
    pub replayed: bool,
}

/// The token works on.
#[derive(Debug, thiserror::Error)]
pub enum RevokeApiTokenError {
    /// The caller is no person's session or program, or may not manage tokens.
    #[error("only a person who may manage tokens can revoke one")]
    Forbidden,
    /// There is no such token, or it is not for the caller to revoke.
    #[error("there is no such token")]
    NotFound,
    /// The idempotency key cannot be used.
    #[error(transparent)]
    Key(#[from] ClaimError),
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

/// Revokes a token. To revoke it again changes nothing.
///
/// # Errors
/// See [`RevokeApiTokenError`].
#[tracing::instrument(skip_all, fields(token.id = %cmd.token))]
pub async fn revoke_api_token(
    scope: &Scope,
    cmd: RevokeApiToken,
) -> Result<RevokedApiToken, RevokeApiTokenError> {
    let person = scope.person.filter(|_| scope.may(Permission::TokensManage));
    let person = person.ok_or(RevokeApiTokenError::Forbidden)?;
    let tx = scope.write().await?;
    let claimed = claim(&tx, scope, "revokeApiToken", &cmd.idempotency_key, &cmd, &cmd.token).await?;
    let row = find(scope, &tx, person, cmd.token).await?.ok_or(RevokeApiTokenError::NotFound)?;
    if claimed != Claim::First {
        return Ok(RevokedApiToken { token: row.try_into()?, replayed: true });
    }
    let token = if row.revoked_at.is_some() { row } else { revoke(scope, &tx, row).await? };
    tx.commit().await?;
    Ok(RevokedApiToken { token: token.try_into()?, replayed: false })
}

/// Marks `row`, which `tx` holds locked, and tells.
pub(super) async fn revoke(
    scope: &Scope,
    tx: &Tx,
    row: access_token::Model,
) -> Result<access_token::Model, Failure> {
    let event = ApiTokenRevoked { token: row.id, name: row.name.clone() };
    let supplier = match (row.membership_id, row.partner_id) {
        (Some(place), _) => supplier_of(scope, tx, place).await?,
        (None, Some(partner)) => {
            let partner =
                in_tenant::<trading_partner::Entity>(scope).filter(trading_partner::Column::Id.eq(partner));
            partner.one(&**tx).await?.map(|partner| partner.supplier_id)
        }
        (None, None) => None,
    };
    let about = About { subject: row.id.to_string(), supplier, order: None };
    let mut row: access_token::ActiveModel = row.into();
    row.revoked_at = Set(Some(scope.now));
    let row = row.update(&**tx).await?;
    tx.takes_standing();
    outbox::append(tx, scope, vec![Fact::new(about, &event)?]).await?;
    Ok(row)
}

async fn supplier_of(
    scope: &Scope,
    tx: &Tx,
    place: quayside_canonical::MembershipId,
) -> Result<Option<quayside_canonical::SupplierId>, Failure> {
    let place = in_tenant::<membership::Entity>(scope).filter(membership::Column::Id.eq(place));
    Ok(place.one(&**tx).await?.and_then(|place| place.supplier_id))
}

async fn find(
    scope: &Scope,
    tx: &Tx,
    person: Person,
    id: AccessTokenId,
) -> Result<Option<access_token::Model>, Failure> {
    let token = in_tenant::<access_token::Entity>(scope)
        .filter(access_token::Column::Id.eq(id))
        .filter(in_reach(scope, tx, person).await?);
    Ok(token.lock_exclusive().one(&**tx).await?)
}

/// The tokens `person` may see and revoke: their own in this place; as the supplier's administrator those of
/// the supplier's people; as the buyer's all of the tenant, its connections' and partners' included. Whoever of the
/// buyer's may set trading partners up revokes their tokens as well.
pub(super) async fn in_reach(scope: &Scope, tx: &Tx, person: Person) -> Result<Condition, Failure> {
    let place = scope.find::<membership::Entity>().filter(membership::Column::Id.eq(person.membership));
    let role = place.one(&**tx).await?.map(|place| place.role);
    let own = access_token::Column::MembershipId.eq(person.membership);
    Ok(match role {
        Some(Role::BuyerAdmin) => Condition::all(),
        Some(Role::SupplierAdmin) => {
            let colleagues =
                scope.find::<membership::Entity>().select_only().column(membership::Column::Id).into_query();
            Condition::all().add(access_token::Column::MembershipId.in_subquery(colleagues))
        }
        Some(Role::Procurement) if scope.may(Permission::ConnectionsManage) => {
            Condition::any().add(own).add(access_token::Column::PartnerId.is_not_null())
        }
        _ => Condition::all().add(own),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::testing::{Desk, token_command};

    fn command(key: &str, token: AccessTokenId) -> RevokeApiToken {
        RevokeApiToken { idempotency_key: key.parse().unwrap(), token }
    }

    #[tokio::test]
    async fn a_revoked_token_is_nobody_and_the_same_key_revokes_once() {
        let desk = Desk::open().await;
        let (_, principal) = desk.session().await;
        let scope = desk.scope(&principal);
        let created = super::super::create_api_token(&scope, token_command("k")).await.unwrap();
        let id = created.token.id;
        let revoked = revoke_api_token(&scope, command("r", id)).await.unwrap();
        assert_eq!((revoked.token.revoked_at, revoked.replayed), (Some(scope.now), false));
        assert!(desk.authenticate_token(&created.secret.unwrap()).await.is_err());
        let again = revoke_api_token(&scope, command("r", id)).await.unwrap();
        assert_eq!((again.token, again.replayed), (revoked.token, true));
        revoke_api_token(&scope, command("r2", id)).await.unwrap();
        assert_eq!(desk.events_of(&id).await, ["api_token.created", "api_token.revoked"]);
        let reused = revoke_api_token(&scope, command("r", AccessTokenId::generate())).await;
        assert!(matches!(reused, Err(RevokeApiTokenError::Key(ClaimError::KeyReused))));
    }

    #[tokio::test]
    async fn an_administrator_reaches_their_own_side_and_nobody_else_reaches_across() {
        let desk = Desk::open().await;
        let admin = desk.buyer_admin().await;
        let procurement = desk.person(Role::Procurement, None).await;
        let supplier_admin = desk.person(Role::SupplierAdmin, Some(desk.supplier)).await;
        let editor = desk.person(Role::SupplierEditor, Some(desk.supplier)).await;
        let stranger = desk.person(Role::SupplierAdmin, Some(desk.second_supplier)).await;
        let foreign = desk.foreign_admin().await;

        let refused = async |by: &Scope, whose: &Scope| {
            let token = desk.token_of(whose).await;
            matches!(revoke_api_token(by, command("x", token)).await, Err(RevokeApiTokenError::NotFound))
        };
        assert!(refused(&procurement, &admin).await, "a colleague's");
        assert!(refused(&editor, &supplier_admin).await, "an administrator's");
        assert!(refused(&supplier_admin, &admin).await, "the buyer's");
        assert!(refused(&supplier_admin, &stranger).await, "another supplier's");
        assert!(refused(&admin, &foreign).await, "another tenant's");
        assert!(refused(&foreign, &admin).await, "another tenant's, the other way");
        let nowhere = revoke_api_token(&admin, command("y", AccessTokenId::generate())).await;
        assert!(matches!(nowhere, Err(RevokeApiTokenError::NotFound)));

        for (by, whose) in
            [(&admin, &procurement), (&admin, &editor), (&supplier_admin, &editor), (&editor, &editor)]
        {
            let token = desk.token_of(whose).await;
            let key = token.to_string();
            revoke_api_token(by, command(&key, token)).await.unwrap();
        }
    }
}
