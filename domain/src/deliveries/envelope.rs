//! An event as it goes on the wire.
use quayside_canonical::events::{Envelope, SPEC_VERSION};
use quayside_entity::event;
use serde_json::value::RawValue;

use crate::Failure;

/// The CloudEvents JSON of `event`, at `position` in the log of the tenant with this slug. The data is byte
/// for byte what was recorded.
///
/// # Errors
/// The recorded data is not JSON.
pub fn envelope(event: &event::Model, position: i64, slug: &str) -> Result<String, Failure> {
    let data: &RawValue = serde_json::from_str(&event.payload)?;
    let envelope = Envelope {
        specversion: SPEC_VERSION,
        id: event.id.to_string(),
        source: format!("/tenants/{slug}"),
        event_type: &event.event_type,
        subject: &event.subject,
        time: event.occurred_at.to_string(),
        datacontenttype: "application/json",
        dataschema: format!("{}/{}", event.event_type, event.version),
        tenantid: event.tenant_id.to_string(),
        sequence: event.sequence,
        position,
        orderid: event.order_id.map(|order| order.to_string()),
        correlationid: &event.correlation_id,
        causationid: event.causation_id.map(|event| event.to_string()),
        data,
    };
    Ok(serde_json::to_string(&envelope)?)
}
