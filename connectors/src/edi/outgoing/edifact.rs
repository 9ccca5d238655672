//! ORDERS, ORDCHG and RECADV.
use quayside_canonical::{
    Date, Field, Micro, Problems,
    events::{ReceiptRecorded, ReceivedQuantity},
    order::{Incoterms, Line, Party, PurchaseOrder, Schedule},
    partner::Agreement,
    states::{ChangeQuantity, EdiCodeList, EdiDocument, GoodsCondition, QuantityBasis},
};
use quayside_edi::{
    Located,
    edifact::{MessageHeader, messages as msg},
};

use super::{
    Body, Draft, Revised, Whole,
    changes::{Changed, Changes, How, is_wanted, per},
    words::{Words, day, number},
    x12::{by_line, purpose},
};

const EARLIEST: &str = "64";
const LATEST: &str = "63";
const WANTED: &str = "2";

pub(super) fn order(stated: &PurchaseOrder, whole: Whole, agreement: &Agreement) -> Result<Draft, Problems> {
    let mut words = Words::new(agreement);
    let root = Field::root();
    let header = header("ORDERS", EdiDocument::Order, agreement);
    let lines: Vec<msg::Line> = stated
        .lines
        .iter()
        .filter(|line| is_wanted(line))
        .zip(1..)
        .map(|(line, at)| line_of(line, at, None, &header, &mut words))
        .collect();
    let ordered_on = stated.ordered_on.unwrap_or_else(|| stated.revision.issued_at.date());
    let message = msg::Order {
        document: msg::Document {
            kind: Some("220".into()),
            number: Some(words.code(&stated.number, 35, &root.at("number"))),
            function: Some(if whole == Whole::Anew { "5" } else { "9" }.into()),
            ..msg::Document::default()
        },
        dates: vec![moment("137", stated.revision.issued_at), date("4", ordered_on)],
        currencies: stated.currency.as_deref().map(currency).into_iter().collect(),
        counts: vec![count(lines.len())],
        lines,
        ..heading(
            stated.incoterms.as_ref(),
            stated.payment_terms.as_deref(),
            stated.ship_to.as_ref(),
            &stated.notes,
            &header,
            &mut words,
        )
    };
    words.finish(draft(EdiDocument::Order, header, message.segments()))
}

pub(super) fn change(
    changes: &Changes<'_>,
    revised: Revised<'_>,
    agreement: &Agreement,
) -> Result<Draft, Problems> {
    let after = revised.after;
    let mut words = Words::new(agreement);
    let root = Field::root();
    let header = header("ORDCHG", EdiDocument::OrderChange, agreement);
    let (function, told, lines) = match changes {
        Changes::Cancel => ("1", heading(None, None, None, &[], &header, &mut words), Vec::new()),
        Changes::Some { heading: anew, lines } => {
            let told =
                heading(anew.incoterms, anew.payment_terms, anew.ship_to, anew.notes, &header, &mut words);
            let lines =
                lines.iter().zip(1..).map(|(line, at)| changed(line, at, &header, &mut words)).collect();
            ("4", told, lines)
        }
    };
    let named = format!("{}-{}", after.number, revised.count);
    let message = msg::Order {
        document: msg::Document {
            kind: Some("230".into()),
            number: Some(words.code(&named, 35, &root.at("number"))),
            revision: is_later(&header).then(|| revised.count.to_string().into()),
            function: Some(function.into()),
            ..msg::Document::default()
        },
        dates: vec![moment("137", after.revision.issued_at)],
        references: vec![reference("ON", words.code(&after.number, 35, &root.at("number")))],
        counts: if lines.is_empty() { Vec::new() } else { vec![count(lines.len())] },
        lines,
        ..told
    };
    words.finish(draft(EdiDocument::OrderChange, header, message.segments()))
}

pub(super) fn header(kind: &str, document: EdiDocument, agreement: &Agreement) -> MessageHeader {
    let version = agreement.version_of(document);
    let (version, release) = version.split_at_checked(1).unwrap_or((version, ""));
    MessageHeader::of(kind, version, release, "")
}

