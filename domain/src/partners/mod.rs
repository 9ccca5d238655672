//! Trading partners: suppliers as EDI knows them, what is agreed with each, and whose an interchange is.

mod by_sender;
mod create;
mod create_token;
mod find;
mod stored;

pub use by_sender::{Door, Known, SenderError, by_sender};
pub use create::{CreateTradingPartner, create_trading_partner};
pub use create_token::{CreatePartnerToken, create_partner_token};
pub use find::{partner_by_name, partner_of};
pub use quayside_canonical::partner::Identifier;
pub use stored::{agreement_of, identifiers_of};
