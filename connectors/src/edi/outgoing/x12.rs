//! 850, 860 and 861.
use chrono::NaiveDate;
use quayside_canonical::{
    Field, Micro, Problems, Timestamp,
    events::{ReceiptRecorded, ReceivedQuantity},
    order::{Incoterms, Line, Party, PurchaseOrder, Schedule},
    partner::Agreement,
    states::{ChangeQuantity, EdiCodeList, EdiDocument, GoodsCondition, QuantityBasis, ReceiptKind},
};
use quayside_edi::{Located, raw::RawSegment, x12::messages as set};
use rust_decimal::Decimal;

use super::{
    Body, Draft, Revised, Whole,
    changes::{Changed, Changes, How, What, is_wanted, per},
    words::{Words, number},
};

const EARLIEST: &str = "064";
const LATEST: &str = "063";

pub(super) fn order(stated: &PurchaseOrder, whole: Whole, agreement: &Agreement) -> Result<Draft, Problems> {
    let mut words = Words::new(agreement);
    let root = Field::root();
    let lines: Vec<set::Line> =
        stated.lines.iter().filter(|line| is_wanted(line)).map(|line| line_of(line, &mut words)).collect();
    let message = set::Order {
        purpose: if whole == Whole::Anew { "05" } else { "00" }.into(),
        order_type: "SA".into(),
        number: words.code(&stated.number, 22, &root.at("number")),
        date: day_of(stated).into(),
        heading: set::Section {
            currency: stated.currency.as_deref().map(currency),
            ..heading(
                stated.incoterms.as_ref(),
                stated.payment_terms.as_deref(),
                stated.ship_to.as_ref(),
                &stated.notes,
                &mut words,
            )
        },
        summary: vec![count(lines.len())],
        lines,
        ..set::Order::default()
    };
    words.finish(draft(EdiDocument::Order, "PO", &set::Message::Order(Box::new(message)), agreement))
}

pub(super) fn change(
    changes: &Changes<'_>,
    revised: Revised<'_>,
    agreement: &Agreement,
) -> Result<Draft, Problems> {
    let after = revised.after;
    let mut words = Words::new(agreement);
    let (purpose, section, lines) = match changes {
        Changes::Cancel => ("01", set::Section::default(), Vec::new()),
        Changes::Some { heading: anew, lines } => {
            let section = heading(anew.incoterms, anew.payment_terms, anew.ship_to, anew.notes, &mut words);
            let lines = lines.iter().map(|line| changed(line, &mut words)).collect();
            ("04", section, lines)
        }
    };
    let message = set::OrderChange {
        purpose: purpose.into(),
        order_type: "SA".into(),
        order_number: words.code(&after.number, 22, &Field::root().at("number")),
        sequence: Some(revised.count.to_string().into()),
        order_date: day_of(revised.before).into(),
        change_date: Some(after.revision.issued_at.date().into()),
        heading: section,
        summary: if lines.is_empty() { Vec::new() } else { vec![count(lines.len())] },
        lines,
        ..set::OrderChange::default()
    };
    let message = set::Message::OrderChange(Box::new(message));
    words.finish(draft(EdiDocument::OrderChange, "PC", &message, agreement))
}

pub(super) fn draft(
    document: EdiDocument,
    group: &'static str,
    message: &set::Message,
    agreement: &Agreement,
) -> Draft {
    let version = agreement.version_of(document).to_owned();
    let body = Body::Set { group, version, segments: message.segments() };
    Draft { document, kind: message.set_id().to_owned(), body }
}

/// The day of the order; the day of the revision, where it has none.
pub(super) fn day_of(order: &PurchaseOrder) -> NaiveDate {
    order.ordered_on.unwrap_or_else(|| order.revision.issued_at.date())
}

pub(super) fn count(lines: usize) -> RawSegment {
    RawSegment::new("CTT", [lines.to_string().as_str().into()])
}

pub(super) fn currency(code: &str) -> set::Currency {
    set::Currency { entity: "BY".into(), code: code.into() }
}

fn heading(
    incoterms: Option<&Incoterms>,
    payment_terms: Option<&str>,
    ship_to: Option<&Party>,
    notes: &[String],
    words: &mut Words<'_>,
) -> set::Section {
    let root = Field::root();
    let terms = payment_terms.and_then(|terms| words.text(terms, 80).into_iter().next());
    set::Section {
        fob: incoterms.map(|terms| fob(terms, words)),
        terms: terms
            .map(|description| set::Terms {
                kind: Some("ZZ".into()),
                description: Some(description),
                ..set::Terms::default()
            })
            .into_iter()
            .collect(),
        notes: self::notes(notes, words),
        parties: ship_to.map(|party| party_of(party, &root.at("shipTo"), words)).into_iter().collect(),
        ..set::Section::default()
    }
}

