//! What was sent to trading partners by EDI, and examples of what they send.

pub mod query;
pub mod resend;
pub mod sample;

pub use query::SentInterchangeQuery;
pub use resend::ResendMutation;
pub use sample::SampleQuery;
