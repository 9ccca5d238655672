//! 855, purchase order acknowledgment.

use chrono::NaiveDate;

use crate::options::Options;
use crate::position::{Control, Located};
use crate::problem::Problems;
use crate::x12::segment::RawSegment;
use crate::x12::set::TransactionSet;

use super::fields::Fields;
use super::order::line;
use super::section::{Line, Section};
use super::walk::{Shape, walk};

const SHAPE: Shape = Shape { begin: "BAK", line: "PO1", acknowledges: true };

/// A supplier's answer to a purchase order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderAcknowledgment {
    /// Where it came from; turns a place into a position.
    pub control: Control,
    /// BAK01, data element 353.
    pub purpose: Located<String>,
    /// BAK02, data element 587: what the answer says as a whole.
    pub acknowledgment_type: Located<String>,
    /// BAK03.
    pub order_number: Located<String>,
    /// BAK04, the date of the order.
    pub order_date: Located<NaiveDate>,
    /// BAK05.
    pub release: Option<Located<String>>,
    /// BAK06.
    pub request_reference: Option<Located<String>>,
    /// BAK07.
    pub contract: Option<Located<String>>,
    /// BAK08, by custom the supplier's order number.
    pub reference: Option<Located<String>>,
    /// BAK09, the date of the answer.
    pub date: Option<Located<NaiveDate>>,
    /// What stands between BAK and the first line.
    pub heading: Section,
    /// The lines. PO1 repeats what was ordered; the answers are in `section.statuses`, any number of them.
    pub lines: Vec<Line>,
    /// CTT and what follows it.
    pub summary: Vec<RawSegment>,
}

pub(super) fn read(
    set: &TransactionSet,
    options: &Options,
    problems: &mut Problems,
) -> Option<OrderAcknowledgment> {
    let walked = walk(set, SHAPE, options, problems)?;
    let begin = &walked.begin;
    let fields = |segment| Fields::new(segment, options.limits.number_digits);
    Some(OrderAcknowledgment {
        purpose: begin.text(1)?,
        acknowledgment_type: begin.text(2)?,
        order_number: begin.text(3)?,
        order_date: begin.date(4)?,
        release: begin.text(5),
        request_reference: begin.text(6),
        contract: begin.text(7),
        reference: begin.text(8),
        date: begin.date(9),
        heading: walked.heading,
        lines: walked
            .lines
            .into_iter()
            .map(|(segment, id, section)| line(&fields(segment), id, section, &set.control, problems))
            .collect(),
        summary: walked.summary,
        control: set.control.clone(),
    })
}
