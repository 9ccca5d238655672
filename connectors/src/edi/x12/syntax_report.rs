//! 997, 999 and TA1: what the partner's system says about the syntax of what we sent.
//!
//! A 997 or 999 is about one group, named by its kind and control number; a TA1 about an envelope alone, so it never
//! says that a message was taken.
use quayside_canonical::{
    Field,
    partner::Identifier,
    states::SyntaxVerdict,
    syntax_report::{ReportedGroup, ReportedInterchange, ReportedMessage, SyntaxFault, SyntaxReport},
};
use quayside_edi::{
    Located,
    raw::RawSegment,
    x12::{
        InterchangeHeader, TransactionSet,
        messages::{
            FunctionalAcknowledgment, GroupReference, GroupVerdict, ImplementationAcknowledgment,
            InterchangeAcknowledgment,
        },
    },
};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::{
    Command, Mapped, Terms, answers,
    faults::fault,
    report::{Report, field},
};

/// Maps a TA1 that stands in an interchange with this header.
#[must_use]
pub fn map_interchange_acknowledgment(
    segment: &RawSegment,
    envelope: Option<&InterchangeHeader>,
    terms: &Terms,
) -> Mapped {
    let mut report = Report::new(terms);
    let stated = InterchangeAcknowledgment::of(segment);
    let verdict = match stated.code.as_str() {
        "A" | "E" => Some(SyntaxVerdict::Received),
        "R" => Some(SyntaxVerdict::Rejected),
        other => {
            report.refuse(stated.code.at, "UNKNOWN_CODE", format!("{other} is none of A, E and R"));
            None
        }
    };
    let note = stated.note.as_str();
    let faults = match note {
        "" | "000" => Vec::new(),
        code => vec![fault("TA105", code, SyntaxFault::default())],
    };
    let identifier =
        |qualifier: &str, id: &str| Identifier { qualifier: qualifier.to_owned(), id: id.to_owned() };
    let found = verdict.map(|verdict| SyntaxReport {
        document: "TA1".to_owned(),
        interchange: Some(ReportedInterchange {
            number: stated.number.value.clone(),
            sender: envelope.map(|isa| identifier(&isa.receiver_qualifier, &isa.receiver)),
            recipient: envelope.map(|isa| identifier(&isa.sender_qualifier, &isa.sender)),
            verdict,
            faults,
        }),
        place: Field::root().at("TA1").at("01"),
        ..SyntaxReport::default()
    });
    let key = format!(
        "TA1 {} {} {} {} {note}",
        stated.number.as_str(),
        stated.date.as_str(),
        stated.time.as_str(),
        stated.code.as_str()
    );
    report.finish(key, found.map(|found| Command::Report(Box::new(found))))
}

/// A 997.
pub(super) fn functional(stated: &FunctionalAcknowledgment, set: &TransactionSet, terms: &Terms) -> Mapped {
    let mut report = Report::new(terms);
    let mut messages = Vec::new();
    for said in &stated.sets {
        let mut faults = Vec::new();
        for segment in &said.segments {
            let place = in_segment(&segment.id, segment.position);
            told(&mut faults, "AK304", segment.code.as_ref(), !segment.elements.is_empty(), &place);
            for element in &segment.elements {
                let place = in_element(&place, &element.element, &element.component, &element.value);
                faults.push(fault("AK403", &element.code, place));
            }
        }
        let verdict = said.verdicts.first().and_then(|verdict| {
            let notes = [&verdict.note, &verdict.second_note, &verdict.third_note];
            of_set(&mut faults, "AK502", &notes);
            self::verdict(&verdict.code, &mut report)
        });
        messages.push((&said.id, &said.number, verdict, faults));
    }
    let messages = reported(messages);
    finish("997", set, (&stated.group, &stated.verdicts), messages, report)
}

/// A 999.
pub(super) fn implementation(
    stated: &ImplementationAcknowledgment,
    set: &TransactionSet,
    terms: &Terms,
) -> Mapped {
    let mut report = Report::new(terms);
    let mut messages = Vec::new();
    for said in &stated.sets {
        let mut faults = Vec::new();
        for segment in &said.segments {
            let place = in_segment(&segment.id, segment.position);
            told(&mut faults, "IK304", segment.code.as_ref(), !segment.elements.is_empty(), &place);
            for element in &segment.elements {
                let place = in_element(&place, &element.element, &element.component, &element.value);
                faults.push(fault("IK403", &element.code, place));
            }
        }
        let verdict = said.verdicts.first().and_then(|verdict| {
            of_set(&mut faults, "IK502", &[&verdict.note, &verdict.second_note]);
            self::verdict(&verdict.code, &mut report)
        });
        messages.push((&said.id, &said.number, verdict, faults));
    }
    let messages = reported(messages);
    finish("999", set, (&stated.group, &stated.verdicts), messages, report)
}

