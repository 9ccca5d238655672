//! How messages are written, which of them travel, and how fast.
use quayside_canonical::{
    Field, Problems,
    partner::{Agreement, DocumentRule},
    states::{EdiDocument, EdiSyntax, EdiWay, PartnerMode, SyntaxAcknowledgment},
};

use super::goes;
use crate::partners::Settings;

/// The releases of X12 that we write.
const X12_VERSIONS: &[&str] = &[
    "003060", "003070", "004010", "004020", "004030", "004040", "004050", "004060", "005010", "005020",
    "005030", "005040", "005050", "006010", "006020", "006030", "006040", "006050", "007010", "007020",
    "007030", "007040", "007050", "007060", "008010",
];
/// The directories of EDIFACT that we write.
const EDIFACT_VERSIONS: &[&str] = &["D96A", "D01B"];
/// Since this release X12 repeats elements.
const X12_REPEATS_FROM: &str = "00402";
/// Whoever has not confirmed within a month never will.
const MAX_CONFIRMED: u32 = 30 * 24 * 60;
/// As long as a supplier's policy may give it.
const MAX_ANSWERED: u32 = 366 * 24 * 60;
const MAX_RULES: usize = 40;

pub(super) fn check(settings: &Settings, problems: &mut Problems) {
    let agreement = &settings.agreement;
    let field = Field::root().at("agreement");
    version(&agreement.version, agreement.syntax, &field.at("version"), problems);
    documents(settings, &field.at("documents"), problems);
    delimiters(settings, &field.at("delimiters"), problems);
    minutes(agreement, &field, problems);
}

fn version(version: &str, syntax: EdiSyntax, field: &Field, problems: &mut Problems) {
    let (known, words) = match syntax {
        EdiSyntax::X12 => (X12_VERSIONS, "a release of X12 from 003060 to 008010, such as 004010"),
        EdiSyntax::Edifact => (EDIFACT_VERSIONS, "a directory of EDIFACT, D96A or D01B"),
    };
    if !known.contains(&version) {
        problems.add("UNKNOWN_VERSION", field, format!("expected {words}"));
    }
}

fn minutes(agreement: &Agreement, field: &Field, problems: &mut Problems) {
    let within = |problems: &mut Problems, name: &str, minutes: u32, most: u32| {
        if !(1..=most).contains(&minutes) {
            problems.add("OUT_OF_RANGE", &field.at(name), format!("expected 1 to {most} minutes"));
        }
    };
    within(problems, "confirmedWithinMinutes", agreement.confirmed_within_minutes, MAX_CONFIRMED);
    if let Some(minutes) = agreement.answered_within_minutes {
        within(problems, "answeredWithinMinutes", minutes, MAX_ANSWERED);
    }
}

/// Each document goes one way by one rule, and the rules do not speak against each other.
fn documents(settings: &Settings, field: &Field, problems: &mut Problems) {
    let agreement = &settings.agreement;
    if agreement.documents.len() > MAX_RULES {
        problems.add("TOO_MANY", field, format!("at most {MAX_RULES} rules"));
        return;
    }
    for (index, rule) in agreement.documents.iter().enumerate() {
        let field = field.at(index);
        if let Some(written) = &rule.version {
            version(written, agreement.syntax, &field.at("version"), problems);
        }
        if !goes(rule.document, rule.way) {
            let words = match rule.way {
                EdiWay::In => "comes from no supplier: the way is OUT",
                EdiWay::Out => "goes to no supplier: the way is IN",
            };
            problems.add("WRONG_WAY", &field.at("way"), format!("{} {words}", rule.document));
        }
        let same = |other: &DocumentRule| (other.document, other.way) == (rule.document, rule.way);
        if agreement.documents[..index].iter().any(same) {
            let message = format!("there is a rule for {} {} already", rule.document, rule.way);
            problems.add("DUPLICATE", &field, message);
        }
        if let Some(message) = contradiction(settings, rule) {
            problems.add("CONTRADICTION", &field, message);
        }
    }
}

/// What else the agreement says against `rule`.
fn contradiction(settings: &Settings, rule: &DocumentRule) -> Option<&'static str> {
    let agreement = &settings.agreement;
    let exchanged = rule.mode == PartnerMode::Exchange;
    let confirms = agreement.syntax_acknowledgment != SyntaxAcknowledgment::None;
    match (rule.document, rule.way) {
        (EdiDocument::OrderChange, EdiWay::Out) if exchanged => {
            let orders = agreement.mode_of(settings.mode, EdiDocument::Order, EdiWay::Out);
            let message = "we cannot change by EDI what others sent: orders are in MIRROR mode";
            (orders == PartnerMode::Mirror).then_some(message)
        }
        (EdiDocument::SyntaxReport, EdiWay::Out) if exchanged && !confirms => {
            Some("syntaxAcknowledgment says that nothing is confirmed")
        }
        (EdiDocument::SyntaxReport, EdiWay::Out)
            if !exchanged && confirms && settings.mode == PartnerMode::Exchange =>
        {
            Some("syntaxAcknowledgment says that we confirm: say NONE there, or EXCHANGE here")
        }
        (EdiDocument::ApplicationAdvice, EdiWay::Out) if exchanged && !agreement.application_advice => {
            Some("applicationAdvice says that none is sent")
        }
        _ => None,
    }
}

