//! What can be said of a trading partner, whole and in part.
use quayside_canonical::{
    ConnectionId, Field, Problems,
    partner::{Agreement, CodeOverride, Delimiters, DocumentRule, Identifier},
    states::{
        ChangeQuantity, EdiReading, EdiSyntax, Environment, InterchangeAcknowledgment, PartnerMode,
        RepeatPolicy, SyntaxAcknowledgment,
    },
};
use quayside_entity::trading_partner;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{agreement_of, identifiers_of};
use crate::Failure;

/// What of a trading partner can be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// What the tenant calls it.
    pub name: String,
    /// How its traffic reaches us.
    pub mode: PartnerMode,
    /// Real data or trial data: only a TEST partner's interchanges may be marked as tests, and all that is sent to it
    /// is.
    pub environment: Environment,
    /// ISO 4217 currency of prices in messages that name none.
    pub currency: Option<String>,
    /// What it calls itself.
    pub identifiers: Vec<Identifier>,
    /// The connection its traffic goes through. Without one it comes by HTTPS, with the partner's token.
    pub connection_id: Option<ConnectionId>,
    /// What was agreed.
    pub agreement: Agreement,
}

impl Settings {
    /// A partner of which nothing else is said.
    #[must_use]
    pub fn new(name: impl Into<String>, mode: PartnerMode, environment: Environment) -> Self {
        Self {
            name: name.into(),
            mode,
            environment,
            currency: None,
            identifiers: Vec::new(),
            connection_id: None,
            agreement: Agreement::default(),
        }
    }
}

/// What a row says, as it can be changed.
///
/// # Errors
/// The row holds something else than it should.
pub fn settings_of(row: &trading_partner::Model) -> Result<Settings, Failure> {
    Ok(Settings {
        name: row.name.clone(),
        mode: row.mode,
        environment: row.environment,
        currency: row.currency.clone(),
        identifiers: identifiers_of(row)?,
        connection_id: row.connection_id,
        agreement: agreement_of(row)?,
    })
}

/// What is said of a trading partner. What is not said stays; a list that is said replaces the whole list.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Changes {
    /// What the tenant calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How its traffic reaches us.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<PartnerMode>,
    /// Real data or trial data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// The currency; `Some(None)` takes it away.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "said")]
    pub currency: Option<Option<String>>,
    /// What it calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifiers: Option<Vec<Identifier>>,
    /// The connection; `Some(None)` takes it away.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "said")]
    pub connection_id: Option<Option<ConnectionId>>,
    /// What was agreed.
    pub agreement: AgreementChanges,
}

/// What is said of an agreement. What is not said stays; a list that is said replaces the whole list.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[expect(missing_docs, reason = "each stands for the member of `Agreement` of its name")]
pub struct AgreementChanges {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ours: Option<Vec<Identifier>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub syntax: Option<EdiSyntax>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiters: Option<Characters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documents: Option<Vec<DocumentRule>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codes: Option<Vec<CodeOverride>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading: Option<EdiReading>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeats: Option<RepeatPolicy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_quantity: Option<ChangeQuantity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub syntax_acknowledgment: Option<SyntaxAcknowledgment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interchange_acknowledgment: Option<InterchangeAcknowledgment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application_advice: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_within_minutes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "said")]
    pub answered_within_minutes: Option<Option<u32>>,
}

/// The characters to write with, as people say them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Characters {
    /// Between elements.
    pub element: Option<String>,
    /// Between components.
    pub component: Option<String>,
    /// After segments.
    pub segment: Option<String>,
    /// Between repetitions.
    pub repetition: Option<String>,
    /// Whether a line break follows each segment.
    pub line_breaks: bool,
}

impl Changes {
    /// `before` with these changes. What cannot be one is added to `problems`.
    #[must_use]
    pub fn merged(self, before: &Settings, problems: &mut Problems) -> Settings {
        Settings {
            name: self.name.unwrap_or_else(|| before.name.clone()),
            mode: self.mode.unwrap_or(before.mode),
            environment: self.environment.unwrap_or(before.environment),
            currency: self.currency.unwrap_or_else(|| before.currency.clone()),
            identifiers: self.identifiers.unwrap_or_else(|| before.identifiers.clone()),
            connection_id: self.connection_id.unwrap_or(before.connection_id),
            agreement: self.agreement.merged(&before.agreement, problems),
        }
    }
}

