//! Goes once through a set: checks each segment, and sorts it under the heading, a line or the summary.

use std::collections::HashSet;

use crate::options::Options;
use crate::problem::{ProblemCode, Problems};
use crate::value;
use crate::x12::header::printable;
use crate::x12::segment::{RawSegment, Segment};
use crate::x12::set::TransactionSet;

use super::check::Checker;
use super::codes::Family;
use super::fields::Fields;
use super::section::{LineId, Open, Section, SectionBuilder, Under};

/// What makes one set differ from another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// The segment after ST.
    pub(super) begin: &'static str,
    /// The segment that starts a line.
    pub(super) line: &'static str,
    /// Whether lines carry ACK.
    pub(super) acknowledges: bool,
}

/// A set, sorted.
#[derive(Debug)]
pub(super) struct Walked<'a> {
    pub(super) begin: Fields<'a>,
    pub(super) heading: Section,
    pub(super) lines: Vec<(Segment<'a>, LineId, Section)>,
    pub(super) summary: Vec<RawSegment>,
}

/// Segments that open a set or line of the order family; in another set of it they are a mistake.
const OPENERS: &[&str] = &["BEG", "BAK", "BCH", "BCA", "PO1", "POC", "ACK"];

/// Sorts a set; `None` if it has no beginning segment.
pub(super) fn walk<'a>(
    set: &'a TransactionSet,
    shape: Shape,
    options: &Options,
    problems: &mut Problems,
) -> Option<Walked<'a>> {
    let checker = Checker::new(set, Family::Order, options, problems);
    let mut walk = Walk {
        shape,
        checker,
        begin: None,
        heading: Section::default(),
        lines: Vec::new(),
        open: Open::Nothing,
        ids: HashSet::new(),
        totals: false,
        summary: Vec::new(),
    };
    let mut segments = set.segments();
    if let Some(st) = segments.next() {
        let mut fields = Fields::new(st, options.limits.number_digits);
        for segment in segments.take_while(|segment| segment.id() != b"SE") {
            fields.cut(segment);
            walk.take(&fields);
        }
    }
    walk.finish(set)
}

struct Walk<'a, 'b> {
    shape: Shape,
    checker: Checker<'b>,
    begin: Option<Segment<'a>>,
    heading: Section,
    lines: Vec<(Segment<'a>, LineId, Section)>,
    /// In the last line, or in the heading before the first.
    open: Open,
    ids: HashSet<String>,
    totals: bool,
    summary: Vec<RawSegment>,
}

impl<'a> Walk<'a, '_> {
    fn take(&mut self, fields: &Fields<'a>) {
        let Some(id) = self.checker.admit(fields) else { return };
        if id == self.shape.begin {
            self.checker.begin(self.shape.begin, &mut self.begin, fields);
        } else if id == self.shape.line {
            self.take_line(fields);
        } else if OPENERS.contains(&id) && !(id == "ACK" && self.shape.acknowledges) {
            let message = format!("{id} does not belong in this set");
            self.checker.report(ProblemCode::SegmentNotInSet, fields.at(0), message);
        } else if id == "CTT" {
            self.take_totals(fields);
        } else if self.totals {
            self.checker.after_totals(id, fields);
            self.summary.push(fields.keep());
        } else {
            let under = if self.lines.is_empty() { Under::Heading } else { Under::Line };
            let section = self.lines.last_mut().map_or(&mut self.heading, |(.., line)| line);
            SectionBuilder { section, open: &mut self.open, under }.take(fields, &mut self.checker);
        }
    }

    fn take_line(&mut self, fields: &Fields<'a>) {
        if self.totals {
            let message = format!("{} stands after CTT", self.shape.line);
            self.checker.report(ProblemCode::SegmentOutOfOrder, fields.at(0), message);
        }
        let position = self.lines.len() + 1;
        let id = match fields.text(1) {
            Some(id) => LineId { text: id.value, assumed: false, at: id.at },
            None => {
                let message = format!("The line has no number; {position}, its position, stands for it");
                self.checker.report(ProblemCode::LineIdMissing, fields.at(1), message);
                LineId { text: position.to_string(), assumed: true, at: fields.at(1) }
            }
        };
        if !self.ids.insert(id.text.clone()) {
            let message = format!("Line {} was there before", printable(&id.text));
            self.checker.report(ProblemCode::LineIdRepeated, id.at, message);
        }
        self.lines.push((fields.segment(), id, Section::default()));
        self.open = Open::Nothing;
    }

    fn take_totals(&mut self, fields: &Fields<'_>) {
        let lines = self.lines.len() as u64;
        if let Some(stated) = fields.raw(1).and_then(value::integer).filter(|stated| *stated != lines) {
            let message = format!("CTT01 says {stated} lines, there are {lines}");
            self.checker.report(ProblemCode::LineCountMismatch, fields.at(1), message);
        }
        if self.totals {
            self.checker.report(
                ProblemCode::SegmentRepeated,
                fields.at(0),
                "CTT stands a second time".into(),
            );
        }
        self.totals = true;
        self.summary.push(fields.keep());
    }

    fn finish(mut self, set: &TransactionSet) -> Option<Walked<'a>> {
        let Some(begin) = self.begin.take() else {
            self.checker.missing(self.shape.begin, set);
            return None;
        };
        let begin = Fields::new(begin, self.checker.options.limits.number_digits);
        Some(Walked { begin, heading: self.heading, lines: self.lines, summary: self.summary })
    }
}
