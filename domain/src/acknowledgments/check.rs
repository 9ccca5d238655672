//! The rules of an answer. Pure: every problem at once, and what the answer comes to when there is none.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use quayside_canonical::{
    AcknowledgmentId, Field, Micro, Problems,
    acknowledgment::{AnswerPart, Deviation, LineAnswer, SubmitAcknowledgment},
    order::{Line, PurchaseOrder},
    policy::Rules,
    states::{AnswerKind, LineStatus},
};

use super::evaluate;
use crate::orders::status::needs_answer;

/// The most parts a line may be split into.
const MAX_PARTS: usize = 50;
/// The longest text of a reason, note or reference.
const MAX_TEXT: usize = 2_000;

/// Where a line stands, as far as it matters to a new answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its status.
    pub status: LineStatus,
    /// The answer given last.
    pub acknowledgment: Option<AcknowledgmentId>,
}

/// What an answer is held against.
pub struct Ground<'a> {
    /// The current revision.
    pub order: &'a PurchaseOrder,
    /// Where each line stands.
    pub standing: &'a BTreeMap<String, Standing>,
    /// What is tolerated.
    pub rules: &'a Rules,
    /// How many base units a unit of an item holds: (item, unit) to numerator and denominator.
    pub units: &'a HashMap<(String, String), (i64, i64)>,
    /// The lines that may be answered in part: they go on waiting for the rest.
    pub in_part: &'a BTreeSet<String>,
}

/// One line's answer after the rules: in the line's unit, with day and price spelt out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The line number.
    pub line: String,
    /// `ACCEPTED`, or `PROPOSED` when beyond tolerance; `AWAITING_ANSWER` when only some of it is answered.
    pub status: LineStatus,
    /// The parts.
    pub parts: Vec<AnswerPart>,
    /// What is beyond tolerance.
    pub deviations: Vec<Deviation>,
}

/// Holds an answer against the order.
///
/// # Errors
/// Every problem, with its field in the input.
pub fn check(answer: &SubmitAcknowledgment, ground: &Ground<'_>) -> Result<Vec<Judged>, Problems> {
    let mut problems = Problems::new();
    check_text(answer.note.as_ref(), &Field::root().at("note"), &mut problems);
    check_text(answer.supplier_reference.as_ref(), &Field::root().at("supplierReference"), &mut problems);
    if ground.order.cancelled {
        problems.add("ORDER_CANCELLED", &Field::root().at("revision"), "the buyer cancelled this order");
    }
    if answer.lines.is_empty() {
        problems.add("REQUIRED", &Field::root().at("lines"), "answer at least one line");
    }
    let ordered: HashMap<&str, &Line> =
        ground.order.lines.iter().map(|line| (line.number.as_str(), line)).collect();
    let mut seen = BTreeSet::new();
    let mut judged = Vec::with_capacity(answer.lines.len());
    for (index, said) in answer.lines.iter().enumerate() {
        let field = Field::root().at("lines").at(index);
        if !seen.insert(&said.line) {
            problems.add(
                "DUPLICATE_LINE",
                &field.at("line"),
                format!("line {} is answered twice", said.line),
            );
            continue;
        }
        let Some(line) = ordered.get(said.line.as_str()) else {
            problems.add("UNKNOWN_LINE", &field.at("line"), format!("the order has no line {}", said.line));
            continue;
        };
        check_standing(said, ground.standing.get(&said.line), &field, &mut problems);
        judged.push(judge(said, line, ground, &field, &mut problems));
    }
    problems.into_result().map(|()| judged)
}

fn check_text(text: Option<&String>, field: &Field, problems: &mut Problems) {
    let Some(text) = text else { return };
    if text.chars().count() > MAX_TEXT {
        problems.add("TOO_LONG", field, format!("at most {MAX_TEXT} characters"));
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        problems.add("INVALID_VALUE", field, "must not contain control characters");
    }
}

/// Whether the line may be answered as it stands. An answer that stands is replaced only by naming it, so
/// that two people who answer at once do not overwrite each other.
fn check_standing(said: &LineAnswer, standing: Option<&Standing>, field: &Field, problems: &mut Problems) {
    let Some(standing) = standing else { return };
    if standing.status == LineStatus::Cancelled {
        problems.add("LINE_CANCELLED", &field.at("line"), format!("the buyer cancelled line {}", said.line));
    } else if let Some(replaces) = said.replaces {
        if standing.acknowledgment != Some(replaces) {
            let message = "the answer this one replaces is not the one that stands";
            problems.add("STALE_ANSWER", &field.at("replaces"), message);
        }
    } else if !needs_answer(standing.status) {
        let answer = standing.acknowledgment.map(|id| id.to_string()).unwrap_or_default();
        let message =
            format!("line {} is answered by {answer}; name it in `replaces` to change it", said.line);
        problems.add("ALREADY_ANSWERED", &field.at("line"), message);
    }
}

