//! RECADV: what a warehouse received.
//!
//! QTY 194 counts what was accepted; without it, 48 counts what came, in whatever condition. What was not accepted
//! (195, 196) or is damaged (124, or a QVR for that reason) is counted apart; it is in 48, unless 12 shows that it
//! was counted as missing. What is short (119, or a QVR below 0) did not come and counts nowhere; said once, it is the
//! last word on its shipment. Goods of no order that is named are of the shipment that is.
use quayside_canonical::{
    Micro,
    goods_statement::{NamedLine, ReceiptStatement},
    receipt::{ReceiptDocument, ReceiptLine},
    states::{GoodsCondition, QuantityBasis, ReceiptKind},
};
use quayside_edi::{
    Located, Place,
    edifact::messages::{Despatch, Line, Variance},
};

use super::{
    Command, Mapped, Sent, Terms, dates,
    despatch_advice::number,
    goods::{self, Made},
    line,
    names::unit_of,
    purpose::{Codes, Purpose},
    received::{self, Marks, Part},
    report::{Report, field},
    values,
};

/// The codes of BGM 1225.
const CODES: Codes = Codes { kind: "RECADV", state: "9", replace: "5", cancel: "1" };

pub(super) fn map(stated: &Despatch, sent: &Sent, terms: &Terms) -> Mapped {
    let mut report = Report::new(terms);
    let purpose = purpose(stated, &mut report);
    let number = number(stated, &mut report);
    let key = CODES.key(number.as_deref().unwrap_or_default(), purpose, sent);
    let statement = number.zip(purpose).map(|(number, purpose)| {
        let mut lines = Vec::new();
        if purpose != Purpose::Cancel {
            for (_, line) in stated.lines() {
                self::lines(stated, line, &mut lines, &mut report);
            }
            if stated.lines().next().is_none() {
                report.refuse(stated.document.at, "REQUIRED", "no LIN says what was received");
            }
        }
        let document = document(stated, number, purpose, sent, &mut report);
        let place = stated.document.number.as_ref().map_or_else(Place::default, |number| number.at);
        ReceiptStatement { document, lines, place: field(place) }
    });
    report.finish(key, statement.map(|statement| Command::Receipt(Box::new(statement))))
}

fn purpose(stated: &Despatch, report: &mut Report<'_>) -> Option<Purpose> {
    let Some(found) = &stated.document.function else { return Some(Purpose::State) };
    match found.as_str() {
        "6" | "7" | "9" | "31" | "35" => Some(Purpose::State),
        "4" | "5" => Some(Purpose::Replace),
        "1" | "3" => Some(Purpose::Cancel),
        other => {
            let words = format!("function {other} is none of 1, 3, 4, 5, 6, 7, 9, 31 and 35");
            report.refuse(found.at, "PURPOSE_NOT_TAKEN", words);
            None
        }
    }
}

fn document(
    stated: &Despatch,
    number: String,
    purpose: Purpose,
    sent: &Sent,
    report: &mut Report<'_>,
) -> ReceiptDocument {
    let short = stated.lines().any(|(_, line)| is_short(line));
    let kind = match purpose {
        Purpose::Cancel => ReceiptKind::Reversal,
        _ if short => ReceiptKind::Final,
        _ => ReceiptKind::Increment,
    };
    let (number, replaces) = received::numbers(number, purpose, sent);
    let received_at = dates::moment_of(stated.dates.iter(), &["50", "35", "137"], report).unwrap_or(sent.at);
    ReceiptDocument {
        number,
        kind,
        basis: QuantityBasis::Delta,
        replaces,
        supplier: Some(report.terms().supplier.clone()),
        shipment: shipment(stated, report),
        location: location(stated, report),
        received_at,
        sequence: None,
        lines: Vec::new(),
    }
}

/// The shipment: by the number of its despatch advice, or of its delivery note.
fn shipment(stated: &Despatch, report: &mut Report<'_>) -> Option<String> {
    let all = |wanted: &'static str| {
        let lines = stated.lines().flat_map(|(_, line)| &line.references);
        stated.references.iter().chain(lines).filter(move |found| found.qualifier.as_str() == wanted)
    };
    let qualifier = ["AAK", "DQ", "SRN"].into_iter().find(|qualifier| all(qualifier).next().is_some())?;
    let first = all(qualifier).find_map(|found| found.number.as_ref())?;
    let mut numbers = all(qualifier).filter_map(|found| found.number.as_ref());
    if let Some(other) = numbers.find(|other| other.value != first.value) {
        let words =
            format!("a receipt is of one shipment; this is {}, another is {}", other.value, first.value);
        report.refuse(other.at, "SEVERAL_SHIPMENTS", words);
    }
    values::code(first, report)
}

fn names_shipment(stated: &Despatch) -> bool {
    let lines = stated.lines().flat_map(|(_, line)| &line.references);
    let mut all = stated.references.iter().chain(lines);
    all.any(|found| matches!(found.qualifier.as_str(), "AAK" | "DQ" | "SRN") && found.number.is_some())
}

fn location(stated: &Despatch, report: &mut Report<'_>) -> Option<String> {
    let with = |role: &&str| stated.parties.iter().find(|party| party.role.value == **role);
    let party = ["DP", "ST", "WH"].iter().find_map(with)?;
    party.id.as_ref().and_then(|id| values::location(id, report))
}

fn is_short(line: &Line) -> bool {
    let positive = |value: &Option<Located<rust_decimal::Decimal>>| {
        value.as_ref().is_some_and(|value| !value.is_zero() && value.is_sign_positive())
    };
    let told = line
        .quantities
        .iter()
        .any(|quantity| quantity.qualifier.as_str() == "119" && positive(&quantity.value));
    told || line.variances.iter().any(|variance| {
        variance.value.as_ref().is_some_and(|value| value.is_sign_negative() && !value.is_zero())
            && condition_of(variance).is_none()
    })
}

