//! Answers in the schema.

pub mod accept;
pub mod acknowledgment;
pub mod proposals;
pub mod submit;

pub use accept::AcceptMutation;
pub use acknowledgment::Acknowledgment;
pub use proposals::{ChangeProposal, ProposalMutation, ProposalQuery};
pub use submit::SubmitMutation;
