//! 865: the supplier's answer to a change, or a change that it asks for.
//!
//! One that answers (BCA02, or an ACK somewhere) is read like an 855, with two differences. Without lines it is about
//! what the change touched, not about all of the order: AK, AD and AT agree to that, RJ and RD keep what was answered
//! before. And POC02 has its say: DI confirms that a line is gone, RC keeps the line as it was answered, NC says
//! nothing.
//!
//! One that asks (BCA01 16 or 19, or nothing that answers) amends what was answered: a day, a price, a quantity.
//! Beyond tolerance that becomes a change proposal, as any answer does. Only the buyer adds lines.
use std::collections::BTreeSet;

use quayside_canonical::{
    order_change::Direction,
    statement::{AcknowledgmentStatement, Says, StatedLine, StatedPart, StatedPrice},
    states::{AnswerKind, ChangeQuantity},
};
use quayside_edi::{
    Located,
    x12::messages::{ChangedLine, OrderChangeAcknowledgment as Stated},
};

use super::{
    Command, Mapped, Sent, Terms, ack,
    answers::{self, Verdict},
    heading, line,
    order_change::{self, Code, Touches},
    pieces::{self, SUPPLIER_PART},
    report::{Report, field},
    values,
};

pub(super) fn map(stated: &Stated, sent: &Sent, terms: &Terms) -> Mapped {
    let mut report = Report::new(terms);
    let says = purpose(stated, &mut report).and_then(|purpose| match purpose {
        Purpose::Asks => asked(stated, &mut report),
        Purpose::Answers(verdict) => answered(stated, verdict, &mut report),
    });
    let statement = says.and_then(|says| statement(stated, says, &mut report));
    let (number, purpose) = (&stated.order_number.value, &stated.purpose.value);
    let key = answers::key("865", number, purpose, statement.as_ref(), sent);
    report.finish(key, statement.map(|statement| Command::Answer(Box::new(statement))))
}

/// What an 865 is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Answers(Verdict),
    Asks,
}

fn purpose(stated: &Stated, report: &mut Report<'_>) -> Option<Purpose> {
    let answers = stated.acknowledgment_type.is_some()
        || stated.lines.iter().any(|line| !line.line.section.statuses.is_empty());
    match stated.purpose.value.as_str() {
        "16" | "19" => Some(Purpose::Asks),
        "00" | "01" | "04" | "05" | "06" | "07" | "11" if !answers => Some(Purpose::Asks),
        "00" | "01" | "04" | "05" | "06" | "07" | "11" => verdict(stated, report).map(Purpose::Answers),
        other => {
            let words = format!("purpose {other} is none of 00, 01, 04, 05, 06, 07, 11, 16 and 19");
            report.refuse(stated.purpose.at, "PURPOSE_NOT_TAKEN", words);
            None
        }
    }
}

fn verdict(stated: &Stated, report: &mut Report<'_>) -> Option<Verdict> {
    let Some(found) = &stated.acknowledgment_type else { return Some(Verdict::Lines) };
    match found.value.as_str() {
        "AK" | "AD" | "AT" => Some(Verdict::Accepts),
        "RJ" | "RD" => Some(Verdict::Rejects),
        "AC" | "AE" | "AP" | "RF" | "RN" | "RO" | "ZZ" => Some(Verdict::Lines),
        "AH" | "RV" if !stated.lines.is_empty() => Some(Verdict::Lines),
        "AH" | "NA" | "RV" => {
            let words = format!("{} says neither yes nor no; the change waits for an answer", found.value);
            report.refuse(found.at, "NO_STATEMENT", words);
            None
        }
        other => {
            report.refuse(found.at, "UNKNOWN_CODE", format!("{other} is not a type of acknowledgment"));
            None
        }
    }
}

/// The code that decides for all: BCA02, or BCA01 where there is none.
fn heading_code(stated: &Stated) -> &Located<String> {
    stated.acknowledgment_type.as_ref().unwrap_or(&stated.purpose)
}

fn answered(stated: &Stated, verdict: Verdict, report: &mut Report<'_>) -> Option<Says> {
    let code = heading_code(stated);
    if stated.lines.is_empty() {
        return match verdict {
            Verdict::Accepts => Some(Says::AcceptsChange),
            Verdict::Rejects => Some(Says::KeepsAnswers { reason: code.value.clone() }),
            Verdict::Lines => {
                let words = format!("{} leaves it to the lines, and there are none", code.value);
                report.refuse(code.at, "NO_STATEMENT", words);
                None
            }
        };
    }
    let says = lines(stated, report, |line, report| answer(line, verdict, stated, report))?;
    // What a line that is gone says is no contradiction.
    let held: Vec<StatedLine> = says.iter().filter(|line| !is_deletion(line)).cloned().collect();
    answers::compare(verdict, code.at, &code.value, &held, report);
    Some(Says::Lines(says))
}

