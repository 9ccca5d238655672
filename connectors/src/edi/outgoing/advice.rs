//! What was right in form and refused in substance: an 824 or an APERAK for each such message.
use quayside_canonical::{
    Field, Problem, Problems, Timestamp,
    partner::Agreement,
    states::{EdiDocument, EdiSyntax},
};
use quayside_edi::{
    edifact::messages as msg,
    x12::{acknowledge::stamp, messages as set},
};

use super::{
    Body, Draft,
    edifact::{draft, header, moment, reference},
    envelope::clock,
    words::Words,
};

/// How many reasons an advice gives.
const REASONS: usize = 99;

/// A message that was refused, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The number of the advice.
    pub number: String,
    /// What the message was, such as `855` or `ORDRSP`.
    pub kind: String,
    /// The number of the document it brought: of the order, of the shipment.
    pub about: Option<String>,
    /// The control number of its group.
    pub group: Option<String>,
    /// Its own control number.
    pub message: String,
    /// Everything wrong with it. A field that begins with a segment's position and name is told by it.
    pub problems: Vec<Problem>,
    /// When it was refused.
    pub at: Timestamp,
}

/// The advice about a message.
///
/// # Errors
/// Every reason why it cannot be said.
pub fn advise(objection: &Objection, agreement: &Agreement) -> Result<Draft, Problems> {
    match agreement.syntax {
        EdiSyntax::X12 => x12(objection, agreement),
        EdiSyntax::Edifact => edifact(objection, agreement),
    }
}

/// Where a problem is, as far as its field tells: segment, its position, the element.
fn place(problem: &Problem) -> (Option<&str>, Option<&str>, Option<&str>) {
    let number = |step: &&String| !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
    let Some(index) = problem.field.first().filter(number) else { return (None, None, None) };
    let segment = problem.field.get(1).filter(|name| (2..=3).contains(&name.len()));
    let element = problem.field.get(2).filter(number);
    (segment.map(String::as_str), Some(index), element.map(String::as_str))
}

fn x12(objection: &Objection, agreement: &Agreement) -> Result<Draft, Problems> {
    let mut words = Words::new(agreement);
    let root = Field::root();
    let (_, day, time) = stamp(clock(objection.at));
    let about = objection.about.as_deref().filter(|about| about.len() <= 30);
    let errors: Vec<set::TechnicalError> =
        objection.problems.iter().take(REASONS).map(|problem| technical(problem, &words)).collect();
    let response = set::ApplicationResponse {
        code: "TR".into(),
        reference_qualifier: "TN".into(),
        reference: words.code(about.unwrap_or(&objection.message), 30, &root.at("about")),
        group_number: objection.group.as_deref().map(Into::into),
        set_number: Some(objection.message.as_str().into()),
        set_id: Some(objection.kind.as_str().into()),
        errors,
        ..set::ApplicationResponse::default()
    };
    let message = set::ApplicationAdvice {
        begin: set::AdviceBegin {
            purpose: "00".into(),
            number: words.code(&objection.number, 30, &root.at("number")),
            date: day.into(),
            time: Some(time.into()),
            ..set::AdviceBegin::default()
        },
        responses: vec![response],
        ..set::ApplicationAdvice::default()
    };
    let message = set::Message::ApplicationAdvice(Box::new(message));
    let version = agreement.version_of(EdiDocument::ApplicationAdvice).to_owned();
    let body = Body::Set { group: "AG", version, segments: message.segments() };
    let draft = Draft { document: EdiDocument::ApplicationAdvice, kind: message.set_id().to_owned(), body };
    words.finish(draft)
}

fn technical(problem: &Problem, words: &Words<'_>) -> set::TechnicalError {
    let (segment, position, element) = place(problem);
    let mut pieces = words.text(&problem.message, 60).into_iter();
    let text = pieces.next();
    let rest: Vec<_> = pieces.map(|piece| piece.value).collect();
    let notes = words.text(&rest.join(" "), 80).into_iter().map(|text| set::PlainNote {
        subject: Some("ERN".into()),
        text,
        ..set::PlainNote::default()
    });
    set::TechnicalError {
        code: code(&problem.code).into(),
        text,
        segment: segment.map(Into::into),
        position: position.filter(|_| segment.is_some()).map(Into::into),
        element: element.map(|element| element.trim_start_matches('0').into()),
        notes: notes.take(REASONS).collect(),
        ..set::TechnicalError::default()
    }
}

/// Data element 647.
fn code(ours: &str) -> &'static str {
    match ours {
        "CONFLICT" | "DUPLICATE" | "DUPLICATE_LINE" | "REVISION_CONFLICT" => "006",
        "REQUIRED" => "007",
        "UNKNOWN_ORDER" | "ORDER_NOT_FOUND" => "POI",
        "INVALID_VALUE" | "INVALID" => "848",
        _ => "ZZZ",
    }
}

fn edifact(objection: &Objection, agreement: &Agreement) -> Result<Draft, Problems> {
    let mut words = Words::new(agreement);
    let root = Field::root();
    let header = header("APERAK", EdiDocument::ApplicationAdvice, agreement);
    let about = objection.about.as_deref().unwrap_or(&objection.message);
    let errors =
        objection.problems.iter().take(REASONS).map(|problem| application(problem, &words)).collect();
    let message = msg::ApplicationAdvice {
        header: header.clone(),
        document: msg::Document {
            kind: Some("313".into()),
            number: Some(words.code(&objection.number, 35, &root.at("number"))),
            function: Some("27".into()),
            ..msg::Document::default()
        },
        dates: vec![moment("137", objection.at)],
        references: vec![
            reference("ACW", words.code(&objection.message, 35, &root.at("message"))),
            reference("AGO", words.code(about, 35, &root.at("about"))),
        ],
        errors,
        ..msg::ApplicationAdvice::default()
    };
    words.finish(draft(EdiDocument::ApplicationAdvice, header, message.segments()))
}

fn application(problem: &Problem, words: &Words<'_>) -> msg::ApplicationError {
    let code: String = problem.code.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    let texts = words
        .text(&problem.message, 70)
        .chunks(5)
        .map(|lines| msg::Text { subject: "AAO".into(), lines: lines.to_vec(), ..msg::Text::default() })
        .take(9)
        .collect();
    msg::ApplicationError {
        code: code.as_str().into(),
        list: None,
        agency: Some("92".into()),
        texts,
        ..msg::ApplicationError::default()
    }
}
