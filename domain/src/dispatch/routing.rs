//! Which events go to which connections, and what must stay in order.
use std::collections::HashMap;

use quayside_canonical::{ConnectionId, DeliveryId, SupplierId, TenantId, Timestamp, states::DeliveryStatus};
use quayside_entity::{connection, delivery, delivery_tie, event};
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, QuerySelect, Set};

use super::keys::{Keys, keys};
use crate::{
    Failure, SystemScope,
    connections::{Receives, Traits, location_of},
    store::Tx,
};

/// News about deliveries is not delivered: a receiver that refuses would feed on its own refusals.
const NEVER_DELIVERED: &[&str] = &["delivery.", "exception."];

/// Every connection of the tenants at hand, with what it wants.
pub(super) struct Routes(HashMap<TenantId, Vec<Route>>);

struct Route {
    connection: ConnectionId,
    owner: Option<SupplierId>,
    receives: Receives,
}

#[derive(FromQueryResult)]
struct Row {
    id: ConnectionId,
    tenant_id: TenantId,
    supplier_id: Option<SupplierId>,
    config: String,
    receives: String,
}

impl Routes {
    /// Loads the connections of `tenants`. Paused ones too: what they miss waits for them.
    pub(super) async fn load(tx: &Tx, system: &SystemScope, tenants: &[TenantId]) -> Result<Self, Failure> {
        use connection::Column;
        let rows = system
            .find::<connection::Entity>()
            .select_only()
            .columns([Column::Id, Column::TenantId, Column::SupplierId, Column::Config, Column::Receives])
            .filter(Column::TenantId.is_in(tenants.iter().copied()))
            .into_model::<Row>()
            .all(&**tx)
            .await?;
        let mut routes: HashMap<TenantId, Vec<Route>> = HashMap::new();
        for row in rows {
            let route = Route { connection: row.id, owner: row.supplier_id, receives: wishes(&row) };
            routes.entry(row.tenant_id).or_default().push(route);
        }
        Ok(Self(routes))
    }

    /// Adds the deliveries that `event` becomes, and what ties them to others.
    pub(super) fn deliver(&self, event: &event::Model, position: i64, now: Timestamp, made: &mut Made) {
        if NEVER_DELIVERED.iter().any(|prefix| event.event_type.starts_with(prefix)) {
            return;
        }
        let routes = self.0.get(&event.tenant_id).map(Vec::as_slice).unwrap_or_default();
        // Read only where somebody asks for it.
        let location = routes
            .iter()
            .any(|route| route.receives.locations.is_some())
            .then(|| location_of(&event.payload))
            .flatten();
        let traits = Traits {
            event_type: &event.event_type,
            supplier: event.supplier_id,
            location: location.as_deref(),
        };
        let mut wanted = routes.iter().filter(|route| route.receives.wants(route.owner, traits)).peekable();
        if wanted.peek().is_none() {
            return;
        }
        let keys = keys(event);
        for route in wanted {
            let id = DeliveryId::generate();
            made.deliveries.push(row(id, route.connection, event, &keys, (position, now)));
            made.ties.extend(ties(id, route.connection, event.tenant_id, &keys, position));
        }
    }
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
