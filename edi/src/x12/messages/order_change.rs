//! 860, purchase order change by the buyer.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::options::Options;
use crate::position::{Control, Located};
use crate::problem::Problems;
use crate::x12::segment::RawSegment;
use crate::x12::set::TransactionSet;

use super::fields::Fields;
use super::order::refuse_negative;
use super::section::{Line, LineId, Section};
use super::walk::{Shape, walk};

const SHAPE: Shape = Shape { begin: "BCH", line: "POC", acknowledges: false };

/// A change to a purchase order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderChange {
    /// Where it came from; turns a place into a position.
    pub control: Control,
    /// BCH01, data element 353.
    pub purpose: Located<String>,
    /// BCH02, data element 92.
    pub order_type: Located<String>,
    /// BCH03.
    pub order_number: Located<String>,
    /// BCH04.
    pub release: Option<Located<String>>,
    /// BCH05: opaque text; some senders put a date here.
    pub sequence: Option<Located<String>>,
    /// BCH06, the date of the order.
    pub order_date: Located<NaiveDate>,
    /// BCH07.
    pub request_reference: Option<Located<String>>,
    /// BCH08.
    pub contract: Option<Located<String>>,
    /// BCH09.
    pub reference: Option<Located<String>>,
    /// BCH10; senders differ on which of the two is the date of the change.
    pub date: Option<Located<NaiveDate>>,
    /// BCH11.
    pub change_date: Option<Located<NaiveDate>>,
    /// What stands between BCH and the first line.
    pub heading: Section,
    /// The lines that change.
    pub lines: Vec<ChangedLine>,
    /// CTT and what follows it.
    pub summary: Vec<RawSegment>,
}

/// A line that changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangedLine {
    /// POC02, data element 670: what changes.
    pub change: Located<String>,
    /// POC04.
    pub left_to_receive: Option<Located<Decimal>>,
    /// The line as it shall be. Its quantity is POC03: the standard means the new total, some senders the
    /// difference.
    pub line: Line,
}

pub(super) fn read(set: &TransactionSet, options: &Options, problems: &mut Problems) -> Option<OrderChange> {
    let walked = walk(set, SHAPE, options, problems)?;
    let begin = &walked.begin;
    let fields = |segment| Fields::new(segment, options.limits.number_digits);
    Some(OrderChange {
        purpose: begin.text(1)?,
        order_type: begin.text(2)?,
        order_number: begin.text(3)?,
        release: begin.text(4),
        sequence: begin.text(5),
        order_date: begin.date(6)?,
        request_reference: begin.text(7),
        contract: begin.text(8),
        reference: begin.text(9),
        date: begin.date(10),
        change_date: begin.date(11),
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

pub(super) fn changed_line(
    poc: &Fields<'_>,
    id: LineId,
    mut section: Section,
    control: &Control,
    problems: &mut Problems,
) -> Option<ChangedLine> {
    section.product_ids.splice(0..0, poc.ids(8, 27));
    let line = Line {
        id,
        at: poc.at(0),
        quantity: poc.decimal(3),
        unit: poc.component(5),
        price: poc.decimal(6),
        price_basis: poc.text(7),
        section,
    };
    refuse_negative(&line, control, problems);
    Some(ChangedLine { change: poc.text(2)?, left_to_receive: poc.decimal(4), line })
}
