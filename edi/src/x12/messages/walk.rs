//! Goes once through a set: checks each segment, and sorts it under the heading, a line or the summary.

use std::collections::HashSet;

use crate::options::Options;
use crate::problem::{ProblemCode, Problems};
use crate::value;
use crate::x12::header::printable;
use crate::x12::segment::RawSegment;
use crate::x12::set::TransactionSet;

use super::check::Checker;
use super::codes::Family;
use super::fields::Fields;
use super::section::{LineId, Section, SectionBuilder, Under};

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
    pub(super) lines: Vec<(Fields<'a>, LineId, Section)>,
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
        heading: SectionBuilder::new(Under::Heading),
        lines: Vec::new(),
        ids: HashSet::new(),
        totals: false,
        summary: Vec::new(),
    };
    for segment in set.segments().skip(1) {
        if segment.id() == b"SE" {
            break;
        }
        walk.take(Fields::new(segment, options.limits.number_digits));
    }
    walk.finish(set)
}

struct Walk<'a, 'b> {
    shape: Shape,
    checker: Checker<'b>,
    begin: Option<Fields<'a>>,
    heading: SectionBuilder,
    lines: Vec<(Fields<'a>, LineId, SectionBuilder)>,
    ids: HashSet<String>,
    totals: bool,
    summary: Vec<RawSegment>,
}

impl<'a> Walk<'a, '_> {
    fn take(&mut self, fields: Fields<'a>) {
        let Some(id) = self.checker.admit(&fields) else { return };
        if id == self.shape.begin {
            self.checker.begin(self.shape.begin, &mut self.begin, fields);
        } else if id == self.shape.line {
            self.take_line(fields);
        } else if OPENERS.contains(&id) && !(id == "ACK" && self.shape.acknowledges) {
            let message = format!("{id} does not belong in this set");
            self.checker.report(ProblemCode::SegmentNotInSet, fields.at(0), message);
        } else if id == "CTT" {
            self.take_totals(&fields);
        } else if self.totals {
            self.checker.after_totals(id, &fields);
            self.summary.push(fields.keep());
        } else {
            let section = self.lines.last_mut().map_or(&mut self.heading, |(.., line)| line);
            section.take(&fields, &mut self.checker);
        }
    }

    fn take_line(&mut self, fields: Fields<'a>) {
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
        self.lines.push((fields, id, SectionBuilder::new(Under::Line)));
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
        let lines = self.lines.into_iter().map(|(fields, id, line)| (fields, id, line.section)).collect();
        Some(Walked { begin, heading: self.heading.section, lines, summary: self.summary })
    }
}