pub(super) fn draft(
    document: EdiDocument,
    header: MessageHeader,
    segments: Vec<quayside_edi::raw::RawSegment>,
) -> Draft {
    Draft { document, kind: header.kind.clone(), body: Body::Message { header, segments } }
}

/// From D.01A on GTINs have a qualifier of their own and texts more room.
fn is_later(header: &MessageHeader) -> bool {
    header.release.as_str() < "90"
}

fn heading(
    incoterms: Option<&Incoterms>,
    payment_terms: Option<&str>,
    ship_to: Option<&Party>,
    notes: &[String],
    header: &MessageHeader,
    words: &mut Words<'_>,
) -> msg::Order {
    let root = Field::root();
    let mut texts = self::texts("AAI", notes, header, words);
    let mut terms = payment_terms.map(|terms| words.text(terms, 35)).unwrap_or_default().into_iter();
    let payment = terms.next().map(|text| msg::PaymentTerms {
        kind: "1".into(),
        code: Some("ZZZ".into()),
        text: Some(text),
        ..msg::PaymentTerms::default()
    });
    // What is longer than the standard has room for goes on as text.
    let rest: Vec<String> = terms.map(|piece| piece.value).collect();
    texts.extend(self::texts("AAB", &[rest.join(" ")], header, words));
    let mut parties: Vec<msg::Party> = words.agreement.ours.first().map(buyer).into_iter().collect();
    parties.extend(ship_to.map(|party| party_of(party, &root.at("shipTo"), words)));
    let delivery = incoterms.map(|terms| msg::DeliveryTerms {
        function: Some("6".into()),
        code: Some(words.code(&terms.code, 3, &root.at("incoterms").at("code"))),
        locations: terms.place.as_deref().map(|place| place_of(place, words)).into_iter().collect(),
        ..msg::DeliveryTerms::default()
    });
    msg::Order {
        header: header.clone(),
        texts,
        parties,
        payment_terms: payment.into_iter().collect(),
        delivery_terms: delivery.into_iter().collect(),
        ..msg::Order::default()
    }
}

/// Where risk and cost go over.
fn place_of(place: &str, words: &Words<'_>) -> msg::Location {
    let name = words.text(place, 70).into_iter().next();
    msg::Location { function: "1".into(), name, ..msg::Location::default() }
}

fn buyer(ours: &quayside_canonical::partner::Identifier) -> msg::Party {
    let agency = if ours.qualifier == "14" { "9" } else { "92" };
    msg::Party {
        role: "BY".into(),
        id: Some(ours.id.as_str().into()),
        agency: Some(agency.into()),
        ..msg::Party::default()
    }
}

/// Each text in a segment of its own, and more where it does not fit into one.
fn texts(subject: &str, notes: &[String], header: &MessageHeader, words: &Words<'_>) -> Vec<msg::Text> {
    let most = if is_later(header) { 512 } else { 70 };
    let mut texts = Vec::new();
    for note in notes {
        for lines in words.text(note, most).chunks(5) {
            texts.push(msg::Text { subject: subject.into(), lines: lines.to_vec(), ..msg::Text::default() });
        }
    }
    texts
}

fn party_of(party: &Party, field: &Field, words: &mut Words<'_>) -> msg::Party {
    let id =
        party.code.as_deref().map(|code| words.theirs(EdiCodeList::Location, code, 35, &field.at("code")));
    let mut names: Vec<_> = party.name.iter().flat_map(|name| words.text(name, 35)).collect();
    let mut address: Vec<_> = party.address.iter().flat_map(|line| words.text(line, 35)).collect();
    let street = address.split_off(address.len().saturating_sub(3));
    names.extend(address);
    if names.len() > 5 {
        words.refuse("TOO_MANY", &field.at("address"), "name and address of more than 8 lines do not fit");
    }
    msg::Party {
        role: "DP".into(),
        agency: id.as_ref().map(|_| "92".into()),
        id,
        names,
        street,
        ..msg::Party::default()
    }
}

