//! The chain of hashes over a tenant's log: what makes a later change show.
//!
//! `hash(n) = SHA-256(hash(n-1) ‖ position ‖ every column of the event's row)`, where `hash(0)` is 32 zero
//! bytes. Each field is written as its length in bytes (32 bits, big-endian) and its bytes; a field that is
//! not there has the length `ffffffff`. The fields, in this order: the text `quayside/log/1`, the previous
//! hash, position, id, tenant, supplier, order, type, version, subject, sequence, occurred, recorded,
//! correlation, causation, actor, channel, trace parent, payload. Ids are their 16 bytes, numbers and times
//! (microseconds since 1970) 64-bit big-endian, everything else UTF-8.
use quayside_entity::event;
use sha2::{Digest, Sha256};

/// Names the layout above, so that another can follow it one day.
const LAYOUT: &[u8] = b"quayside/log/1";

/// A link of the chain.
pub(crate) type Hash = [u8; 32];

/// What the first event is chained to.
pub(crate) const START: Hash = [0; 32];

/// The hash of `event` at `position`, chained to the event before it.
pub(crate) fn link(previous: &[u8], position: i64, event: &event::Model) -> Hash {
    // Named one by one: a column added later does not compile until it is part of the chain.
    let event::Model {
        id,
        tenant_id,
        supplier_id,
        order_id,
        event_type,
        version,
        subject,
        sequence,
        occurred_at,
        recorded_at,
        correlation_id,
        causation_id,
        actor,
        channel,
        trace_parent,
        payload,
    } = event;
    let mut fields = Fields(Sha256::new());
    fields.bytes(LAYOUT);
    fields.bytes(previous);
    fields.number(position);
    fields.bytes(id.0.as_bytes());
    fields.bytes(tenant_id.0.as_bytes());
    fields.optional(supplier_id.as_ref().map(|id| id.0.as_bytes().as_slice()));
    fields.optional(order_id.as_ref().map(|id| id.0.as_bytes().as_slice()));
    fields.bytes(event_type.as_bytes());
    fields.number(i64::from(*version));
    fields.bytes(subject.as_bytes());
    fields.number(*sequence);
    fields.number(occurred_at.micros());
    fields.number(recorded_at.micros());
    fields.bytes(correlation_id.as_bytes());
    fields.optional(causation_id.as_ref().map(|id| id.0.as_bytes().as_slice()));
    fields.bytes(actor.as_bytes());
    fields.bytes(channel.code().as_bytes());
    fields.optional(trace_parent.as_deref().map(str::as_bytes));
    fields.bytes(payload.as_bytes());
    fields.0.finalize().into()
}

struct Fields(Sha256);

impl Fields {
    fn bytes(&mut self, bytes: &[u8]) {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX - 1);
        self.0.update(length.to_be_bytes());
        self.0.update(bytes);
    }

    fn number(&mut self, number: i64) {
        self.bytes(&number.to_be_bytes());
    }

    fn optional(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.bytes(bytes),
            None => self.0.update(u32::MAX.to_be_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use quayside_canonical::{Channel, EventId, TenantId, Timestamp};

    use super::*;

    fn event() -> event::Model {
        event::Model {
            id: EventId(uuid::Uuid::from_u128(1)),
            tenant_id: TenantId(uuid::Uuid::from_u128(2)),
            supplier_id: None,
            order_id: None,
            event_type: "acknowledgment.submitted".to_owned(),
            version: 1,
            subject: "ack_1".to_owned(),
            sequence: 1,
            occurred_at: Timestamp::from_micros(10),
            recorded_at: Timestamp::from_micros(20),
            correlation_id: "c".to_owned(),
            causation_id: None,
            actor: "system".to_owned(),
            channel: Channel::System,
            trace_parent: None,
            payload: "{}".to_owned(),
        }
    }

    #[test]
    fn the_layout_never_changes() {
        let hash = link(&START, 1, &event());
        let shown: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(shown, "6b82310970d68e0f9a796866d3e2d04b2e3abc6780daa83101c95d5598751b65");
    }

    #[test]
    fn text_moved_from_one_field_to_the_next_is_another_hash() {
        let moved = event::Model { subject: "ack_".to_owned(), correlation_id: "1c".to_owned(), ..event() };
        assert_ne!(link(&START, 1, &event()), link(&START, 1, &moved));
        let absent = event::Model { trace_parent: Some(String::new()), ..event() };
        assert_ne!(link(&START, 1, &event()), link(&START, 1, &absent), "empty is not absent");
        assert_ne!(link(&START, 1, &event()), link(&START, 2, &event()));
    }
}
