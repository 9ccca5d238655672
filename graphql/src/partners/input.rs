//! What is said of a trading partner and of what is agreed with it.
use async_graphql::{InputObject, MaybeUndefined};
use quayside_canonical::{
    partner::{CodeOverride, DocumentRule, Identifier},
    states::{
        ChangeQuantity, EdiCodeList, EdiDocument, EdiReading, EdiSyntax, EdiWay, InterchangeAcknowledgment,
        PartnerMode, RepeatPolicy, SyntaxAcknowledgment,
    },
};
use quayside_domain::partners::{AgreementChanges, Characters};

use crate::types::Code;

/// A party as an envelope names it.
#[derive(InputObject)]
pub struct EdiIdentifierInput {
    /// What kind of id it is, such as `ZZ` or `14`. UNB may have none.
    #[graphql(default)]
    qualifier: String,
    /// The id.
    id: String,
}

/// The characters to write with. What is left out is as the standard has it.
#[derive(InputObject)]
pub struct EdiDelimitersInput {
    /// Between elements.
    element: Option<String>,
    /// Between components.
    component: Option<String>,
    /// After segments.
    segment: Option<String>,
    /// Between repetitions; X12 has them from 004020.
    repetition: Option<String>,
    /// Whether a line break follows each segment.
    #[graphql(default)]
    line_breaks: bool,
}

/// How one document travels one way, where that is not by the partner's mode.
#[derive(InputObject)]
pub struct EdiDocumentRuleInput {
    /// The document.
    document: Code<EdiDocument>,
    /// Which way: OUT to the partner, IN from it.
    way: Code<EdiWay>,
    /// How it travels.
    mode: Code<PartnerMode>,
    /// The version it is written in, where it is not that of the agreement.
    version: Option<String>,
}

/// A partner's own word for one of yours.
#[derive(InputObject)]
pub struct EdiCodeOverrideInput {
    /// Of which list.
    list: Code<EdiCodeList>,
    /// What the partner writes.
    theirs: String,
    /// What it means: a code of the standard, or your own unit, location or item.
    ours: String,
}

/// What is agreed with a trading partner. What is left out stays, or is as usual in a new one; a list replaces the
/// whole list.
#[derive(Default, InputObject)]
pub struct EdiAgreementInput {
    /// How you name yourself in the traffic with this partner. With none, any receiver is taken, and nothing can be
    /// sent.
    ours: Option<Vec<EdiIdentifierInput>>,
    /// What is written; X12 when nothing was said. Both are read.
    syntax: Option<Code<EdiSyntax>>,
    /// The version that is written: `003060` to `008010` in X12, `D96A` or `D01B` in EDIFACT.
    version: Option<String>,
    /// Replaces all characters to write with.
    delimiters: Option<EdiDelimitersInput>,
    /// How documents travel, where that is not by the partner's mode.
    documents: Option<Vec<EdiDocumentRuleInput>>,
    /// Words of the partner for yours.
    codes: Option<Vec<EdiCodeOverrideInput>>,
    /// How what comes is read; tolerantly when nothing was said.
    reading: Option<Code<EdiReading>>,
    /// What is done about an interchange whose control number was used before.
    repeats: Option<Code<RepeatPolicy>>,
    /// What the quantity of a changed line (POC03) means.
    change_quantity: Option<Code<ChangeQuantity>>,
    /// How the syntax of what came is confirmed.
    syntax_acknowledgment: Option<Code<SyntaxAcknowledgment>>,
    /// When an X12 envelope is confirmed by TA1.
    interchange_acknowledgment: Option<Code<InterchangeAcknowledgment>>,
    /// Whether a message that is right in form and refused in substance is answered by 824 or APERAK.
    application_advice: Option<bool>,
    /// Within how many minutes what you send is to be confirmed by 997, 999 or CONTRL: up to 30 days.
    confirmed_within_minutes: Option<i32>,
    /// Within how many minutes an order is to be answered: up to 366 days. Null for what the supplier's policy says.
    answered_within_minutes: MaybeUndefined<i32>,
}

impl From<EdiIdentifierInput> for Identifier {
    fn from(input: EdiIdentifierInput) -> Self {
        Self { qualifier: input.qualifier, id: input.id }
    }
}

impl From<EdiAgreementInput> for AgreementChanges {
    fn from(input: EdiAgreementInput) -> Self {
        // What is less than nothing is refused as nothing is.
        let minutes = |minutes: i32| u32::try_from(minutes).unwrap_or(0);
        Self {
            ours: input.ours.map(identifiers),
            syntax: input.syntax.map(|code| code.0),
            version: input.version,
            delimiters: input.delimiters.map(Characters::from),
            documents: input.documents.map(|rules| rules.into_iter().map(DocumentRule::from).collect()),
            codes: input.codes.map(|codes| codes.into_iter().map(CodeOverride::from).collect()),
            reading: input.reading.map(|code| code.0),
            repeats: input.repeats.map(|code| code.0),
            change_quantity: input.change_quantity.map(|code| code.0),
            syntax_acknowledgment: input.syntax_acknowledgment.map(|code| code.0),
            interchange_acknowledgment: input.interchange_acknowledgment.map(|code| code.0),
            application_advice: input.application_advice,
            confirmed_within_minutes: input.confirmed_within_minutes.map(minutes),
            answered_within_minutes: said(input.answered_within_minutes).map(|said| said.map(minutes)),
        }
    }
}

impl From<EdiDelimitersInput> for Characters {
    fn from(input: EdiDelimitersInput) -> Self {
        Self {
            element: input.element,
            component: input.component,
            segment: input.segment,
            repetition: input.repetition,
            line_breaks: input.line_breaks,
        }
    }
}

impl From<EdiDocumentRuleInput> for DocumentRule {
    fn from(input: EdiDocumentRuleInput) -> Self {
        let (document, way, mode) = (input.document.0, input.way.0, input.mode.0);
        Self { document, way, mode, version: input.version }
    }
}

impl From<EdiCodeOverrideInput> for CodeOverride {
    fn from(input: EdiCodeOverrideInput) -> Self {
        Self { list: input.list.0, theirs: input.theirs, ours: input.ours }
    }
}

/// Identifiers as they are said.
pub(super) fn identifiers(input: Vec<EdiIdentifierInput>) -> Vec<Identifier> {
    input.into_iter().map(Identifier::from).collect()
}

/// A null that was said, apart from nothing said.
pub(super) fn said<T>(value: MaybeUndefined<T>) -> Option<Option<T>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}
