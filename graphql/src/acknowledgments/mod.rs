//! Answers in the schema.

mod accept;
mod acknowledgment;
mod proposals;
mod submit;

pub use accept::AcceptMutation;
pub use acknowledgment::Acknowledgment;
pub use proposals::{ChangeProposal, ProposalMutation, ProposalQuery};
pub use submit::SubmitMutation;
