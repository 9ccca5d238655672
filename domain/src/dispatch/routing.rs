//! Which events go to which connections, and what must stay in order.
use std::collections::HashMap;

use quayside_canonical::{ConnectionId, DeliveryId, TenantId, Timestamp, states::DeliveryStatus};
use quayside_entity::{connection, delivery, event};
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, QuerySelect, Set};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Failure, SystemScope, store::Tx};

/// What a connection gets when its configuration names no types, as an ERP wants it: what the supplier said,
/// what was agreed, what was received and what became of differences. Orders come from the buyer's systems and
/// need not go back there. A WMS names its types: shipments and appointments.
pub const DEFAULT_EVENT_TYPES: &[&str] = &[
    "acknowledgment.submitted",
    "change_proposal.accepted",
    "change_proposal.declined",
    "receipt.recorded",
    "discrepancy.resolved",
];

/// News about deliveries is not delivered: a receiver that refuses would feed on its own refusals.
const NEVER_DELIVERED: &[&str] = &["delivery.", "exception."];

/// Every connection of the tenants at hand, with what it wants.
pub(super) struct Routes(HashMap<TenantId, Vec<Route>>);

struct Route {
    connection: ConnectionId,
    wanted: Option<Vec<String>>,
}

#[derive(FromQueryResult)]
struct Row {
    id: ConnectionId,
    tenant_id: TenantId,
    config: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wishes {
    event_types: Option<Vec<String>>,
}

impl Routes {
    /// Loads the connections of `tenants`. Paused ones too: what they miss waits for them.
    pub(super) async fn load(tx: &Tx, system: &SystemScope, tenants: &[TenantId]) -> Result<Self, Failure> {
        let rows = system
            .find::<connection::Entity>()
            .select_only()
            .columns([connection::Column::Id, connection::Column::TenantId, connection::Column::Config])
            .filter(connection::Column::TenantId.is_in(tenants.iter().copied()))
            .into_model::<Row>()
            .all(&**tx)
            .await?;
        let mut routes: HashMap<TenantId, Vec<Route>> = HashMap::new();
        for row in rows {
            routes.entry(row.tenant_id).or_default().push(Route { connection: row.id, wanted: wishes(&row) });
        }
        Ok(Self(routes))
    }

    /// The deliveries that `event` becomes.
    pub(super) fn deliveries(
        &self,
        event: &event::Model,
        position: i64,
        now: Timestamp,
    ) -> Vec<delivery::ActiveModel> {
        if NEVER_DELIVERED.iter().any(|prefix| event.event_type.starts_with(prefix)) {
            return Vec::new();
        }
        let routes = self.0.get(&event.tenant_id).into_iter().flatten();
        routes
            .filter(|route| route.wants(&event.event_type))
            .map(|route| row(route.connection, event, position, now))
            .collect()
    }
}

impl Route {
    fn wants(&self, event_type: &str) -> bool {
        match &self.wanted {
            Some(types) => types.iter().any(|wanted| wanted == event_type),
            None => DEFAULT_EVENT_TYPES.contains(&event_type),
        }
    }
}

/// A configuration that cannot be read gets the default: the connector will say what is wrong with it.
fn wishes(row: &Row) -> Option<Vec<String>> {
    serde_json::from_str::<Wishes>(&row.config).ok()?.event_types
}

fn row(
    connection: ConnectionId,
    event: &event::Model,
    position: i64,
    now: Timestamp,
) -> delivery::ActiveModel {
    delivery::ActiveModel {
        id: Set(DeliveryId::generate()),
        tenant_id: Set(event.tenant_id),
        supplier_id: Set(event.supplier_id),
        connection_id: Set(connection),
        event_id: Set(event.id),
        event_type: Set(event.event_type.clone()),
        subject: Set(event.subject.clone()),
        order_key: Set(order_key(event)),
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

/// Deliveries with the same key reach a connection in order: those of one order, or of one subject.
fn order_key(event: &event::Model) -> Uuid {
    if let Some(order) = event.order_id {
        return order.0;
    }
    let digest = Sha256::digest(event.subject.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
