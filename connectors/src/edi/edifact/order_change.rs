//! ORDCHG: what the buyer changes about an order.
//!
//! LIN 1229 tells what becomes of a line: 1 adds it, 2 cancels it, 3 changes what it states, 4 leaves it. A line that
//! does not say is read as changed, and reported.
use quayside_canonical::{
    Micro,
    order::{Schedule, SourceRevision},
    order_change::{Change, Changes, Direction, Effect, Heading, LineChange, LineFields, OrderChange},
    states::{ChangeQuantity, EdiCodeList},
};
use quayside_edi::{
    Located, Place,
    edifact::messages::{Line, Order},
};

use super::{
    Command, Mapped, Sent, Terms, dates, heading, line,
    names::{self, unit_of},
    order::{issued_at, lines},
    report::{Report, field},
    values::{self, MAX_LINES},
};

/// What BGM 1225 makes of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// 4; 9 is the same; 6, 7, 31 and 35 state it again.
    Change,
    /// 5: its lines are all that is wanted.
    Replace,
    /// 1.
    Cancel,
}

pub(super) fn map(stated: &Order, sent: &Sent, terms: &Terms) -> Mapped {
    let mut report = Report::new(terms);
    let purpose = purpose(stated, &mut report);
    let order = order_of(stated, &mut report);
    let number = order.and_then(|order| values::code(order, &mut report));
    let (revision, name) = revision(stated, number.as_deref(), sent, &mut report);
    let word = match purpose {
        Some(Purpose::Cancel) => "1",
        Some(Purpose::Replace) => "5",
        Some(Purpose::Change) | None => "4",
    };
    let key = format!("ORDCHG {} {word} {name}", number.as_deref().unwrap_or_default());
    let effect = purpose.map(|purpose| effect(stated, purpose, &mut report));
    let command = number.zip(effect).map(|(number, effect)| {
        let place = field(order.map_or_else(Place::default, |order| order.at));
        Command::Change(Box::new(OrderChange { number, revision, effect, if_unknown: None, place }))
    });
    report.finish(key, command)
}

fn purpose(stated: &Order, report: &mut Report<'_>) -> Option<Purpose> {
    let Some(found) = &stated.document.function else { return Some(Purpose::Change) };
    match found.as_str() {
        "4" | "6" | "7" | "9" | "31" | "35" => Some(Purpose::Change),
        "5" => Some(Purpose::Replace),
        "1" => Some(Purpose::Cancel),
        other => {
            let words = format!("function {other} is none of 1, 4, 5, 6, 7, 9, 31 and 35");
            report.refuse(found.at, "PURPOSE_NOT_TAKEN", words);
            None
        }
    }
}

/// The order that is changed: RFF `ON`; or the number of BGM, where BGM calls itself an order.
fn order_of<'a>(stated: &'a Order, report: &mut Report<'_>) -> Option<&'a Located<String>> {
    let referred = names::reference(&stated.references, &["ON"]);
    let is_order = stated.document.kind.as_ref().is_some_and(|kind| kind.as_str() == "220");
    let found = referred.or(stated.document.number.as_ref().filter(|_| is_order));
    if found.is_none() {
        let words = "no RFF with ON names the order that is changed";
        report.refuse(stated.document.at, "ORDER_MISSING", words);
    }
    found
}

/// The revision a change makes, and its name among the changes of the order.
fn revision(
    stated: &Order,
    order: Option<&str>,
    sent: &Sent,
    report: &mut Report<'_>,
) -> (SourceRevision, String) {
    let issued_at = sent.at.max(issued_at(stated, report).unwrap_or(sent.at));
    let document = &stated.document;
    let counted = [&document.revision, &document.version].into_iter().flatten().find_map(count);
    let own = document.number.as_ref().filter(|number| Some(number.as_str()) != order);
    let name = match (counted, own.and_then(|own| values::code(own, report))) {
        (Some(count), _) => count.to_string(),
        (None, Some(own)) => own,
        (None, None) => sent.stamp.clone(),
    };
    let sequence = counted.map(i64::from);
    (SourceRevision { id: format!("ORDCHG-{name}"), sequence, issued_at }, name)
}

fn count(found: &Located<String>) -> Option<u32> {
    found.parse().ok().filter(|_| found.len() <= 8)
}

fn effect(stated: &Order, purpose: Purpose, report: &mut Report<'_>) -> Effect {
    if purpose == Purpose::Cancel {
        return Effect::Cancel;
    }
    if let Some(line) = stated.lines.get(MAX_LINES) {
        report.refuse(line.at, "TOO_MANY", format!("at most {MAX_LINES} lines are taken"));
    }
    let heading = heading_of(stated, report);
    let replaces = purpose == Purpose::Replace;
    let lines = lines(stated.lines.get(..MAX_LINES).unwrap_or(&stated.lines), report);
    if replaces && lines.is_empty() {
        report.refuse(stated.document.at, "REQUIRED", "a replacement has at least one line");
    }
    let changes = lines.into_iter().filter_map(|line| {
        let change = changed(line, replaces, report);
        let number = line::number(line, report)?;
        let place = names::line_of(line).map_or(line.at, |number| number.at);
        Some(LineChange { number, change: change?, place: field(place) })
    });
    let lines = changes.collect();
    Effect::Change(Box::new(Changes { heading, lines, only_these: replaces }))
}

