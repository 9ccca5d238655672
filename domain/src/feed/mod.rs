//! Reading the log: page by page, or as it grows.
//!
//! A reader keeps one number, the position of the last event it saw. Positions have no gaps and are given
//! after commit, so that whoever reads on from a position misses nothing and sees nothing twice, whatever
//! the reader may see of the log. Outside, the number travels as a cursor that is good for one tenant only.

mod cursor;
mod logged;
mod page;
mod subscription;
mod tail;
#[cfg(test)]
mod tests;

pub use cursor::{InvalidCursor, decode_cursor, encode_cursor};
pub use logged::LoggedEvent;
pub(crate) use page::rows;
pub use page::{FeedError, Filter, MAX_PAGE, head, page};
pub use tail::Feed;