fn judge(
    said: &LineAnswer,
    line: &Line,
    ground: &Ground<'_>,
    field: &Field,
    problems: &mut Problems,
) -> Judged {
    if said.parts.is_empty() {
        problems.add(
            "REQUIRED",
            &field.at("parts"),
            "say what becomes of the quantity, in at least one part",
        );
    }
    if said.parts.len() > MAX_PARTS {
        problems.add("TOO_MANY", &field.at("parts"), format!("at most {MAX_PARTS} parts"));
    }
    let before = problems.as_slice().len();
    let mut parts = Vec::with_capacity(said.parts.len());
    for (index, part) in said.parts.iter().enumerate().take(MAX_PARTS) {
        let field = field.at("parts").at(index);
        check_part(part, &field, problems);
        parts.push(spell_out(part, line, ground, &field, problems));
    }
    let sound = problems.as_slice().len() == before;
    let covered = parts.iter().try_fold(Micro::ZERO, |sum, part| sum.checked_add(part.quantity));
    if sound && ground.in_part.contains(&line.number) && covered.is_some_and(|sum| sum < line.quantity) {
        let status = LineStatus::AwaitingAnswer;
        return Judged { line: line.number.clone(), status, parts, deviations: Vec::new() };
    }
    match covered {
        None => problems.add("INVALID_VALUE", &field.at("parts"), "the quantities are too large to add up"),
        Some(covered) if sound && covered < line.quantity && !parts.is_empty() => {
            let message = format!(
                "the parts add up to {covered} {unit}, {ordered} {unit} are ordered; reject the rest explicitly",
                ordered = line.quantity,
                unit = line.unit
            );
            problems.add("PARTS_DO_NOT_ADD_UP", &field.at("parts"), message);
        }
        Some(_) => {}
    }
    let deviations = evaluate::deviations(line, &parts, ground.rules);
    let status = if deviations.is_empty() { LineStatus::Accepted } else { LineStatus::Proposed };
    Judged { line: line.number.clone(), status, parts, deviations }
}

fn check_part(part: &AnswerPart, field: &Field, problems: &mut Problems) {
    if !part.quantity.is_positive() {
        problems.add("INVALID_VALUE", &field.at("quantity"), "must be more than 0");
    }
    if part.price.is_some_and(|price| price < Micro::ZERO) {
        problems.add("INVALID_VALUE", &field.at("price"), "must not be negative");
    }
    check_text(part.reason.as_ref(), &field.at("reason"), problems);
    match part.kind {
        AnswerKind::Rejected if part.reason.is_none() => {
            problems.add("REQUIRED", &field.at("reason"), "say why this part is rejected");
        }
        AnswerKind::Backordered if part.promised_on.is_none() => {
            problems.add("REQUIRED", &field.at("promisedOn"), "say when this part will come");
        }
        AnswerKind::Substituted if part.substitute.is_none() => {
            problems.add("REQUIRED", &field.at("substitute"), "say what is shipped instead");
        }
        _ => {}
    }
    if part.kind != AnswerKind::Substituted && part.substitute.is_some() {
        problems.add("INVALID_VALUE", &field.at("substitute"), "only a SUBSTITUTED part has one");
    }
}

/// The part in the line's unit, with day and price as ordered where nothing else is said: what was agreed
/// stays known when the order changes.
fn spell_out(
    part: &AnswerPart,
    line: &Line,
    ground: &Ground<'_>,
    field: &Field,
    problems: &mut Problems,
) -> AnswerPart {
    let mut spelt = as_ordered(part, line);
    if let Some(unit) = part.unit.as_ref().filter(|unit| **unit != line.unit) {
        match convert(part.quantity, unit, line, ground.units) {
            Some(quantity) => spelt.quantity = quantity,
            None => {
                let message = format!(
                    "line {} is in {}, and {unit} does not convert to it exactly",
                    line.number, line.unit
                );
                problems.add("UNIT_MISMATCH", &field.at("unit"), message);
            }
        }
    }
    spelt
}

/// A part in the line's unit, with day and price as ordered where nothing else is said.
pub(super) fn as_ordered(part: &AnswerPart, line: &Line) -> AnswerPart {
    let mut spelt = AnswerPart { unit: Some(line.unit.clone()), ..part.clone() };
    if part.kind != AnswerKind::Rejected {
        spelt.promised_on = part.promised_on.or(evaluate::window(line).1);
        spelt.price = part.price.or(line.unit_price);
    }
    spelt
}

fn convert(
    quantity: Micro,
    unit: &str,
    line: &Line,
    units: &HashMap<(String, String), (i64, i64)>,
) -> Option<Micro> {
    let item = line.buyer_part.as_ref()?;
    let factor = |unit: &str| units.get(&(item.clone(), unit.to_owned())).copied();
    let (from_numerator, from_denominator) = factor(unit)?;
    let (to_numerator, to_denominator) = factor(&line.unit)?;
    let numerator = from_numerator.checked_mul(to_denominator)?;
    quantity.scaled(numerator, from_denominator.checked_mul(to_numerator)?)
}