/// The parts of a line, each in its condition.
fn lines(stated: &Despatch, line: &Line, lines: &mut Vec<(NamedLine, ReceiptLine)>, report: &mut Report<'_>) {
    let named = match goods::order_of(stated, line) {
        None if names_shipment(stated) => Some(goods::named_alone(line, report)),
        _ => goods::named(stated, line, report),
    };
    let shown = Shown::of(line, report);
    let (Some(named), Some(shown)) = (named, shown) else { return };
    let made = Made::of(line, report);
    let marked = line.identities.iter().chain(line.marks.iter().flat_map(|marks| &marks.identities));
    let sscc = goods::ssccs(marked).first().map(|sscc| sscc.value);
    let marks = Marks { sscc, lot: made.lot, expires_on: made.expires_on };
    lines.extend(received::lines(named, shown.unit, shown.parts, marks));
}

/// What a line shows to have come: how much in which condition.
struct Shown {
    unit: Option<String>,
    parts: Vec<Part>,
}

impl Shown {
    fn of(stated: &Line, report: &mut Report<'_>) -> Option<Self> {
        let accepted = line::quantity_of(&stated.quantities, "194", report);
        let received = line::quantity_of(&stated.quantities, "48", report);
        let unit = one_unit(stated, report);
        let mut shown = Self { unit, parts: Vec::new() };
        shown.add_questioned(stated, report);
        let apart: Micro = shown.parts.iter().map(|(quantity, _, _)| *quantity).sum();
        let good = match (accepted, received) {
            (Some((_, accepted)), Some((_, received))) => {
                shown.compare(stated, accepted + apart, received, report);
                accepted
            }
            (Some((_, accepted)), None) => accepted,
            (None, Some((_, received))) if is_apart(stated, received, apart, report) => received,
            (None, Some((_, received))) => {
                if apart > received {
                    let words = format!("{apart} are in question, and only {received} came");
                    report.refuse(stated.at, "CONTRADICTION", words);
                    return None;
                }
                received - apart
            }
            (None, None) if shown.parts.is_empty() => {
                let words =
                    format!("line {} does not say how much came (QTY 194 or 48)", line::shown(stated));
                report.refuse(stated.at, "REQUIRED", words);
                return None;
            }
            (None, None) => Micro::ZERO,
        };
        if good.is_positive() || shown.parts.is_empty() {
            shown.parts.insert(0, (good, GoodsCondition::Good, None));
        }
        Some(shown)
    }

    /// What is not in good order: by its own quantity, else by a QVR that gives such a reason.
    fn add_questioned(&mut self, stated: &Line, report: &mut Report<'_>) {
        for (code, condition) in [
            ("124", GoodsCondition::Damaged),
            ("195", GoodsCondition::QualityHold),
            ("196", GoodsCondition::QualityHold),
        ] {
            if let Some((_, quantity)) = line::quantity_of(&stated.quantities, code, report)
                && quantity.is_positive()
            {
                self.parts.push((quantity, condition, Some(code.to_owned())));
            }
        }
        if !self.parts.is_empty() {
            return;
        }
        for variance in &stated.variances {
            let Some((condition, code)) = condition_of(variance) else { continue };
            let Some(value) = &variance.value else { continue };
            let magnitude = Located { value: value.value.abs(), at: value.at };
            if let Some(quantity) =
                values::number(&magnitude, report).filter(|quantity| quantity.is_positive())
            {
                self.parts.push((quantity, condition, Some(code.to_owned())));
            }
        }
    }

    /// What came and is neither accepted nor in question is in an unknown condition.
    fn compare(&mut self, stated: &Line, accounted: Micro, received: Micro, report: &mut Report<'_>) {
        if accounted > received {
            let words = format!("{accounted} were accepted or are in question, and only {received} came");
            report.refuse(stated.at, "CONTRADICTION", words);
        } else if accounted < received {
            let rest = received - accounted;
            let words = format!("{rest} came and were not accepted, and it is not said why");
            report.warn(stated.at, "CONDITION_UNKNOWN", words);
            self.parts.push((rest, GoodsCondition::Unknown, None));
        }
    }
}

/// Whether what is in question is not counted in 48: with it, all that was despatched is accounted for.
fn is_apart(stated: &Line, received: Micro, apart: Micro, report: &mut Report<'_>) -> bool {
    if !apart.is_positive() {
        return false;
    }
    let despatched = line::quantity_of(&stated.quantities, "12", report);
    let short = line::quantity_of(&stated.quantities, "119", report).map_or(Micro::ZERO, |(_, short)| short);
    despatched.is_some_and(|(_, despatched)| received + apart + short == despatched)
}

/// The condition a QVR gives as its reason: 4221 `AF` is delivered damaged.
fn condition_of(variance: &Variance) -> Option<(GoodsCondition, &str)> {
    let nature = variance.nature.as_ref()?.as_str();
    (nature == "AF").then_some((GoodsCondition::Damaged, nature))
}

/// The unit of a line's quantities: one, or none that can be told.
fn one_unit(stated: &Line, report: &mut Report<'_>) -> Option<String> {
    let counts = |code: &str| matches!(code, "48" | "194" | "195" | "196" | "124");
    let told = stated.quantities.iter().filter(|quantity| counts(&quantity.qualifier));
    let units: Vec<&Located<String>> = told.filter_map(|quantity| quantity.unit.as_ref()).collect();
    let first = units.first()?;
    if let Some(other) = units.iter().find(|other| other.value != first.value) {
        report.refuse(
            other.at,
            "SEVERAL_UNITS",
            "what is in question is in another unit than what was received",
        );
    }
    unit_of(first, report)
}
