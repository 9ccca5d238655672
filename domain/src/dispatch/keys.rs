//! What must reach a connection in order: everything of one order, and everything of one shipment.
//!
//! Most events are about one order, and its id is all that ties them. A shipment may hold goods of several orders
//! and of others after it was amended; what is said of it follows what was said of it before and of each order it
//! names. See decision 0029.
use std::collections::BTreeSet;

use quayside_canonical::{
    PurchaseOrderId,
    events::{Event, InterchangeComposed},
};
use quayside_entity::event;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The keys of one event: it goes after every earlier one that has any of them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Keys {
    /// The one that lies in the delivery's row.
    pub(crate) main: Uuid,
    /// The others.
    pub(crate) ties: BTreeSet<Uuid>,
}

/// What of an event's data names orders and shipments.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    shipment: Option<String>,
    orders: Vec<PurchaseOrderId>,
    lines: Vec<Line>,
}

/// What an interchange that is to be sent says about where it goes.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ForPartner {
    partner: Option<String>,
}

#[derive(Deserialize)]
struct Line {
    order: PurchaseOrderId,
}

/// The keys of `event`.
pub(crate) fn keys(event: &event::Model) -> Keys {
    if event.event_type == InterchangeComposed::TYPE {
        // A partner gets its interchanges in the order of their numbers, whatever they are about.
        let named: ForPartner = serde_json::from_str(&event.payload).unwrap_or_default();
        let main = hashed(named.partner.as_deref().unwrap_or(&event.subject));
        return Keys { main, ties: BTreeSet::new() };
    }
    let main = event.order_id.map_or_else(|| hashed(&event.subject), |order| order.0);
    let mut ties = BTreeSet::new();
    if names_shipments(&event.event_type) {
        // What cannot be read names nothing more than the event itself does.
        let named: Named = serde_json::from_str(&event.payload).unwrap_or_default();
        ties.extend(named.shipment.as_deref().map(hashed));
        ties.extend(named.orders.iter().map(|order| order.0));
        ties.extend(named.lines.iter().map(|line| line.order.0));
        ties.remove(&main);
    }
    Keys { main, ties }
}

fn names_shipments(event_type: &str) -> bool {
    ["shipment.", "appointment.", "receipt."].iter().any(|prefix| event_type.starts_with(prefix))
}

fn hashed(subject: &str) -> Uuid {
    let digest = Sha256::digest(subject.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use quayside_canonical::{Channel, EventId, ShipmentId, TenantId, Timestamp};
    use serde_json::json;

    use super::*;

    fn event(
        event_type: &str,
        subject: &str,
        order: Option<PurchaseOrderId>,
        payload: &serde_json::Value,
    ) -> event::Model {
        event::Model {
            id: EventId::generate(),
            tenant_id: TenantId::generate(),
            supplier_id: None,
            order_id: order,
            event_type: event_type.to_owned(),
            version: 1,
            subject: subject.to_owned(),
            sequence: 1,
            occurred_at: Timestamp::from_micros(0),
            recorded_at: Timestamp::from_micros(0),
            correlation_id: String::new(),
            causation_id: None,
            actor: String::new(),
            channel: Channel::System,
            trace_parent: None,
            payload: payload.to_string(),
        }
    }

    #[test]
    fn a_shipment_is_tied_to_itself_and_to_every_order_it_names() {
        let shipment = ShipmentId::generate().to_string();
        let (a, b) = (PurchaseOrderId::generate(), PurchaseOrderId::generate());
        let lines = |orders: &[PurchaseOrderId]| {
            let lines: Vec<_> =
                orders.iter().map(|order| json!({ "order": order, "quantity": "1" })).collect();
            json!({ "shipment": shipment, "lines": lines })
        };
        let one = keys(&event("shipment.submitted", &shipment, Some(a), &lines(&[a, a])));
        assert_eq!(one, Keys { main: a.0, ties: [hashed(&shipment)].into() });
        let both = keys(&event("shipment.amended", &shipment, None, &lines(&[a, b])));
        assert_eq!(both, Keys { main: hashed(&shipment), ties: [a.0, b.0].into() });
        let gone = json!({ "shipment": shipment, "orders": [a, b] });
        let gone = keys(&event("shipment.cancelled", &shipment, None, &gone));
        assert_eq!(gone, both);
        let slot = keys(&event("appointment.requested", &shipment, None, &json!({ "shipment": shipment })));
        assert_eq!(slot, Keys { main: hashed(&shipment), ties: BTreeSet::new() });
        let receipt = keys(&event("receipt.recorded", "rcv_1", Some(a), &lines(&[a])));
        assert!(receipt.ties.contains(&hashed(&shipment)), "what was received follows what was announced");
    }

    #[test]
    fn what_a_partner_gets_is_tied_by_the_partner() {
        let order = PurchaseOrderId::generate();
        let payload = json!({ "partner": "tpr_1", "connection": "con_1" });
        let one = keys(&event("interchange.composed", "sic_1", Some(order), &payload));
        let other = keys(&event("interchange.composed", "sic_2", None, &payload));
        assert_eq!(one, Keys { main: hashed("tpr_1"), ties: BTreeSet::new() });
        assert_eq!(one, other);
    }

    #[test]
    fn everything_else_is_tied_by_its_order_or_by_its_subject() {
        let order = PurchaseOrderId::generate();
        let answer = keys(&event("acknowledgment.submitted", "ack_1", Some(order), &json!({ "lines": [] })));
        assert_eq!(answer, Keys { main: order.0, ties: BTreeSet::new() });
        let other = keys(&event("master_data.changed", "items", None, &json!({})));
        assert_eq!(other, Keys { main: hashed("items"), ties: BTreeSet::new() });
    }
}
