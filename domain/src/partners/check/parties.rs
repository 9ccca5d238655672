//! Who is who: the identifiers of both sides.
use quayside_canonical::{Field, Problems, partner::Identifier, states::EdiSyntax};

use super::{Other, sends};
use crate::partners::Settings;

const MAX_IDENTIFIERS: usize = 20;

pub(super) fn check(settings: &Settings, others: &[Other], problems: &mut Problems) {
    let (theirs, ours) = (&settings.identifiers, &settings.agreement.ours);
    let field = Field::root().at("identifiers");
    if theirs.is_empty() || theirs.len() > MAX_IDENTIFIERS {
        problems.add("INVALID_LENGTH", &field, format!("expected 1 to {MAX_IDENTIFIERS} identifiers"));
    }
    one_side(theirs, settings.agreement.syntax, &field, problems);
    for (index, identifier) in theirs.iter().enumerate() {
        for other in others.iter().filter(|other| is_ambiguous(settings, identifier, other)) {
            let message =
                format!("the trading partner {} has this identifier on the same channel", other.name);
            problems.add("TAKEN", &field.at(index), message);
        }
    }

    let field = Field::root().at("agreement").at("ours");
    if ours.len() > MAX_IDENTIFIERS {
        problems.add("INVALID_LENGTH", &field, format!("expected at most {MAX_IDENTIFIERS} identifiers"));
    }
    if ours.is_empty() && sends(settings.mode, &settings.agreement) {
        problems.add("REQUIRED", &field, "what is sent in EXCHANGE mode names the sender");
    }
    one_side(ours, settings.agreement.syntax, &field, problems);
    for (index, identifier) in ours.iter().enumerate() {
        if theirs.contains(identifier) {
            let message = "it stands on both sides, so that nobody could tell which way a message goes";
            problems.add("CONTRADICTION", &field.at(index), message);
        }
    }
}

fn one_side(identifiers: &[Identifier], syntax: EdiSyntax, field: &Field, problems: &mut Problems) {
    for (index, identifier) in identifiers.iter().enumerate() {
        if let Some(message) = unfit(identifier, syntax) {
            problems.add("INVALID_TEXT", &field.at(index), message);
        }
        if identifiers[..index].contains(identifier) {
            problems.add("DUPLICATE", &field.at(index), "the identifier is named twice");
        }
    }
}

/// Whether an interchange from `identifier` could be of either partner.
fn is_ambiguous(settings: &Settings, identifier: &Identifier, other: &Other) -> bool {
    let ours = &settings.agreement.ours;
    let same_receiver =
        ours.is_empty() || other.ours.is_empty() || ours.iter().any(|one| other.ours.contains(one));
    other.connection == settings.connection_id && same_receiver && other.theirs.contains(identifier)
}

/// Why the identifier does not fit into an envelope.
fn unfit(identifier: &Identifier, syntax: EdiSyntax) -> Option<&'static str> {
    let Identifier { qualifier, id } = identifier;
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    let is_text = |text: &str| text.trim() == text && text.bytes().all(|b| (0x20..0x7f).contains(&b));
    let (fits, message) = match syntax {
        EdiSyntax::X12 => (
            qualifier.len() == 2 && is_word(qualifier) && (1..=15).contains(&id.len()) && is_text(id),
            "in X12 a qualifier has 2 capital letters or digits, an id 1 to 15 characters, without spaces around",
        ),
        EdiSyntax::Edifact => (
            qualifier.len() <= 4 && is_word(qualifier) && (1..=35).contains(&id.len()) && is_text(id),
            "in EDIFACT a qualifier has up to 4 capital letters or digits, an id 1 to 35 characters, without spaces around",
        ),
    };
    (!fits).then_some(message)
}