/// FOB01 is how the freight is paid, which nobody said: as the two agreed.
fn fob(terms: &Incoterms, words: &mut Words<'_>) -> set::Fob {
    let field = Field::root().at("incoterms");
    let place = terms.place.as_deref().and_then(|place| words.text(place, 80).into_iter().next());
    set::Fob {
        payment: "DF".into(),
        terms_qualifier: Some("01".into()),
        terms: Some(words.code(&terms.code, 3, &field.at("code"))),
        terms_location: place,
        ..set::Fob::default()
    }
}

fn notes(notes: &[String], words: &Words<'_>) -> Vec<set::Note> {
    let note = |text: &String| set::Note {
        qualifier: Some("L1".into()),
        reference: Some("NOTE".into()),
        text: words.text(text, 264),
        ..set::Note::default()
    };
    notes.iter().map(note).filter(|note| !note.text.is_empty()).collect()
}

/// Where to ship. Our address is a list of lines: what does not fit into the street stands with the names.
fn party_of(party: &Party, field: &Field, words: &mut Words<'_>) -> set::Party {
    let id =
        party.code.as_deref().map(|code| words.theirs(EdiCodeList::Location, code, 80, &field.at("code")));
    let mut address: Vec<Located<String>> =
        party.address.iter().flat_map(|line| words.text(line, 55)).collect();
    let mut names: Vec<Located<String>> =
        party.name.iter().filter_map(|name| words.text(name, 60).into_iter().next()).collect();
    if names.is_empty() && (id.is_none() || address.len() > 4) && !address.is_empty() {
        names.push(address.remove(0));
    }
    let street = address.split_off(address.len().saturating_sub(4));
    if address.len() > 4 {
        words.refuse("TOO_MANY", &field.at("address"), "an address of more than 8 lines does not fit");
    }
    names.extend(address);
    set::Party {
        role: "ST".into(),
        id_qualifier: id.as_ref().map(|_| "92".into()),
        id,
        names,
        street,
        ..set::Party::default()
    }
}

pub(super) fn line_of(line: &Line, words: &mut Words<'_>) -> set::Line {
    let field = Field::root().at("lines").at(&line.number);
    let number_text = words.code(&line.number, 20, &field.at("number"));
    let (price, price_basis) = price(line, &field, words);
    let unit = words.unit(&line.unit, &field.at("unit"));
    let schedules =
        line.schedules.iter().map(|part| schedule(part, &unit, &field, words)).collect::<Vec<_>>();
    set::Line {
        id: set::LineId::new(&number_text),
        quantity: Some(number(line.quantity)),
        unit: Some(unit),
        price,
        price_basis,
        section: set::Section {
            product_ids: product_ids(line, &field, words),
            descriptions: descriptions(line, words),
            dates: dates(line.deliver_from, line.deliver_to),
            notes: notes(&line.notes, words),
            parties: line
                .ship_to
                .as_ref()
                .map(|party| party_of(party, &field.at("shipTo"), words))
                .into_iter()
                .collect(),
            schedules,
            ..set::Section::default()
        },
        ..set::Line::default()
    }
}

/// The price of one unit, of a hundred or of a thousand: for another number of units it is brought down to one.
fn price(
    line: &Line,
    field: &Field,
    words: &mut Words<'_>,
) -> (Option<Located<Decimal>>, Option<Located<String>>) {
    let Some(price) = line.unit_price else { return (None, None) };
    let basis = match per(line).millionths() {
        1_000_000 => "PE",
        100_000_000 => "HP",
        1_000_000_000 => "TP",
        units => {
            let one = price.scaled(1_000_000, units);
            let exact = one.filter(|one| one.scaled(units, 1_000_000) == Some(price));
            if exact.is_none() {
                let text = format!("{price} for {} is no exact price of one", per(line));
                words.refuse("PRICE_NOT_EXACT", &field.at("pricePer"), text);
            }
            return (exact.map(number), Some("PE".into()));
        }
    };
    (Some(number(price)), Some(basis.into()))
}

