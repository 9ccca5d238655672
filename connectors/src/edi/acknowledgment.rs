//! 855: what the supplier answers.
//!
//! Lines decide, and BAK02 is held against them. AK, AD and AT without lines accept the order as it stands; RJ and
//! RD without lines reject it. Under AK, AD and AT a line without an ACK is accepted as it is stated there; under RJ
//! and RD it is rejected; under anything else it says nothing. A line that is not in the message is never answered
//! by it, not even under AE.
use std::collections::BTreeSet;

use quayside_canonical::statement::{AcknowledgmentStatement, Says, StatedLine, StatedPart};
use quayside_canonical::states::AnswerKind;
use quayside_edi::{
    Located,
    x12::messages::{Line, OrderAcknowledgment},
};
use sha2::{Digest, Sha256};

use super::{
    Command, Mapped, Sent, ack, heading, line, pieces,
    report::{Report, field},
};

/// What BAK02 says as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// AK, AD, AT.
    Accepts,
    /// RJ, RD.
    Rejects,
    /// AC, AE and others that leave it to the lines.
    Lines,
}

pub(super) fn map(stated: &OrderAcknowledgment, sent: &Sent) -> Mapped {
    let mut report = Report::default();
    check_purpose(&stated.purpose, &mut report);
    let verdict = verdict(stated, &mut report);
    let says = verdict.and_then(|verdict| says(stated, verdict, &mut report));
    let statement = says.and_then(|says| statement(stated, says, &mut report));
    let key = key(stated, statement.as_ref(), sent);
    report.finish(key, statement.map(|statement| Command::Answer(Box::new(statement))))
}

/// The same order may be answered again and again; what tells two answers apart is when each was sent and what
/// it says.
fn key(stated: &OrderAcknowledgment, statement: Option<&AcknowledgmentStatement>, sent: &Sent) -> String {
    let content = statement.and_then(|statement| serde_json::to_vec(statement).ok()).unwrap_or_default();
    let digest = Sha256::digest(content);
    let digest: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let number: String = stated.order_number.value.chars().take(80).collect();
    format!("855 {number} {} {} {digest}", stated.purpose.value, sent.at)
}

fn check_purpose(found: &Located<String>, report: &mut Report) {
    if !matches!(found.value.as_str(), "00" | "04" | "05" | "06" | "07" | "11") {
        let words = format!("purpose {} is none of 00, 04, 05, 06, 07 and 11", found.value);
        report.refuse(found.at, "PURPOSE_NOT_TAKEN", words);
    }
}

fn verdict(stated: &OrderAcknowledgment, report: &mut Report) -> Option<Verdict> {
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

fn says(stated: &OrderAcknowledgment, verdict: Verdict, report: &mut Report) -> Option<Says> {
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
    compare(type_code, verdict, &lines, report);
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
    report: &mut Report,
) -> Option<StatedLine> {
    let number = line::line_number(stated, report)?;
    if !stated.section.statuses.is_empty() {
        let (parts, rest_rejected_for) = ack::parts(stated, &message.heading, report)?;
        return Some(StatedLine { line: number, parts, rest_rejected_for, place: field(stated.at) });
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
    Some(StatedLine { line: number, parts: vec![part], rest_rejected_for: None, place: field(stated.at) })
}

/// Holds the heading against its lines.
fn compare(type_code: &Located<String>, verdict: Verdict, lines: &[StatedLine], report: &mut Report) {
    let parts = || lines.iter().flat_map(|line| &line.parts);
    let rejected = parts().any(|part| part.kind == AnswerKind::Rejected);
    let taken = parts().any(|part| part.kind != AnswerKind::Rejected);
    let code = &type_code.value;
    match verdict {
        Verdict::Rejects if taken => {
            let words =
                format!("{code} rejects the order, a line of the message accepts; which holds is not known");
            report.refuse(type_code.at, "CONTRADICTION", words);
        }
        Verdict::Accepts if rejected || parts().any(|part| part.kind != AnswerKind::Accepted) => {
            let words = format!(
                "{code} accepts without change, a line of the message does not; the lines were taken"
            );
            report.warn(type_code.at, "CONTRADICTION", words);
        }
        _ => {}
    }
}

fn statement(
    stated: &OrderAcknowledgment,
    says: Says,
    report: &mut Report,
) -> Option<AcknowledgmentStatement> {
    let note = heading::notes(&stated.heading.notes, report).join("\n");
    let note: String = note.chars().take(2_000).collect();
    Some(AcknowledgmentStatement {
        number: pieces::code(&stated.order_number, report)?,
        release: stated.release.as_ref().and_then(|release| pieces::code(release, report)),
        supplier_reference: stated.reference.as_ref().and_then(|reference| pieces::code(reference, report)),
        note: (!note.is_empty()).then_some(note),
        says,
        place: field(stated.order_number.at),
    })
}
