//! What a statement comes to, with the order at hand. Pure.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use quayside_canonical::{
    Field, Micro, Problem, Problems,
    acknowledgment::{AnswerPart, LineAnswer, SubmitAcknowledgment},
    order::Line,
    statement::{AcknowledgmentStatement, Says, StatedLine, StatedPart},
    states::{AnswerKind, LineStatus},
};

use super::{
    amend,
    in_part::{self, Taken},
};
use crate::{
    acknowledgments::{asked::Asked, query::Standing},
    orders::status::needs_answer,
};

/// A statement resolved.
pub(super) struct Resolved {
    /// The answer it comes to.
    pub(super) answer: SubmitAcknowledgment,
    /// Where the message says what.
    pub(super) places: Places,
    /// The lines of which it answers only some.
    pub(super) in_part: BTreeSet<String>,
    /// What was read with reservations.
    pub(super) warnings: Vec<Problem>,
}

/// Where the message names the order, its lines and their parts.
pub(super) struct Places {
    order: Field,
    lines: Vec<(Field, Vec<Field>)>,
}

impl Places {
    /// Problems of the answer, at the places of the message.
    pub(super) fn of(&self, problems: Problems) -> Problems {
        let mut moved = Problems::new();
        for problem in problems.into_vec() {
            moved.add(&problem.code, self.place(&problem.field), problem.message);
        }
        moved
    }

    fn place(&self, field: &[String]) -> &Field {
        let index = |at: usize, name: &str| {
            let named = field.get(at).is_some_and(|step| step == name);
            field.get(at + 1).filter(|_| named)?.parse::<usize>().ok()
        };
        let Some((line, parts)) = index(0, "lines").and_then(|line| self.lines.get(line)) else {
            return &self.order;
        };
        index(2, "parts").and_then(|part| parts.get(part)).unwrap_or(line)
    }
}

/// Resolves a statement against the order it is about and the answers that stand.
pub(super) fn resolve(
    statement: &AcknowledgmentStatement,
    asked: &Asked,
    standing: &BTreeMap<String, Standing>,
) -> Result<Resolved, Problems> {
    let (mut problems, mut warnings) = (Problems::new(), Problems::new());
    let mut places = Places { order: statement.place.clone(), lines: Vec::new() };
    let mut open = BTreeSet::new();
    let mut lines = Vec::new();
    match &statement.says {
        Says::AcceptsAll => {
            lines.extend(open_lines(asked).map(|line| whole(asked, line, AnswerKind::Accepted, None)));
        }
        Says::RejectsAll { reason } => lines.extend(
            open_lines(asked).map(|line| whole(asked, line, AnswerKind::Rejected, Some(reason.clone()))),
        ),
        Says::AcceptsChange => {
            lines.extend(waiting_lines(asked).map(|line| whole(asked, line, AnswerKind::Accepted, None)));
        }
        Says::KeepsAnswers { reason } => {
            if asked.document.cancelled {
                let words = "the order is cancelled, and the supplier does not agree to that";
                problems.add("CANCELLATION_REJECTED", &statement.place, words);
            }
            lines.extend(waiting_lines(asked).map(|line| {
                let parts = amend::kept(line, standing.get(&line.number), reason);
                LineAnswer { line: line.number.clone(), replaces: None, parts }
            }));
        }
        Says::Lines(stated) => {
            let by_number = Numbers::of(asked);
            for said in stated {
                let Some(line) = by_number.find(said, &mut warnings) else {
                    let words = format!("the order has no line {}", said.line);
                    problems.add("UNKNOWN_LINE", &said.place, words);
                    continue;
                };
                if is_settled(said, line, asked) {
                    let words = format!("line {} is cancelled already; nothing was answered", line.number);
                    warnings.add("LINE_CANCELLED", &said.place, words);
                    continue;
                }
                let stands = standing.get(&line.number);
                let taken = match amend::answered(said, stands) {
                    Some(earlier) => Taken::Whole(amend::parts(said, line, &earlier, &mut problems)),
                    None => in_part::take(said, line, stands, statement.anew, &mut problems),
                };
                let parts = match taken {
                    Taken::Whole(parts) => parts,
                    Taken::InPart(parts) => {
                        warnings.add("ANSWERED_IN_PART", &said.place, in_part::left(line, &parts));
                        open.insert(line.number.clone());
                        parts
                    }
                    Taken::Nothing { why } => {
                        why.into_iter().for_each(|why| warnings.add("NO_STATEMENT", &said.place, why));
                        continue;
                    }
                };
                let at = parts.iter().map(|(_, place)| place.clone()).collect();
                places.lines.push((said.place.clone(), at));
                let parts = parts.into_iter().map(|(part, _)| part).collect();
                lines.push(LineAnswer { line: line.number.clone(), replaces: replaces(asked, line), parts });
            }
        }
    }
    problems.into_result()?;
    let answer = SubmitAcknowledgment {
        order: asked.row.id,
        revision: asked.row.revision,
        supplier_reference: statement.supplier_reference.clone(),
        note: statement.note.clone(),
        lines,
    };
    Ok(Resolved { answer, places, in_part: open, warnings: warnings.into_vec() })
}

fn open_lines(asked: &Asked) -> impl Iterator<Item = &Line> {
    asked.document.lines.iter().filter(|line| {
        asked.standing.get(&line.number).is_none_or(|standing| standing.status != LineStatus::Cancelled)
    })
}

/// Lines the supplier has to answer.
fn waiting_lines(asked: &Asked) -> impl Iterator<Item = &Line> {
    open_lines(asked)
        .filter(|line| asked.standing.get(&line.number).is_none_or(|standing| needs_answer(standing.status)))
}

