//! What was sent to trading partners by EDI, and examples of what they send.

pub mod loaders;
pub mod query;
pub mod resend;
pub mod sample;

pub use query::{SentInterchange, SentInterchangeQuery};
pub use resend::ResendMutation;
pub use sample::SampleQuery;
