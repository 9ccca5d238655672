//! 855: what the supplier answers.
//!
//! Lines decide, and BAK02 is held against them. AK, AD and AT without lines accept the order as it stands; RJ and
//! RD without lines reject it. Under AK, AD and AT a line without an ACK is accepted as it is stated there; under RJ
//! and RD it is rejected; under anything else it says nothing. A line that is not in the message is never answered
//! by it, not even under AE.
use std::collections::BTreeSet;

use super::{
    Command, Mapped, Sent, Terms, ack,
    answers::{self, Verdict},
    heading, line,
    report::{Report, field},
    values,
};
use quayside_canonical::statement::{AcknowledgmentStatement, Says, StatedLine, StatedPart};
use quayside_canonical::states::AnswerKind;
use quayside_edi::{
    Located,
    x12::messages::{Line, OrderAcknowledgment},
};

pub(super) fn map(stated: &OrderAcknowledgment, sent: &Sent, terms: &Terms) -> Mapped {
    let mut report = Report::new(terms);
    check_purpose(&stated.purpose, &mut report);
    let verdict = verdict(stated, &mut report);
    let says = verdict.and_then(|verdict| says(stated, verdict, &mut report));
    let statement = says.and_then(|says| statement(stated, says, &mut report));
    let (number, purpose) = (&stated.order_number.value, &stated.purpose.value);
    let key = answers::key("855", number, purpose, statement.as_ref(), sent);
    report.finish(key, statement.map(|statement| Command::Answer(Box::new(statement))))
}

fn check_purpose(found: &Located<String>, report: &mut Report<'_>) {
    if !matches!(found.value.as_str(), "00" | "04" | "05" | "06" | "07" | "11") {
        let words = format!("purpose {} is none of 00, 04, 05, 06, 07 and 11", found.value);
        report.refuse(found.at, "PURPOSE_NOT_TAKEN", words);
    }
}

fn verdict(stated: &OrderAcknowledgment, report: &mut Report<'_>) -> Option<Verdict> {
    let found = &stated.acknowledgment_type;
    match found.value.as_str() {
        "AK" | "AD" | "AT" => Some(Verdict::Accepts),
        "RJ" | "RD" => Some(Verdict::Rejects),
        "AC" | "AE" | "AP" | "RF" | "RN" | "RO" | "ZZ" => Some(Verdict::Lines),
        "AH" | "RV" if !stated.lines.is_empty() => Some(Verdict::Lines),
        "AH" | "NA" | "RV" => {
            let words = format!("{} says neither yes nor no; the order waits for an answer", found.value);
            report.refuse(found.at, "NO_STATEMENT", words);
            None
        }
        other => {
            report.refuse(found.at, "UNKNOWN_CODE", format!("{other} is not a type of acknowledgment"));
            None
        }
    }
}

fn says(stated: &OrderAcknowledgment, verdict: Verdict, report: &mut Report<'_>) -> Option<Says> {
    let type_code = &stated.acknowledgment_type;
    if stated.lines.is_empty() {
        return match verdict {
            Verdict::Accepts => Some(Says::AcceptsAll),
            Verdict::Rejects => Some(Says::RejectsAll { reason: type_code.value.clone() }),
            Verdict::Lines => {
                let words = format!("{} leaves it to the lines, and there are none", type_code.value);
                report.refuse(type_code.at, "NO_STATEMENT", words);
                None
            }
        };
    }
    let mut numbers = BTreeSet::new();
    let mut lines = Vec::with_capacity(stated.lines.len());
    for line in &stated.lines {
        if !numbers.insert(&line.id.text) {
            report.refuse(line.id.at, "DUPLICATE_LINE", format!("line {} comes twice", line.id.text));
        }
        lines.extend(answered(line, verdict, stated, report));
    }
    answers::compare(verdict, type_code.at, &type_code.value, &lines, report);
    if lines.is_empty() {
        report.refuse(type_code.at, "NO_STATEMENT", "no line of the message says what becomes of it");
        return None;
    }
    Some(Says::Lines(lines))
}

/// What a line says; nothing when it leaves the decision for later.
fn answered(
    stated: &Line,
    verdict: Verdict,
    message: &OrderAcknowledgment,
    report: &mut Report<'_>,
) -> Option<StatedLine> {
    let number = line::line_number(stated, report)?;
    if !stated.section.statuses.is_empty() {
        let ack::Parts { parts, rest, open } = ack::parts(stated, &message.heading, report)?;
        return Some(StatedLine {
            line: number,
            parts,
            rest_rejected_for: rest,
            amends: false,
            open,
            place: field(stated.at),
        });
    }
    let part = match verdict {
        Verdict::Accepts => ack::as_detailed(stated, &message.heading, report),
        Verdict::Rejects => StatedPart {
            kind: AnswerKind::Rejected,
            quantity: None,
            unit: None,
            promised_on: None,
            price: None,
            reason: Some(message.acknowledgment_type.value.clone()),
            substitute: None,
            place: field(stated.at),
        },
        Verdict::Lines => {
            let words = format!("line {} has no ACK; it was left unanswered", stated.id.text);
            report.warn(stated.at, "NO_STATEMENT", words);
            return None;
        }
    };
    Some(StatedLine {
        line: number,
        parts: vec![part],
        rest_rejected_for: None,
        amends: false,
        open: false,
        place: field(stated.at),
    })
}

fn statement(
    stated: &OrderAcknowledgment,
    says: Says,
    report: &mut Report<'_>,
) -> Option<AcknowledgmentStatement> {
    let note = heading::notes(&stated.heading.notes, report).join("\n");
    let note: String = note.chars().take(2_000).collect();
    Some(AcknowledgmentStatement {
        number: values::code(&stated.order_number, report)?,
        release: stated.release.as_ref().and_then(|release| values::code(release, report)),
        supplier_reference: stated.reference.as_ref().and_then(|reference| values::code(reference, report)),
        note: (!note.is_empty()).then_some(note),
        says,
        anew: matches!(stated.purpose.value.as_str(), "04" | "05" | "07"),
        place: field(stated.order_number.at),
    })
}
