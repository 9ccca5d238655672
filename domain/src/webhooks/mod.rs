//! Webhook endpoints: addresses of suppliers' and of the buyer's own programs, which get the events their owner may
//! see, after Standard Webhooks 1.0.
//!
//! An endpoint is a connection of kind [`KIND`] and goes by the connection's id. So dispatch makes its deliveries,
//! workers claim and record them, and the attempt log holds what was said. What differs, it differs by its kind
//! (`deliveries::manner`): no order is kept, the retries last for days, and no exception is opened. Instead the
//! endpoint's own row notes since when nothing arrived (`heed`): its owner is warned, and after five days of
//! nothing but failures it is disabled.
//!
//! What must stay true:
//! - Who sees an event in the feed gets it at an endpoint, and nobody else: dispatch and [`replay`] ask the same rule.
//! - An event goes to an endpoint under one id, however often and by whatever way it is sent: `delivery_id`.
//! - A disabled endpoint has nothing waiting. What it missed lies behind [`Endpoint::missed_after`] in the log.
//! - A signing secret is shown once, and is stored sealed.

mod change;
mod create;
mod endpoint;
mod health;
mod history;
mod replay;
mod rotate;
mod switch;
mod test;

pub use change::{UpdateEndpoint, update};
pub use create::{CreateEndpoint, Created, create};
pub use endpoint::{Changed, Desk, Endpoint, WebhookError, endpoint, endpoints};
pub use health::clear;
pub use history::{AttemptRecord, Record, RecordFilter, record, records};
pub use replay::{MAX_REPLAY, Replay, Replayed, Start, replay, replay_delivery};
pub use rotate::{RotateSecret, rotate_secret};
pub use switch::{delete, disable, enable};
pub use test::{TestSent, send_test};

pub(crate) use health::{Heard, Sign, heed, owners_gone};

use quayside_canonical::{ConnectionId, DeliveryId, EventId};
use sha2::{Digest, Sha256};

/// The kind of connection that an endpoint is.
pub const KIND: &str = "webhook";

/// The type of the event that tests an endpoint.
pub const TEST: &str = "webhook_endpoint.tested";

/// What ends an attempt that was not made, because nobody of the supplier's is left.
pub const OWNER_GONE: &str = "OWNER_GONE";

/// What events about endpoints begin with.
const ABOUT_ENDPOINTS: &str = "webhook_endpoint.";

/// The most endpoints of one owner.
pub const MAX_ENDPOINTS: u64 = 10;

/// The delivery of an event to an endpoint: the same for every attempt and every replay, so that a receiver knows
/// what it has, even after its row was thrown away or a backup restored.
pub(crate) fn delivery_id(endpoint: ConnectionId, event: EventId) -> DeliveryId {
    let digest =
        Sha256::new().chain_update(endpoint.0.as_bytes()).chain_update(event.0.as_bytes()).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    DeliveryId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// Whether an event that its owner may see and asked for goes to an endpoint: a test only to the one it tests, and
/// no endpoint hears of itself, least of all that it does not listen.
pub(crate) fn goes_to(endpoint: ConnectionId, event_type: &str, subject: &str) -> bool {
    if !event_type.starts_with(ABOUT_ENDPOINTS) {
        return true;
    }
    (subject == endpoint.to_string()) == (event_type == TEST)
}