type Said<'a> = (&'a Located<String>, &'a Located<String>, Option<SyntaxVerdict>, Vec<SyntaxFault>);

/// Sets with a verdict. One without is told of as a fault of the report itself.
fn reported(said: Vec<Said<'_>>) -> Vec<ReportedMessage> {
    said.into_iter()
        .filter_map(|(kind, number, verdict, faults)| {
            Some(ReportedMessage {
                kind: Some(kind.value.clone()),
                number: number.value.clone(),
                verdict: verdict?,
                faults,
            })
        })
        .collect()
}

fn finish(
    document: &str,
    set: &TransactionSet,
    (group, verdicts): (&GroupReference, &[GroupVerdict]),
    messages: Vec<ReportedMessage>,
    mut report: Report<'_>,
) -> Mapped {
    let stated = verdicts.first();
    let verdict = stated.and_then(|stated| verdict(&stated.code, &mut report));
    let mut faults = Vec::new();
    if let Some(stated) = stated {
        of_set(&mut faults, "AK905", &[&stated.note, &stated.second_note]);
    }
    let found = verdict.map(|verdict| SyntaxReport {
        document: document.to_owned(),
        groups: vec![ReportedGroup {
            kind: Some(group.kind.value.clone()),
            number: group.number.value.clone(),
            verdict,
            faults,
            messages,
        }],
        place: field(group.number.at),
        ..SyntaxReport::default()
    });
    let digest = found.as_ref().map(answers::digest).unwrap_or_default();
    let number = set.control.set.as_deref().unwrap_or_default();
    let key = format!("{document} {} {} {number} {digest}", group.kind.as_str(), group.number.as_str());
    report.finish(key, found.map(|found| Command::Report(Box::new(found))))
}

/// Data elements 715 and 717.
fn verdict(code: &Located<String>, report: &mut Report<'_>) -> Option<SyntaxVerdict> {
    Some(match code.as_str() {
        "A" => SyntaxVerdict::Accepted,
        "E" => SyntaxVerdict::AcceptedWithErrors,
        "P" => SyntaxVerdict::PartlyAccepted,
        "R" | "M" | "W" | "X" => SyntaxVerdict::Rejected,
        other => {
            report.refuse(code.at, "UNKNOWN_CODE", format!("{other} is none of A, E, P, R, M, W and X"));
            return None;
        }
    })
}

fn in_segment(id: &Located<String>, position: Option<Located<Decimal>>) -> SyntaxFault {
    SyntaxFault {
        segment: Some(id.value.clone()).filter(|id| !id.is_empty()),
        position: position.and_then(|position| position.value.to_u32()),
        ..SyntaxFault::default()
    }
}

fn in_element(
    segment: &SyntaxFault,
    element: &Located<String>,
    component: &Option<Located<String>>,
    value: &Option<Located<String>>,
) -> SyntaxFault {
    SyntaxFault {
        element: element.parse().ok(),
        component: component.as_ref().and_then(|component| component.parse().ok()),
        value: value.as_ref().map(|value| value.value.clone()),
        ..segment.clone()
    }
}

/// A fault of a segment, unless it only says that its elements have some.
fn told(
    faults: &mut Vec<SyntaxFault>,
    list: &str,
    code: Option<&Located<String>>,
    has_elements: bool,
    place: &SyntaxFault,
) {
    if let Some(code) = code.filter(|code| !(has_elements && code.as_str() == "8")) {
        faults.push(fault(list, code, place.clone()));
    }
}

/// Faults of a set or a group as a whole, unless they only say that segments have some.
fn of_set(faults: &mut Vec<SyntaxFault>, list: &str, notes: &[&Option<Located<String>>]) {
    let told = !faults.is_empty();
    for note in notes.iter().filter_map(|note| note.as_ref()) {
        if !(told && matches!(note.as_str(), "5" | "I5")) {
            faults.push(fault(list, note, SyntaxFault::default()));
        }
    }
}