/// LIN 1082 takes six characters. A longer number of the order stands in RFF `LI`, and LIN has the position.
pub(super) fn line_of(
    line: &Line,
    at: u32,
    action: Option<&str>,
    header: &MessageHeader,
    words: &mut Words<'_>,
) -> msg::Line {
    let field = Field::root().at("lines").at(&line.number);
    let is_short = line.number.len() <= 6;
    let own = words.code(&line.number, 35, &field.at("number"));
    let (number, references) = match is_short {
        true => (own, Vec::new()),
        false => (at.to_string().into(), vec![reference("LI", own)]),
    };
    let unit = words.unit(&line.unit, &field.at("unit"));
    let gtin = if is_later(header) { "SRV" } else { "EN" };
    let notes = texts("AAI", &line.notes, header, words);
    let schedules = line.schedules.iter().map(|part| schedule(part, &line.unit, &field, words)).collect();
    msg::Line {
        number: Some(number),
        references,
        action: action.map(Into::into),
        item: line.gtin.as_deref().map(|gtin| words.code(gtin, 35, &field.at("gtin"))),
        item_kind: line.gtin.as_ref().map(|_| gtin.into()),
        ids: ids(line, &field, words).into_iter().collect(),
        descriptions: descriptions(line, header, words),
        quantities: vec![quantity("21", line.quantity, Some(unit))],
        dates: dates(line.deliver_from, line.deliver_to),
        texts: notes,
        prices: price(line, &field, words).into_iter().collect(),
        parties: line
            .ship_to
            .as_ref()
            .map(|party| party_of(party, &field.at("shipTo"), words))
            .into_iter()
            .collect(),
        schedules,
        ..msg::Line::default()
    }
}

fn ids(line: &Line, field: &Field, words: &mut Words<'_>) -> Option<msg::ItemIds> {
    let mut ids = Vec::new();
    if let Some(part) = &line.buyer_part {
        let id = words.theirs(EdiCodeList::Item, part, 35, &field.at("buyerPart"));
        ids.push(msg::ItemId { id, kind: Some("IN".into()) });
    }
    if let Some(part) = &line.supplier_part {
        let id = words.code(part, 35, &field.at("supplierPart"));
        ids.push(msg::ItemId { id, kind: Some("SA".into()) });
    }
    let function = if line.gtin.is_some() { "1" } else { "5" };
    (!ids.is_empty()).then(|| msg::ItemIds { function: function.into(), ids, ..msg::ItemIds::default() })
}

/// A text goes on where it was cut, so it is cut where no blank is lost.
fn descriptions(line: &Line, header: &MessageHeader, words: &Words<'_>) -> Vec<msg::Description> {
    let most = if is_later(header) { 256 } else { 35 };
    let text: Vec<String> = line
        .description
        .iter()
        .flat_map(|text| words.text(text, usize::MAX))
        .map(|text| text.value)
        .collect();
    let mut rest: &str = text.first().map_or("", String::as_str);
    let mut pieces: Vec<Located<String>> = Vec::new();
    while !rest.is_empty() {
        let longest = rest.char_indices().map(|(at, _)| at).chain([rest.len()]).take(most + 1);
        let inside = |at: &usize| {
            let (head, tail) = rest.split_at(*at);
            !head.is_empty() && !head.ends_with(' ') && !tail.starts_with(' ')
        };
        let Some(at) = longest.filter(inside).last() else { break };
        let (head, tail) = rest.split_at(at);
        pieces.push(head.to_owned().into());
        rest = tail;
    }
    let two = |two: &[Located<String>]| msg::Description {
        kind: Some("F".into()),
        text: two.first().cloned(),
        more: two.get(1).cloned(),
        ..msg::Description::default()
    };
    pieces.chunks(2).map(two).collect()
}

