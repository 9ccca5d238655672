//! UN/EDIFACT: tokens, envelopes, typed messages.
//!
//! Built like [`x12`](crate::x12): [`Tokenizer`], [`Reader`] or [`Interchanges`], then [`messages::read`].

pub mod acknowledge;
mod charset;
mod envelope;
mod header;
mod interchange;
mod message;
pub mod messages;
mod reader;
mod segment;
mod service;
mod tokenizer;
mod writer;

pub use crate::raw::{Element, RawSegment};
pub use charset::Charset;
pub use header::{Directory, GroupHeader, InterchangeHeader, MessageHeader};
pub use interchange::{Group, Interchange, Interchanges};
pub use message::RawMessage;
pub use reader::{Event, Reader};
pub use segment::Segment;
pub use service::ServiceCharacters;
pub use tokenizer::{Start, Token, Tokenizer};
pub use writer::{Layout, WriteError, Writer};
