//! A line that is answered in parts, over several statements. Pure.
//!
//! The first says what becomes of some of the quantity and leaves the rest open; a later one decides what is open. Until
//! all of it is decided the line waits for its answer, and nothing of it is agreed. The quantities alone tell whether a
//! statement adds to what was said or takes its place: one that fits into what is open adds, one that covers the
//! line replaces. What could be read either way is refused.
use quayside_canonical::{
    Field, Micro, Problems,
    acknowledgment::AnswerPart,
    order::Line,
    statement::{StatedLine, StatedPart},
    states::LineStatus,
};

use super::resolve::{self, rest_of};
use crate::{
    acknowledgments::{check::as_ordered, query::Standing},
    orders::status::needs_answer,
};

/// What a statement about a line comes to; each part with its place.
pub(super) enum Taken {
    /// An answer to all of it, for the rules to judge.
    Whole(Vec<(AnswerPart, Field)>),
    /// An answer to some of it.
    InPart(Vec<(AnswerPart, Field)>),
    /// Nothing new, and why, where that should be known.
    Nothing { why: Option<String> },
}

/// What was said of a line that is answered in part.
pub(super) fn so_far(standing: Option<&Standing>) -> &[AnswerPart] {
    let standing = standing.filter(|standing| standing.status == LineStatus::AwaitingAnswer);
    standing.map_or(&[], |standing| &standing.parts)
}

/// What `said` comes to, given what stands. `anew`: it adds nothing to what was said before.
pub(super) fn take(
    said: &StatedLine,
    line: &Line,
    standing: Option<&Standing>,
    anew: bool,
    problems: &mut Problems,
) -> Taken {
    let earlier = if anew { &[] } else { so_far(standing) };
    let total = match amount(said, line) {
        Amount::Exactly(total) => total,
        Amount::TheRest(covered) if covered < line.quantity && !earlier.is_empty() => {
            return unclear(said, problems, rest_unclear(line, earlier));
        }
        Amount::TheRest(_) | Amount::InOtherUnits => {
            return Taken::Whole(resolve::parts(said, line, problems));
        }
    };
    let waits = standing.is_none_or(|standing| needs_answer(standing.status));
    if total < line.quantity && said.open && !waits {
        let words = format!("line {} is answered; what is left open of it changes nothing", line.number);
        return Taken::Nothing { why: Some(words) };
    }
    let parts = resolve::parts(said, line, problems);
    if total >= line.quantity || !waits {
        return Taken::Whole(parts);
    }
    if earlier.is_empty() {
        return Taken::InPart(parts);
    }
    add(said, line, earlier, (parts, total), problems)
}

/// Lays what is said beside what was said before.
fn add(
    said: &StatedLine,
    line: &Line,
    earlier: &[AnswerPart],
    (parts, total): (Vec<(AnswerPart, Field)>, Micro),
    problems: &mut Problems,
) -> Taken {
    let open = rest_of(line.quantity, covered(earlier)).unwrap_or(Micro::ZERO);
    let said_before = parts.iter().all(|(part, _)| earlier.contains(&as_ordered(part, line)));
    match (said_before, total > open) {
        (true, true) => Taken::Nothing { why: None },
        (true, false) => unclear(said, problems, again_unclear(line, total)),
        (false, true) => unclear(said, problems, amount_unclear(line, total, open)),
        (false, false) => {
            let earlier = earlier.iter().map(|part| (part.clone(), said.place.clone()));
            let all = earlier.chain(parts).collect();
            if total == open { Taken::Whole(all) } else { Taken::InPart(all) }
        }
    }
}

/// How much of a line a statement is about.
enum Amount {
    /// So much of it, in its unit.
    Exactly(Micro),
    /// So much, and whatever that leaves.
    TheRest(Micro),
    /// What it comes to, only the rules know.
    InOtherUnits,
}

fn amount(said: &StatedLine, line: &Line) -> Amount {
    let is_other = |unit: &String| *unit != line.unit;
    if said.parts.iter().filter_map(|part| part.unit.as_ref()).any(is_other) {
        return Amount::InOtherUnits;
    }
    let stated = said.parts.iter().filter_map(|part| part.quantity);
    let total = stated.fold(Micro::ZERO, |sum, quantity| sum + quantity);
    let says_rest = |part: &StatedPart| part.quantity.is_none();
    match said.rest_rejected_for.is_some() || said.parts.iter().any(says_rest) {
        true => Amount::TheRest(total),
        false => Amount::Exactly(total),
    }
}

fn covered(parts: &[AnswerPart]) -> Micro {
    parts.iter().map(|part| part.quantity).sum()
}

fn unclear(said: &StatedLine, problems: &mut Problems, words: String) -> Taken {
    problems.add("SPLIT_UNCLEAR", &said.place, words);
    Taken::Nothing { why: None }
}

fn rest_unclear(line: &Line, earlier: &[AnswerPart]) -> String {
    let (number, unit) = (&line.number, &line.unit);
    let open = rest_of(line.quantity, covered(earlier)).unwrap_or(Micro::ZERO);
    format!(
        "{open} {unit} of line {number} are left open by an earlier answer, and this one does not say of how much of \
         the line it speaks; state the {open} {unit}, or all of the line with its quantities"
    )
}

fn again_unclear(line: &Line, total: Micro) -> String {
    let (number, unit) = (&line.number, &line.unit);
    format!(
        "{total} {unit} of line {number} were answered like this before; whether this is the rest or the same again is \
         not known; state all of the line"
    )
}

fn amount_unclear(line: &Line, total: Micro, open: Micro) -> String {
    let (number, unit, ordered) = (&line.number, &line.unit, line.quantity);
    format!(
        "{total} {unit} are more than the {open} {unit} of line {number} that are open, and less than the {ordered} \
         {unit} ordered; state what is open, or all of the line"
    )
}

/// What is left open, in words.
pub(super) fn left(line: &Line, parts: &[(AnswerPart, Field)]) -> String {
    let answered: Micro = parts.iter().map(|(part, _)| part.quantity).sum();
    let open = rest_of(line.quantity, answered).unwrap_or(Micro::ZERO);
    format!(
        "{answered} of {} {unit} of line {} are answered; the line waits for what becomes of the other {open} {unit}",
        line.quantity,
        line.number,
        unit = line.unit
    )
}
