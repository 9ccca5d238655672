//! Exceptions: what went wrong, as work that somebody owns.
//!
//! Rules open them, people or the event that cures them resolve them. A cause has at most one open exception
//! at a time, which a unique index holds: opening it again while it is open changes nothing. Who owns one, by
//! when it is due and how bad it is goes by the routes of the tenant. Each step leaves a transition and an
//! event, and mail for whom it concerns.
//!
//! A supplier sees what is about it and of a kind that concerns suppliers; everything else is not there.

mod act;
mod assignees;
mod attach;
mod comment;
mod escalate;
mod open;
mod query;
mod resolve;
mod routing;
mod set_route;
mod step;
#[cfg(test)]
mod tests;

pub use act::{Act, ActError, Acted, Owner, Step, act};
pub use assignees::{Assignee, assignees};
pub use attach::{Attach, AttachError, Attached, MAX_ATTACHMENT, attach, attachment};
pub use comment::{Comment, CommentError, Commented, comment};
pub use escalate::escalate_overdue;
pub use open::{NewException, open, open_many};
pub use query::{
    Filter, ListError, MAX_PAGE, OwnerFilter, Proof, attachments_of, by_ids, comments_of, list, proofs,
    shown_actor, transitions_of,
};
pub use resolve::{Cure, cure, resolve, resolve_many};
pub use set_route::{RouteError, SetRoute, routes, set_route};
pub(crate) use step::visible;
