//! ORDRSP: what the supplier answers.
//!
//! Senders write the verdict in BGM 1225 (27, 29, 4 …), or in BGM 4343 (AP, RE, AC …), or only in LIN 1229. All three
//! are read. Two headings that contradict each other refuse the message; a heading that accepts and a line that does
//! not are reported, and the line is taken. A line that is not in the message is never answered by it. Function 16,
//! 19 or 52, and action 23 of a line, propose: they amend what was answered.
use std::collections::BTreeMap;

use quayside_canonical::statement::{AcknowledgmentStatement, Says, StatedLine};
use quayside_edi::{Located, Place, edifact::messages::Order};

use super::{
    Command, Mapped, Sent, Terms,
    answer::{self, Answered},
    answers::{self, Verdict},
    heading, line, names,
    report::{Report, field},
    values,
};

/// What the heading says.
#[derive(Clone, Debug)]
pub(super) struct Heading {
    pub(super) verdict: Verdict,
    /// Whether it only asks for what it states.
    pub(super) proposes: bool,
    /// The code that says so.
    pub(super) code: String,
    pub(super) at: Place,
}

/// What one of its two codes says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Decides(Verdict),
    Proposes,
    /// Neither yes nor no.
    Nothing,
    /// About the message, not about the order.
    Neutral,
}

pub(super) fn map(stated: &Order, sent: &Sent, terms: &Terms) -> Mapped {
    let mut report = Report::new(terms);
    let heading = heading(stated, &mut report);
    let says = heading.and_then(|heading| says(stated, &heading, &mut report));
    let order = order_of(stated, &mut report);
    let statement = says.zip(order).and_then(|(says, order)| statement(stated, says, order, &mut report));
    let number = order.map_or("", |order| order.as_str());
    let function = stated.document.function.as_ref().map_or("", |function| function.as_str());
    let key = answers::key("ORDRSP", number, function, statement.as_ref(), sent);
    report.finish(key, statement.map(|statement| Command::Answer(Box::new(statement))))
}

fn order_of<'a>(stated: &'a Order, report: &mut Report<'_>) -> Option<&'a Located<String>> {
    let found = names::reference(&stated.references, &["ON"]);
    if found.is_none() {
        report.refuse(stated.document.at, "ORDER_MISSING", "no RFF with ON names the order that is answered");
    }
    found
}

/// BGM 1225.
fn function(code: &str) -> Option<Word> {
    Some(match code {
        "29" => Word::Decides(Verdict::Accepts),
        "27" => Word::Decides(Verdict::Rejects),
        "4" | "28" | "30" | "34" => Word::Decides(Verdict::Lines),
        "16" | "19" | "52" => Word::Proposes,
        "12" => Word::Nothing,
        "5" | "6" | "7" | "9" | "11" | "31" | "35" | "42" => Word::Neutral,
        _ => return None,
    })
}

/// Whether a message of this function replaces or repeats another: then it adds nothing to one.
fn is_anew(code: &str) -> bool {
    matches!(code, "5" | "7" | "31" | "35")
}

/// BGM 4343.
fn response(code: &str) -> Option<Word> {
    Some(match code {
        "AP" | "AD" => Word::Decides(Verdict::Accepts),
        "RE" => Word::Decides(Verdict::Rejects),
        "AC" | "AI" | "CA" => Word::Decides(Verdict::Lines),
        "AB" | "AJ" | "NA" => Word::Nothing,
        _ => return None,
    })
}

fn word(
    found: Option<&Located<String>>,
    of: fn(&str) -> Option<Word>,
    what: &str,
    report: &mut Report<'_>,
) -> Option<Word> {
    let Some(found) = found else { return Some(Word::Neutral) };
    let word = of(found);
    if word.is_none() {
        report.refuse(found.at, "UNKNOWN_CODE", format!("{} is no {what} of an answer", found.value));
    }
    word
}

