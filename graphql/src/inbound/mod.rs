//! What the buyer's systems say, as procurement sees it: how far each feed is read, and what became of what came in.

pub mod feed;
pub mod message;
pub mod mutations;
pub mod page;

pub use feed::InboundFeed;
pub use message::InboundMessage;
pub use mutations::InboundMutation;
pub use page::InboundQuery;
