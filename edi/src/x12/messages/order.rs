//! 850, purchase order.

use chrono::NaiveDate;

use crate::options::Options;
use crate::position::{Control, Located};
use crate::problem::{ProblemCode, Problems};
use crate::x12::segment::RawSegment;
use crate::x12::set::TransactionSet;

use super::fields::Fields;
use super::section::{Line, LineId, Section};
use super::walk::{Shape, walk};

const SHAPE: Shape = Shape { begin: "BEG", line: "PO1", acknowledges: false };

/// A purchase order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Order {
    /// Where it came from; turns a place into a position.
    pub control: Control,
    /// BEG01, data element 353: `00` original, `01` cancellation and so on.
    pub purpose: Located<String>,
    /// BEG02, data element 92.
    pub order_type: Located<String>,
    /// BEG03.
    pub number: Located<String>,
    /// BEG04.
    pub release: Option<Located<String>>,
    /// BEG05.
    pub date: Located<NaiveDate>,
    /// BEG06.
    pub contract: Option<Located<String>>,
    /// What stands between BEG and the first line.
    pub heading: Section,
    /// The lines.
    pub lines: Vec<Line>,
    /// CTT and what follows it.
    pub summary: Vec<RawSegment>,
}

pub(super) fn read(set: &TransactionSet, options: &Options, problems: &mut Problems) -> Option<Order> {
    let walked = walk(set, SHAPE, options, problems)?;
    let begin = &walked.begin;
    let fields = |segment| Fields::new(segment, options.limits.number_digits);
    Some(Order {
        purpose: begin.text(1)?,
        order_type: begin.text(2)?,
        number: begin.text(3)?,
        release: begin.text(4),
        date: begin.date(5)?,
        contract: begin.text(6),
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

/// A line that starts with PO1.
pub(super) fn line(
    po1: &Fields<'_>,
    id: LineId,
    mut section: Section,
    control: &Control,
    problems: &mut Problems,
) -> Line {
    section.product_ids.splice(0..0, po1.ids(6, 25));
    let line = Line {
        id,
        at: po1.at(0),
        quantity: po1.decimal(2),
        unit: po1.text(3),
        price: po1.decimal(4),
        price_basis: po1.text(5),
        section,
    };
    refuse_negative(&line, control, problems);
    line
}

/// The standard allows a sign; no one orders or confirms less than nothing.
pub(super) fn refuse_negative(line: &Line, control: &Control, problems: &mut Problems) {
    let section = &line.section;
    let schedules = section.schedules.iter().map(|schedule| schedule.quantity.value);
    let statuses = section.statuses.iter().filter_map(|status| status.quantity.as_ref().map(|q| q.value));
    let splits =
        section.splits.iter().flat_map(|split| split.quantities.iter().map(|(_, quantity)| *quantity));
    for quantity in line.quantity.into_iter().chain(schedules).chain(statuses).chain(splits) {
        if quantity.value.is_sign_negative() && !quantity.value.is_zero() {
            let message = format!("The quantity of line {} is {}", line.id.text, quantity.value);
            let position = control.position(quantity.at);
            problems.push(crate::problem::Problem::new(ProblemCode::QuantityNegative, position, message));
        }
    }
}
