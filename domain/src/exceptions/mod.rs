//! Exceptions: what went wrong, as work that somebody owns.
//!
//! Rules open them, people or the event that cures them resolve them. A cause has at most one open exception
//! at a time, which a unique index holds: opening it again while it is open changes nothing.

mod list;
mod open;
mod resolve;
#[cfg(test)]
mod tests;

pub use list::{Filter, ListError, MAX_PAGE, list};
pub use open::{NewException, open, open_many};
pub use resolve::{resolve, resolve_many};
