//! ORDERS: an order as first stated, or one that replaces, changes or cancels an earlier statement of it.
use std::collections::BTreeSet;

use chrono::NaiveTime;
use quayside_canonical::{
    Timestamp,
    document::check_purchase_order,
    order::{Line, PurchaseOrder, SourceRevision},
};
use quayside_edi::{
    Located,
    edifact::messages::{Line as StatedLine, Order},
};

use super::{
    Command, Mapped, Sent, Terms, dates, heading, line,
    purpose::{Codes, Purpose},
    report::{Report, field},
    sent::moment,
    values::{self, MAX_LINES},
};

/// The codes of BGM 1225. 6, 7, 31 and 35 state the same order again; an ORDERS states the whole order, so a change (4)
/// replaces it.
const CODES: Codes = Codes { kind: "ORDERS", state: "9", replace: "5", cancel: "1" };

pub(super) fn map(stated: &Order, sent: &Sent, terms: &Terms) -> Mapped {
    let mut report = Report::new(terms);
    let purpose = purpose(stated, &mut report);
    let number = number(stated, &mut report);
    let key = CODES.key(number.as_deref().unwrap_or_default(), purpose, sent);
    let order = number.and_then(|number| whole(stated, number, sent, &mut report));
    let command = order.zip(purpose).map(|(order, purpose)| match purpose {
        Purpose::State => Command::Order(Box::new(order)),
        Purpose::Replace | Purpose::Cancel => {
            let place = stated.document.number.as_ref().map_or(stated.document.at, |number| number.at);
            Command::Change(Box::new(CODES.change(order, purpose, sent, field(place))))
        }
    });
    if let Some(Command::Order(order)) = &command {
        report.check(check_purchase_order(order));
    }
    report.finish(key, command)
}

fn purpose(stated: &Order, report: &mut Report<'_>) -> Option<Purpose> {
    // Without a function, an order is what it is: an original.
    let Some(found) = &stated.document.function else { return Some(Purpose::State) };
    match found.as_str() {
        "9" | "6" | "7" | "31" | "35" => Some(Purpose::State),
        "4" | "5" => Some(Purpose::Replace),
        "1" => Some(Purpose::Cancel),
        other => {
            let words = format!("function {other} is none of 1, 4, 5, 6, 7, 9, 31 and 35");
            report.refuse(found.at, "PURPOSE_NOT_TAKEN", words);
            None
        }
    }
}

fn number(stated: &Order, report: &mut Report<'_>) -> Option<String> {
    let Some(found) = &stated.document.number else {
        report.refuse(stated.document.at, "REQUIRED", "BGM has no number of the order");
        return None;
    };
    values::code(found, report)
}

/// When the message says it was made (DTM 137).
pub(super) fn issued_at(stated: &Order, report: &mut Report<'_>) -> Option<Timestamp> {
    dates::moment_of(stated.dates.iter(), &["137"], report)
}

fn whole(stated: &Order, number: String, sent: &Sent, report: &mut Report<'_>) -> Option<PurchaseOrder> {
    let window = dates::window(&stated.dates, report);
    if let Some(line) = stated.lines.get(MAX_LINES) {
        report.refuse(line.at, "TOO_MANY", format!("at most {MAX_LINES} lines are taken"));
        return None;
    }
    let lines = lines(&stated.lines, report);
    let lines: Vec<Line> =
        lines.into_iter().filter_map(|stated| line::whole(stated, window, report)).collect();
    let named = heading::currency(stated, report);
    let priced = stated.lines.iter().find_map(|line| line.prices.first()).map(|price| price.at);
    let currency = values::priced_in(named, priced, &lines, "CUX", report);
    let ordered_on = dates::day_of(stated.dates.iter(), &["4", "137"]);
    let issued_at = issued_at(stated, report)
        .or_else(|| ordered_on.map(|day| moment(day, NaiveTime::MIN)))
        .unwrap_or(sent.at);
    Some(PurchaseOrder {
        translations: Vec::new(),
        number,
        supplier: report.terms().supplier.clone(),
        revision: SourceRevision { id: "ORDERS-9".to_owned(), sequence: None, issued_at },
        currency,
        ordered_on,
        cancelled: false,
        incoterms: heading::incoterms(&stated.delivery_terms, report),
        payment_terms: heading::payment_terms(&stated.payment_terms, report),
        ship_to: heading::ship_to(&stated.parties, report),
        notes: heading::notes(&stated.texts, report),
        lines,
    })
}

/// The lines, without those that are a part of another. One that comes twice is told of.
pub(super) fn lines<'a>(all: &'a [StatedLine], report: &mut Report<'_>) -> Vec<&'a StatedLine> {
    let lines: Vec<&StatedLine> = all.iter().filter(|line| !line::is_component(line, report)).collect();
    let mut numbers: BTreeSet<&String> = BTreeSet::new();
    for line in &lines {
        let Some(Located { value, at }) = super::names::line_of(line) else { continue };
        if !numbers.insert(value) {
            report.refuse(*at, "DUPLICATE_LINE", format!("line {value} comes twice"));
        }
    }
    lines
}
