//! Goes once through a set whose body is one loop again and again: HL in a ship notice, RCD in a receiving advice.

use rust_decimal::Decimal;

use crate::problem::ProblemCode;
use crate::value;
use crate::x12::segment::{RawSegment, Segment};
use crate::x12::set::TransactionSet;

use super::check::Checker;
use super::detail::{Detail, Filing};
use super::fields::Fields;

/// How often the standard lets the loop stand.
const MOST: usize = 200_000;

/// What makes one set differ from another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// The segment after ST.
    pub(super) begin: &'static str,
    /// The segment that starts a loop.
    pub(super) opener: &'static str,
}

/// A loop while its segments arrive.
pub(super) trait Loop<'a> {
    /// One that begins with this segment.
    fn open(opener: &Fields<'a>) -> Self;
    /// What stands under it.
    fn detail(&mut self) -> &mut Detail;
}

impl<'a> Loop<'a> for (Segment<'a>, Detail) {
    fn open(opener: &Fields<'a>) -> Self {
        (opener.segment(), Detail::default())
    }

    fn detail(&mut self) -> &mut Detail {
        &mut self.1
    }
}

/// A set, sorted.
#[derive(Debug)]
pub(super) struct Walked<'a, L> {
    pub(super) begin: Fields<'a>,
    pub(super) heading: Detail,
    pub(super) loops: Vec<L>,
    pub(super) totals: Option<Fields<'a>>,
    pub(super) summary: Vec<RawSegment>,
}

/// Sorts a set; `None` if it has no beginning segment.
pub(super) fn walk<'a, L: Loop<'a>>(
    set: &'a TransactionSet,
    shape: Shape,
    checker: &mut Checker<'_>,
) -> Option<Walked<'a, L>> {
    let digits = checker.options.limits.number_digits;
    let mut walk = Walk {
        shape,
        begin: None,
        heading: Detail::default(),
        filing: Filing::heading(checker.family),
        loops: Vec::new(),
        totals: None,
        summary: Vec::new(),
    };
    let mut segments = set.segments();
    if let Some(st) = segments.next() {
        let mut fields = Fields::new(st, digits);
        for segment in segments.take_while(|segment| segment.id() != b"SE") {
            fields.cut(segment);
            walk.take(&fields, checker);
        }
    }
    let Some(begin) = walk.begin else {
        checker.missing(shape.begin, set);
        return None;
    };
    let Walk { heading, loops, totals, summary, .. } = walk;
    let fields = |segment| Fields::new(segment, digits);
    Some(Walked { begin: fields(begin), heading, loops, totals: totals.map(fields), summary })
}

struct Walk<'a, L> {
    shape: Shape,
    begin: Option<Segment<'a>>,
    heading: Detail,
    /// Of the last loop, or of the heading before the first.
    filing: Filing,
    loops: Vec<L>,
    totals: Option<Segment<'a>>,
    summary: Vec<RawSegment>,
}

impl<'a, L: Loop<'a>> Walk<'a, L> {
    fn take(&mut self, fields: &Fields<'a>, checker: &mut Checker<'_>) {
        let Some(id) = checker.admit(fields) else { return };
        if id == self.shape.begin {
            checker.begin(id, &mut self.begin, fields);
        } else if id == self.shape.opener {
            self.open(fields, checker);
        } else if id == "CTT" {
            self.take_totals(fields, checker);
        } else if self.totals.is_some() {
            checker.after_totals(id, fields);
            self.summary.push(fields.keep());
        } else {
            let detail = self.loops.last_mut().map_or(&mut self.heading, L::detail);
            self.filing.take(detail, id, fields, checker);
        }
    }

    fn open(&mut self, fields: &Fields<'a>, checker: &mut Checker<'_>) {
        let id = self.shape.opener;
        if self.totals.is_some() {
            checker.report(ProblemCode::SegmentOutOfOrder, fields.at(0), format!("{id} stands after CTT"));
        }
        if self.loops.len() == MOST {
            let message = format!("{id} stands more than {MOST} times");
            let problem = checker.problem(ProblemCode::LoopTooOften, fields.at(0), message);
            checker.problems.push_once(problem);
            return;
        }
        self.loops.push(L::open(fields));
        self.filing = Filing::level();
    }

    fn take_totals(&mut self, fields: &Fields<'a>, checker: &mut Checker<'_>) {
        self.summary.push(fields.keep());
        if self.totals.is_some() {
            checker.report(ProblemCode::SegmentRepeated, fields.at(0), "CTT stands a second time".into());
            return;
        }
        self.totals = Some(fields.segment());
    }
}

/// Holds CTT against what was counted. `sums` are the totals a sender may mean, all of the same quantities.
pub(super) fn check_totals(
    ctt: &Fields<'_>,
    (count, counted): (usize, &str),
    sums: &[Decimal],
    checker: &mut Checker<'_>,
) {
    let stated = ctt.raw(1).and_then(value::integer);
    if let Some(stated) = stated.filter(|stated| usize::try_from(*stated) != Ok(count)) {
        let message = format!("CTT01 says {stated}, there are {count} {counted}");
        checker.report(ProblemCode::LineCountMismatch, ctt.at(1), message);
    }
    if let (Some(stated), Some(sum)) = (ctt.decimal(2), sums.first())
        && !sums.contains(&stated.value)
    {
        let message = format!("CTT02 says {}, the quantities add up to {}", stated.value, sum.normalize());
        checker.report(ProblemCode::HashTotalMismatch, stated.at, message);
    }
}

/// The sum of quantities; `None` where it leaves the range of numbers.
pub(super) fn sum(mut numbers: impl Iterator<Item = Decimal>) -> Option<Decimal> {
    numbers.try_fold(Decimal::ZERO, Decimal::checked_add)
}
