//! What is to be answered to an interchange: a CONTRL.

use crate::options::Options;
use crate::problem::{Problem, ProblemCode, Standard, Weight};

use super::header::MessageHeader;
use super::interchange::{Group, Interchange};
use super::message::RawMessage;
use super::messages::{
    ElementResponse, GroupResponse, InterchangeResponse, MessageResponse, SegmentResponse, SyntaxReport, read,
};

/// Acknowledged, what is below it as well unless it is named.
const ACKNOWLEDGED: &str = "7";
/// Rejected, with all below it.
const REJECTED: &str = "4";

/// The CONTRL that an interchange is owed. None to one without a UNB, which names no one to answer; and none to one
/// of nothing but CONTRL, so that two systems do not answer each other for ever.
///
/// ```
/// use quayside_edi::Options;
/// use quayside_edi::edifact::{Interchanges, acknowledge};
///
/// let file = "UNB+UNOC:3+A+B+260101:1200+R1'UNH+1+ORDERS:D:96A:UN'BGM+220+PO-1+9'DTM+137:20260101:102'\
///             LIN+1'QTY+21:6O'UNS+S'UNT+7+1'UNZ+1+R1'";
/// let options = Options::default();
/// let interchange = Interchanges::new(file.as_bytes(), options).next().expect("one")?;
/// let answer = acknowledge::interchange(&interchange, &options).expect("it is owed one");
///
/// let message = &answer.messages[0];
/// assert_eq!((message.action.as_str(), message.segments[0].position.as_str()), ("4", "5"));
/// assert_eq!(*message.segments[0].elements[0].error, "37");
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use]
pub fn interchange(interchange: &Interchange, options: &Options) -> Option<SyntaxReport> {
    interchange_by(interchange, options, &Problem::weight)
}

/// The same where it is agreed what refuses a message. What is wrong with the envelopes refuses in any case.
#[must_use]
pub fn interchange_by(
    interchange: &Interchange,
    options: &Options,
    weight: &dyn Fn(&Problem) -> Weight,
) -> Option<SyntaxReport> {
    let unb = interchange.header.as_deref()?;
    let mut messages = interchange.messages().peekable();
    if messages.peek().is_some() && messages.all(|message| message.header.kind == "CONTRL") {
        return None;
    }
    let fault = interchange.problems.iter().find(|problem| problem.rejects());
    let some = |text: &str| Some(text).filter(|text| !text.is_empty()).map(Into::into);
    let response = InterchangeResponse {
        reference: unb.reference.as_str().into(),
        sender: some(&unb.sender),
        sender_qualifier: some(&unb.sender_qualifier),
        sender_internal: some(&unb.sender_internal),
        recipient: some(&unb.recipient),
        recipient_qualifier: some(&unb.recipient_qualifier),
        recipient_internal: some(&unb.recipient_internal),
        action: if fault.is_some() { REJECTED } else { ACKNOWLEDGED }.into(),
        error: fault.and_then(error),
        segment: fault.and_then(service_segment),
        ..InterchangeResponse::default()
    };
    let mut report = SyntaxReport {
        header: MessageHeader::of("CONTRL", "D", "3", ""),
        interchange: response,
        ..SyntaxReport::default()
    };
    if fault.is_some() {
        return Some(report);
    }
    for found in &interchange.groups {
        let messages = || found.messages.iter().filter_map(|raw| message(raw, options, weight));
        match &found.header {
            None => report.messages.extend(messages()),
            Some(_) => report.groups.extend(group(found, messages().collect())),
        }
    }
    Some(report)
}

/// What is said about a group: something only if it, or a message in it, is refused.
fn group(found: &Group, messages: Vec<MessageResponse>) -> Option<GroupResponse> {
    let ung = found.header.as_deref()?;
    let fault = found.problems.iter().find(|problem| problem.rejects());
    if fault.is_none() && messages.is_empty() {
        return None;
    }
    Some(GroupResponse {
        reference: ung.reference.as_str().into(),
        sender: Some(ung.sender.as_str().into()),
        recipient: Some(ung.recipient.as_str().into()),
        action: if fault.is_some() { REJECTED } else { ACKNOWLEDGED }.into(),
        error: fault.and_then(error),
        segment: fault.and_then(service_segment),
        messages: if fault.is_some() { Vec::new() } else { messages },
        ..GroupResponse::default()
    })
}

