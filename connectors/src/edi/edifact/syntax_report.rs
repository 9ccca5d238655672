//! CONTRL: what the partner's system says about the syntax of what we sent.
//!
//! Actions of 0083: 4 rejects, 7 takes what is not rejected further in, 8 says that it arrived. Positions of elements
//! (0098) count the tag of the segment as the first; ours do not.
use quayside_canonical::{
    partner::Identifier,
    states::SyntaxVerdict,
    syntax_report::{ReportedGroup, ReportedInterchange, ReportedMessage, SyntaxFault, SyntaxReport},
};
use quayside_edi::{
    Located,
    edifact::messages::{
        ElementResponse, GroupResponse, InterchangeResponse, MessageResponse, SegmentResponse,
        SyntaxReport as Stated,
    },
};
use rust_decimal::prelude::ToPrimitive;

use super::{
    Command, Mapped, Sent, Terms, answers,
    faults::fault,
    report::{Report, field},
};

/// The list of what is wrong.
const LIST: &str = "0085";

pub(super) fn map(stated: &Stated, sent: &Sent, terms: &Terms) -> Mapped {
    let mut report = Report::new(terms);
    let answered = &stated.interchange;
    let interchange = interchange(answered, &mut report);
    // Messages stand under UCI or UCF, or as the reader left them.
    let mut messages = messages(answered.messages.iter().chain(&stated.messages), &mut report);
    let mut groups = Vec::new();
    for group in answered.groups.iter().chain(&stated.groups) {
        groups.extend(self::group(group, &mut report));
    }
    // What a message is rejected for may be told only for the message.
    messages.dedup();
    let found = interchange.map(|interchange| SyntaxReport {
        document: "CONTRL".to_owned(),
        interchange: Some(interchange),
        groups,
        messages,
        place: field(answered.reference.at),
    });
    let digest = found.as_ref().map(answers::digest).unwrap_or_default();
    let key = format!("CONTRL {} {} {digest}", answered.reference.as_str(), sent.at);
    report.finish(key, found.map(|found| Command::Report(Box::new(found))))
}

fn interchange(stated: &InterchangeResponse, report: &mut Report<'_>) -> Option<ReportedInterchange> {
    let verdict = verdict(&stated.action, report)?;
    let place = SyntaxFault {
        segment: text(&stated.segment),
        element: stated.element.as_ref().and_then(|element| element.value.to_u32()).and_then(ours),
        component: stated.component.as_ref().and_then(|component| component.value.to_u32()),
        ..SyntaxFault::default()
    };
    let identifier = |id: &Option<Located<String>>, qualifier: &Option<Located<String>>| {
        let id = text(id)?;
        Some(Identifier { qualifier: text(qualifier).unwrap_or_default(), id })
    };
    Some(ReportedInterchange {
        number: stated.reference.value.clone(),
        sender: identifier(&stated.sender, &stated.sender_qualifier),
        recipient: identifier(&stated.recipient, &stated.recipient_qualifier),
        verdict,
        faults: stated.error.iter().map(|error| fault(LIST, error, place.clone())).collect(),
    })
}

fn group(stated: &GroupResponse, report: &mut Report<'_>) -> Option<ReportedGroup> {
    let verdict = verdict(&stated.action, report)?;
    let place = SyntaxFault { segment: text(&stated.segment), ..SyntaxFault::default() };
    Some(ReportedGroup {
        kind: None,
        number: stated.reference.value.clone(),
        verdict,
        faults: stated.error.iter().map(|error| fault(LIST, error, place.clone())).collect(),
        messages: messages(stated.messages.iter(), report),
    })
}

fn messages<'a>(
    stated: impl Iterator<Item = &'a MessageResponse>,
    report: &mut Report<'_>,
) -> Vec<ReportedMessage> {
    let mut messages = Vec::new();
    for stated in stated {
        let Some(verdict) = verdict(&stated.action, report) else { continue };
        let place = SyntaxFault { segment: text(&stated.segment), ..SyntaxFault::default() };
        let mut faults: Vec<SyntaxFault> =
            stated.error.iter().map(|error| fault(LIST, error, place.clone())).collect();
        for segment in &stated.segments {
            in_segment(segment, &mut faults);
        }
        let number = stated.reference.value.clone();
        messages.push(ReportedMessage { kind: text(&stated.kind), number, verdict, faults });
    }
    messages
}

fn in_segment(stated: &SegmentResponse, faults: &mut Vec<SyntaxFault>) {
    let place = SyntaxFault { position: stated.position.parse().ok(), ..SyntaxFault::default() };
    if let Some(error) = &stated.error {
        faults.push(fault(LIST, error, place.clone()));
    }
    for element in &stated.elements {
        faults.push(fault(LIST, &element.error, in_element(element, &place)));
    }
}

fn in_element(stated: &ElementResponse, place: &SyntaxFault) -> SyntaxFault {
    let component = stated.component.as_ref().and_then(|component| component.parse().ok());
    let position: Option<u32> = stated.element.parse().ok();
    // A tag has no components: who names one did not count the tag.
    let element = if component.is_some() && position == Some(1) { position } else { position.and_then(ours) };
    SyntaxFault { element, component, ..place.clone() }
}

/// A position of 0098 as we count; none for the tag.
fn ours(position: u32) -> Option<u32> {
    position.checked_sub(1).filter(|element| *element > 0)
}

/// Data element 0083.
fn verdict(action: &Located<String>, report: &mut Report<'_>) -> Option<SyntaxVerdict> {
    Some(match action.as_str() {
        "1" | "7" => SyntaxVerdict::Accepted,
        "2" => SyntaxVerdict::AcceptedWithErrors,
        "3" => SyntaxVerdict::PartlyAccepted,
        "4" | "6" => SyntaxVerdict::Rejected,
        "5" | "8" => SyntaxVerdict::Received,
        other => {
            report.refuse(action.at, "UNKNOWN_CODE", format!("{other} is not an action we know"));
            return None;
        }
    })
}

fn text(found: &Option<Located<String>>) -> Option<String> {
    found.as_ref().map(|text| text.value.clone())
}
