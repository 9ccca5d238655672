//! A person loses a place in a tenant, with the sessions and tokens that act from it.
use quayside_canonical::{Actor, Channel, MembershipId, events::MembershipEnded};
use quayside_entity::{access_token, membership};
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, QuerySelect, Set};

use super::{revoke_api_token::revoke, session};
use crate::{
    Failure, SystemScope,
    outbox::{self, About, Fact},
    scope::Origin,
    set_up::operator,
    store::Tx,
};

/// Ends a membership. Says whether there was one to end.
///
/// # Errors
/// The database failed.
pub async fn end_membership(system: &SystemScope, id: MembershipId) -> Result<bool, Failure> {
    let tx = system.write().await?;
    let place = system
        .find::<membership::Entity>()
        .filter(membership::Column::Id.eq(id))
        .filter(membership::Column::EndedAt.is_null());
    let Some(place) = place.lock_exclusive().one(&*tx).await? else { return Ok(false) };
    end_its_sessions(system, &tx, &place).await?;
    revoke_its_tokens(system, &tx, &place).await?;
    let event = MembershipEnded { membership: id, user: place.user_id };
    let about = About { subject: id.to_string(), supplier: place.supplier_id, order: None };
    outbox::append(&tx, &operator(system, place.tenant_id), vec![Fact::new(about, &event)?]).await?;
    let mut place: membership::ActiveModel = place.into();
    place.ended_at = Set(Some(system.now()));
    place.update(&*tx).await?;
    tx.takes_standing();
    tx.commit().await?;
    Ok(true)
}

async fn end_its_sessions(system: &SystemScope, tx: &Tx, place: &membership::Model) -> Result<(), Failure> {
    session::lock_user(system, tx, place.user_id).await?;
    let mut sessions = session::open_sessions(system, tx, place.user_id).await?;
    sessions.retain(|session| session.membership_id == Some(place.id));
    session::end(system, tx, Actor::Operator, &Origin::new(Channel::Cli), sessions).await
}

async fn revoke_its_tokens(system: &SystemScope, tx: &Tx, place: &membership::Model) -> Result<(), Failure> {
    let tokens = system
        .find::<access_token::Entity>()
        .filter(access_token::Column::MembershipId.eq(place.id))
        .filter(access_token::Column::TenantId.eq(place.tenant_id))
        .filter(access_token::Column::RevokedAt.is_null());
    for token in tokens.lock_exclusive().all(&**tx).await? {
        revoke(&operator(system, place.tenant_id), tx, token).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{
        NewMembership, SwitchMembership, grant_membership, switch_membership,
        testing::{Desk, EMAIL, PASSWORD},
    };

    #[tokio::test]
    async fn what_acts_from_the_place_ends_with_it_and_the_other_place_stays() {
        let desk = Desk::open().await;
        let (session, principal) = desk.session().await;
        let token = desk.token(&principal).await;
        let second = desk.token_of(&desk.scope(&principal)).await;
        let (_, other) = desk.session().await;
        let cmd = SwitchMembership { membership: desk.supplier_side, origin: desk.origin() };
        let elsewhere = switch_membership(&desk.system, &other, cmd).await.unwrap();

        assert!(end_membership(&desk.system, desk.buyer).await.unwrap());
        assert!(!end_membership(&desk.system, desk.buyer).await.unwrap(), "once");
        assert!(desk.authenticate_session(&session).await.is_err());
        assert!(desk.authenticate_token(&token).await.is_err());
        assert!(desk.authenticate_session(&elsewhere.secret).await.is_ok());
        assert_eq!(desk.events_of(&desk.buyer).await, ["membership.granted", "membership.ended"]);
        assert_eq!(desk.events_of(&second).await, ["api_token.created", "api_token.revoked"]);
        assert_eq!(desk.sign_in(EMAIL, PASSWORD).await.unwrap().membership, desk.supplier_side);

        let again = NewMembership {
            tenant: desk.tenant,
            supplier: None,
            role: quayside_canonical::identity::Role::Auditor,
        };
        grant_membership(&desk.system, desk.user, again).await.unwrap();
        assert!(desk.authenticate_token(&token).await.is_err(), "a new place does not revive the old one");
    }
}
