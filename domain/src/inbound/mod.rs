//! What the tenant's systems say: how far each feed of a connection was read, and what came in by it.
//!
//! ```text
//! poll:  claim a feed ─→ ask with its cursor ─→ apply each document ─→ record: outcomes and cursor, or neither
//! push:  file the bytes ─→ answer ─→ apply each document ─→ finish: outcomes and status, or neither
//! ```
//!
//! What must stay true:
//! - A cursor moves only after every document before it was applied, and only by whom the feed's `fence` names. A
//!   process that is killed in between leaves the old cursor: the page comes again, and the operations recognise
//!   what they did.
//! - Bytes that were pushed are on file before the sender is answered. The same bytes by the same feed are one
//!   message, applied once, and get the first outcome.
//! - A document that cannot be taken is an exception and never stops the ones after it.
//!
//! No call leaves this module and no document is read here: a worker claims, lets a connector read, lets the
//! operations of the documents' own capabilities take them, and records.

mod ask;
mod claim;
mod feeds;
mod keep;
mod messages;
mod outcome;
mod query;
mod record;
mod retry;
#[cfg(test)]
mod tests;
mod waits;

pub use ask::{Ask, AskError, Asked, ask, hint};
pub use claim::{Claimed, RENEW_EVERY, claim, renew};
pub use feeds::{Offered, offer};
pub use keep::forget_raw;
pub use messages::{ClaimedMessage, Filed, MessageResult, claim_messages, file, finish};
pub use outcome::Outcome;
pub use query::{Filter, InboundMessage, feeds_of, list, message, speaker};
pub use record::{PollResult, Read, record};
pub use retry::{Retried, RetryError, come_again, retry};
pub use waits::LEASE;

/// What a page that was polled is filed as: what [`Read::page`] holds.
pub const PAGE: &str = "application/vnd.quayside.page+json";
