//! Beginning and ending sessions, each with its event in the tenant: parts of other operations.
use quayside_canonical::{
    Actor, SessionId, Timestamp, UserId,
    events::{SessionEnded, SessionStarted},
};
use quayside_entity::{app_user, membership, session};
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, QuerySelect, Set};

use super::{Secret, secret};
use crate::{
    Failure, SystemScope,
    outbox::{self, About, Fact},
    scope::Origin,
    store::Tx,
};

/// What a new session is made of.
pub(super) struct NewSession<'a> {
    pub(super) membership: &'a membership::Model,
    pub(super) address: String,
    pub(super) user_agent: Option<String>,
    pub(super) expires_at: Timestamp,
}

/// Begins a session.
pub(super) async fn begin(
    system: &SystemScope,
    tx: &Tx,
    origin: &Origin,
    new: NewSession<'_>,
) -> Result<(SessionId, Secret), Failure> {
    let secret = secret::new_session_secret()?;
    let (id, now) = (SessionId::generate(), system.now());
    let user = new.membership.user_id;
    session::ActiveModel {
        id: Set(id),
        user_id: Set(user),
        membership_id: Set(Some(new.membership.id)),
        secret_hash: Set(secret::digest(secret.expose())),
        address: Set(new.address),
        user_agent: Set(new.user_agent),
        created_at: Set(now),
        seen_at: Set(now),
        expires_at: Set(new.expires_at),
        ended_at: Set(None),
    }
    .insert(&**tx)
    .await?;
    let event = SessionStarted { session: id, user, membership: new.membership.id };
    let fact = Fact::new(about(id, new.membership), &event)?;
    let scope = system.in_tenant(new.membership.tenant_id, Actor::User(user), origin);
    outbox::append(tx, &scope, vec![fact]).await?;
    Ok((id, secret))
}

/// Ends sessions, whose rows `tx` holds locked.
pub(super) async fn end(
    system: &SystemScope,
    tx: &Tx,
    actor: Actor,
    origin: &Origin,
    sessions: Vec<session::Model>,
) -> Result<(), Failure> {
    let places = sessions.iter().filter_map(|session| session.membership_id);
    let places =
        system.find::<membership::Entity>().filter(membership::Column::Id.is_in(places)).all(&**tx).await?;
    for session in sessions {
        let event = SessionEnded { session: session.id, user: session.user_id };
        if let Some(place) = places.iter().find(|place| Some(place.id) == session.membership_id) {
            let fact = Fact::new(about(session.id, place), &event)?;
            outbox::append(tx, &system.in_tenant(place.tenant_id, actor, origin), vec![fact]).await?;
        }
        let mut session: session::ActiveModel = session.into();
        session.ended_at = Set(Some(system.now()));
        session.update(&**tx).await?;
    }
    tx.takes_standing();
    Ok(())
}

/// The person's row, locked. Whoever begins or ends several sessions of a person holds it, so that no session
/// begins while the others are being ended.
pub(super) async fn lock_user(
    system: &SystemScope,
    tx: &Tx,
    user: UserId,
) -> Result<Option<app_user::Model>, Failure> {
    let row = system.find::<app_user::Entity>().filter(app_user::Column::Id.eq(user));
    Ok(row.lock_exclusive().one(&**tx).await?)
}

/// The sessions of a person that have not ended, locked. The caller holds [`lock_user`].
pub(super) async fn open_sessions(
    system: &SystemScope,
    tx: &Tx,
    user: UserId,
) -> Result<Vec<session::Model>, Failure> {
    let open = system
        .find::<session::Entity>()
        .filter(session::Column::UserId.eq(user))
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(system.now()));
    Ok(open.lock_exclusive().all(&**tx).await?)
}

fn about(session: SessionId, place: &membership::Model) -> About {
    About { subject: session.to_string(), supplier: place.supplier_id, order: None }
}
