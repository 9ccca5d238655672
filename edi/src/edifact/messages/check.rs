//! What is checked of a message as a whole: its version, its levels, its quantities, its totals.

use std::collections::{HashMap, HashSet};

use rust_decimal::Decimal;

use crate::edifact::header::Directory;
use crate::edifact::message::RawMessage;
use crate::position::{Control, Located, Place};
use crate::problem::{Problem, ProblemCode, Problems};
use crate::x12::messages::{DEEPEST, sscc_of};
use crate::x12::printable;

use super::pieces::{Count, Identities, Level, Line, Quantity};
use super::{Despatch, Message, Order};

pub(super) fn version(message: &RawMessage, unh: Place, problems: &mut Problems) {
    let header = &message.header;
    let service = header.kind == "CONTRL";
    match header.directory() {
        Some(directory) if directory.is_tabled() => {}
        Some(directory) if directory >= (Directory { year: 1993, letter: b'A' }) && !service => {
            let text = format!("{}.{} is neither D.96A nor D.01B", header.version, header.release);
            let problem =
                Problem::edifact(ProblemCode::MessageVersionUntabled, message.control.position(unh), text);
            problems.push(problem);
        }
        // Service messages count their own versions: D.3, 2.2, 4.1.
        _ if service => {}
        _ => {
            let (version, release) = (printable(&header.version), printable(&header.release));
            let text = format!("The version is '{version}:{release}', no directory from D.93A on");
            problems.push(Problem::edifact(
                ProblemCode::MessageVersionUnsupported,
                message.control.position(unh),
                text,
            ));
        }
    }
}

pub(super) fn message(message: &Message, control: &Control, problems: &mut Problems) {
    let mut check = Check { control, problems };
    match message {
        Message::Order(order) | Message::OrderChange(order) | Message::OrderResponse(order) => {
            check.order(order);
        }
        // An invoice may take back what was too much.
        Message::Invoice(order) => {
            check.ids(order.lines.iter());
            check.line_count(&order.counts, order.lines.len());
        }
        Message::DespatchAdvice(despatch) | Message::ReceivingAdvice(despatch) => check.despatch(despatch),
        Message::ApplicationAdvice(_) | Message::SyntaxReport(_) => {}
    }
}

struct Check<'a> {
    control: &'a Control,
    problems: &'a mut Problems,
}

impl Check<'_> {
    fn report(&mut self, code: ProblemCode, at: Place, message: String) {
        self.problems.push(Problem::edifact(code, self.control.position(at), message));
    }

    fn order(&mut self, order: &Order) {
        self.ids(order.lines.iter());
        self.line_count(&order.counts, order.lines.len());
        for line in &order.lines {
            self.quantities(line);
        }
    }

    fn despatch(&mut self, despatch: &Despatch) {
        self.levels(&despatch.levels);
        self.line_count(&despatch.counts, despatch.lines().count());
        let mut seen = HashSet::new();
        for level in &despatch.levels {
            let marks = level.packages.iter().flat_map(|package| &package.marks);
            for marks in marks.chain(level.lines.iter().flat_map(|line| &line.marks)) {
                marks.identities.iter().for_each(|identities| self.ssccs(identities, &mut seen));
            }
            for line in &level.lines {
                line.identities.iter().for_each(|identities| self.ssccs(identities, &mut seen));
                self.quantities(line);
            }
        }
    }

    /// Each level hangs under one that stands before it.
    fn levels(&mut self, levels: &[Level]) {
        let mut depths: HashMap<&str, usize> = HashMap::new();
        for level in levels.iter().filter(|level| !level.number.is_empty()) {
            let number = level.number.as_str();
            let parent = level.parent.as_ref().map(|parent| (depths.get(parent.as_str()).copied(), parent));
            let depth = match parent {
                None => 1,
                Some((Some(depth), _)) => depth + 1,
                Some((None, parent)) => {
                    let shown = printable(parent);
                    let message = format!(
                        "Level {} hangs under {shown}, which does not stand before it",
                        printable(number)
                    );
                    self.report(ProblemCode::HierarchyParentUnknown, parent.at, message);
                    1
                }
            };
            if depth > DEEPEST {
                let message = format!("Level {} hangs more than {DEEPEST} deep", printable(number));
                self.report(ProblemCode::HierarchyTooDeep, level.number.at, message);
            }
            if depths.insert(number, depth).is_some() {
                let message = format!("Level {} was there before", printable(number));
                self.report(ProblemCode::HierarchyIdRepeated, level.number.at, message);
            }
        }
    }

    fn ids<'a>(&mut self, lines: impl Iterator<Item = &'a Line>) {
        let mut seen = HashSet::new();
        for line in lines {
            match &line.number {
                Some(number) if !seen.insert(number.as_str()) => {
                    let message = format!("Line {} was there before", printable(number));
                    self.report(ProblemCode::LineIdRepeated, number.at, message);
                }
                Some(_) => {}
                None => {
                    self.report(ProblemCode::LineIdMissing, line.at, "The line has no number".into());
                }
            }
        }
    }

    fn quantities(&mut self, line: &Line) {
        let scheduled = line.schedules.iter().flat_map(|schedule| &schedule.quantities);
        let located = line.locations.iter().flat_map(|location| &location.quantities);
        for quantity in line.quantities.iter().chain(scheduled).chain(located) {
            self.refuse_negative(quantity);
        }
    }

    fn refuse_negative(&mut self, quantity: &Quantity) {
        if let Some(Located { value, at }) = quantity.value
            && value.is_sign_negative()
            && !value.is_zero()
        {
            self.report(ProblemCode::QuantityNegative, at, format!("The quantity is {value}"));
        }
    }

    fn line_count(&mut self, counts: &[Count], lines: usize) {
        for count in counts.iter().filter(|count| *count.qualifier == "2") {
            if let Some(stated) = count.value.filter(|stated| stated.value != Decimal::from(lines)) {
                let message = format!("CNT says {} lines, there are {lines}", stated.value);
                self.report(ProblemCode::LineCountMismatch, stated.at, message);
            }
        }
    }

    fn ssccs(&mut self, identities: &Identities, seen: &mut HashSet<String>) {
        if !matches!(identities.qualifier.as_str(), "BJ" | "AW") {
            return;
        }
        for (number, _) in &identities.numbers {
            match sscc_of(number) {
                Err(fault) => {
                    let message = format!("'{}' is no SSCC: {fault}", printable(number));
                    self.report(ProblemCode::SsccInvalid, number.at, message);
                }
                Ok(sscc) => {
                    if !seen.insert(sscc) {
                        let message = format!("SSCC {} was there before", printable(number));
                        self.report(ProblemCode::SsccRepeated, number.at, message);
                    }
                }
            }
        }
    }
}
