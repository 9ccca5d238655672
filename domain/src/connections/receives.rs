//! What a connection gets of what happens in its tenant.
use quayside_canonical::{SupplierId, events::visible_to_supplier};
use serde::{Deserialize, Serialize};

/// What a connection gets when it names no types, as an ERP wants it: what the supplier said, what was agreed,
/// what was received and what became of differences. Orders come from the buyer's systems and need not go back
/// there. A WMS names its types: shipments and appointments.
pub const DEFAULT_EVENT_TYPES: &[&str] = &[
    "acknowledgment.submitted",
    "change_proposal.accepted",
    "change_proposal.declined",
    "receipt.recorded",
    "discrepancy.resolved",
];

/// What a connection gets. A list that is not there does not restrict: types are then those of
/// [`DEFAULT_EVENT_TYPES`]. A list that is there and empty lets nothing through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Receives {
    /// Types of events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_types: Option<Vec<String>>,
    /// The tenant's codes of warehouses. What is not for a certain warehouse is not held back by them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locations: Option<Vec<String>>,
    /// Suppliers. What concerns no supplier is not held back by them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppliers: Option<Vec<SupplierId>>,
}

/// What of an event says who gets it.
#[derive(Clone, Copy, Debug)]
pub struct Traits<'a> {
    /// Its type.
    pub event_type: &'a str,
    /// The supplier it concerns.
    pub supplier: Option<SupplierId>,
    /// The warehouse it is for.
    pub location: Option<&'a str>,
}

/// The places in an event's data where its warehouse stands: that of the event itself, or of the ship notice it
/// holds.
#[derive(Deserialize)]
struct Located {
    location: Option<String>,
    notice: Option<Notice>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notice {
    ship_to: Option<ShipTo>,
}

#[derive(Deserialize)]
struct ShipTo {
    code: Option<String>,
}

impl Receives {
    /// Whether an event goes to a connection that belongs to `owner`, or to the buyer when that is nobody.
    #[must_use]
    pub fn wants(&self, owner: Option<SupplierId>, event: Traits<'_>) -> bool {
        let typed = match &self.event_types {
            Some(types) => types.iter().any(|wanted| wanted == event.event_type),
            None => DEFAULT_EVENT_TYPES.contains(&event.event_type),
        };
        typed && visible_to(owner, event) && self.lets_through(event)
    }

    /// Whether an event goes to a webhook endpoint whose owner sees it: no list of types means all of them.
    #[must_use]
    pub fn wants_any(&self, event: Traits<'_>) -> bool {
        let types = self.event_types.as_ref();
        types.is_none_or(|types| types.iter().any(|wanted| wanted == event.event_type))
            && self.lets_through(event)
    }

    fn lets_through(&self, event: Traits<'_>) -> bool {
        allows(&self.suppliers, event.supplier.as_ref()) && allows(&self.locations, event.location)
    }
}

/// Whether whoever a connection belongs to, the buyer or a supplier, may see an event: the rule of the feed.
#[must_use]
pub fn visible_to(owner: Option<SupplierId>, event: Traits<'_>) -> bool {
    owner.is_none_or(|owner| event.supplier == Some(owner) && visible_to_supplier(event.event_type))
}

/// The warehouse that an event's data names.
#[must_use]
pub fn location_of(payload: &str) -> Option<String> {
    let located: Located = serde_json::from_str(payload).ok()?;
    located.location.or_else(|| located.notice?.ship_to?.code)
}

fn allows<T, U>(list: &Option<Vec<T>>, value: Option<&U>) -> bool
where
    T: std::borrow::Borrow<U>,
    U: PartialEq + ?Sized,
{
    match (list, value) {
        (Some(list), Some(value)) => list.iter().any(|one| one.borrow() == value),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "shipment.submitted";

    fn receives(json: &str) -> Receives {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_list_restricts_and_no_list_does_not() {
        let (one, other) = (SupplierId::generate(), SupplierId::generate());
        let event = |supplier, location| Traits { event_type: TYPE, supplier, location };
        let all = receives(r#"{"eventTypes":["shipment.submitted"]}"#);
        let picky =
            Receives { locations: Some(vec!["DC-1".to_owned()]), suppliers: Some(vec![one]), ..all.clone() };
        for (receives, event, expected) in [
            (&all, event(Some(other), Some("DC-2")), true),
            (&picky, event(Some(one), Some("DC-1")), true),
            (&picky, event(Some(other), Some("DC-1")), false),
            (&picky, event(Some(one), Some("DC-2")), false),
            (&picky, event(None, None), true),
            (&Receives::default(), event(Some(one), None), false),
            (&receives(r#"{"eventTypes":[]}"#), event(Some(one), None), false),
            (
                &receives(r#"{"eventTypes":["shipment.submitted"],"locations":[]}"#),
                event(None, Some("DC-1")),
                false,
            ),
        ] {
            assert_eq!(receives.wants(None, event), expected, "{receives:?} {event:?}");
        }
        let default = Traits { event_type: "receipt.recorded", supplier: None, location: None };
        assert!(Receives::default().wants(None, default));
    }

    #[test]
    fn a_suppliers_own_endpoint_gets_nothing_of_others_and_nothing_a_supplier_does_not_see() {
        let (own, other) = (SupplierId::generate(), SupplierId::generate());
        let greedy =
            receives(r#"{"eventTypes":["shipment.submitted","connection.created","supplier.created"]}"#);
        let wants =
            |event_type, supplier| greedy.wants(Some(own), Traits { event_type, supplier, location: None });
        assert!(wants(TYPE, Some(own)));
        assert!(!wants(TYPE, Some(other)) && !wants(TYPE, None));
        assert!(!wants("connection.created", None) && !wants("supplier.created", Some(own)));
    }

    #[test]
    fn the_warehouse_is_the_events_own_or_that_of_its_ship_notice() {
        let location = |json| location_of(json);
        assert_eq!(location(r#"{"location":"DC-1"}"#).as_deref(), Some("DC-1"));
        assert_eq!(location(r#"{"notice":{"shipTo":{"code":"DC-2","name":"x"}}}"#).as_deref(), Some("DC-2"));
        assert_eq!(location(r#"{"notice":{}}"#), None);
        assert_eq!(location(r#"{"location":null}"#), None);
        assert_eq!(location("[]"), None);
    }
}
