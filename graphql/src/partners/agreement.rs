//! What is agreed with a trading partner, as it is shown.
use quayside_canonical::{
    partner::{Agreement, CodeOverride, Delimiters, DocumentRule, Identifier},
    states::{
        ChangeQuantity, EdiCodeList, EdiDocument, EdiReading, EdiSyntax, EdiWay, InterchangeAcknowledgment,
        PartnerMode, RepeatPolicy, SyntaxAcknowledgment,
    },
};

use crate::types::{Code, plain::plain};

plain! {
    /// A party as an envelope names it: ISA05 and ISA06, or the id and qualifier of UNB S002 and S003.
    EdiIdentifier {
        /// What kind of id it is, such as `ZZ` or `14`; empty where UNB has none.
        qualifier as "qualifier": String,
        /// The id, without the spaces that fill it up.
        id as "id": String,
    }

    /// What is agreed with a trading partner.
    EdiAgreement {
        /// How the buyer names itself in the traffic with this partner; any receiver is taken when there is none.
        ours as "ours": Vec<EdiIdentifier>,
        /// What is written. Both are read.
        syntax as "syntax": Code<EdiSyntax>,
        /// The version that is written, such as `004010` or `D96A`.
        version as "version": String,
        /// The characters that are written between the pieces; those of the standard where nothing is said.
        delimiters as "delimiters": EdiDelimiters,
        /// How documents travel, where that is not by the partner's mode.
        documents as "documents": Vec<EdiDocumentRule>,
        /// Words of the partner for the buyer's.
        codes as "codes": Vec<EdiCodeOverride>,
        /// How what comes is read.
        reading as "reading": Code<EdiReading>,
        /// What is done about an interchange whose control number was used before.
        repeats as "repeats": Code<RepeatPolicy>,
        /// What the quantity of a changed line (POC03) means.
        change_quantity as "changeQuantity": Code<ChangeQuantity>,
        /// How the syntax of what came is confirmed.
        syntax_acknowledgment as "syntaxAcknowledgment": Code<SyntaxAcknowledgment>,
        /// When an X12 envelope is confirmed by TA1.
        interchange_acknowledgment as "interchangeAcknowledgment": Code<InterchangeAcknowledgment>,
        /// Whether a message that is right in form and refused in substance is answered by 824 or APERAK.
        application_advice as "applicationAdvice": bool,
        /// Within how many minutes what was sent to the partner is to be confirmed by 997, 999 or CONTRL.
        confirmed_within_minutes as "confirmedWithinMinutes": i32,
        /// Within how many minutes an order is to be answered; as the supplier's policy says, when there is none.
        answered_within_minutes as "answeredWithinMinutes": Option<i32>,
    }

    /// The characters between the pieces. None where that of the standard is used.
    EdiDelimiters {
        /// Between elements.
        element as "element": Option<String>,
        /// Between components.
        component as "component": Option<String>,
        /// After segments.
        segment as "segment": Option<String>,
        /// Between repetitions.
        repetition as "repetition": Option<String>,
        /// Whether a line break follows each segment.
        line_breaks as "lineBreaks": bool,
    }

    /// How one document travels one way.
    EdiDocumentRule {
        /// The document.
        document as "document": Code<EdiDocument>,
        /// Which way.
        way as "way": Code<EdiWay>,
        /// How it travels.
        mode as "mode": Code<PartnerMode>,
        /// The version it is written in, where it is not that of the agreement.
        version as "version": Option<String>,
    }

    /// A partner's own word for one of the buyer's.
    EdiCodeOverride {
        /// Of which list.
        list as "list": Code<EdiCodeList>,
        /// What the partner writes.
        theirs as "theirs": String,
        /// What it means: a code of the standard, or the buyer's own unit, location or item.
        ours as "ours": String,
    }
}

impl From<Identifier> for EdiIdentifier {
    fn from(identifier: Identifier) -> Self {
        Self { qualifier: identifier.qualifier, id: identifier.id }
    }
}

impl From<Agreement> for EdiAgreement {
    fn from(agreement: Agreement) -> Self {
        let number = |minutes: u32| i32::try_from(minutes).unwrap_or(i32::MAX);
        Self {
            ours: agreement.ours.into_iter().map(EdiIdentifier::from).collect(),
            syntax: Code(agreement.syntax),
            version: agreement.version,
            delimiters: agreement.delimiters.into(),
            documents: agreement.documents.into_iter().map(EdiDocumentRule::from).collect(),
            codes: agreement.codes.into_iter().map(EdiCodeOverride::from).collect(),
            reading: Code(agreement.reading),
            repeats: Code(agreement.repeats),
            change_quantity: Code(agreement.change_quantity),
            syntax_acknowledgment: Code(agreement.syntax_acknowledgment),
            interchange_acknowledgment: Code(agreement.interchange_acknowledgment),
            application_advice: agreement.application_advice,
            confirmed_within_minutes: number(agreement.confirmed_within_minutes),
            answered_within_minutes: agreement.answered_within_minutes.map(number),
        }
    }
}

impl From<Delimiters> for EdiDelimiters {
    fn from(delimiters: Delimiters) -> Self {
        let text = |character: Option<char>| character.map(String::from);
        Self {
            element: text(delimiters.element),
            component: text(delimiters.component),
            segment: text(delimiters.segment),
            repetition: text(delimiters.repetition),
            line_breaks: delimiters.line_breaks,
        }
    }
}

impl From<DocumentRule> for EdiDocumentRule {
    fn from(rule: DocumentRule) -> Self {
        let (document, way, mode) = (Code(rule.document), Code(rule.way), Code(rule.mode));
        Self { document, way, mode, version: rule.version }
    }
}

impl From<CodeOverride> for EdiCodeOverride {
    fn from(code: CodeOverride) -> Self {
        Self { list: Code(code.list), theirs: code.theirs, ours: code.ours }
    }
}
