//! What is to be answered to an interchange: a TA1 to its envelope, a 997 to each of its groups.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use crate::options::Options;
use crate::problem::{Problem, ProblemCode, Standard, Weight};

use super::interchange::{Group, Interchange};
use super::messages::{
    ElementNote, FunctionalAcknowledgment, GroupReference, GroupVerdict, InterchangeAcknowledgment,
    SegmentNote, SetResponse, SetVerdict, read,
};
use super::set::TransactionSet;

/// The TA1 that an interchange is owed: where its envelope is refused, or where it asks for one.
///
/// None to a fragment, which names no one to answer; and none where the interchange brings nothing but
/// acknowledgments, so that two systems do not answer each other for ever.
#[must_use]
pub fn interchange(interchange: &Interchange) -> Option<InterchangeAcknowledgment> {
    let isa = interchange.header.as_deref()?;
    envelope(interchange).filter(|_| isa.wants_acknowledgment || interchange.rejected())
}

/// The TA1 that an interchange can be answered with, whether it asks for one or not: for partners with whom it is
/// agreed that each is confirmed. None where [`interchange`] could give none either.
#[must_use]
pub fn envelope(interchange: &Interchange) -> Option<InterchangeAcknowledgment> {
    let isa = interchange.header.as_deref()?;
    let brings = |group: &Group| group.header.as_ref().is_none_or(|gs| gs.kind != "FA");
    let only_answers = !interchange.acknowledgments.is_empty() && interchange.groups.is_empty()
        || !interchange.groups.is_empty() && !interchange.groups.iter().any(brings);
    let fault = interchange.problems.iter().find(|problem| problem.rejects());
    if fault.is_none() && only_answers {
        return None;
    }
    let note = match fault.map(|fault| fault.standard) {
        None => "000",
        Some(Some(Standard::Ta105(note))) => note,
        // What has no note of its own is a fault of the control structure.
        Some(_) => "022",
    };
    Some(InterchangeAcknowledgment {
        number: isa.control_number.as_str().into(),
        date: isa.date.as_str().into(),
        time: isa.time.as_str().into(),
        code: if fault.is_some() { "R" } else { "A" }.into(),
        note: note.into(),
        ..InterchangeAcknowledgment::default()
    })
}

/// The 997 that a group is owed; none to a group of acknowledgments, nor to one that is missing its GS.
///
/// An interchange that is refused gets a TA1 and no 997: ask [`Interchange::rejected`] first.
///
/// ```
/// use quayside_edi::Options;
/// use quayside_edi::x12::{Interchanges, acknowledge};
///
/// let file = "ISA*00*          *00*          *ZZ*BUYER          *ZZ*SUPPLIER       *260101*1200*U*00401*000000001*0*P*>~\
///             GS*PO*BUYER*SUPPLIER*20260101*1200*7*X*004010~ST*850*0001~BEG*00*SA*PO-1**20260101~\
///             PO1*1*1X0*EA~SE*4*0001~GE*1*7~IEA*1*000000001~";
/// let options = Options::default();
/// let interchange = Interchanges::new(file.as_bytes(), options).next().expect("one")?;
/// let answer = acknowledge::group(&interchange.groups[0], &options).expect("it is owed one");
///
/// assert_eq!(*answer.verdicts[0].code, "R");
/// let segments: Vec<String> = answer.segments().iter().map(|segment| segment.id.clone()).collect();
/// assert_eq!(segments, ["AK1", "AK2", "AK3", "AK4", "AK5", "AK9"]);
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use]
pub fn group(group: &Group, options: &Options) -> Option<FunctionalAcknowledgment> {
    group_by(group, options, &Problem::weight)
}

/// The same where it is agreed what weighs how much. What is wrong with the group itself refuses in any case.
#[must_use]
pub fn group_by(
    group: &Group,
    options: &Options,
    weight: &dyn Fn(&Problem) -> Weight,
) -> Option<FunctionalAcknowledgment> {
    let gs = group.header.as_deref().filter(|gs| gs.kind != "FA")?;
    let mut notes =
        codes(group.problems.iter().filter(|problem| problem.rejects()), |standard| match standard {
            Standard::Ak905(code) => Some(code),
            _ => None,
        });
    let sets: Vec<SetResponse> = group.sets.iter().map(|found| set(found, options, weight)).collect();
    let accepted =
        sets.iter().filter(|found| found.verdicts.iter().any(|verdict| *verdict.code != "R")).count();
    let with_errors = sets.iter().any(|found| found.verdicts.iter().any(|verdict| *verdict.code == "E"));
    let rejected = group.rejected();
    if rejected && notes.is_empty() {
        notes.push("5");
    }
    let code = match (rejected, accepted) {
        (true, _) | (_, 0) => "R",
        (_, some) if some < sets.len() => "P",
        _ if with_errors => "E",
        _ => "A",
    };
    let mut notes = notes.into_iter().map(|note| note.to_owned().into());
    let count = |number: usize| Some(Decimal::from(number).into());
    Some(FunctionalAcknowledgment {
        group: GroupReference {
            kind: gs.kind.as_str().into(),
            number: gs.control_number.as_str().into(),
            version: gs.version.filter(|version| version.0 >= 5010).map(|_| gs.version_text.as_str().into()),
            ..GroupReference::default()
        },
        verdicts: vec![GroupVerdict {
            code: code.into(),
            included: count(stated(group).unwrap_or(sets.len())),
            received: count(sets.len()),
            accepted: count(if rejected { 0 } else { accepted }),
            note: notes.next(),
            second_note: notes.next(),
            ..GroupVerdict::default()
        }],
        sets,
        ..FunctionalAcknowledgment::default()
    })
}

