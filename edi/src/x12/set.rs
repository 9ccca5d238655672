//! A transaction set as it was read: all its segments, nothing interpreted.

use std::collections::HashSet;
use std::sync::Arc;

use crate::options::Limits;
use crate::position::{Control, Place};
use crate::problem::{Problem, ProblemCode, Problems, Scope};

use super::Delimiters;
use super::header::{GroupHeader, InterchangeHeader, Version, printable};
use super::segment::Segment;
use crate::stored::{One, Stored};
use crate::value;

/// `ST` to `SE`, with the headers it stands under.
#[derive(Debug, Clone)]
pub struct TransactionSet {
    /// ST01, such as `850`.
    pub id: String,
    /// The control numbers around and of the set.
    pub control: Control,
    /// ISA; none in a fragment.
    pub interchange: Option<Arc<InterchangeHeader>>,
    /// GS; none where it is missing.
    pub group: Option<Arc<GroupHeader>>,
    /// What is wrong with `ST` and `SE`. The content is judged by [`messages::read`](super::messages::read).
    pub problems: Vec<Problem>,
    delimiters: Delimiters,
    segments: Stored,
}

impl TransactionSet {
    /// Its segments from `ST` to `SE`.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        self.segments.iter().map(|one| self.cut(one))
    }

    /// The segment a typed value was read from, for elements that have no typed field.
    #[must_use]
    pub fn segment(&self, at: Place) -> Option<Segment<'_>> {
        self.segments.get(at.segment_index).map(|one| self.cut(one))
    }

    fn cut<'a>(&self, one: One<'a>) -> Segment<'a> {
        let One { bytes, offset, wrapped, index } = one;
        let delimiters = self.delimiters;
        Segment { bytes, delimiters, offset, wrapped, indented: false, unterminated: false, index }
    }

    /// The version of the standard its group names.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        self.group.as_ref().and_then(|group| group.version)
    }

    /// The separators of its interchange.
    #[must_use]
    pub fn delimiters(&self) -> Delimiters {
        self.delimiters
    }

    /// Whether `ST` or `SE` refuse it.
    #[must_use]
    pub fn rejected(&self) -> bool {
        self.problems.iter().any(Problem::rejects)
    }
}

/// A set while its segments arrive.
#[derive(Debug)]
pub(super) struct SetBuilder {
    set: TransactionSet,
    problems: Problems,
}

/// The functional groups the sets of the supply chain belong in; others are not judged.
const GROUP_KINDS: &[(&str, &str)] = &[
    ("810", "IN"),
    ("820", "RA"),
    ("824", "AG"),
    ("846", "IB"),
    ("850", "PO"),
    ("855", "PR"),
    ("856", "SH"),
    ("860", "PC"),
    ("861", "RC"),
    ("865", "CA"),
    ("997", "FA"),
    ("999", "FA"),
];

impl SetBuilder {
    pub(super) fn new(
        st: &Segment<'_>,
        outer: &Control,
        interchange: Option<Arc<InterchangeHeader>>,
        group: Option<Arc<GroupHeader>>,
        limits: &Limits,
    ) -> Self {
        let number = st.text(2);
        let set = TransactionSet {
            id: st.text(1),
            control: Control { set: Some(number).filter(|number| !number.is_empty()), ..outer.clone() },
            interchange,
            group,
            problems: Vec::new(),
            delimiters: st.delimiters,
            segments: Stored::default(),
        };
        let mut builder = Self { set, problems: Problems::new(limits.problems) };
        builder.push(st);
        builder
    }

    pub(super) fn push(&mut self, segment: &Segment<'_>) {
        self.set.segments.push(segment.bytes, segment.offset, segment.wrapped);
    }

    fn count(&self) -> u32 {
        self.set.segments.count()
    }