fn heading_of(stated: &Order, report: &mut Report<'_>) -> Heading {
    let window = dates::window(&stated.dates, report);
    let currency = stated.currencies.first();
    Heading {
        currency: heading::currency(stated, report),
        incoterms: heading::incoterms(&stated.delivery_terms, report),
        payment_terms: heading::payment_terms(&stated.payment_terms, report),
        ship_to: heading::ship_to(&stated.parties, report),
        window,
        notes: heading::notes(&stated.texts, report),
        currency_place: currency.map(|found| field(found.at)).unwrap_or_default(),
        window_place: stated.dates.first().map(|date| field(date.at)).unwrap_or_default(),
    }
}

fn changed(stated: &Line, replaces: bool, report: &mut Report<'_>) -> Option<Change> {
    let Some(found) = names::action(stated) else {
        if replaces {
            return line::whole(stated, None, report).map(|line| Change::Put(Box::new(line)));
        }
        let words = format!("line {} does not say what changes; it was read as changed", line::shown(stated));
        report.warn(stated.at, "CHANGE_ASSUMED", words);
        return Some(Change::Set(Box::new(fields(stated, report))));
    };
    let code = values::spoken(EdiCodeList::LineAnswer, found, report);
    match code.ours {
        "2" => Some(Change::Cancel),
        "4" | "11" => Some(Change::Keep),
        "1" | "3" if replaces => line::whole(stated, None, report).map(|line| Change::Put(Box::new(line))),
        "1" => line::whole(stated, None, report).map(|line| Change::Add(Box::new(line))),
        "3" => Some(Change::Set(Box::new(fields(stated, report)))),
        _ => {
            let words = format!("change {code} of line {} is not one we take", line::shown(stated));
            report.refuse(found.at, "CHANGE_NOT_TAKEN", words);
            None
        }
    }
}

/// Whatever the line states.
fn fields(stated: &Line, report: &mut Report<'_>) -> LineFields {
    let Said { quantity, direction, unit } = quantity(stated, report);
    let is_difference = direction.is_some();
    let (unit_price, price_per) = line::price(stated, report);
    let ids = names::ids(stated);
    LineFields {
        quantity,
        direction,
        is_difference,
        schedules: schedules(stated, quantity.filter(|_| !is_difference), unit.as_deref(), report),
        unit,
        may_change_unit: !is_difference,
        unit_price,
        price_per,
        window: dates::window(&stated.dates, report),
        buyer_part: names::buyer_part(&ids, report),
        supplier_part: names::supplier_part(&ids, report),
        gtin: names::gtin(&ids, report),
        description: line::descriptions(&stated.descriptions, report).0,
    }
}

/// The quantity of a changed line: the new total, or which way it goes and by how much.
#[derive(Debug, Default)]
struct Said {
    quantity: Option<Micro>,
    direction: Option<Direction>,
    unit: Option<String>,
}

/// Where a quantity was agreed to be a difference, QTY 21 is that much more and QTY 85 that much less.
fn quantity(stated: &Line, report: &mut Report<'_>) -> Said {
    let is_difference = report.terms().agreement.change_quantity == ChangeQuantity::Difference;
    if is_difference && let Some((found, less)) = line::quantity_of(&stated.quantities, "85", report) {
        let unit = found.unit.as_ref().and_then(|unit| unit_of(unit, report));
        return Said { quantity: Some(less), direction: Some(Direction::Down), unit };
    }
    if !stated.quantities.iter().any(|quantity| quantity.qualifier.as_str() == "21") {
        return Said::default();
    }
    let Some((quantity, unit)) = line::ordered(stated, report) else { return Said::default() };
    let unit = unit.and_then(|unit| unit_of(unit, report));
    Said { quantity: Some(quantity), direction: is_difference.then_some(Direction::Up), unit }
}

/// The new instalments, when there are any and they add up to the quantity the line states.
fn schedules(
    stated: &Line,
    quantity: Option<Micro>,
    unit: Option<&str>,
    report: &mut Report<'_>,
) -> Option<Vec<Schedule>> {
    let first = stated.schedules.iter().flat_map(|schedule| &schedule.quantities).next()?;
    let own = first.unit.as_ref().and_then(|unit| unit_of(unit, report));
    let unit = unit.map(str::to_owned).or(own)?;
    let schedules = line::schedules(stated, quantity?, &unit, report);
    (!schedules.is_empty()).then_some(schedules)
}
