//! From a shipment and a scenario to the receipts that follow. Pure.
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::scenario::{Course, Scenario};
use super::shipment::{Shipment, ShipmentLine};
use super::wire::{Receipt, ReceiptLine};
use crate::quantity::Quantity;
use crate::statement::{Statement, StatementKind};

/// One receipt before it has a number: its kind, which earlier one it takes back, and its lines.
struct Count<'a> {
    kind: &'static str,
    replaces: Option<usize>,
    lines: Vec<ReceiptLine<'a>>,
}

/// The statements about what was received, the first at `at`, the others with pauses between them.
pub(super) fn statements(
    shipment: &Shipment,
    course: &Course,
    at: DateTime<Utc>,
    pause: TimeDelta,
) -> Vec<Statement> {
    let mut due_at = at;
    let mut statements = Vec::new();
    for (index, count) in (1..).zip(counts(shipment, course)) {
        statements.push(statement(shipment, index, due_at, count));
        due_at += pause;
    }
    statements
}

fn statement(shipment: &Shipment, index: usize, at: DateTime<Utc>, count: Count<'_>) -> Statement {
    let number = number(shipment, index);
    let receipt = Receipt {
        number: number.clone(),
        kind: count.kind,
        basis: (!count.lines.is_empty()).then_some("DELTA"),
        replaces: count.replaces.map(|index| self::number(shipment, index)),
        supplier: &shipment.supplier,
        shipment: &shipment.number,
        location: shipment.location.as_deref(),
        received_at: at,
        lines: count.lines,
    };
    Statement {
        id: number,
        kind: StatementKind::Receipt,
        about: shipment.number.clone(),
        due_at: at,
        document: json!(receipt),
        answer: None,
    }
}

/// Shipment numbers are the supplier's: two suppliers may use the same.
fn number(shipment: &Shipment, index: usize) -> String {
    format!("GR-{}-{}-{index}", shipment.supplier, shipment.number)
}

fn counts<'a>(shipment: &'a Shipment, course: &Course) -> Vec<Count<'a>> {
    let all = || shipment.lines.iter().map(good).collect::<Vec<_>>();
    let last = |lines| Count { kind: "FINAL", replaces: None, lines };
    let spoilt = |spoil: Spoil| {
        let hit = hit(shipment, course);
        let lines = shipment.lines.iter().enumerate();
        lines
            .flat_map(|(index, line)| if index == hit { spoil(line, course) } else { vec![good(line)] })
            .collect()
    };
    match course.scenario {
        Scenario::Full => vec![last(all())],
        Scenario::Short => vec![last(spoilt(short))],
        Scenario::Damaged => vec![last(spoilt(damaged))],
        Scenario::Over => vec![last(spoilt(over))],
        Scenario::Hold => vec![last(spoilt(held))],
        Scenario::Increments => increments(shipment),
        Scenario::LateReversal => vec![
            last(spoilt(short)),
            Count { kind: "REVERSAL", replaces: Some(1), lines: Vec::new() },
            last(all()),
        ],
    }
}

/// What becomes of the line that a scenario is about.
type Spoil = for<'a> fn(&'a ShipmentLine, &Course) -> Vec<ReceiptLine<'a>>;

/// The line a course names, else the first.
fn hit(shipment: &Shipment, course: &Course) -> usize {
    let fits = |line: &ShipmentLine| {
        course.order.as_ref().is_none_or(|order| *order == line.order)
            && course.line.as_ref().is_none_or(|name| *name == line.line)
    };
    shipment.lines.iter().position(fits).unwrap_or(0)
}

fn good(line: &ShipmentLine) -> ReceiptLine<'_> {
    let (order, name, unit) = (line.order.as_str(), line.line.as_str(), line.unit.as_str());
    ReceiptLine {
        order,
        line: name,
        quantity: line.quantity,
        unit,
        condition: "GOOD",
        condition_code: None,
        evidence: Vec::new(),
    }
}

/// How much of a line is missing, over or damaged.
fn part(line: &ShipmentLine, course: &Course) -> Quantity {
    course.quantity.unwrap_or_else(|| line.quantity.some())
}

/// A line of which nothing came is named with 0.
fn short<'a>(line: &'a ShipmentLine, course: &Course) -> Vec<ReceiptLine<'a>> {
    vec![ReceiptLine { quantity: line.quantity.less(part(line, course)), ..good(line) }]
}

fn over<'a>(line: &'a ShipmentLine, course: &Course) -> Vec<ReceiptLine<'a>> {
    vec![ReceiptLine { quantity: line.quantity.plus(part(line, course)), ..good(line) }]
}

fn damaged<'a>(line: &'a ShipmentLine, course: &Course) -> Vec<ReceiptLine<'a>> {
    let quantity = part(line, course).min(line.quantity);
    let broken = ReceiptLine {
        quantity,
        condition: "DAMAGED",
        condition_code: Some("07"),
        evidence: vec![
            "carton crushed on one side".to_owned(),
            format!("photograph IMG-{}-{}", line.order, line.line),
        ],
        ..good(line)
    };
    let rest = ReceiptLine { quantity: line.quantity.less(quantity), ..good(line) };
    [rest, broken].into_iter().filter(|part| part.quantity.is_positive()).collect()
}

fn held<'a>(line: &'a ShipmentLine, course: &Course) -> Vec<ReceiptLine<'a>> {
    let quantity = course.quantity.unwrap_or(line.quantity).min(line.quantity);
    let held = ReceiptLine {
        quantity,
        condition: "QUALITY_HOLD",
        condition_code: Some("QI"),
        evidence: vec![format!("inspection lot {}-{}", line.order, line.line)],
        ..good(line)
    };
    let rest = ReceiptLine { quantity: line.quantity.less(quantity), ..good(line) };
    [rest, held].into_iter().filter(|part| part.quantity.is_positive()).collect()
}

/// Half, half of the rest, and what is left. Of a line too small to be halved nothing comes before the end; a
/// statement that would be empty is left out.
fn increments(shipment: &Shipment) -> Vec<Count<'_>> {
    let mut rest: Vec<ReceiptLine<'_>> = shipment.lines.iter().map(good).collect();
    let mut counts = Vec::new();
    for _ in 0..2 {
        let mut lines = Vec::new();
        for line in &mut rest {
            let now = ReceiptLine { quantity: line.quantity.half(), ..line.clone() };
            line.quantity = line.quantity.less(now.quantity);
            lines.extend(now.quantity.is_positive().then_some(now));
        }
        if !lines.is_empty() {
            counts.push(Count { kind: "INCREMENT", replaces: None, lines });
        }
    }
    counts.push(Count { kind: "FINAL", replaces: None, lines: rest });
    counts
}
