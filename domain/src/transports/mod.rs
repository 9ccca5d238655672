//! The conversation of a transport about its messages: the confirmations that we gave and those that we got.
//!
//! What must stay true: a message that comes again gets the confirmation that it got the first time, word for word; and
//! a confirmation is kept only after the message that it is about is on file.

mod answers;
mod speakers;

pub use answers::{Answer, forget_old, forget_reply, give, given, hear, heard, refused};
pub use speakers::speakers;