fn whole(asked: &Asked, line: &Line, kind: AnswerKind, reason: Option<String>) -> LineAnswer {
    let part = AnswerPart { kind, quantity: line.quantity, reason, ..nothing() };
    LineAnswer { line: line.number.clone(), replaces: replaces(asked, line), parts: vec![part] }
}

/// A part that says nothing but its kind.
pub(super) fn nothing() -> AnswerPart {
    AnswerPart {
        kind: AnswerKind::Accepted,
        quantity: Micro::ZERO,
        unit: None,
        promised_on: None,
        price: None,
        reason: None,
        substitute: None,
    }
}

/// A message answers anew what is answered already.
fn replaces(asked: &Asked, line: &Line) -> Option<quayside_canonical::AcknowledgmentId> {
    let standing = asked.standing.get(&line.number)?;
    standing.acknowledgment.filter(|_| !needs_answer(standing.status))
}

/// Whether the supplier only rejects what the buyer does not want any more.
fn is_settled(said: &StatedLine, line: &Line, asked: &Asked) -> bool {
    let cancelled = asked.standing.get(&line.number).is_some_and(|s| s.status == LineStatus::Cancelled);
    cancelled && said.parts.iter().all(|part| part.kind == AnswerKind::Rejected)
}

/// The order's lines by number.
struct Numbers<'a> {
    exact: HashMap<&'a str, &'a Line>,
    /// By number without leading zeros; nothing where two lines share one.
    bare: HashMap<&'a str, Option<&'a Line>>,
}

impl<'a> Numbers<'a> {
    fn of(asked: &'a Asked) -> Self {
        let lines = &asked.document.lines;
        let exact = lines.iter().map(|line| (line.number.as_str(), line)).collect();
        let mut bare: HashMap<_, Option<&Line>> = HashMap::new();
        for line in lines {
            bare.entry(bare_number(&line.number)).and_modify(|other| *other = None).or_insert(Some(line));
        }
        Self { exact, bare }
    }

    /// The line a statement is about. Suppliers strip the zeros of `00010`: taken where only one line can be
    /// meant, and reported.
    fn find(&self, said: &StatedLine, warnings: &mut Problems) -> Option<&'a Line> {
        if let Some(line) = self.exact.get(said.line.as_str()) {
            return Some(line);
        }
        let line = self.bare.get(bare_number(&said.line)).copied().flatten()?;
        let words = format!("line {} was taken for line {} of the order", said.line, line.number);
        warnings.add("LINE_NUMBER_PADDED", &said.place, words);
        Some(line)
    }
}

fn bare_number(number: &str) -> &str {
    let bare = number.trim_start_matches('0');
    if bare.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) { number } else { bare }
}

/// The parts of a line's answer, each with its place: "all the rest" becomes a quantity.
pub(super) fn parts(said: &StatedLine, line: &Line, problems: &mut Problems) -> Vec<(AnswerPart, Field)> {
    let stated = said.parts.iter().filter_map(|part| part.quantity.map(|quantity| (part, quantity)));
    let needs_rest =
        said.rest_rejected_for.is_some() || said.parts.iter().any(|part| part.quantity.is_none());
    let mut covered = Micro::ZERO;
    for (part, quantity) in stated {
        let other_unit = part.unit.as_ref().filter(|unit| **unit != line.unit);
        if let (true, Some(unit)) = (needs_rest, other_unit) {
            let words =
                format!("line {} is in {}; what {unit} leaves of it is not known", line.number, line.unit);
            problems.add("UNIT_MISMATCH", &part.place, words);
        }
        covered = covered + quantity;
    }
    let mut rest = rest_of(line.quantity, covered);
    let mut parts = Vec::with_capacity(said.parts.len() + 1);
    for part in &said.parts {
        let quantity = part.quantity.or_else(|| rest.take());
        match quantity {
            Some(quantity) => parts.push((answer(part, quantity, line, problems), part.place.clone())),
            // Nothing is left to reject: said for completeness.
            None if part.kind == AnswerKind::Rejected && !parts.is_empty() => {}
            None => {
                let words = format!("nothing of line {} is left for this part", line.number);
                problems.add("NOTHING_LEFT", &part.place, words);
            }
        }
    }
    if let (Some(reason), Some(quantity)) = (&said.rest_rejected_for, rest) {
        let rejected =
            AnswerPart { kind: AnswerKind::Rejected, quantity, reason: Some(reason.clone()), ..nothing() };
        parts.push((rejected, said.place.clone()));
    }
    parts
}

pub(super) fn rest_of(ordered: Micro, covered: Micro) -> Option<Micro> {
    let rest = ordered.millionths().checked_sub(covered.millionths())?;
    (rest > 0).then_some(Micro::from_millionths(rest))
}

pub(super) fn answer(part: &StatedPart, quantity: Micro, line: &Line, problems: &mut Problems) -> AnswerPart {
    AnswerPart {
        kind: part.kind,
        quantity,
        unit: part.unit.clone().filter(|_| part.quantity.is_some()),
        promised_on: part.promised_on,
        price: price(part, line, problems),
        reason: part.reason.clone(),
        substitute: part.substitute.clone(),
    }
}

/// The price on the order's basis. Where the order states none, a price that is only repeated says nothing.
fn price(part: &StatedPart, line: &Line, problems: &mut Problems) -> Option<Micro> {
    let stated = part.price.filter(|price| price.changed || line.unit_price.is_some())?;
    let Some(per) = stated.per else { return Some(stated.amount) };
    let ordered_per = line.price_per.unwrap_or(Micro::ONE);
    let price = stated.amount.scaled(ordered_per.millionths(), per.millionths());
    if price.is_none() {
        let words = format!("line {}: the price is for {per}, the order's for {ordered_per}", line.number);
        problems.add("PRICE_BASIS", &part.place, words);
    }
    price
}