fn is_deletion(line: &StatedLine) -> bool {
    matches!(line.parts.as_slice(), [only] if only.reason.as_deref() == Some("DI"))
}

/// What the lines say, each of them once.
fn lines(
    stated: &Stated,
    report: &mut Report<'_>,
    of: impl Fn(&ChangedLine, &mut Report<'_>) -> Option<StatedLine>,
) -> Option<Vec<StatedLine>> {
    let mut numbers = BTreeSet::new();
    let mut said = Vec::with_capacity(stated.lines.len());
    for line in &stated.lines {
        let id = &line.line.id;
        if !numbers.insert(&id.text) {
            report.refuse(id.at, "DUPLICATE_LINE", format!("line {} comes twice", id.text));
        }
        said.extend(of(line, report));
    }
    if said.is_empty() {
        let code = heading_code(stated);
        report.refuse(code.at, "NO_STATEMENT", "no line of the message says what becomes of it");
        return None;
    }
    Some(said)
}

/// What a line of an answer says; nothing when it leaves the decision for later.
fn answer(
    stated: &ChangedLine,
    verdict: Verdict,
    message: &Stated,
    report: &mut Report<'_>,
) -> Option<StatedLine> {
    let line = &stated.line;
    let statuses = &line.section.statuses;
    match stated.change.value.as_str() {
        "DI" if !statuses.is_empty() || verdict != Verdict::Lines => {
            return said(stated, vec![rejected(stated, "DI")], report);
        }
        "RC" => {
            let kept = said(stated, Vec::new(), report)?;
            return Some(StatedLine { rest_rejected_for: Some("RC".to_owned()), amends: true, ..kept });
        }
        "NC" if statuses.is_empty() => return None,
        _ => {}
    }
    if !statuses.is_empty() {
        let ack::Parts { parts, rest, open } = ack::parts(line, &message.heading, report)?;
        return Some(StatedLine { rest_rejected_for: rest, open, ..said(stated, parts, report)? });
    }
    match verdict {
        Verdict::Accepts => {
            let part = ack::as_detailed(line, &message.heading, report);
            let is_total = report.terms().agreement.change_quantity == ChangeQuantity::Total;
            let quantity = part.quantity.filter(|quantity| is_total && quantity.is_positive());
            said(stated, vec![StatedPart { quantity, ..part }], report)
        }
        Verdict::Rejects => {
            let reason = heading_code(message).value.clone();
            let kept = said(stated, Vec::new(), report)?;
            Some(StatedLine { rest_rejected_for: Some(reason), amends: true, ..kept })
        }
        Verdict::Lines => {
            let words = format!("line {} has no ACK; it was left unanswered", line.id.text);
            report.warn(line.at, "NO_STATEMENT", words);
            None
        }
    }
}

fn said(stated: &ChangedLine, parts: Vec<StatedPart>, report: &mut Report<'_>) -> Option<StatedLine> {
    let line = line::line_number(&stated.line, report)?;
    let place = field(stated.line.at);
    Some(StatedLine { line, parts, rest_rejected_for: None, amends: false, open: false, place })
}

fn rejected(stated: &ChangedLine, reason: &str) -> StatedPart {
    StatedPart {
        kind: AnswerKind::Rejected,
        quantity: None,
        unit: None,
        promised_on: None,
        price: None,
        reason: Some(reason.to_owned()),
        substitute: None,
        place: field(stated.change.at),
    }
}

fn asked(stated: &Stated, report: &mut Report<'_>) -> Option<Says> {
    let cancels = |line: &ChangedLine| line.change.value == "CF";
    if stated.purpose.value == "01" || stated.lines.iter().any(cancels) {
        if let Some(other) = stated.lines.iter().find(|line| !cancels(line) && line.change.value != "DI") {
            let words = "the message takes the whole order back, this line changes it";
            report.refuse(other.change.at, "CONTRADICTION", words);
        }
        let code = if stated.purpose.value == "01" { "01" } else { "CF" };
        return Some(Says::RejectsAll { reason: code.to_owned() });
    }
    lines(stated, report, |line, report| request(line, stated, report)).map(Says::Lines)
}

/// What a line asks for.
fn request(stated: &ChangedLine, message: &Stated, report: &mut Report<'_>) -> Option<StatedLine> {
    let line = &stated.line;
    if !line.section.statuses.is_empty() {
        let ack::Parts { parts, rest, .. } =
            ack::parts(line, &message.heading, report).filter(|said| !said.open)?;
        return Some(StatedLine { rest_rejected_for: rest, amends: true, ..said(stated, parts, report)? });
    }
    match Code::of(&stated.change.value) {
        Some(Code::Add) => {
            let words =
                format!("the supplier asks for a new line {}; only the buyer adds lines", line.id.text);
            report.refuse(stated.change.at, "LINE_ADDED", words);
            None
        }
        Some(Code::Cancel) => said(stated, vec![rejected(stated, "DI")], report),
        Some(Code::Keep) => None,
        Some(Code::LeftOut) => {
            order_change::leave_out(stated, report);
            None
        }
        Some(Code::Set(touches)) => amendment(stated, touches, message, report),
        None => {
            order_change::not_taken(stated, report);
            None
        }
    }
}

fn amendment(
    stated: &ChangedLine,
    touches: Touches,
    message: &Stated,
    report: &mut Report<'_>,
) -> Option<StatedLine> {
    let line = &stated.line;
    let code = &stated.change.value;
    let states_quantity = touches.quantity || touches.all && line.quantity.is_some();
    let quantity = if states_quantity { Some(line::quantity(line, report)?) } else { None };
    let unit = quantity.and(line.unit.as_ref()).and_then(|unit| pieces::unit_of(unit, report));
    let (price, per) = if touches.price || touches.all { line::price(line, report) } else { (None, None) };
    let wants_dates = touches.dates || touches.all;
    let promised_on = if wants_dates { ack::promised(None, line, &message.heading, report) } else { None };
    order_change::demand(touches.price && line.price.is_none(), stated, "price", report);
    order_change::demand(touches.dates && promised_on.is_none(), stated, "date", report);
    let substitute = substitute(stated, report);
    let part = StatedPart {
        kind: if substitute.is_some() { AnswerKind::Substituted } else { AnswerKind::Accepted },
        quantity,
        unit,
        promised_on,
        price: price.map(|amount| StatedPrice { amount, per, changed: true }),
        reason: None,
        substitute,
        place: field(stated.change.at),
    };
    if order_change::is_difference(touches, report) {
        return by_difference(stated, touches, part, report);
    }
    let rest_rejected_for = quantity.map(|_| code.clone());
    Some(StatedLine { rest_rejected_for, amends: true, ..said(stated, vec![part], report)? })
}

/// So much less: that much is rejected, and the rest is as it was answered. How much so much more comes to, only the
/// order knows.
fn by_difference(
    stated: &ChangedLine,
    touches: Touches,
    part: StatedPart,
    report: &mut Report<'_>,
) -> Option<StatedLine> {
    if touches.direction == Some(Direction::Up) {
        let words = format!(
            "line {}: {} asks for more by a difference; say the new total in an ACK",
            stated.line.id.text, stated.change.value
        );
        report.refuse(stated.change.at, "TOTAL_MISSING", words);
        return None;
    }
    let less = StatedPart {
        quantity: part.quantity,
        unit: part.unit.clone(),
        ..rejected(stated, &stated.change.value)
    };
    let rest = StatedPart { quantity: None, unit: None, ..part };
    Some(StatedLine { amends: true, ..said(stated, vec![less, rest], report)? })
}

/// RE replaces the item by the one the line names.
fn substitute(
    stated: &ChangedLine,
    report: &mut Report<'_>,
) -> Option<quayside_canonical::acknowledgment::Substitute> {
    if stated.change.value != "RE" {
        return None;
    }
    let ids = &stated.line.section.product_ids;
    let own = pieces::pick(ids, SUPPLIER_PART).or_else(|| pieces::pick(ids, &["MG", "UP", "EN", "UK"]));
    let Some(part) = own else {
        report.refuse(stated.change.at, "REQUIRED", "RE replaces the item and does not name the new one");
        return None;
    };
    Some(quayside_canonical::acknowledgment::Substitute {
        supplier_part: values::code(part, report)?,
        description: line::descriptions(&stated.line.section.descriptions, report).0,
    })
}

fn statement(stated: &Stated, says: Says, report: &mut Report<'_>) -> Option<AcknowledgmentStatement> {
    let notes = heading::notes(&stated.heading.notes, report);
    let note = values::joined(notes.iter().map(String::as_str), "\n");
    Some(AcknowledgmentStatement {
        number: values::code(&stated.order_number, report)?,
        release: stated.release.as_ref().and_then(|release| values::code(release, report)),
        supplier_reference: stated.reference.as_ref().and_then(|reference| values::code(reference, report)),
        note: (!note.is_empty()).then_some(note),
        says,
        anew: matches!(stated.purpose.value.as_str(), "05" | "07"),
        place: field(stated.order_number.at),
    })
}
