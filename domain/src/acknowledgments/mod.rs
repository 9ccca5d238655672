//! Suppliers' answers: what they may say, what the rules make of it, and what procurement decides.

pub mod accept;
mod asked;
pub mod check;
pub mod evaluate;
pub mod proposals;
pub mod query;
pub mod state;
pub mod submit;

pub use accept::{AcceptPurchaseOrder, accept};
pub use proposals::{DecideError, DecideProposal, Decision, decide};
pub use state::{Stated, state};
pub use submit::{SubmitError, Submitted, submit};