fn product_ids(line: &Line, field: &Field, words: &mut Words<'_>) -> Vec<set::ProductId> {
    let mut ids = Vec::new();
    if let Some(part) = &line.buyer_part {
        let id = words.theirs(EdiCodeList::Item, part, 48, &field.at("buyerPart"));
        ids.push(set::ProductId { qualifier: "BP".to_owned(), id });
    }
    if let Some(part) = &line.supplier_part {
        let id = words.code(part, 48, &field.at("supplierPart"));
        ids.push(set::ProductId { qualifier: "VN".to_owned(), id });
    }
    if let Some(gtin) = &line.gtin {
        let qualifier = match gtin.len() {
            8 => "EO",
            12 => "UP",
            13 => "EN",
            _ => "UK",
        };
        let id = words.code(gtin, 48, &field.at("gtin"));
        ids.push(set::ProductId { qualifier: qualifier.to_owned(), id });
    }
    ids
}

fn descriptions(line: &Line, words: &Words<'_>) -> Vec<set::Description> {
    let pieces = line.description.iter().flat_map(|text| words.text(text, 80));
    let piece = |text| set::Description {
        kind: "F".into(),
        characteristic: Some("08".into()),
        text: Some(text),
        ..set::Description::default()
    };
    pieces.map(piece).collect()
}

fn dates(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Vec<set::DateTime> {
    let named = [(EARLIEST, from), (LATEST, to)];
    named.into_iter().filter_map(|(qualifier, day)| day.map(|day| date(qualifier, day))).collect()
}

fn date(qualifier: &str, day: NaiveDate) -> set::DateTime {
    set::DateTime { qualifier: qualifier.into(), date: Some(day.into()), ..set::DateTime::default() }
}

/// An instalment. The standard wants a day for each; without one it is the line's last.
fn schedule(part: &Schedule, unit: &Located<String>, field: &Field, words: &mut Words<'_>) -> set::Schedule {
    let dates = dates(part.deliver_from, part.deliver_to);
    if dates.is_empty() {
        words.refuse("REQUIRED", &field.at("schedules"), "an instalment without a day cannot be said");
    }
    let quantity = set::Quantity { value: number(part.quantity), unit: Some(unit.clone()) };
    set::Schedule { quantity, dates, ..set::Schedule::default() }
}

fn changed(changed: &Changed<'_>, words: &mut Words<'_>) -> set::ChangedLine {
    let mut line = line_of(changed.line, words);
    let code = match changed.how {
        How::Added => "AI",
        How::Cancelled => {
            line.section = set::Section { product_ids: line.section.product_ids, ..set::Section::default() };
            "DI"
        }
        How::From { before, what } => {
            let (less, more) =
                (before.quantity.min(changed.line.quantity), before.quantity.max(changed.line.quantity));
            let code = code_of(what, before.quantity < changed.line.quantity);
            // Only a code that says which way can mean a difference.
            let differs = words.agreement.change_quantity == ChangeQuantity::Difference;
            if differs && matches!(code, "QI" | "QD") {
                line.quantity = Some(number(more - less));
            }
            code
        }
    };
    set::ChangedLine { change: code.into(), line, ..set::ChangedLine::default() }
}

/// Data element 670.
const fn code_of(what: What, more: bool) -> &'static str {
    match (what.quantity, what.price, what.dates, what.more) {
        (true, false, false, false) if more => "QI",
        (true, false, false, false) => "QD",
        (false, true, false, false) => "PC",
        (true, true, false, false) => "PQ",
        (false, false, true, false) => "RS",
        (true, false, true, false) => "RQ",
        (false, true, true, false) => "PR",
        _ => "CA",
    }
}

