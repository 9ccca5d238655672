//! Messages: a conversation between buyer and supplier about an order, a shipment or an exception.
//!
//! A thread comes into being with its first message. What was said is never changed; both sides see it in the
//! event log.

mod list;
mod post;
mod subject;

pub use list::{ListError, Posted, list};
pub use post::{Post, PostError, PostedMessage, post};
