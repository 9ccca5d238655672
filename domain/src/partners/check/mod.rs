//! What must hold for a trading partner: all problems at once, by pure functions over what was looked up before.

mod agreement;
mod codes;
mod parties;

use std::collections::HashSet;

use quayside_canonical::{
    ConnectionId, Field, Problems,
    partner::{Agreement, Identifier},
    states::{EdiDocument, EdiWay, Environment, PartnerMode},
};

pub(super) use codes::MAX_CODES;

use super::Settings;
use crate::set_up::check_text;

/// What connections that carry EDI begin with, by their kind.
const CARRIES_EDI: &str = "edi-";

/// What we send to a partner, when we send anything.
const SENT: [EdiDocument; 5] = [
    EdiDocument::Order,
    EdiDocument::OrderChange,
    EdiDocument::ReceivingAdvice,
    EdiDocument::ApplicationAdvice,
    EdiDocument::SyntaxReport,
];

/// What was looked up.
#[derive(Clone, Debug, Default)]
pub(super) struct Ground {
    /// The tenant's other partners that are not disabled.
    pub(super) others: Vec<Other>,
    /// Whether any other partner, disabled or not, has the name.
    pub(super) name_taken: bool,
    /// The connection that is named, when there is one.
    pub(super) connection: Option<Carrier>,
    /// The tenant's own units, locations and items, as far as they are named.
    pub(super) known: Known,
}

/// Another partner.
#[derive(Clone, Debug)]
pub(super) struct Other {
    pub(super) name: String,
    pub(super) connection: Option<ConnectionId>,
    pub(super) theirs: Vec<Identifier>,
    pub(super) ours: Vec<Identifier>,
}

/// A connection.
#[derive(Clone, Debug)]
pub(super) struct Carrier {
    pub(super) kind: String,
    pub(super) environment: Environment,
}

/// What the tenant has of what is named. Where it keeps no such master data, nothing is held against it.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) units: HashSet<String>,
    pub(super) locations: Option<HashSet<String>>,
    pub(super) items: Option<HashSet<String>>,
}

/// Adds all that is wrong with `settings`.
pub(super) fn check(settings: &Settings, ground: &Ground, problems: &mut Problems) {
    let root = Field::root();
    check_text(problems, "name", &settings.name, 80);
    if ground.name_taken {
        problems.add("TAKEN", &root.at("name"), "another trading partner has this name");
    }
    let is_currency = |code: &String| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    if !settings.currency.iter().all(is_currency) {
        problems.add("INVALID_VALUE", &root.at("currency"), "expected an ISO 4217 code such as EUR");
    }
    parties::check(settings, &ground.others, problems);
    connection(settings, ground, problems);
    agreement::check(settings, problems);
    codes::check(&settings.agreement.codes, &ground.known, problems);
}

/// The way out: it must be there, carry EDI, and be no trial system for real orders.
fn connection(settings: &Settings, ground: &Ground, problems: &mut Problems) {
    let field = Field::root().at("connectionId");
    match (&settings.connection_id, &ground.connection) {
        (Some(_), None) => problems.add("NOT_FOUND", &field, "there is no such connection"),
        (Some(_), Some(carrier)) if !carrier.kind.starts_with(CARRIES_EDI) => {
            let message = format!("`{}` carries no EDI: expected a kind `{CARRIES_EDI}…`", carrier.kind);
            problems.add("WRONG_KIND", &field, message);
        }
        (Some(_), Some(carrier))
            if settings.environment == Environment::Live && carrier.environment == Environment::Test =>
        {
            let message = "real data would go to a trial system: the connection is a TEST one";
            problems.add("WRONG_ENVIRONMENT", &field, message);
        }
        (Some(_), Some(_)) => {}
        (None, _) if sends(settings.mode, &settings.agreement) => {
            problems.add("REQUIRED", &field, "what is sent in EXCHANGE mode goes through a connection");
        }
        (None, _) => {}
    }
}

/// Whether we send anything to the partner.
pub(super) fn sends(mode: PartnerMode, agreement: &Agreement) -> bool {
    SENT.iter().any(|document| agreement.mode_of(mode, *document, EdiWay::Out) == PartnerMode::Exchange)
}

/// Whether a message of this kind can go this way between a buyer and its supplier.
fn goes(document: EdiDocument, way: EdiWay) -> bool {
    match document {
        EdiDocument::Order | EdiDocument::OrderChange | EdiDocument::ReceivingAdvice => way == EdiWay::Out,
        EdiDocument::OrderAnswer
        | EdiDocument::ChangeAnswer
        | EdiDocument::ShipNotice
        | EdiDocument::Invoice => way == EdiWay::In,
        EdiDocument::ApplicationAdvice | EdiDocument::SyntaxReport => true,
    }
}

#[cfg(test)]
mod tests;