impl AgreementChanges {
    fn merged(self, before: &Agreement, problems: &mut Problems) -> Agreement {
        let syntax = self.syntax.unwrap_or(before.syntax);
        let usual = || if syntax == before.syntax { before.version.clone() } else { usual_version(syntax) };
        Agreement {
            ours: self.ours.unwrap_or_else(|| before.ours.clone()),
            syntax,
            version: self.version.unwrap_or_else(usual),
            delimiters: match self.delimiters {
                Some(characters) => characters.read(problems),
                None => before.delimiters,
            },
            documents: self.documents.unwrap_or_else(|| before.documents.clone()),
            codes: self.codes.unwrap_or_else(|| before.codes.clone()),
            reading: self.reading.unwrap_or(before.reading),
            repeats: self.repeats.unwrap_or(before.repeats),
            change_quantity: self.change_quantity.unwrap_or(before.change_quantity),
            syntax_acknowledgment: self.syntax_acknowledgment.unwrap_or(before.syntax_acknowledgment),
            interchange_acknowledgment: self
                .interchange_acknowledgment
                .unwrap_or(before.interchange_acknowledgment),
            application_advice: self.application_advice.unwrap_or(before.application_advice),
            confirmed_within_minutes: self
                .confirmed_within_minutes
                .unwrap_or(before.confirmed_within_minutes),
            answered_within_minutes: self.answered_within_minutes.unwrap_or(before.answered_within_minutes),
        }
    }
}

impl Characters {
    fn read(&self, problems: &mut Problems) -> Delimiters {
        let field = Field::root().at("agreement").at("delimiters");
        let mut one = |name: &str, said: &Option<String>| {
            let said = said.as_ref()?;
            let mut characters = said.chars();
            match (characters.next(), characters.next()) {
                (Some(character), None) => Some(character),
                _ => {
                    problems.add("INVALID_DELIMITER", &field.at(name), "expected one character");
                    None
                }
            }
        };
        Delimiters {
            element: one("element", &self.element),
            component: one("component", &self.component),
            segment: one("segment", &self.segment),
            repetition: one("repetition", &self.repetition),
            line_breaks: self.line_breaks,
        }
    }
}

/// What is written where only the syntax was agreed.
fn usual_version(syntax: EdiSyntax) -> String {
    match syntax {
        EdiSyntax::X12 => "004010".to_owned(),
        EdiSyntax::Edifact => "D96A".to_owned(),
    }
}

/// A null that was said, apart from nothing said.
fn said<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// The names of what differs: `name`, or `agreement.version` of what was agreed.
pub(super) fn differences(before: &Settings, after: &Settings) -> Result<Vec<String>, Failure> {
    let (before, after) = (serde_json::to_value(before)?, serde_json::to_value(after)?);
    let mut changed = Vec::new();
    for (name, value) in after.as_object().into_iter().flatten() {
        let old = before.get(name).unwrap_or(&Value::Null);
        if name != "agreement" {
            changed.extend((old != value).then(|| name.clone()));
            continue;
        }
        let members = value.as_object().into_iter().flatten();
        let differing = members.filter(|(member, value)| old.get(member.as_str()) != Some(*value));
        changed.extend(differing.map(|(member, _)| format!("{name}.{member}")));
    }
    changed.sort();
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain() -> Settings {
        Settings::new("Nordhaven", PartnerMode::Mirror, Environment::Test)
    }

    #[test]
    fn what_is_not_said_stays_and_null_takes_away() {
        let before = Settings { currency: Some("EUR".to_owned()), ..plain() };
        let changes = |json: &str| serde_json::from_str::<Changes>(json).unwrap();
        let mut problems = Problems::new();
        assert_eq!(changes("{}").merged(&before, &mut problems), before);
        let after = changes(r#"{ "currency": null, "agreement": { "answeredWithinMinutes": 60 } }"#);
        let after = after.merged(&before, &mut problems);
        assert_eq!((&after.currency, after.agreement.answered_within_minutes), (&None, Some(60)));
        assert_eq!(differences(&before, &after).unwrap(), ["agreement.answeredWithinMinutes", "currency"]);
        let again = changes(r#"{ "agreement": { "answeredWithinMinutes": null } }"#);
        assert_eq!(again.merged(&after, &mut problems).agreement, Agreement::default());
        assert!(problems.is_empty(), "{problems}");
    }

    #[test]
    fn another_syntax_brings_its_own_version_and_characters_come_singly() {
        let changes = r#"{ "agreement": { "syntax": "EDIFACT", "delimiters": { "element": "+", "segment": "''", "component": "" } } }"#;
        let mut problems = Problems::new();
        let after = serde_json::from_str::<Changes>(changes).unwrap().merged(&plain(), &mut problems);
        assert_eq!(
            (after.agreement.version.as_str(), after.agreement.delimiters.element),
            ("D96A", Some('+'))
        );
        let fields: Vec<_> = problems.as_slice().iter().map(|problem| problem.field.join(".")).collect();
        assert_eq!(fields, ["agreement.delimiters.component", "agreement.delimiters.segment"]);
    }
}
