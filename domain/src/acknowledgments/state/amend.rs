//! A line that says only what changes of an answer that stands. Pure.
use quayside_canonical::{
    Field, Micro, Problems,
    acknowledgment::AnswerPart,
    order::Line,
    statement::StatedLine,
    states::{AnswerKind, LineStatus},
};

use super::{
    in_part,
    resolve::{self, nothing, rest_of},
};
use crate::acknowledgments::query::Standing;

/// What the line was answered by, when it amends an answer there is.
pub(super) fn answered(said: &StatedLine, standing: Option<&Standing>) -> Option<Vec<AnswerPart>> {
    if !said.amends {
        return None;
    }
    let earlier = promised(standing);
    // A line without an answer keeps nothing, so that nothing of it comes.
    let is_answered = !earlier.is_empty() && in_part::so_far(standing).is_empty();
    (is_answered || said.parts.is_empty()).then_some(earlier)
}

/// What was promised of a line. An answer that the buyer declined promises nothing.
fn promised(standing: Option<&Standing>) -> Vec<AnswerPart> {
    let Some(standing) = standing.filter(|standing| standing.status != LineStatus::Declined) else {
        return Vec::new();
    };
    standing.parts.iter().filter(|part| part.kind != AnswerKind::Rejected).cloned().collect()
}

/// The answer a line keeps though the buyer changed it; what that leaves is rejected.
pub(super) fn kept(line: &Line, standing: Option<&Standing>, reason: &str) -> Vec<AnswerPart> {
    with_rest(line, promised(standing), Some(reason))
}

fn with_rest(line: &Line, mut parts: Vec<AnswerPart>, reason: Option<&str>) -> Vec<AnswerPart> {
    let covered: Micro = parts.iter().map(|part| part.quantity).sum();
    if let (Some(quantity), Some(reason)) = (rest_of(line.quantity, covered), reason) {
        let reason = Some(reason.to_owned());
        parts.push(AnswerPart { kind: AnswerKind::Rejected, quantity, reason, ..nothing() });
    }
    parts
}

/// The parts of an amended line, each with its place.
pub(super) fn parts(
    said: &StatedLine,
    line: &Line,
    earlier: &[AnswerPart],
    problems: &mut Problems,
) -> Vec<(AnswerPart, Field)> {
    let at_line = |parts: Vec<AnswerPart>| parts.into_iter().map(|part| (part, said.place.clone())).collect();
    let reason = said.rest_rejected_for.as_deref();
    match said.parts.as_slice() {
        [] => at_line(with_rest(line, earlier.to_vec(), reason)),
        // A new day or price for all that was promised, however it was split.
        [only] if only.quantity.is_none() && only.kind == AnswerKind::Accepted => {
            let new = resolve::answer(only, Micro::ZERO, line, problems);
            let moved = earlier.iter().map(|part| AnswerPart {
                promised_on: new.promised_on.or(part.promised_on),
                price: new.price.or(part.price),
                ..part.clone()
            });
            at_line(with_rest(line, moved.collect(), reason))
        }
        _ => {
            let mut parts = resolve::parts(said, line, problems);
            for (part, place) in parts.iter_mut().filter(|(part, _)| part.kind != AnswerKind::Rejected) {
                fill(part, earlier, &*place, line, problems);
            }
            parts
        }
    }
}

/// What a part does not say is as it was answered, where that is one thing.
fn fill(part: &mut AnswerPart, earlier: &[AnswerPart], place: &Field, line: &Line, problems: &mut Problems) {
    let Some((first, others)) = earlier.split_first() else { return };
    if part.promised_on.is_none() {
        if others.iter().any(|other| other.promised_on != first.promised_on) {
            let words = format!(
                "line {} was promised for several days; say which of them this part comes on",
                line.number
            );
            problems.add("DAY_UNCLEAR", place, words);
        }
        part.promised_on = first.promised_on;
    }
    if part.price.is_none() {
        if others.iter().any(|other| other.price != first.price) {
            let words =
                format!("line {} was answered at several prices; say the price of this part", line.number);
            problems.add("PRICE_UNCLEAR", place, words);
        }
        part.price = first.price;
    }
}
