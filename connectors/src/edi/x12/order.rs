//! 850: an order as first stated, or one that replaces, changes or cancels an earlier statement of it.
use std::collections::BTreeSet;

use quayside_canonical::{
    document::check_purchase_order,
    order::{Line, PurchaseOrder, SourceRevision, release_number},
};
use quayside_edi::{
    Located,
    x12::messages::{Order, Section},
};

use super::{
    Command, Mapped, Sent, Terms, heading, line, pieces,
    purpose::{Codes, Purpose},
    report::{Report, field},
    sent::start_of,
    values::{self, MAX_LINES},
};

/// The codes of BEG01. 06 and 07 state the same order again; an 850 states the whole order, so a change (04) replaces it.
const CODES: Codes = Codes { kind: "850", state: "00", replace: "05", cancel: "01" };

pub(super) fn map(stated: &Order, sent: &Sent, terms: &Terms) -> Mapped {
    let mut report = Report::new(terms);
    let purpose = purpose(&stated.purpose, &mut report);
    let number = number(stated, &mut report);
    let key = CODES.key(number.as_deref().unwrap_or_default(), purpose, sent);
    let order = number.and_then(|number| whole(stated, number, terms, &mut report));
    let command = order.zip(purpose).map(|(order, purpose)| match purpose {
        Purpose::State => Command::Order(Box::new(order)),
        Purpose::Replace | Purpose::Cancel => {
            let place = field(stated.number.at);
            Command::Change(Box::new(CODES.change(order, purpose, sent, place)))
        }
    });
    if let Some(Command::Order(order)) = &command {
        report.check(check_purchase_order(order));
    }
    report.finish(key, command)
}

fn purpose(found: &Located<String>, report: &mut Report<'_>) -> Option<Purpose> {
    match found.value.as_str() {
        "00" | "06" | "07" => Some(Purpose::State),
        "04" | "05" => Some(Purpose::Replace),
        "01" => Some(Purpose::Cancel),
        other => {
            let words = format!("purpose {other} is none of 00, 01, 04, 05, 06 and 07");
            report.refuse(found.at, "PURPOSE_NOT_TAKEN", words);
            None
        }
    }
}

/// The order's number. A release of a blanket order is an order of its own.
fn number(stated: &Order, report: &mut Report<'_>) -> Option<String> {
    let number = values::code(&stated.number, report)?;
    match &stated.release {
        Some(release) if stated.order_type.value == "RL" => {
            Some(release_number(&number, &values::code(release, report)?))
        }
        _ => Some(number),
    }
}

fn whole(stated: &Order, number: String, terms: &Terms, report: &mut Report<'_>) -> Option<PurchaseOrder> {
    let section = &stated.heading;
    let window = pieces::window(&section.dates, report);
    if let Some(line) = stated.lines.get(MAX_LINES) {
        report.refuse(line.at, "TOO_MANY", format!("at most {MAX_LINES} lines are taken"));
        return None;
    }
    let lines: Vec<Line> =
        stated.lines.iter().filter_map(|stated| line::whole(stated, window, report)).collect();
    let mut numbers = BTreeSet::new();
    for line in &stated.lines {
        if !numbers.insert(&line.id.text) {
            report.refuse(line.id.at, "DUPLICATE_LINE", format!("line {} comes twice", line.id.text));
        }
    }
    let sections = stated.lines.iter().map(|line| &line.section);
    let named = currency(section, sections, report);
    let priced = stated.lines.iter().find_map(|line| line.price.as_ref()).map(|price| price.at);
    let currency = values::priced_in(named, priced, &lines, "CUR", report);
    Some(PurchaseOrder {
        translations: Vec::new(),
        number,
        supplier: terms.supplier.clone(),
        revision: SourceRevision {
            id: "850-00".to_owned(),
            sequence: None,
            issued_at: start_of(stated.date.value),
        },
        currency,
        ordered_on: Some(stated.date.value),
        cancelled: false,
        incoterms: heading::incoterms(section.fob.as_ref(), report),
        payment_terms: heading::payment_terms(&section.terms, report),
        ship_to: heading::ship_to(section, report),
        notes: heading::notes(&section.notes, report),
        lines,
    })
}

/// The one currency of heading and lines.
pub(super) fn currency<'a>(
    heading: &'a Section,
    lines: impl Iterator<Item = &'a Section>,
    report: &mut Report<'_>,
) -> Option<String> {
    let sections = std::iter::once(heading).chain(lines);
    let named: Vec<_> =
        sections.filter_map(|section| heading::currency(section.currency.as_ref(), report)).collect();
    values::one_currency(named.into_iter(), report)
}
