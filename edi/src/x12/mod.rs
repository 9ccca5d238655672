//! ANSI ASC X12: tokens, envelopes, typed transaction sets.

pub mod acknowledge;
mod delimiters;
mod envelope;
mod header;
mod interchange;
pub mod messages;
mod reader;
mod segment;
mod set;
#[cfg(test)]
mod tests;
mod tokenizer;
mod writer;

pub use crate::events::{Ending, Fault, Garbage};
pub use delimiters::Delimiters;
pub(crate) use header::printable;
pub use header::{GroupHeader, InterchangeHeader, Version};
pub use interchange::{Group, Interchange, Interchanges};
pub use reader::{Event, Reader};
pub use segment::{RawSegment, Segment};
pub use set::TransactionSet;
pub use tokenizer::{Header, Token, Tokenizer};
pub use writer::{Layout, WriteError, Writer};
