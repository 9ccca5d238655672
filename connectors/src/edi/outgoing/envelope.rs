//! Drafts to bytes: envelopes and control numbers around them, and a look at what came of it.
use chrono::NaiveDateTime;
use quayside_canonical::{
    Field, Problems, Timestamp,
    exchange::{ControlNumbers, NumbersNeeded, WrittenInterchange, WrittenMessage},
    partner::{Agreement, Identifier},
    states::{EdiDocument, EdiSyntax},
};
use quayside_edi::{Options, edifact, x12};

use super::{Body, Draft};

/// Who sends to whom, and when.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// What was agreed: the separators, the version.
    pub agreement: &'a Agreement,
    /// Who sends it.
    pub from: &'a Identifier,
    /// Who is to get it.
    pub to: &'a Identifier,
    /// Whether it is marked as trial data.
    pub test: bool,
    /// The time it carries.
    pub at: Timestamp,
}

/// How many control numbers `drafts` need.
#[must_use]
pub fn needs(drafts: &[Draft]) -> NumbersNeeded {
    let messages = drafts.iter().filter(|draft| !matches!(draft.body, Body::Word(_))).count();
    NumbersNeeded { groups: groups(drafts).len(), messages }
}

/// The groups of drafts, in the order of their first sets.
fn groups(drafts: &[Draft]) -> Vec<(&'static str, &str, Vec<&Draft>)> {
    let mut groups: Vec<(&'static str, &str, Vec<&Draft>)> = Vec::new();
    for draft in drafts {
        let Body::Set { group, version, .. } = &draft.body else { continue };
        match groups.iter_mut().find(|(kind, of, _)| kind == group && of == version) {
            Some((_, _, sets)) => sets.push(draft),
            None => groups.push((group, version, vec![draft])),
        }
    }
    groups
}

/// Writes an interchange.
///
/// # Errors
/// Every reason why it cannot be written, or why a receiver would refuse it.
pub fn write(
    drafts: &[Draft],
    envelope: Envelope<'_>,
    numbers: &ControlNumbers,
) -> Result<WrittenInterchange, Problems> {
    let root = Field::root();
    let needed = needs(drafts);
    if numbers.groups.len() != needed.groups || numbers.messages.len() != needed.messages {
        return Err(Problems::one(
            "CONTROL_NUMBERS",
            &root,
            "there are not as many control numbers as messages",
        ));
    }
    let written = match envelope.agreement.syntax {
        EdiSyntax::X12 => write_x12(drafts, envelope, numbers),
        EdiSyntax::Edifact => write_edifact(drafts, envelope, numbers),
    };
    let written = written.map_err(|error| Problems::one("CANNOT_BE_WRITTEN", &root, error))?;
    read_again(&written.bytes, envelope.agreement.syntax)?;
    Ok(written)
}

/// The separator of repetitions in X12: from 00402 on there is one.
pub(super) fn repetition(agreement: &Agreement) -> Option<char> {
    let later = agreement.version.as_str() >= "004020";
    agreement.delimiters.repetition.or(Some('^').filter(|_| later))
}

fn byte(agreed: Option<char>, usual: char) -> Result<u8, String> {
    let agreed = agreed.unwrap_or(usual);
    u8::try_from(agreed)
        .ok()
        .filter(u8::is_ascii)
        .ok_or_else(|| format!("{agreed:?} cannot separate, because it is no ASCII character"))
}

/// The time as envelopes tell it: UTC, without a zone.
pub(super) fn clock(at: Timestamp) -> NaiveDateTime {
    chrono::DateTime::from_timestamp_micros(at.micros()).unwrap_or_default().naive_utc()
}

fn write_x12(
    drafts: &[Draft],
    envelope: Envelope<'_>,
    numbers: &ControlNumbers,
) -> Result<WrittenInterchange, String> {
    let Envelope { agreement, from, to, test, at } = envelope;
    let agreed = agreement.delimiters;
    let delimiters = x12::Delimiters {
        element: byte(agreed.element, '*')?,
        component: Some(byte(agreed.component, '>')?),
        segment: byte(agreed.segment, '~')?,
        repetition: repetition(agreement).map(|found| byte(Some(found), '^')).transpose()?,
    };
    let (short_day, day, time) = x12::acknowledge::stamp(clock(at));
    let control_number = format!("{:09}", numbers.interchange);
    let isa = x12::InterchangeHeader {
        sender_qualifier: from.qualifier.clone(),
        sender: from.id.clone(),
        receiver_qualifier: to.qualifier.clone(),
        receiver: to.id.clone(),
        date: short_day,
        time: time.clone(),
        version: agreement.version.get(..5).unwrap_or(&agreement.version).to_owned(),
        control_number: control_number.clone(),
        usage: if test { "T" } else { "P" }.to_owned(),
        ..x12::InterchangeHeader::default()
    };
    let layout = x12::Layout { delimiters, lines: agreed.line_breaks };
    let words = |error: x12::WriteError| error.to_string();
    let mut writer = x12::Writer::begin(Vec::new(), &isa, layout).map_err(words)?;
    let mut messages = Vec::with_capacity(drafts.len());
    for draft in drafts {
        if let Body::Word(ta1) = &draft.body {
            writer.acknowledgment(ta1).map_err(words)?;
            messages.push(numbered(draft, None, None));
        }
    }
    let mut set_numbers = numbers.messages.iter();
    for ((kind, version, sets), number) in groups(drafts).into_iter().zip(&numbers.groups) {
        let number = number.to_string();
        let gs = x12::GroupHeader::new(kind, &from.id, &to.id, &day, &time, &number, version);
        writer.begin_group(&gs).map_err(words)?;
        for (draft, set_number) in sets.into_iter().zip(set_numbers.by_ref()) {
            let Body::Set { segments, .. } = &draft.body else { continue };
            let set_number = format!("{set_number:04}");
            writer.set(&draft.kind, &set_number, segments).map_err(words)?;
            messages.push(numbered(draft, Some((kind, number.clone())), Some(set_number)));
        }
        writer.end_group().map_err(words)?;
    }
    let bytes = writer.finish().map_err(words)?;
    let file_name = file_name(&messages, &control_number, "x12");
    Ok(WrittenInterchange { bytes, control_number, media_type: "application/edi-x12", file_name, messages })
}

fn numbered(draft: &Draft, group: Option<(&str, String)>, control_number: Option<String>) -> WrittenMessage {
    let (group_kind, group) = group.map(|(kind, number)| (kind.to_owned(), number)).unzip();
    WrittenMessage { document: draft.document, kind: draft.kind.clone(), group_kind, group, control_number }
}

/// Such as `850-000000012.x12`: the same for the same interchange, so that a file that is put twice is one file.
fn file_name(messages: &[WrittenMessage], control_number: &str, extension: &str) -> String {
    let kind = messages.first().map_or("EDI", |message| message.kind.as_str());
    format!("{kind}-{control_number}.{extension}")
}

fn write_edifact(
    drafts: &[Draft],
    envelope: Envelope<'_>,
    numbers: &ControlNumbers,
) -> Result<WrittenInterchange, String> {
    let Envelope { agreement, from, to, test, at } = envelope;
    let agreed = agreement.delimiters;
    let usual = edifact::ServiceCharacters::CUSTOMARY;
    let service = edifact::ServiceCharacters {
        element: byte(agreed.element, '+')?,
        component: byte(agreed.component, ':')?,
        segment: byte(agreed.segment, '\'')?,
        ..usual
    };
    let control_number = numbers.interchange.to_string();
    let reports = drafts.iter().any(|draft| draft.document == EdiDocument::SyntaxReport);
    let header = edifact::InterchangeHeader {
        syntax: if is_latin(drafts) { "UNOC" } else { "UNOY" }.to_owned(),
        syntax_version: "3".to_owned(),
        sender: from.id.clone(),
        sender_qualifier: from.qualifier.clone(),
        recipient: to.id.clone(),
        recipient_qualifier: to.qualifier.clone(),
        date: clock(at).format("%y%m%d").to_string(),
        time: clock(at).format("%H%M").to_string(),
        reference: control_number.clone(),
        wants_acknowledgment: !reports && agreement.confirmed_within_minutes > 0,
        is_test: test,
        ..edifact::InterchangeHeader::default()
    };
    let layout = edifact::Layout { service, without_advice: false, lines: agreed.line_breaks };
    let words = |error: edifact::WriteError| error.to_string();
    let mut writer = edifact::Writer::begin(Vec::new(), header, layout).map_err(words)?;
    let mut messages = Vec::with_capacity(drafts.len());
    for (draft, number) in drafts.iter().zip(&numbers.messages) {
        let Body::Message { header, segments } = &draft.body else { continue };
        let reference = number.to_string();
        let header = edifact::MessageHeader { reference: reference.clone(), ..header.clone() };
        writer.message(&header, segments).map_err(words)?;
        messages.push(numbered(draft, None, Some(reference)));
    }
    let bytes = writer.finish().map_err(words)?;
    let file_name = file_name(&messages, &control_number, "edi");
    Ok(WrittenInterchange { bytes, control_number, media_type: "application/edifact", file_name, messages })
}

/// Whether every character is one of ISO 8859-1.
fn is_latin(drafts: &[Draft]) -> bool {
    let segments = drafts.iter().flat_map(|draft| match &draft.body {
        Body::Message { segments, .. } | Body::Set { segments, .. } => segments.as_slice(),
        Body::Word(segment) => std::slice::from_ref(segment),
    });
    let mut texts = segments.flat_map(|segment| &segment.elements).flat_map(|element| &element.components);
    texts.all(|text| text.chars().all(|found| u32::from(found) <= 0xFF))
}

/// Reads what was written: what our own reader refuses, a receiver would.
fn read_again(bytes: &[u8], syntax: EdiSyntax) -> Result<(), Problems> {
    let mut problems = Problems::new();
    let options = Options::default();
    let mut note = |found: &[quayside_edi::Problem]| {
        for problem in found.iter().filter(|problem| problem.rejects()) {
            problems.push(crate::edi::problem(problem));
        }
    };
    match syntax {
        EdiSyntax::X12 => {
            for interchange in x12::Interchanges::new(bytes, options).flatten() {
                note(&interchange.problems);
                for group in &interchange.groups {
                    note(&group.problems);
                    for set in &group.sets {
                        note(&x12::messages::read(set, &options).problems);
                    }
                }
            }
        }
        EdiSyntax::Edifact => {
            for interchange in edifact::Interchanges::new(bytes, options).flatten() {
                note(&interchange.problems);
                for message in interchange.messages() {
                    note(&edifact::messages::read(message, &options).problems);
                }
            }
        }
    }
    problems.into_result()
}
