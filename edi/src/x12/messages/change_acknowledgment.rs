//! 865, the seller's answer to a change, or a change that the seller asks for.

use chrono::NaiveDate;

use crate::options::Options;
use crate::position::{Control, Located};
use crate::problem::Problems;
use crate::x12::segment::RawSegment;
use crate::x12::set::TransactionSet;

use super::fields::Fields;
use super::order_change::{ChangedLine, changed_line};
use super::section::Section;
use super::walk::{Shape, walk};

const SHAPE: Shape = Shape { begin: "BCA", line: "POC", acknowledges: true };

/// An answer to a change, or a request for one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderChangeAcknowledgment {
    /// Where it came from; turns a place into a position.
    pub control: Control,
    /// BCA01, data element 353: `11` response, `19` change the seller asks for, and so on.
    pub purpose: Located<String>,
    /// BCA02, data element 587.
    pub acknowledgment_type: Option<Located<String>>,
    /// BCA03.
    pub order_number: Located<String>,
    /// BCA04.
    pub release: Option<Located<String>>,
    /// BCA05, that of the change: opaque text.
    pub sequence: Option<Located<String>>,
    /// BCA06, the date of the order.
    pub order_date: Located<NaiveDate>,
    /// BCA07.
    pub request_reference: Option<Located<String>>,
    /// BCA08.
    pub contract: Option<Located<String>>,
    /// BCA09, by custom the supplier's order number.
    pub reference: Option<Located<String>>,
    /// BCA10, the date of the answer.
    pub date: Option<Located<NaiveDate>>,
    /// What stands between BCA and the first line.
    pub heading: Section,
    /// The lines. The answers are in `line.section.statuses`.
    pub lines: Vec<ChangedLine>,
    /// CTT and what follows it.
    pub summary: Vec<RawSegment>,
}

pub(super) fn read(
    set: &TransactionSet,
    options: &Options,
    problems: &mut Problems,
) -> Option<OrderChangeAcknowledgment> {
    let walked = walk(set, SHAPE, options, problems)?;
    let begin = &walked.begin;
    let fields = |segment| Fields::new(segment, options.limits.number_digits);
    Some(OrderChangeAcknowledgment {
        purpose: begin.text(1)?,
        acknowledgment_type: begin.text(2),
        order_number: begin.text(3)?,
        release: begin.text(4),
        sequence: begin.text(5),
        order_date: begin.date(6)?,
        request_reference: begin.text(7),
        contract: begin.text(8),
        reference: begin.text(9),
        date: begin.date(10),
        heading: walked.heading,
        lines: walked
            .lines
            .into_iter()
            .filter_map(|(segment, id, section)| {
                changed_line(&fields(segment), id, section, &set.control, problems)
            })
            .collect(),
        summary: walked.summary,
        control: set.control.clone(),
    })
}