/// One separator.
struct Separator {
    name: &'static str,
    /// What was said.
    said: Option<char>,
    /// What is used where nothing was said. None, where the syntax has no such separator.
    usual: Option<char>,
}

impl Separator {
    fn used(&self) -> Option<char> {
        self.usual.map(|usual| self.said.unwrap_or(usual))
    }
}

fn delimiters(settings: &Settings, field: &Field, problems: &mut Problems) {
    let agreement = &settings.agreement;
    let separators = separators(agreement);
    for separator in &separators {
        let Some(said) = separator.said else { continue };
        let field = field.at(separator.name);
        if separator.usual.is_none() {
            let message = match agreement.syntax {
                EdiSyntax::X12 => "X12 repeats nothing before release 004020",
                EdiSyntax::Edifact => "EDIFACT repeats nothing in the syntax version that we write",
            };
            problems.add("NOT_USED", &field, message);
        }
        if let Some(message) = unusable(said, separator.name, agreement.syntax) {
            problems.add("INVALID_DELIMITER", &field, message);
        }
    }
    for (index, separator) in separators.iter().enumerate() {
        let Some(used) = separator.used() else { continue };
        let earlier = separators[..index].iter().find(|earlier| earlier.used() == Some(used));
        if let Some(earlier) = earlier {
            let message = format!("it is the same as {}", earlier.name);
            problems.add("DUPLICATE", &field.at(separator.name), message);
        }
    }
    if agreement.delimiters.line_breaks && agreement.delimiters.segment == Some('\n') {
        let message = "segments end with a line break already";
        problems.add("CONTRADICTION", &field.at("lineBreaks"), message);
    }
    within_identifiers(settings, &separators, problems);
}

fn separators(agreement: &Agreement) -> [Separator; 4] {
    let said = agreement.delimiters;
    let (element, component, segment, repetition) = match agreement.syntax {
        EdiSyntax::X12 => ('*', '>', '~', repeats(agreement).then_some('^')),
        EdiSyntax::Edifact => ('+', ':', '\'', None),
    };
    [
        Separator { name: "element", said: said.element, usual: Some(element) },
        Separator { name: "component", said: said.component, usual: Some(component) },
        Separator { name: "segment", said: said.segment, usual: Some(segment) },
        Separator { name: "repetition", said: said.repetition, usual: repetition },
    ]
}

/// Whether anything is written in a release of X12 that repeats elements.
fn repeats(agreement: &Agreement) -> bool {
    let rules = agreement.documents.iter().filter(|rule| rule.way == EdiWay::Out);
    let written = rules.filter_map(|rule| rule.version.as_deref());
    written.chain([agreement.version.as_str()]).any(|version| version >= X12_REPEATS_FROM)
}

/// Why a character cannot separate anything.
fn unusable(character: char, name: &str, syntax: EdiSyntax) -> Option<&'static str> {
    let may_be_control = |character| {
        ('\u{1c}'..='\u{1f}').contains(&character) || (name == "segment" && matches!(character, '\n' | '\r'))
    };
    match character {
        character if !character.is_ascii() => Some("expected a character of one byte"),
        character if character.is_ascii_alphanumeric() || character == ' ' => {
            Some("letters, digits and spaces stand in what is written")
        }
        '.' | '-' => Some("it stands in numbers and dates"),
        '?' if syntax == EdiSyntax::Edifact => Some("it is the release character"),
        ',' if syntax == EdiSyntax::Edifact => Some("it may stand in numbers"),
        character if character.is_ascii_control() && !may_be_control(character) => {
            Some("no such control character, please")
        }
        _ => None,
    }
}

/// X12 has no way to write a separator as part of a value, and the ids stand in every envelope.
fn within_identifiers(settings: &Settings, separators: &[Separator], problems: &mut Problems) {
    let agreement = &settings.agreement;
    if agreement.syntax == EdiSyntax::Edifact {
        return;
    }
    let sides = [
        (Field::root().at("identifiers"), &settings.identifiers),
        (Field::root().at("agreement").at("ours"), &agreement.ours),
    ];
    for (field, identifiers) in sides {
        for (index, identifier) in identifiers.iter().enumerate() {
            let inside = separators.iter().find(|one| one.used().is_some_and(|c| identifier.id.contains(c)));
            if let Some(separator) = inside {
                let message = format!("it has the {} separator in it", separator.name);
                problems.add("INVALID_TEXT", &field.at(index), message);
            }
        }
    }
}