/// What GE01 says, where it says something else than what there is.
fn stated(group: &Group) -> Option<usize> {
    let wrong = group.problems.iter().find(|problem| problem.code == ProblemCode::SetCountMismatch)?;
    wrong.message.split('\'').nth(1)?.parse().ok()
}

fn set(found: &TransactionSet, options: &Options, weight: &dyn Fn(&Problem) -> Weight) -> SetResponse {
    let reading = read(found, options);
    // A fault of business is no fault of syntax, and not answered here.
    let noted = |problem: &&Problem| problem.standard.is_some() && weight(problem) != Weight::Silent;
    let noted: Vec<&Problem> = reading.problems.iter().filter(noted).collect();
    let refused = noted.iter().any(|problem| weight(problem) == Weight::Refuses);
    let segments = segments(found, &noted);
    let mut notes = codes(noted.iter().copied(), |standard| match standard {
        Standard::Ak502(code) => Some(code),
        _ => None,
    });
    if !segments.is_empty() {
        notes.push("5");
    }
    let mut notes = notes.into_iter().map(|note| note.to_owned().into());
    SetResponse {
        id: found.id.as_str().into(),
        number: found.control.set.as_deref().unwrap_or_default().into(),
        segments,
        verdicts: vec![SetVerdict {
            code: verdict(refused, &noted).into(),
            note: notes.next(),
            second_note: notes.next(),
            third_note: notes.next(),
            ..SetVerdict::default()
        }],
        ..SetResponse::default()
    }
}

const fn verdict(refused: bool, noted: &[&Problem]) -> &'static str {
    match (refused, noted.is_empty()) {
        (true, _) => "R",
        (false, false) => "E",
        (false, true) => "A",
    }
}

/// AK3 and AK4: one AK3 for each segment at fault, in their order.
fn segments(found: &TransactionSet, noted: &[&Problem]) -> Vec<SegmentNote> {
    let mut notes: Vec<SegmentNote> = Vec::new();
    for problem in noted {
        let (Some(standard), Some(index), Some(id)) =
            (problem.standard, problem.position.segment_index, problem.position.segment)
        else {
            continue;
        };
        let position: Located = Decimal::from(index).into();
        let note = |code: &str, id: &str| SegmentNote {
            id: id.into(),
            position: Some(position),
            code: Some(code.into()),
            ..SegmentNote::default()
        };
        match standard {
            // The segment that is missing has a name; it is told of where it should have come.
            Standard::Ak304("3") => {
                let missing = problem.message.split(' ').next().unwrap_or_default();
                notes.push(note("3", missing));
            }
            Standard::Ak304(code) => notes.push(note(code, id.as_str())),
            Standard::Ak403(code) => {
                let same = |last: &&mut SegmentNote| {
                    last.position.is_some_and(|at| at.value == position.value)
                        && last.code.as_ref().is_some_and(|code| code.value == "8")
                };
                if notes.last_mut().filter(same).is_none() {
                    notes.push(note("8", id.as_str()));
                }
                if let Some(last) = notes.last_mut() {
                    last.elements.push(element(found, problem, code));
                }
            }
            _ => {}
        }
    }
    notes
}

type Located = crate::position::Located<Decimal>;

fn element(found: &TransactionSet, problem: &Problem, code: &str) -> ElementNote {
    let number = problem.position.element.unwrap_or(1);
    let index = problem.position.segment_index.and_then(|index| usize::try_from(index).ok()).unwrap_or(0);
    let segment = index.checked_sub(1).and_then(|at| found.segments().nth(at));
    let value = segment.map(|segment| segment.text(usize::from(number))).unwrap_or_default();
    let text: String =
        value.chars().filter(|c| c.is_ascii_alphanumeric() || " -./,".contains(*c)).take(99).collect();
    ElementNote {
        element: number.to_string().into(),
        component: problem.position.component.map(|component| component.to_string().into()),
        code: code.into(),
        // What would cut the answer in turn is left out.
        value: Some(text).filter(|text| !text.trim().is_empty() && *text == value).map(Into::into),
        ..ElementNote::default()
    }
}

fn codes<'a>(
    problems: impl Iterator<Item = &'a Problem>,
    pick: fn(Standard) -> Option<&'static str>,
) -> Vec<&'static str> {
    let mut codes = Vec::new();
    for code in problems.filter_map(|problem| pick(problem.standard?)) {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

/// The time of an answer as ISA and GS write it: six and eight digits of the day, four of the time.
#[must_use]
pub fn stamp(at: NaiveDateTime) -> (String, String, String) {
    (at.format("%y%m%d").to_string(), at.format("%Y%m%d").to_string(), at.format("%H%M").to_string())
}
