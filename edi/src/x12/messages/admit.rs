//! What every set asks of a segment before it looks for its place: a sound identifier, sound characters, a table to
//! hold it against, and a reason to be in this kind of set.

use crate::problem::ProblemCode;
use crate::value;
use crate::x12::header::printable;
use crate::x12::segment::Segment;
use crate::x12::set::TransactionSet;

use super::check::Checker;
use super::codes::Standing;
use super::fields::Fields;

impl Checker<'_> {
    /// Checks a segment for itself and tells its identifier; `None` if it has none.
    pub(super) fn admit<'f>(&mut self, fields: &Fields<'f>) -> Option<&'f str> {
        let id = match std::str::from_utf8(fields.id()) {
            Ok(id) if is_segment_id(id) => id,
            _ => {
                self.malformed(fields);
                return None;
            }
        };
        self.characters(fields);
        let known = self.table.find(fields.at(0).segment);
        if known.standing != Standing::Foreign
            && let Some(layout) = known.layout
        {
            self.segment(fields, layout);
        }
        match known.standing {
            Standing::Own => {}
            Standing::Odd => {
                let message = format!("{id} has no use in this kind of set; it was kept as it is");
                self.report(ProblemCode::SegmentUnexpected, fields.at(0), message);
            }
            Standing::Foreign => {
                let message = format!("{id} belongs to other kinds of transaction set");
                self.report(ProblemCode::SegmentNotInSet, fields.at(0), message);
            }
            Standing::Unknown => {
                let message = format!("{id} is no segment we know; it was kept as it is");
                self.report_unknown(ProblemCode::SegmentUnknown, fields.at(0), message);
            }
        }
        Some(id)
    }

    fn malformed(&mut self, fields: &Fields<'_>) {
        if fields.id().is_empty() && fields.elements().next().is_none() {
            return; // an empty segment; the envelope told of it
        }
        let shown = printable(&value::text(fields.id()).0);
        let message = format!("'{shown}' is not two or three capital letters and digits");
        self.report(ProblemCode::SegmentIdInvalid, fields.at(0), message);
    }

    /// Takes the segment that begins a set: once, and right after ST.
    pub(super) fn begin<'f>(&mut self, id: &str, begin: &mut Option<Segment<'f>>, fields: &Fields<'f>) {
        let at = fields.at(0);
        if begin.is_some() {
            self.report(ProblemCode::SegmentRepeated, at, format!("{id} stands a second time"));
            return;
        }
        if at.segment_index != 2 {
            let message = format!("{id} is segment {}, it must follow ST", at.segment_index);
            self.report(ProblemCode::SegmentOutOfOrder, at, message);
        }
        *begin = Some(fields.segment());
    }

    /// A segment the set cannot do without is not there.
    pub(super) fn missing(&mut self, id: &str, set: &TransactionSet) {
        if let Some(st) = set.segments().next() {
            self.report(ProblemCode::SegmentMissing, st.place(0), format!("{id} is missing"));
        }
    }

    /// Nothing but AMT may follow CTT.
    pub(super) fn after_totals(&mut self, id: &str, fields: &Fields<'_>) {
        if id != "AMT" {
            let message = format!("{id} stands after CTT; it was kept as it is");
            let problem = self.problem(ProblemCode::SegmentOutOfOrder, fields.at(0), message);
            self.problems.push(problem.tolerated());
        }
    }
}

fn is_segment_id(id: &str) -> bool {
    (2..=3).contains(&id.len())
        && id.starts_with(|first: char| first.is_ascii_uppercase())
        && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}