    /// The segment as it stands in the set, for problems found in it.
    fn place<'a>(&self, segment: &Segment<'a>) -> Segment<'a> {
        Segment { index: self.count(), ..*segment }
    }

    fn problem(
        &mut self,
        segment: &Segment<'_>,
        element: usize,
        code: ProblemCode,
        message: String,
    ) -> Problem {
        Problem::new(code, self.set.control.position(self.place(segment).place(element)), message)
    }

    /// Judges `ST`, right after it was added.
    pub(super) fn check_header(&mut self, st: &Segment<'_>, numbers: &mut HashSet<String>) {
        let (id, number) = (printable(&self.set.id), st.text(2));
        if id.is_empty() {
            let problem = self.problem(st, 1, ProblemCode::SetIdInvalid, "ST01 is missing".into());
            self.problems.push(problem);
        }
        let kind = self.set.group.as_ref().map(|group| group.kind.clone());
        let belongs = GROUP_KINDS.iter().find(|(set, _)| *set == self.set.id).map(|(_, kind)| *kind);
        if let (Some(kind), Some(belongs)) = (kind, belongs)
            && kind != belongs
        {
            let message = format!("A {id} belongs in a group {belongs}; GS01 is '{}'", printable(&kind));
            let problem = self.problem(st, 1, ProblemCode::SetNotOfGroup, message);
            self.problems.push(problem);
        }
        if !(4..=9).contains(&number.len()) {
            let message = format!("ST02 is '{}', not four to nine characters", printable(&number));
            let problem = self.problem(st, 2, ProblemCode::SetNumberInvalid, message);
            self.problems.push(if number.is_empty() { problem } else { problem.tolerated() });
        }
        if !number.is_empty() && !numbers.insert(number.clone()) {
            let message = format!("ST02 {} was used before in this group", printable(&number));
            let problem = self.problem(st, 2, ProblemCode::SetNumberRepeated, message);
            self.problems.push(problem);
        }
    }

    /// Judges `SE`, right after it was added.
    pub(super) fn check_trailer(&mut self, se: &Segment<'_>) {
        let stated = se.text(1);
        if value::integer(stated.as_bytes()) != Some(u64::from(self.count())) {
            let message = format!("SE01 says '{}' segments, there are {}", printable(&stated), self.count());
            let problem = self.problem(se, 1, ProblemCode::SegmentCountMismatch, message);
            self.problems.push(problem);
        }
        let (opened, closed) = (self.set.control.set.clone().unwrap_or_default(), se.text(2));
        match same_number(&opened, &closed) {
            Same::Yes => {}
            Same::Padded => {
                let message = format!("ST02 is {} and SE02 is {}", printable(&opened), printable(&closed));
                let problem = self.problem(se, 2, ProblemCode::NumberPadding, message);
                self.problems.push(problem.within(Scope::Set));
            }
            Same::No => {
                let message = format!("SE02 is '{}', ST02 is '{}'", printable(&closed), printable(&opened));
                let problem = self.problem(se, 2, ProblemCode::SetNumberMismatch, message);
                self.problems.push(problem);
            }
        }
    }

    /// Refuses the set because something else came instead of `SE`.
    pub(super) fn cut(&mut self, found: &str, byte: u64) {
        let message = format!("The set has no SE; {found} comes instead");
        let position = self.set.control.at_byte(byte);
        self.problems.push(Problem::new(ProblemCode::SetTrailerMissing, position, message));
    }

    pub(super) fn finish(mut self) -> TransactionSet {
        self.set.problems = self.problems.into_vec();
        self.set
    }
}

/// How two control numbers compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Same {
    Yes,
    /// Equal but for leading zeros.
    Padded,
    No,
}

pub(super) fn same_number(one: &str, other: &str) -> Same {
    if one == other {
        return Same::Yes;
    }
    let numbers = (value::integer(one.as_bytes()), value::integer(other.as_bytes()));
    if numbers.0.is_some() && numbers.0 == numbers.1 { Same::Padded } else { Same::No }
}
