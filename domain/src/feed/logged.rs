//! One event of the log, as readers get it.
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use quayside_canonical::{
    AccessTokenId, Actor, Channel, EventId, MembershipId, PurchaseOrderId, SupplierId, TenantId, Timestamp,
    TradingPartnerId, UserId,
};
use quayside_entity::{access_token, event, event_log, membership, trading_partner};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QuerySelect};

use crate::{
    Failure, Scope,
    connections::{Traits, visible_to},
    scope::in_tenant,
};

/// An event with its place in the log.
#[derive(Clone, Debug)]
pub struct LoggedEvent {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its place in the tenant's log, from 1, without gaps.
    pub position: i64,
    /// Its id.
    pub id: EventId,
    /// Its type.
    pub event_type: String,
    /// The version of its data.
    pub version: i32,
    /// What it is about.
    pub subject: String,
    /// Count of events about the same subject, from 1.
    pub sequence: i64,
    /// The order it concerns.
    pub order: Option<PurchaseOrderId>,
    /// The supplier it concerns.
    pub supplier: Option<SupplierId>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was written down.
    pub recorded_at: Timestamp,
    /// What ties together everything that came of one request.
    pub correlation: String,
    /// The event that caused this one.
    pub causation: Option<EventId>,
    /// The way it came in.
    pub channel: Channel,
    /// Its data, JSON as it was recorded.
    pub payload: Arc<str>,
    actor: String,
    /// Whether its actor belongs to the supplier it concerns.
    by_supplier: bool,
}

impl LoggedEvent {
    /// Who did it. A supplier is told which of its own people and systems it was, and of the other side only
    /// that it was the buyer.
    #[must_use]
    pub fn actor(&self, scope: &Scope) -> &str {
        let own = scope.supplier.is_none() || self.by_supplier;
        if own || self.actor == Actor::System.to_string() { &self.actor } else { "buyer" }
    }

    /// Whether the caller may see it.
    #[must_use]
    pub fn visible_to(&self, scope: &Scope) -> bool {
        let event = Traits { event_type: &self.event_type, supplier: self.supplier, location: None };
        self.tenant == scope.tenant && visible_to(scope.supplier, event)
    }
}

/// The events of these rows of the log, in their order.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    scope: &Scope,
    rows: Vec<event_log::Model>,
) -> Result<Vec<LoggedEvent>, Failure> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let events = in_tenant::<event::Entity>(scope)
        .filter(event::Column::Id.is_in(rows.iter().map(|row| row.event_id)))
        .all(db)
        .await?;
    let own = suppliers_actors(db, scope, &events).await?;
    let mut events: HashMap<EventId, event::Model> =
        events.into_iter().map(|event| (event.id, event)).collect();
    let logged = rows.into_iter().map(|row| {
        let event = events.remove(&row.event_id);
        let event = event.ok_or_else(|| Failure::Corrupt("a logged event is gone".to_owned()))?;
        let by_supplier =
            event.supplier_id.is_some_and(|supplier| own.contains(&(event.actor.clone(), supplier)));
        Ok(logged(row.position, event, by_supplier))
    });
    logged.collect()
}

fn logged(position: i64, event: event::Model, by_supplier: bool) -> LoggedEvent {
    LoggedEvent {
        tenant: event.tenant_id,
        position,
        id: event.id,
        event_type: event.event_type,
        version: event.version,
        subject: event.subject,
        sequence: event.sequence,
        order: event.order_id,
        supplier: event.supplier_id,
        occurred_at: event.occurred_at,
        recorded_at: event.recorded_at,
        correlation: event.correlation_id,
        causation: event.causation_id,
        channel: event.channel,
        payload: event.payload.into(),
        actor: event.actor,
        by_supplier,
    }
}

/// Which actors of `events` belong to which suppliers, whether or not they still do.
async fn suppliers_actors(
    db: &impl ConnectionTrait,
    scope: &Scope,
    events: &[event::Model],
) -> Result<HashSet<(String, SupplierId)>, Failure> {
    let (mut users, mut tokens, mut partners) = (HashSet::new(), HashSet::new(), HashSet::new());
    for event in events.iter().filter(|event| event.supplier_id.is_some()) {
        match event.actor.parse() {
            Ok(Actor::User(id)) => drop(users.insert(id)),
            Ok(Actor::Token(id)) => drop(tokens.insert(id)),
            Ok(Actor::Partner(id)) => drop(partners.insert(id)),
            Ok(Actor::Connection(_) | Actor::Operator | Actor::System) | Err(_) => {}
        }
    }
    let mut own = HashSet::new();
    for (user, supplier) in of_users(db, scope, users).await? {
        own.insert((user.to_string(), supplier));
    }
    for (token, supplier) in of_tokens(db, scope, tokens).await? {
        own.insert((token.to_string(), supplier));
    }
    for (partner, supplier) in of_partners(db, scope, partners).await? {
        own.insert((partner.to_string(), supplier));
    }
    Ok(own)
}

async fn of_users(
    db: &impl ConnectionTrait,
    scope: &Scope,
    users: HashSet<UserId>,
) -> Result<Vec<(UserId, SupplierId)>, Failure> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    Ok(in_tenant::<membership::Entity>(scope)
        .filter(membership::Column::UserId.is_in(users))
        .filter(membership::Column::SupplierId.is_not_null())
        .select_only()
        .columns([membership::Column::UserId, membership::Column::SupplierId])
        .into_tuple()
        .all(db)
        .await?)
}

async fn of_tokens(
    db: &impl ConnectionTrait,
    scope: &Scope,
    tokens: HashSet<AccessTokenId>,
) -> Result<Vec<(AccessTokenId, SupplierId)>, Failure> {
    if tokens.is_empty() {
        return Ok(Vec::new());
    }
    let memberships: Vec<(AccessTokenId, MembershipId)> = in_tenant::<access_token::Entity>(scope)
        .filter(access_token::Column::Id.is_in(tokens))
        .filter(access_token::Column::MembershipId.is_not_null())
        .select_only()
        .columns([access_token::Column::Id, access_token::Column::MembershipId])
        .into_tuple()
        .all(db)
        .await?;
    let suppliers: Vec<(MembershipId, SupplierId)> = in_tenant::<membership::Entity>(scope)
        .filter(membership::Column::Id.is_in(memberships.iter().map(|(_, membership)| *membership)))
        .filter(membership::Column::SupplierId.is_not_null())
        .select_only()
        .columns([membership::Column::Id, membership::Column::SupplierId])
        .into_tuple()
        .all(db)
        .await?;
    let suppliers: HashMap<_, _> = suppliers.into_iter().collect();
    let of = |(token, membership)| Some((token, *suppliers.get(&membership)?));
    Ok(memberships.into_iter().filter_map(of).collect())
}

async fn of_partners(
    db: &impl ConnectionTrait,
    scope: &Scope,
    partners: HashSet<TradingPartnerId>,
) -> Result<Vec<(TradingPartnerId, SupplierId)>, Failure> {
    if partners.is_empty() {
        return Ok(Vec::new());
    }
    Ok(in_tenant::<trading_partner::Entity>(scope)
        .filter(trading_partner::Column::Id.is_in(partners))
        .select_only()
        .columns([trading_partner::Column::Id, trading_partner::Column::SupplierId])
        .into_tuple()
        .all(db)
        .await?)
}
