//! 861, receiving advice: what of a shipment was received, and in what condition.

use std::collections::HashSet;

use chrono::{NaiveDate, NaiveTime};
use rust_decimal::Decimal;

use crate::options::Options;
use crate::position::{Control, Located, Place};
use crate::problem::{ProblemCode, Problems};
use crate::x12::segment::RawSegment;
use crate::x12::set::TransactionSet;

use super::check::Checker;
use super::codes::Family;
use super::detail::{Detail, refuse_negative};
use super::fields::Fields;
use super::loops::{self, Shape, Walked, check_totals, sum};
use super::parts::Quantity;
use super::section::LineId;

const SHAPE: Shape = Shape { begin: "BRA", opener: "RCD" };

/// A buyer's word on what was received.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReceivingAdvice {
    /// Where it came from; turns a place into a position.
    pub control: Control,
    /// BRA01.
    pub number: Located<String>,
    /// BRA02, the date of the advice.
    pub date: Located<NaiveDate>,
    /// BRA03, data element 353.
    pub purpose: Located<String>,
    /// BRA04, data element 962: `1` at the dock, `2` after receipt, `3` disposition, `8` acceptance certificate.
    pub advice_type: Located<String>,
    /// BRA05.
    pub time: Option<Located<NaiveTime>>,
    /// BRA06, data element 412, of all of it.
    pub condition: Option<Located<String>>,
    /// BRA07.
    pub action: Option<Located<String>>,
    /// What stands between BRA and the first line.
    pub heading: Detail,
    /// The lines.
    pub lines: Vec<ReceivedLine>,
    /// CTT and what follows it.
    pub summary: Vec<RawSegment>,
}

/// RCD and what stands under it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReceivedLine {
    /// RCD01, or else LIN01, or else the position.
    pub id: LineId,
    /// Where it starts.
    pub at: Place,
    /// RCD02 and RCD03: received or accepted.
    pub received: Option<Quantity>,
    /// RCD04 and RCD05.
    pub returned: Option<Quantity>,
    /// RCD06 to RCD20: quantities something is the matter with.
    pub questions: Vec<Question>,
    /// RCD21, in the unit of RCD03.
    pub received_to_date: Option<Located<Decimal>>,
    /// What stands under it.
    pub detail: Detail,
}

/// A quantity in question, and why.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Question {
    /// How much of the line. Without it the code holds for all of it.
    pub quantity: Option<Quantity>,
    /// Data element 412.
    pub condition: Option<Located<String>>,
}

impl ReceivingAdvice {
    /// The order of a line: named by itself or by the heading.
    #[must_use]
    pub fn order_number<'a>(&'a self, line: &'a ReceivedLine) -> Option<&'a Located<String>> {
        line.detail.order_number().or_else(|| self.heading.order_number())
    }

    /// The orders it is about, each once.
    #[must_use]
    pub fn order_numbers(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        let details = std::iter::once(&self.heading).chain(self.lines.iter().map(|line| &line.detail));
        let orders = details.flat_map(|detail| {
            let named = detail.orders.iter().map(|order| &order.number);
            named.chain(detail.order_number().filter(|_| detail.orders.is_empty()))
        });
        orders.map(|number| number.as_str()).filter(|number| seen.insert(*number)).collect()
    }
}

pub(super) fn read(
    set: &TransactionSet,
    options: &Options,
    problems: &mut Problems,
) -> Option<ReceivingAdvice> {
    let mut checker = Checker::new(set, Family::ReceivingAdvice, options, problems);
    let Walked { begin, heading, loops, totals, summary } = loops::walk(set, SHAPE, &mut checker)?;
    let mut lines = Vec::with_capacity(loops.len());
    let mut seen = HashSet::new();
    for (position, (segment, detail)) in (1..).zip(loops) {
        let fields = Fields::new(segment, options.limits.number_digits);
        let line = line(&fields, position, detail, &mut checker);
        line.check(&mut checker);
        line.detail.check_marks(&mut seen, &mut checker);
        lines.push(line);
    }
    if let Some(ctt) = &totals {
        let received = lines.iter().filter_map(|line| line.received.as_ref()).map(|received| *received.value);
        let sums: Vec<Decimal> = sum(received).into_iter().collect();
        check_totals(ctt, (lines.len(), "lines"), &sums, &mut checker);
    }
    Some(ReceivingAdvice {
        control: set.control.clone(),
        number: begin.text(1)?,
        date: begin.date(2)?,
        purpose: begin.text(3)?,
        advice_type: begin.text(4)?,
        time: begin.time(5),
        condition: begin.text(6),
        action: begin.text(7),
        heading,
        lines,
        summary,
    })
}

fn line(rcd: &Fields<'_>, position: usize, detail: Detail, checker: &mut Checker<'_>) -> ReceivedLine {
    let id = match rcd.text(1).or_else(|| detail.line_id.clone()) {
        Some(id) => LineId { text: id.value, assumed: false, at: id.at },
        None => {
            let message = format!("The line has no number; {position}, its position, stands for it");
            checker.report(ProblemCode::LineIdMissing, rcd.at(1), message);
            LineId { text: position.to_string(), assumed: true, at: rcd.at(1) }
        }
    };
    let question = |first: usize| {
        let (quantity, condition) = (rcd.composed(first), rcd.text(first + 2));
        (quantity.is_some() || condition.is_some()).then_some(Question { quantity, condition })
    };
    ReceivedLine {
        id,
        at: rcd.at(0),
        received: rcd.composed(2),
        returned: rcd.composed(4),
        questions: (6..=18).step_by(3).filter_map(question).collect(),
        received_to_date: rcd.decimal(21),
        detail,
    }
}

impl ReceivedLine {
    fn check(&self, checker: &mut Checker<'_>) {
        let doubted = self.questions.iter().filter_map(|question| question.quantity.as_ref());
        let quantities = self.received.iter().chain(&self.returned).chain(doubted).map(|q| q.value);
        for quantity in quantities.chain(self.received_to_date) {
            refuse_negative(quantity, checker);
        }
        self.detail.refuse_negative(checker);
        for question in &self.questions {
            if let (Some(quantity), None) = (&question.quantity, &question.condition) {
                let message = format!("{} is in question, and no code says why", quantity.value.value);
                let at = quantity.value.at;
                let problem = checker.problem(ProblemCode::ElementConditionMissing, at, message);
                checker.problems.push(problem.tolerated());
            }
        }
    }
}
