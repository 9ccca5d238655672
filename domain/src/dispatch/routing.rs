//! Which events go to which connections, and what must stay in order.
use std::collections::HashMap;

use quayside_canonical::{
    ConnectionId, DeliveryId, SupplierId, TenantId, Timestamp,
    events::{Event, InterchangeComposed},
    states::{ConnectionStatus, DeliveryStatus},
};
use quayside_entity::{connection, delivery, delivery_tie, event};
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, QuerySelect, Set};
use serde::Deserialize;

use super::keys::{Keys, keys};
use crate::{
    Failure, SystemScope,
    connections::{Receives, Traits, location_of, visible_to},
    deliveries::Manner,
    store::Tx,
    webhooks,
};

/// News about deliveries is not delivered: a receiver that refuses would feed on its own refusals.
const NEVER_DELIVERED: &[&str] = &["delivery.", "exception."];

/// Every connection of the tenants at hand, with what it wants.
pub(super) struct Routes(HashMap<TenantId, Vec<Route>>);

struct Route {
    connection: ConnectionId,
    owner: Option<SupplierId>,
    endpoint: bool,
    in_order: bool,
    receives: Receives,
}

#[derive(FromQueryResult)]
struct Row {
    id: ConnectionId,
    tenant_id: TenantId,
    supplier_id: Option<SupplierId>,
    kind: String,
    config: String,
    receives: String,
}

impl Routes {
    /// Loads the connections of `tenants`. Paused ones too: what they miss waits for them. Not the disabled ones:
    /// what they miss can be replayed.
    pub(super) async fn load(tx: &Tx, system: &SystemScope, tenants: &[TenantId]) -> Result<Self, Failure> {
        use connection::Column;
        let rows = system
            .find::<connection::Entity>()
            .select_only()
            .columns([Column::Id, Column::TenantId, Column::SupplierId, Column::Kind])
            .columns([Column::Config, Column::Receives])
            .filter(Column::Status.ne(ConnectionStatus::Disabled))
            .filter(Column::TenantId.is_in(tenants.iter().copied()))
            .into_model::<Row>()
            .all(&**tx)
            .await?;
        let mut routes: HashMap<TenantId, Vec<Route>> = HashMap::new();
        for row in rows {
            let route = Route {
                connection: row.id,
                owner: row.supplier_id,
                endpoint: row.kind == webhooks::KIND,
                in_order: Manner::of(&row.kind).in_order,
                receives: wishes(&row),
            };
            routes.entry(row.tenant_id).or_default().push(route);
        }
        Ok(Self(routes))
    }

    /// Adds the deliveries that `event` becomes, and what ties them to others.
    pub(super) fn deliver(&self, event: &event::Model, position: i64, now: Timestamp, made: &mut Made) {
        let routes = self.0.get(&event.tenant_id).map(Vec::as_slice).unwrap_or_default();
        // Read only where somebody asks for it.
        let location = routes
            .iter()
            .any(|route| route.receives.locations.is_some())
            .then(|| location_of(&event.payload))
            .flatten();
        let named = named(event);
        let traits = Traits {
            event_type: &event.event_type,
            supplier: event.supplier_id,
            location: location.as_deref(),
        };
        let mut wanted = routes.iter().filter(|route| route.wants(event, traits, named)).peekable();
        if wanted.peek().is_none() {
            return;
        }
        let keys = keys(event);
        for route in wanted {
            if !route.in_order {
                made.deliveries.push(delivery_to_endpoint(route.connection, event, position, now));
                continue;
            }
            let id = DeliveryId::generate();
            made.deliveries.push(row(id, route.connection, event, &keys, (position, now)));
            made.ties.extend(ties(id, route.connection, event.tenant_id, &keys, position));
        }
    }
}

/// Whether an event says itself to which connection it goes.
#[derive(Clone, Copy)]
enum Named {
    /// It does not: it goes to whoever wants it.
    None,
    /// To this one, whatever that receives otherwise, and to no other. To none, where it cannot be read.
    One(Option<ConnectionId>),
}

fn named(event: &event::Model) -> Named {
    #[derive(Deserialize)]
    struct To {
        connection: ConnectionId,
    }
    if event.event_type != InterchangeComposed::TYPE {
        return Named::None;
    }
    Named::One(serde_json::from_str(&event.payload).ok().map(|to: To| to.connection))
}

impl Route {
    fn wants(&self, event: &event::Model, traits: Traits<'_>, named: Named) -> bool {
        if self.endpoint {
            // A test goes to the endpoint it tests, whatever types that asked for.
            let wanted = event.event_type == webhooks::TEST || self.receives.wants_any(traits);
            let own = visible_to(self.owner, traits);
            return own && wanted && webhooks::goes_to(self.connection, &event.event_type, &event.subject);
        }
        if let Named::One(connection) = named {
            return connection == Some(self.connection);
        }
        let never = NEVER_DELIVERED.iter().any(|prefix| event.event_type.starts_with(prefix));
        !never && self.receives.wants(self.owner, traits)
    }
}

/// The delivery of an event to a webhook endpoint: always under the same id, and in line behind none.
pub(crate) fn delivery_to_endpoint(
    endpoint: ConnectionId,
    event: &event::Model,
    position: i64,
    now: Timestamp,
) -> delivery::ActiveModel {
    let id = webhooks::delivery_id(endpoint, event.id);
    let keys = Keys { main: id.0, ties: std::collections::BTreeSet::new() };
    row(id, endpoint, event, &keys, (position, now))
}

/// What dispatch makes of events.
#[derive(Default)]
pub(super) struct Made {
    pub(super) deliveries: Vec<delivery::ActiveModel>,
    pub(super) ties: Vec<delivery_tie::ActiveModel>,
}

/// The rows that tie a delivery to others by more than its own key.
pub(crate) fn ties(
    delivery: DeliveryId,
    connection: ConnectionId,
    tenant: TenantId,
    keys: &Keys,
    position: i64,
) -> impl Iterator<Item = delivery_tie::ActiveModel> {
    keys.ties.iter().map(move |&tie| delivery_tie::ActiveModel {
        connection_id: Set(connection),
        tie: Set(tie),
        position: Set(position),
        delivery_id: Set(delivery),
        tenant_id: Set(tenant),
    })
}

/// What cannot be read gets the default: the connector will say what is wrong with it. Types stood in the
/// configuration once, and a process of the release before still puts them there.
fn wishes(row: &Row) -> Receives {
    let receives: Receives = serde_json::from_str(&row.receives).unwrap_or_default();
    if receives.event_types.is_some() || !row.config.contains("eventTypes") {
        return receives;
    }
    let before: Receives = serde_json::from_str(&row.config).unwrap_or_default();
    Receives { event_types: before.event_types, ..receives }
}

fn row(
    id: DeliveryId,
    connection: ConnectionId,
    event: &event::Model,
    keys: &Keys,
    (position, now): (i64, Timestamp),
) -> delivery::ActiveModel {
    delivery::ActiveModel {
        id: Set(id),
        tenant_id: Set(event.tenant_id),
        supplier_id: Set(event.supplier_id),
        connection_id: Set(connection),
        event_id: Set(event.id),
        event_type: Set(event.event_type.clone()),
        subject: Set(event.subject.clone()),
        order_key: Set(keys.main),
        position: Set(position),
        status: Set(DeliveryStatus::Waiting),
        attempts: Set(0),
        next_at: Set(now),
        lease_until: Set(Timestamp::from_micros(0)),
        fence: Set(0),
        reference: Set(None),
        error_code: Set(None),
        error_message: Set(None),
        created_at: Set(now),
        finished_at: Set(None),
    }
}
