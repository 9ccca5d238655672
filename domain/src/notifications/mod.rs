//! Mail to people: who is told of what, and what is on its way.
//!
//! An operation tells in its own transaction: each person concerned gets a notice of the event, at most one,
//! and with it a mail, or nothing until the day's digest, or nothing at all, as they wish. A mail is a row until
//! a worker has handed it to the mail server; nothing is lost when a process dies, and a mail is only sent twice
//! if the process dies between sending it and saying so. Addresses are looked up when a mail is sent: rows hold
//! none, and who has left gets nothing.

mod audience;
mod digest;
mod orders;
mod post;
mod preferences;
mod tell;

pub use digest::digest;
pub(crate) use orders::{Decided, Decision, OrderNews, tell_of_decision, tell_of_orders};
pub use post::{LEASE, Letter, Outcome, claim, forget_old, record};
pub use preferences::{PreferencesError, SetWishes, set_wishes, wishes};
pub(crate) use tell::{Audience, News, Topic, one_line, tell};
