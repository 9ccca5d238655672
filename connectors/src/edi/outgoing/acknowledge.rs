//! What an interchange that came in is owed about its syntax, as drafts: TA1, 997 or 999, CONTRL.
//!
//! The reader says what is owed; what was agreed with the partner says what of it is sent.
use quayside_canonical::{
    partner::Agreement,
    states::{EdiDocument, EdiSyntax, InterchangeAcknowledgment, SyntaxAcknowledgment},
};
use quayside_edi::{edifact::messages::SyntaxReport, x12::messages as set};

use super::{Body, Draft};

/// The answer to an X12 interchange: to its envelope, with whether that is owed, and to each of its groups.
///
/// What came in the other syntax than the agreed one cannot be answered: nothing is agreed about how.
#[must_use]
pub fn acknowledge_x12(
    envelope: Option<(&set::InterchangeAcknowledgment, bool)>,
    groups: Vec<set::FunctionalAcknowledgment>,
    agreement: &Agreement,
) -> Vec<Draft> {
    if agreement.syntax != EdiSyntax::X12 {
        return Vec::new();
    }
    let wanted = |is_owed: bool| match agreement.interchange_acknowledgment {
        InterchangeAcknowledgment::Never => false,
        InterchangeAcknowledgment::AsAsked => is_owed,
        InterchangeAcknowledgment::Always => true,
    };
    let word = envelope.filter(|(_, is_owed)| wanted(*is_owed)).map(|(answer, _)| Draft {
        document: EdiDocument::SyntaxReport,
        kind: "TA1".to_owned(),
        body: Body::Word(answer.segment()),
    });
    let sets = groups.into_iter().filter_map(|answer| functional(answer, agreement));
    word.into_iter().chain(sets).collect()
}

/// The answer to an EDIFACT interchange.
#[must_use]
pub fn acknowledge_edifact(report: SyntaxReport, agreement: &Agreement) -> Option<Draft> {
    let wanted = agreement.syntax_acknowledgment != SyntaxAcknowledgment::None;
    (wanted && agreement.syntax == EdiSyntax::Edifact).then(|| {
        let segments = report.segments();
        super::edifact::draft(EdiDocument::SyntaxReport, report.header, segments)
    })
}

/// A 997, or the same as a 999.
fn functional(answer: set::FunctionalAcknowledgment, agreement: &Agreement) -> Option<Draft> {
    let message = match agreement.syntax_acknowledgment {
        SyntaxAcknowledgment::None => return None,
        SyntaxAcknowledgment::Functional => set::Message::FunctionalAcknowledgment(Box::new(answer)),
        SyntaxAcknowledgment::Implementation => {
            set::Message::ImplementationAcknowledgment(Box::new(implementation(answer)))
        }
    };
    let version = agreement.version_of(EdiDocument::SyntaxReport).to_owned();
    let body = Body::Set { group: "FA", version, segments: message.segments() };
    Some(Draft { document: EdiDocument::SyntaxReport, kind: message.set_id().to_owned(), body })
}

fn implementation(answer: set::FunctionalAcknowledgment) -> set::ImplementationAcknowledgment {
    let element = |note: set::ElementNote| set::ImplementationElementNote {
        element: note.element,
        component: note.component,
        repetition: note.repetition,
        reference: note.reference,
        code: note.code,
        value: note.value,
        ..set::ImplementationElementNote::default()
    };
    let segment = |note: set::SegmentNote| set::ImplementationSegmentNote {
        id: note.id,
        position: note.position,
        loop_id: note.loop_id,
        code: note.code,
        elements: note.elements.into_iter().map(element).collect(),
        ..set::ImplementationSegmentNote::default()
    };
    let verdict = |verdict: set::SetVerdict| set::ImplementationVerdict {
        code: verdict.code,
        note: verdict.note,
        second_note: verdict.second_note,
        ..set::ImplementationVerdict::default()
    };
    let response = |response: set::SetResponse| set::ImplementationResponse {
        id: response.id,
        number: response.number,
        implementation: response.implementation,
        segments: response.segments.into_iter().map(segment).collect(),
        verdicts: response.verdicts.into_iter().map(verdict).collect(),
        ..set::ImplementationResponse::default()
    };
    set::ImplementationAcknowledgment {
        group: answer.group,
        verdicts: answer.verdicts,
        sets: answer.sets.into_iter().map(response).collect(),
        ..set::ImplementationAcknowledgment::default()
    }
}