pub(super) fn quantity(qualifier: &str, value: Micro, unit: Option<Located<String>>) -> msg::Quantity {
    msg::Quantity {
        qualifier: qualifier.into(),
        value: Some(number(value)),
        unit,
        ..msg::Quantity::default()
    }
}

fn price(line: &Line, field: &Field, words: &mut Words<'_>) -> Option<msg::Price> {
    let value = line.unit_price?;
    let one = per(line).millionths() == 1_000_000;
    Some(msg::Price {
        qualifier: "AAA".into(),
        value: Some(number(value)),
        basis: (!one).then(|| number(per(line))),
        unit: (!one).then(|| words.unit(&line.unit, &field.at("unit"))),
        ..msg::Price::default()
    })
}

fn dates(from: Option<Date>, to: Option<Date>) -> Vec<msg::DateTime> {
    match (from, to) {
        (None, Some(to)) => vec![date(WANTED, to)],
        _ => [(EARLIEST, from), (LATEST, to)]
            .into_iter()
            .filter_map(|(qualifier, day)| day.map(|day| date(qualifier, day)))
            .collect(),
    }
}

pub(super) fn date(qualifier: &str, found: Date) -> msg::DateTime {
    msg::DateTime {
        qualifier: qualifier.into(),
        text: Some(day(found)),
        format: Some("102".into()),
        ..msg::DateTime::default()
    }
}

pub(super) fn moment(qualifier: &str, at: quayside_canonical::Timestamp) -> msg::DateTime {
    msg::DateTime {
        qualifier: qualifier.into(),
        text: Some(super::envelope::clock(at).format("%Y%m%d%H%M").to_string().into()),
        format: Some("203".into()),
        ..msg::DateTime::default()
    }
}

pub(super) fn reference(qualifier: &str, number: Located<String>) -> msg::Reference {
    msg::Reference { qualifier: qualifier.into(), number: Some(number), ..msg::Reference::default() }
}

pub(super) fn currency(code: &str) -> msg::Currency {
    msg::Currency {
        usage: "2".into(),
        code: Some(code.into()),
        qualifier: Some("9".into()),
        ..msg::Currency::default()
    }
}

pub(super) fn count(lines: usize) -> msg::Count {
    msg::Count {
        qualifier: "2".into(),
        value: Some(rust_decimal::Decimal::from(lines).into()),
        ..msg::Count::default()
    }
}

fn schedule(part: &Schedule, unit: &str, field: &Field, words: &mut Words<'_>) -> msg::Schedule {
    let unit = words.unit(unit, &field.at("unit"));
    let dates = dates(part.deliver_from, part.deliver_to);
    let quantity = msg::Quantity { dates, ..quantity("21", part.quantity, Some(unit)) };
    msg::Schedule { status: "1".into(), quantities: vec![quantity], ..msg::Schedule::default() }
}

/// 1229: 1 added, 2 deleted, 3 changed. Where a quantity was agreed to be a difference, 21 is that much more and 85
/// that much less.
fn changed(changed: &Changed<'_>, at: u32, header: &MessageHeader, words: &mut Words<'_>) -> msg::Line {
    match changed.how {
        How::Added => line_of(changed.line, at, Some("1"), header, words),
        How::Cancelled => {
            let line = line_of(changed.line, at, Some("2"), header, words);
            msg::Line {
                number: line.number,
                references: line.references,
                action: line.action,
                item: line.item,
                item_kind: line.item_kind,
                ids: line.ids,
                ..msg::Line::default()
            }
        }
        How::From { before, what } => {
            let mut line = line_of(changed.line, at, Some("3"), header, words);
            if words.agreement.change_quantity == ChangeQuantity::Difference {
                let unit = line.quantities.first().and_then(|quantity| quantity.unit.clone());
                let (was, is) = (before.quantity, changed.line.quantity);
                line.quantities = match what.quantity {
                    false => Vec::new(),
                    true if is > was => vec![quantity("21", is - was, unit)],
                    true => vec![quantity("85", was - is, unit)],
                };
            }
            line
        }
    }
}

