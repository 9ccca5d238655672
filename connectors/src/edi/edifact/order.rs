//! ORDERS: an order as first stated, or one that replaces, changes or cancels an earlier statement of it.
use std::collections::BTreeSet;

use chrono::NaiveTime;
use quayside_canonical::{
    Timestamp,
    document::check_purchase_order,
    order::{Line, PurchaseOrder, SourceRevision},
    order_change::{Effect, OrderChange},
};
use quayside_edi::{
    Located,
    edifact::messages::{Line as StatedLine, Order},
};

use super::{
    Command, Mapped, Sent, Terms, dates, heading, line,
    report::{Report, field},
    sent::moment,
    values::{self, MAX_LINES},
};

/// What BGM 1225 makes of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// 9; 6, 7, 31 and 35 state the same order again.
    Original,
    /// 4 and 5: an ORDERS states the whole order, so a change by it replaces it.
    Replace,
    /// 1.
    Cancel,
}

pub(super) fn map(stated: &Order, sent: &Sent, terms: &Terms) -> Mapped {
    let mut report = Report::new(terms);
    let purpose = purpose(stated, &mut report);
    let number = number(stated, &mut report);
    let key = key(number.as_deref().unwrap_or_default(), purpose, sent);
    let order = number.and_then(|number| whole(stated, number, sent, &mut report));
    let command = order.zip(purpose).map(|(order, purpose)| match purpose {
        Purpose::Original => Command::Order(Box::new(order)),
        Purpose::Replace | Purpose::Cancel => Command::Change(Box::new(change(order, purpose, stated, sent))),
    });
    if let Some(Command::Order(order)) = &command {
        report.check(check_purchase_order(order));
    }
    report.finish(key, command)
}

fn purpose(stated: &Order, report: &mut Report<'_>) -> Option<Purpose> {
    // Without a function, an order is what it is: an original.
    let Some(found) = &stated.document.function else { return Some(Purpose::Original) };
    match found.as_str() {
        "9" | "6" | "7" | "31" | "35" => Some(Purpose::Original),
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

fn key(number: &str, purpose: Option<Purpose>, sent: &Sent) -> String {
    match purpose {
        Some(Purpose::Original) | None => format!("ORDERS {number} 9"),
        Some(Purpose::Replace) => format!("ORDERS {number} 5 {}", sent.stamp),
        Some(Purpose::Cancel) => format!("ORDERS {number} 1 {}", sent.stamp),
    }
}

fn change(order: PurchaseOrder, purpose: Purpose, stated: &Order, sent: &Sent) -> OrderChange {
    let word = if purpose == Purpose::Cancel { "1" } else { "5" };
    let revision = SourceRevision {
        id: format!("ORDERS-{word}-{}", sent.stamp),
        sequence: None,
        // Some buyers date their orders ahead: a replacement is never older than what it replaces.
        issued_at: sent.at.max(order.revision.issued_at),
    };
    let cancelled = purpose == Purpose::Cancel;
    let order = Box::new(PurchaseOrder { revision: revision.clone(), cancelled, ..order });
    let place = stated.document.number.as_ref().map_or(stated.document.at, |number| number.at);
    OrderChange {
        number: order.number.clone(),
        revision,
        effect: if cancelled { Effect::Cancel } else { Effect::Replace(order.clone()) },
        if_unknown: Some(order),
        place: field(place),
    }
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
