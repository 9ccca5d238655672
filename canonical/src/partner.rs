//! What a tenant agreed with a trading partner about EDI: which messages, in which words, through what.
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::states::{
    ChangeQuantity, EdiCodeList, EdiDocument, EdiReading, EdiSyntax, EdiWay, InterchangeAcknowledgment,
    PartnerMode, RepeatPolicy, SyntaxAcknowledgment,
};

/// A party as an envelope names it: `ISA05` and `ISA06`, or the id and qualifier of `UNB` S002 and S003.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Identifier {
    /// What kind of id it is, such as `ZZ` or `14`.
    pub qualifier: String,
    /// The id, without the spaces that fill it up.
    pub id: String,
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.qualifier.as_str() {
            "" => f.write_str(&self.id),
            qualifier => write!(f, "{qualifier}:{}", self.id),
        }
    }
}

/// The agreement. What is not said is as [`Agreement::default`] has it, so that an older one stays readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Agreement {
    /// How the tenant names itself in the traffic with this partner. With none, any receiver is taken, and nothing
    /// can be sent.
    pub ours: Vec<Identifier>,
    /// What we write. Both are read, whatever stands here.
    pub syntax: EdiSyntax,
    /// The version we write: `004010` or `005010` in X12, `D96A` or `D01B` in EDIFACT.
    pub version: String,
    /// The characters we write with.
    pub delimiters: Delimiters,
    /// What is exchanged beyond the partner's own mode, document by document.
    pub documents: Vec<DocumentRule>,
    /// Words of the partner for ours.
    pub codes: Vec<CodeOverride>,
    /// How what comes is read.
    pub reading: EdiReading,
    /// What is done about an interchange whose control number was used before.
    pub repeats: RepeatPolicy,
    /// What the quantity of a changed line (POC03) means.
    pub change_quantity: ChangeQuantity,
    /// How we confirm the syntax of what came.
    pub syntax_acknowledgment: SyntaxAcknowledgment,
    /// When we confirm an X12 envelope by TA1.
    pub interchange_acknowledgment: InterchangeAcknowledgment,
    /// Whether a message that is right in form and refused in substance is answered by 824 or APERAK.
    pub application_advice: bool,
    /// Within how many minutes what we sent is to be confirmed by 997, 999 or CONTRL.
    pub confirmed_within_minutes: u32,
    /// Within how many minutes an order is to be answered by 855 or ORDRSP; as the supplier's policy says, when
    /// nothing is said.
    pub answered_within_minutes: Option<u32>,
}

impl Default for Agreement {
    fn default() -> Self {
        Self {
            ours: Vec::new(),
            syntax: EdiSyntax::X12,
            version: "004010".to_owned(),
            delimiters: Delimiters::default(),
            documents: Vec::new(),
            codes: Vec::new(),
            reading: EdiReading::Tolerant,
            repeats: RepeatPolicy::TakeAfterFailure,
            change_quantity: ChangeQuantity::Total,
            syntax_acknowledgment: SyntaxAcknowledgment::Functional,
            interchange_acknowledgment: InterchangeAcknowledgment::AsAsked,
            application_advice: true,
            confirmed_within_minutes: 24 * 60,
            answered_within_minutes: None,
        }
    }
}

impl Agreement {
    /// How `document` travels `way` with a partner whose own mode is `mode`.
    #[must_use]
    pub fn mode_of(&self, mode: PartnerMode, document: EdiDocument, way: EdiWay) -> PartnerMode {
        let rule = self.documents.iter().find(|rule| rule.document == document && rule.way == way);
        rule.map_or(mode, |rule| rule.mode)
    }

    /// The version in which `document` is written.
    #[must_use]
    pub fn version_of(&self, document: EdiDocument) -> &str {
        let rule = self.documents.iter().find(|rule| rule.document == document && rule.way == EdiWay::Out);
        rule.and_then(|rule| rule.version.as_deref()).unwrap_or(&self.version)
    }

    /// What the partner's word `theirs` means in ours; itself, where nothing else was agreed.
    #[must_use]
    pub fn our_word<'a>(&'a self, list: EdiCodeList, theirs: &'a str) -> &'a str {
        let known = self.codes.iter().find(|code| code.list == list && code.theirs == theirs);
        known.map_or(theirs, |code| &code.ours)
    }

    /// The partner's word for our `ours`; itself, where nothing else was agreed. The first of several.
    #[must_use]
    pub fn their_word<'a>(&'a self, list: EdiCodeList, ours: &'a str) -> &'a str {
        let known = self.codes.iter().find(|code| code.list == list && code.ours == ours);
        known.map_or(ours, |code| &code.theirs)
    }
}

/// The characters between the pieces of what we write. Nothing said: those of the standard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Delimiters {
    /// Between elements.
    pub element: Option<char>,
    /// Between components.
    pub component: Option<char>,
    /// After segments.
    pub segment: Option<char>,
    /// Between repetitions.
    pub repetition: Option<char>,
    /// Whether a line break follows each segment.
    pub line_breaks: bool,
}

/// How one document travels one way, where that is not as the partner's mode says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DocumentRule {
    /// The document.
    pub document: EdiDocument,
    /// Which way: to the partner or from it.
    pub way: EdiWay,
    /// How it travels.
    pub mode: PartnerMode,
    /// The version it is written in, where it is not that of the agreement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// A partner's own word for one of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CodeOverride {
    /// Of which list.
    pub list: EdiCodeList,
    /// What the partner writes.
    pub theirs: String,
    /// What it means: a code of the standard, or the tenant's own unit, location or item.
    pub ours: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_agreed_is_as_usual() {
        let agreement: Agreement = serde_json::from_str("{}").unwrap();
        assert_eq!(agreement, Agreement::default());
        let (order, out) = (EdiDocument::Order, EdiWay::Out);
        assert_eq!(agreement.mode_of(PartnerMode::Mirror, order, out), PartnerMode::Mirror);
        assert_eq!(agreement.version_of(order), "004010");
        assert_eq!(agreement.our_word(EdiCodeList::Unit, "XX"), "XX");
    }

    #[test]
    fn a_rule_holds_for_its_document_and_way_alone() {
        let (order, out, inward) = (EdiDocument::Order, EdiWay::Out, EdiWay::In);
        let agreement: Agreement = serde_json::from_value(serde_json::json!({
            "documents": [{ "document": "ORDER", "way": "OUT", "mode": "EXCHANGE", "version": "005010" }],
            "codes": [{ "list": "UNIT", "theirs": "STK", "ours": "EA" }],
        }))
        .unwrap();
        assert_eq!(agreement.mode_of(PartnerMode::Mirror, order, out), PartnerMode::Exchange);
        assert_eq!(agreement.mode_of(PartnerMode::Mirror, order, inward), PartnerMode::Mirror);
        assert_eq!(agreement.version_of(order), "005010");
        assert_eq!(agreement.version_of(EdiDocument::OrderChange), "004010");
        assert_eq!(agreement.our_word(EdiCodeList::Unit, "STK"), "EA");
        assert_eq!(agreement.their_word(EdiCodeList::Unit, "EA"), "STK");
        assert_eq!(agreement.our_word(EdiCodeList::Item, "STK"), "STK");
    }
}