pub(super) fn receipt(receipt: &ReceiptRecorded, agreement: &Agreement) -> Result<Draft, Problems> {
    let mut words = Words::new(agreement);
    let root = Field::root();
    let header = header("RECADV", EdiDocument::ReceivingAdvice, agreement);
    if receipt.basis == QuantityBasis::Total && !receipt.lines.is_empty() {
        let text = "the warehouse states totals, and a receiving advice tells what came with one delivery";
        words.refuse("TOTALS", &root.at("basis"), text);
    }
    let (purpose, named) = purpose(receipt);
    let function = match purpose {
        "01" => "1",
        "05" => "5",
        _ => "9",
    };
    let mut parties: Vec<msg::Party> = agreement.ours.first().map(buyer).into_iter().collect();
    parties.extend(receipt.location.as_deref().map(|location| msg::Party {
        role: "DP".into(),
        id: Some(words.theirs(EdiCodeList::Location, location, 35, &root.at("location"))),
        agency: Some("92".into()),
        ..msg::Party::default()
    }));
    let shipment = receipt.shipment_number.as_deref();
    let shipment =
        shipment.map(|number| reference("AAK", words.code(number, 35, &root.at("shipmentNumber"))));
    let lines = goods(&receipt.lines, &mut words);
    let counts = if lines.is_empty() { Vec::new() } else { vec![count(lines.len())] };
    let level = msg::Level { number: "1".into(), lines, ..msg::Level::default() };
    let message = msg::Despatch {
        header: header.clone(),
        document: msg::Document {
            kind: Some("632".into()),
            number: Some(words.code(named, 35, &root.at("number"))),
            function: Some(function.into()),
            ..msg::Document::default()
        },
        dates: vec![moment("137", receipt.received_at), moment("50", receipt.received_at)],
        references: shipment.into_iter().collect(),
        parties,
        levels: if level.lines.is_empty() { Vec::new() } else { vec![level] },
        counts,
        ..msg::Despatch::default()
    };
    words.finish(draft(EdiDocument::ReceivingAdvice, header, message.segments()))
}

/// A line for each order line: 194 what was received and accepted, and what something is the matter with apart.
fn goods(received: &[ReceivedQuantity], words: &mut Words<'_>) -> Vec<msg::Line> {
    let mut lines = Vec::new();
    for (at, (_, parts)) in (1..).zip(by_line(received)) {
        let Some(first) = parts.first() else { continue };
        let field = Field::root().at("lines").at(&first.line);
        let mut quantities: Vec<(&str, Micro)> = Vec::new();
        for part in &parts {
            let qualifier = qualifier(part.condition);
            match quantities.iter_mut().find(|(known, _)| *known == qualifier) {
                Some((_, sum)) => *sum = *sum + part.quantity,
                None => quantities.push((qualifier, part.quantity)),
            }
        }
        let order = msg::Reference {
            line: Some(words.code(&first.line, if first.line.len() > 6 { 35 } else { 6 }, &field)),
            ..reference("ON", words.code(&first.order_number, 35, &field.at("order")))
        };
        let unit = words.unit(&first.unit, &field.at("unit"));
        let line_number: i32 = at;
        lines.push(msg::Line {
            number: Some(line_number.to_string().into()),
            quantities: quantities
                .into_iter()
                .map(|(qualifier, value)| quantity(qualifier, value, Some(unit.clone())))
                .collect(),
            references: vec![order],
            ..msg::Line::default()
        });
    }
    lines
}

/// 6063.
const fn qualifier(condition: GoodsCondition) -> &'static str {
    match condition {
        GoodsCondition::Good => "194",
        GoodsCondition::Damaged => "124",
        GoodsCondition::WrongItem
        | GoodsCondition::Expired
        | GoodsCondition::QualityHold
        | GoodsCondition::Unknown => "195",
    }
}