/// What is said about a message: nothing if it is accepted.
fn message(
    raw: &RawMessage,
    options: &Options,
    weight: &dyn Fn(&Problem) -> Weight,
) -> Option<MessageResponse> {
    let reading = read(raw, options);
    let refuses = |problem: &&Problem| problem.standard.is_some() && weight(problem) == Weight::Refuses;
    let refusing: Vec<&Problem> = reading.problems.iter().filter(refuses).collect();
    if refusing.is_empty() {
        return None;
    }
    let of_message = refusing.iter().find(|problem| !is_inside(problem));
    let some = |text: &str| Some(text).filter(|text| !text.is_empty()).map(Into::into);
    let header = &raw.header;
    Some(MessageResponse {
        reference: header.reference.as_str().into(),
        kind: some(&header.kind),
        version: some(&header.version),
        release: some(&header.release),
        agency: some(&header.agency),
        association: some(&header.association),
        action: REJECTED.into(),
        error: of_message.and_then(|problem| error(problem)),
        segment: of_message.and_then(|problem| service_segment(problem)),
        segments: segments(&refusing),
        ..MessageResponse::default()
    })
}

/// Whether a problem is in a segment between UNH and UNT, or about one that is missing there.
fn is_inside(problem: &Problem) -> bool {
    let service = problem.position.segment.is_some_and(|segment| segment.as_str().starts_with("UN"));
    problem.position.segment_index.is_some() && (!service || problem.code == ProblemCode::SegmentMissing)
}

/// UCS and UCD: one UCS for each segment at fault, in their order.
fn segments(refusing: &[&Problem]) -> Vec<SegmentResponse> {
    let mut segments: Vec<SegmentResponse> = Vec::new();
    for problem in refusing.iter().filter(|problem| is_inside(problem)) {
        let position = problem.position.segment_index.unwrap_or(1).to_string();
        let Some(element) = problem.position.element else {
            let segment = SegmentResponse {
                position: position.into(),
                error: error(problem),
                ..SegmentResponse::default()
            };
            segments.push(segment);
            continue;
        };
        if segments.last().is_none_or(|last| last.position.value != position || last.error.is_some()) {
            segments.push(SegmentResponse { position: position.into(), ..SegmentResponse::default() });
        }
        if let Some(last) = segments.last_mut() {
            last.elements.push(ElementResponse {
                error: error(problem).unwrap_or_else(|| "18".into()),
                // The tag is counted.
                element: (u32::from(element) + 1).to_string().into(),
                component: problem.position.component.map(|component| component.to_string().into()),
                ..ElementResponse::default()
            });
        }
    }
    segments
}

fn error(problem: &Problem) -> Option<crate::position::Located<String>> {
    match problem.standard {
        Some(Standard::Contrl(code)) => Some(code.into()),
        _ => Some("18".into()),
    }
}

fn service_segment(problem: &Problem) -> Option<crate::position::Located<String>> {
    let named = problem.position.segment.map(|segment| segment.as_str().to_owned());
    let missing = match problem.code {
        ProblemCode::UnzMissing => Some("UNZ"),
        ProblemCode::GroupTrailerMissing => Some("UNE"),
        ProblemCode::SetTrailerMissing => Some("UNT"),
        _ => None,
    };
    let segment = missing.map(str::to_owned).or(named)?;
    segment.starts_with("UN").then(|| segment.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edifact::Interchanges;

    #[test]
    fn a_contrl_is_not_answered_but_what_comes_with_it_is() {
        let contrl = "UNH+1+CONTRL:D:3:UN'UCI+R9+B+A+7'UNT+3+1'";
        let order = "UNH+2+ORDERS:D:96A:UN'BGM+220+PO-1+9'DTM+137:20260101:102'LIN+1'QTY+21:6'UNS+S'UNT+7+2'";
        let options = Options::default();
        for (messages, count, is_owed) in
            [(contrl.to_owned(), 1, false), (format!("{contrl}{order}"), 2, true)]
        {
            let file = format!("UNB+UNOC:3+A+B+260101:1200+R1'{messages}UNZ+{count}+R1'");
            let found = Interchanges::new(file.as_bytes(), options).next().unwrap().unwrap();
            assert_eq!(interchange(&found, &options).is_some(), is_owed, "{messages}");
        }
    }
}
