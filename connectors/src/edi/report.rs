//! What is wrong with a message, told with segment and element.
use quayside_canonical::{
    Field, Problem, Problems, partner::Agreement, place_in_message, states::EdiReading,
};
use quayside_edi::{Place, Position, ProblemCode, Weight};

use super::{Command, Mapped, Terms};

/// What a problem of form comes to with a partner: whether it refuses, and whether it is told to the partner.
#[must_use]
pub fn weight(problem: &quayside_edi::Problem, agreement: &Agreement) -> Weight {
    match agreement.reading {
        _ if is_agreed(problem, agreement) => Weight::Silent,
        EdiReading::Strict => problem.strict_weight(),
        EdiReading::Tolerant => problem.weight(),
    }
}

/// Whether what looks wrong is the partner's own word for one of ours.
#[must_use]
pub fn is_agreed(problem: &quayside_edi::Problem, agreement: &Agreement) -> bool {
    let word = problem.message.split('\'').nth(1).filter(|_| problem.code == ProblemCode::CodeUnknown);
    word.is_some_and(|word| agreement.codes.iter().any(|code| code.theirs == word))
}

/// How many problems, and how many warnings, are kept of a message. The rest are counted.
const KEPT: usize = 200;

/// Problems and warnings found while a message is mapped, and what it is read by.
#[derive(Debug)]
pub(super) struct Report<'t> {
    terms: &'t Terms,
    problems: Found,
    warnings: Found,
}

#[derive(Debug, Default)]
struct Found {
    kept: Problems,
    omitted: usize,
}

impl Found {
    fn add(&mut self, at: Place, code: &str, words: &str) {
        if self.kept.as_slice().len() < KEPT {
            self.kept.add(code, &field(at), sentence(at, words));
        } else {
            self.omitted += 1;
        }
    }

    fn into_problems(mut self) -> Problems {
        if self.omitted > 0 {
            let words = format!("{} more are not listed", self.omitted);
            self.kept.add("PROBLEMS_OMITTED", &Field::root(), words);
        }
        self.kept
    }
}

impl<'t> Report<'t> {
    /// Nothing found yet.
    pub(super) fn new(terms: &'t Terms) -> Self {
        Self { terms, problems: Found::default(), warnings: Found::default() }
    }

    /// What the message is read by.
    pub(super) fn terms(&self) -> &'t Terms {
        self.terms
    }

    /// The message cannot be taken.
    pub(super) fn refuse(&mut self, at: Place, code: &str, words: impl AsRef<str>) {
        self.problems.add(at, code, words.as_ref());
    }

    /// It can, but someone should know.
    pub(super) fn warn(&mut self, at: Place, code: &str, words: impl AsRef<str>) {
        self.warnings.add(at, code, words.as_ref());
    }

    /// Whether the message cannot be taken.
    pub(super) fn is_refused(&self) -> bool {
        !self.problems.kept.is_empty()
    }

    /// Adds problems found by the rules of the trade, when the message had none of its own.
    pub(super) fn check(&mut self, found: Result<(), Problems>) {
        if let Err(problems) = found
            && !self.is_refused()
        {
            self.problems.kept.extend(problems);
        }
    }

    /// The message, mapped, unless something refused it.
    pub(super) fn finish(self, key: String, command: Option<Command>) -> Mapped {
        let command = match (command, self.problems.into_problems().into_result()) {
            (Some(command), Ok(())) => Ok(command),
            (_, Err(problems)) => Err(problems),
            (None, Ok(())) => {
                Err(Problems::one("UNREADABLE", &Field::root(), "the message cannot be mapped"))
            }
        };
        Mapped { key, command, warnings: self.warnings.into_problems().into_vec() }
    }
}

/// The path to a place: position of the segment in its set, its identifier, the element, the component.
pub(super) fn field(at: Place) -> Field {
    path(Some(at.segment_index), Some(at.segment.as_str()), at.element, at.component)
}

/// A problem of the reader in the words of the API.
#[must_use]
pub fn problem(found: &quayside_edi::Problem) -> Problem {
    let Position { segment_index, segment, element, component, .. } = &found.position;
    let segment = segment.as_ref().map(quayside_edi::SegmentId::as_str);
    let (element, component) = (element.unwrap_or(0), component.unwrap_or(0));
    let message = match segment {
        Some(segment) => {
            format!("{}: {}", place_in_message(segment, *segment_index, element, component), found.message)
        }
        None => format!("byte {}: {}", found.position.byte, found.message),
    };
    let field = path(*segment_index, segment, element, component).steps().to_vec();
    Problem { code: found.code.to_string(), field, message }
}

/// A problem that a rule found at a place of a message: the sentence tells the place too.
#[must_use]
pub fn located(found: Problem) -> Problem {
    found.told_in_place()
}

fn path(index: Option<u32>, segment: Option<&str>, element: u16, component: u16) -> Field {
    let field = index.filter(|index| *index > 0).map_or_else(Field::root, |index| Field::root().at(index));
    let Some(segment) = segment else { return field };
    let numbers = [element, component].into_iter().take_while(|number| *number > 0);
    numbers.fold(field.at(segment), |field, number| field.at(format_args!("{number:02}")))
}

fn sentence(at: Place, words: &str) -> String {
    format!(
        "{}: {words}",
        place_in_message(at.segment.as_str(), Some(at.segment_index), at.element, at.component)
    )
}
