//! Words of a partner for ours: each has one meaning, and the meaning exists.
use quayside_canonical::{Field, Problems, partner::CodeOverride, states::EdiCodeList, unit};

use super::Known;

pub(in crate::partners) const MAX_CODES: usize = 1_000;
const MAX_WORD: usize = 80;

/// X12 668 (ACK01) and EDIFACT 1229, as far as their meaning is known.
const LINE_ANSWERS: &[&str] = &[
    "AA", "AC", "AR", "BP", "DR", "IA", "IB", "IC", "ID", "IE", "IF", "IH", "IP", "IQ", "IR", "IS", "IW",
    "R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "SP", "1", "2", "3", "4", "5", "6", "7", "8", "10", "11",
    "12", "21", "22", "23", "24", "42", "52", "74",
];

pub(super) fn check(codes: &[CodeOverride], known: &Known, problems: &mut Problems) {
    let field = Field::root().at("agreement").at("codes");
    if codes.len() > MAX_CODES {
        problems.add("TOO_MANY", &field, format!("at most {MAX_CODES} codes"));
        return;
    }
    for (index, code) in codes.iter().enumerate() {
        let field = field.at(index);
        for (name, word) in [("theirs", &code.theirs), ("ours", &code.ours)] {
            if !is_word(word) {
                let message = format!("expected 1 to {MAX_WORD} characters, without spaces around");
                problems.add("INVALID_TEXT", &field.at(name), message);
            }
        }
        let same = |other: &&CodeOverride| (other.list, &other.theirs) == (code.list, &code.theirs);
        match codes[..index].iter().find(same) {
            Some(earlier) if earlier.ours == code.ours => {
                problems.add("DUPLICATE", &field, "the same word with the same meaning is named twice");
            }
            Some(earlier) => {
                let message = format!("{} means {} already", code.theirs, earlier.ours);
                problems.add("AMBIGUOUS", &field.at("theirs"), message);
            }
            None => {}
        }
        if is_word(&code.ours)
            && let Some(message) = missing(code, known)
        {
            problems.add("UNKNOWN_CODE", &field.at("ours"), message);
        }
    }
}

fn is_word(word: &str) -> bool {
    (1..=MAX_WORD).contains(&word.chars().count())
        && word.trim() == word
        && !word.chars().any(char::is_control)
}

/// Why our word means nothing.
fn missing(code: &CodeOverride, known: &Known) -> Option<&'static str> {
    let ours = code.ours.as_str();
    let lacks = |list: &Option<std::collections::HashSet<String>>| {
        list.as_ref().is_some_and(|known| !known.contains(ours))
    };
    match code.list {
        EdiCodeList::LineAnswer => (!LINE_ANSWERS.contains(&ours))
            .then_some("expected a code of X12 668 such as IA, or of EDIFACT 1229 such as 5"),
        EdiCodeList::Unit => {
            let is_known =
                unit::is_known(ours) || unit::from_x12(ours).is_some() || known.units.contains(ours);
            (!is_known)
                .then_some("neither a unit of UN/ECE Recommendation 20 or X12 355 nor one of your items")
        }
        EdiCodeList::Location => lacks(&known.locations).then_some("you have no such location"),
        EdiCodeList::Item => lacks(&known.items).then_some("you have no such item"),
    }
}