pub(super) fn receipt(receipt: &ReceiptRecorded, agreement: &Agreement) -> Result<Draft, Problems> {
    let mut words = Words::new(agreement);
    let root = Field::root();
    let (purpose, named) = purpose(receipt);
    if receipt.basis == QuantityBasis::Total && !receipt.lines.is_empty() {
        let text = "the warehouse states totals, and a receiving advice tells what came with one delivery";
        words.refuse("TOTALS", &root.at("basis"), text);
    }
    let location = receipt.location.as_deref().map(|location| {
        let id = words.theirs(EdiCodeList::Location, location, 80, &root.at("location"));
        set::Party {
            role: "ST".into(),
            id_qualifier: Some("92".into()),
            id: Some(id),
            ..set::Party::default()
        }
    });
    let shipment = receipt.shipment_number.as_deref().map(|shipment| set::Reference {
        qualifier: "MA".into(),
        value: Some(words.code(shipment, 30, &root.at("shipmentNumber"))),
        ..set::Reference::default()
    });
    let lines = goods(&receipt.lines, &mut words);
    let section = set::Section {
        references: shipment.into_iter().collect(),
        dates: vec![moment("050", receipt.received_at)],
        parties: location.into_iter().collect(),
        ..set::Section::default()
    };
    let message = set::ReceivingAdvice {
        number: words.code(named, 30, &root.at("number")),
        date: receipt.received_at.date().into(),
        purpose: purpose.into(),
        advice_type: if receipt.kind == ReceiptKind::Increment { "1" } else { "2" }.into(),
        heading: set::Detail { section, ..set::Detail::default() },
        summary: if lines.is_empty() { Vec::new() } else { vec![count(lines.len())] },
        lines,
        ..set::ReceivingAdvice::default()
    };
    let message = set::Message::ReceivingAdvice(Box::new(message));
    words.finish(draft(EdiDocument::ReceivingAdvice, "RC", &message, agreement))
}

/// BRA03, and the number that BRA01 gives: of the statement that is corrected, where one is.
pub(super) fn purpose(receipt: &ReceiptRecorded) -> (&'static str, &str) {
    match (receipt.kind, receipt.replaces.as_deref()) {
        (ReceiptKind::Reversal, replaced) => ("01", replaced.unwrap_or(&receipt.number)),
        (_, Some(replaced)) => ("05", replaced),
        (_, None) => ("00", &receipt.number),
    }
}

fn moment(qualifier: &str, at: Timestamp) -> set::DateTime {
    let time = super::envelope::clock(at).time();
    set::DateTime { time: Some(time.into()), ..date(qualifier, at.date()) }
}

/// A line for each order line: RCD02 what came in good order, RCD06 and after what something is the matter with.
fn goods(received: &[ReceivedQuantity], words: &mut Words<'_>) -> Vec<set::ReceivedLine> {
    let mut lines: Vec<set::ReceivedLine> = Vec::new();
    for (_, parts) in by_line(received) {
        let Some(first) = parts.first() else { continue };
        let field = Field::root().at("lines").at(&first.line);
        let unit = words.unit(&first.unit, &field.at("unit"));
        let quantity = |value: Micro| set::Quantity { value: number(value), unit: Some(unit.clone()) };
        let good: Micro = parts
            .iter()
            .filter(|part| part.condition == GoodsCondition::Good)
            .map(|part| part.quantity)
            .sum();
        let question = |part: &&&ReceivedQuantity| set::Question {
            quantity: Some(quantity(part.quantity)),
            condition: Some(condition(part.condition).into()),
        };
        let apart = |part: &&&ReceivedQuantity| part.condition != GoodsCondition::Good;
        let questions: Vec<set::Question> = parts.iter().filter(apart).map(|part| question(&part)).collect();
        if questions.len() > 5 {
            words.refuse("TOO_MANY", &field, "more than 5 quantities in question do not fit into a line");
        }
        let order = set::OrderReference {
            number: words.code(&first.order_number, 22, &field.at("order")),
            ..set::OrderReference::default()
        };
        let id = words.code(&first.line, 20, &field);
        lines.push(set::ReceivedLine {
            id: set::LineId::new(&id),
            received: Some(quantity(good)),
            questions,
            detail: set::Detail { orders: vec![order], ..set::Detail::default() },
            ..set::ReceivedLine::default()
        });
    }
    lines
}

/// What was received, by order line, in the order of the receipt.
pub(super) fn by_line(received: &[ReceivedQuantity]) -> Vec<((&str, &str), Vec<&ReceivedQuantity>)> {
    let mut lines: Vec<((&str, &str), Vec<&ReceivedQuantity>)> = Vec::new();
    for part in received {
        let key = (part.order_number.as_str(), part.line.as_str());
        match lines.iter_mut().find(|(known, _)| *known == key) {
            Some((_, parts)) => parts.push(part),
            None => lines.push((key, vec![part])),
        }
    }
    lines
}

/// Data element 412.
const fn condition(condition: GoodsCondition) -> &'static str {
    match condition {
        GoodsCondition::Good => "07",
        GoodsCondition::Damaged => "01",
        GoodsCondition::Expired => "04",
        GoodsCondition::WrongItem => "05",
        GoodsCondition::QualityHold | GoodsCondition::Unknown => "09",
    }
}
