//! Trading partners: suppliers as EDI knows them, what is agreed with each, and whose an interchange is.
//!
//! What must stay true:
//! - An interchange belongs to one partner at most: no two that are enabled share a pair of identifiers on a channel.
//! - What is on file was checked as a whole, every problem at once; what was disabled is checked again.
//! - Nobody sees more of a partner than its supplier but the buyer, and nobody a secret after it was made.

mod answered_within;
mod by_sender;
mod check;
mod create;
mod create_token;
mod error;
mod find;
mod ground;
mod query;
mod settings;
mod stored;
mod switch;
mod update;

pub(crate) use answered_within::answered_within;
pub use by_sender::{Door, Known, SenderError, by_sender};
pub use create::{NewPartner, create_partner};
pub use create_token::{CreatePartnerToken, CreatedPartnerToken, create_partner_token};
pub use error::{PartnerError, Saved};
pub use find::{partner_by_name, partner_of};
pub use quayside_canonical::partner::Identifier;
pub use query::{Filter, View, partner, partners, view};
pub use settings::{AgreementChanges, Changes, Characters, Settings, settings_of};
pub use stored::{agreement_of, identifiers_of};
pub use switch::{disable_partner, enable_partner};
pub use update::{UpdatePartner, update_partner};

#[cfg(test)]
mod tests;