fn heading(stated: &Order, report: &mut Report<'_>) -> Option<Heading> {
    let document = &stated.document;
    let by_function = word(document.function.as_ref(), function, "function", report);
    let by_response = word(document.response.as_ref(), response, "response", report);
    let (by_function, by_response) = (by_function?, by_response?);
    let at_function = document.function.as_ref();
    let at_response = document.response.as_ref();
    let of = |found: Option<&Located<String>>, verdict, proposes| Heading {
        verdict,
        proposes,
        code: found.map(|found| found.value.clone()).unwrap_or_default(),
        at: found.map_or(document.at, |found| found.at),
    };
    Some(match (by_function, by_response) {
        (Word::Proposes, _) => of(at_function, Verdict::Lines, true),
        (Word::Decides(one), Word::Decides(other)) if one != other => {
            contradiction(stated, one, other, report)?;
            of(at_function, Verdict::Lines, false)
        }
        (Word::Decides(verdict), _) => of(at_function, verdict, false),
        (_, Word::Decides(verdict)) => of(at_response, verdict, false),
        (Word::Nothing, _) | (_, Word::Nothing) if stated.lines.is_empty() => {
            let found = if by_function == Word::Nothing { at_function } else { at_response };
            let said = of(found, Verdict::Lines, false);
            let words = format!("{} says neither yes nor no; the order waits for an answer", said.code);
            report.refuse(said.at, "NO_STATEMENT", words);
            return None;
        }
        _ => of(at_response.or(at_function), Verdict::Lines, false),
    })
}

/// Two codes that say different things. Where one leaves it to the lines, they are asked.
fn contradiction(stated: &Order, one: Verdict, other: Verdict, report: &mut Report<'_>) -> Option<()> {
    let (Some(function), Some(response)) = (&stated.document.function, &stated.document.response) else {
        return Some(());
    };
    let both = format!("function {} and response {} do not say the same", function.value, response.value);
    if one == Verdict::Lines || other == Verdict::Lines {
        report.warn(response.at, "CONTRADICTION", format!("{both}; the lines were taken"));
        return Some(());
    }
    report.refuse(response.at, "CONTRADICTION", format!("{both}; which holds is not known"));
    None
}

fn says(stated: &Order, heading: &Heading, report: &mut Report<'_>) -> Option<Says> {
    if stated.lines.is_empty() {
        return match heading.verdict {
            Verdict::Accepts => Some(Says::AcceptsAll),
            Verdict::Rejects => Some(Says::RejectsAll { reason: heading.code.clone() }),
            Verdict::Lines => {
                let words = "the heading leaves it to the lines, and there are none";
                report.refuse(heading.at, "NO_STATEMENT", words);
                None
            }
        };
    }
    let lines = lines(stated, heading, report);
    answers::compare(heading.verdict, heading.at, &heading.code, &lines, report);
    if lines.is_empty() {
        report.refuse(heading.at, "NO_STATEMENT", "no line of the message says what becomes of it");
        return None;
    }
    Some(Says::Lines(lines))
}

/// What is said about the lines of the order, in the order of the message. Several LIN may be about one of them, if
/// they refer to it.
fn lines(stated: &Order, heading: &Heading, report: &mut Report<'_>) -> Vec<StatedLine> {
    let mut answered: Vec<(String, Answered)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for line in &stated.lines {
        if line::is_component(line, report) {
            continue;
        }
        let said = answer::of(line, heading, &stated.dates, report);
        let Some(number) = line::number(line, report) else { continue };
        let Some(said) = said else { continue };
        match places.get(&number).and_then(|place| answered.get_mut(*place)) {
            Some((_, first)) => {
                let counted = names::line_of(line).filter(|found| found.at.segment.as_str() == "LIN");
                if let Some(found) = counted {
                    report.refuse(found.at, "DUPLICATE_LINE", format!("line {number} comes twice"));
                }
                first.join(said);
            }
            None => {
                places.insert(number.clone(), answered.len());
                answered.push((number, said));
            }
        }
    }
    answered.into_iter().filter_map(|(number, said)| said.finish(number, report)).collect()
}

fn statement(
    stated: &Order,
    says: Says,
    order: &Located<String>,
    report: &mut Report<'_>,
) -> Option<AcknowledgmentStatement> {
    let notes = heading::notes(&stated.texts, report);
    let note = values::joined(notes.iter().map(String::as_str), "\n");
    let own = names::reference(&stated.references, &["VN"]).or(stated.document.number.as_ref());
    Some(AcknowledgmentStatement {
        number: values::code(order, report)?,
        release: None,
        supplier_reference: own.and_then(|own| values::code(own, report)),
        note: (!note.is_empty()).then_some(note),
        says,
        anew: stated.document.function.as_ref().is_some_and(|function| is_anew(function.as_str())),
        place: field(order.at),
    })
}
