//! ORDERS, ORDCHG and RECADV.
use quayside_canonical::{
    Date, Field, Micro, Problems,
    events::{ReceiptRecorded, ReceivedQuantity},
    order::{Incoterms, Line, Party, PurchaseOrder, Schedule},
    partner::Agreement,
    states::{ChangeQuantity, EdiCodeList, EdiDocument, GoodsCondition, QuantityBasis, ReceiptKind},
};
use quayside_edi::edifact::{MessageHeader, messages as msg};

use super::{
    Body, Draft, Revised,
    changes::{Changed, Changes, How, is_wanted, per},
    words::{Words, day, number},
    x12::{by_line, purpose},
};

const EARLIEST: &str = "64";
const LATEST: &str = "63";
const WANTED: &str = "2";

pub(super) fn order(stated: &PurchaseOrder, agreement: &Agreement) -> Result<Draft, Problems> {
    let mut words = Words::new(agreement);
    let root = Field::root();
    let header = header("ORDERS", EdiDocument::Order, agreement);
    let lines: Vec<msg::Line> = stated
        .lines
        .iter()
        .filter(|line| is_wanted(line))
        .map(|line| line_of(line, None, &header, &mut words))
        .collect();
    let ordered_on = stated.ordered_on.unwrap_or_else(|| stated.revision.issued_at.date());
    let message = msg::Order {
        document: msg::Document {
            kind: Some("220".into()),
            number: Some(words.code(&stated.number, 35, &root.at("number"))),
            function: Some("9".into()),
            ..msg::Document::default()
        },
        dates: vec![date("137", ordered_on)],
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
            let lines = lines.iter().map(|line| changed(line, &header, &mut words)).collect();
            ("4", told, lines)
        }
    };
    let named = format!("{}-{}", after.number, revised.count);
    let message = msg::Order {
        document: msg::Document {
            kind: Some("230".into()),
            number: Some(words.code(&named, 35, &root.at("number"))),
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
    let terms: Vec<String> = payment_terms.map(str::to_owned).into_iter().collect();
    texts.extend(self::texts("AAB", &terms, header, words));
    let mut parties: Vec<msg::Party> = words.agreement.ours.first().map(buyer).into_iter().collect();
    parties.extend(ship_to.map(|party| party_of(party, &root.at("shipTo"), words)));
    let terms = incoterms.map(|terms| msg::DeliveryTerms {
        function: Some("6".into()),
        code: Some(words.code(&terms.code, 3, &root.at("incoterms").at("code"))),
        text: terms.place.as_deref().and_then(|place| words.text(place, 70).into_iter().next()),
        ..msg::DeliveryTerms::default()
    });
    msg::Order {
        header: header.clone(),
        texts,
        parties,
        delivery_terms: terms.into_iter().collect(),
        ..msg::Order::default()
    }
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
    let id = party.code.as_deref().map(|code| words.theirs(EdiCodeList::Location, code, 35, &field.at("code")));
    let mut names: Vec<_> = party.name.iter().flat_map(|name| words.text(name, 35)).collect();
    let mut street: Vec<_> = party.address.iter().flat_map(|line| words.text(line, 35)).collect();
    let rest = street.split_off(street.len().min(3));
    if names.is_empty() && !rest.is_empty() {
        names.push("-".into());
    }
    names.extend(rest);
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

fn line_of(line: &Line, action: Option<&str>, header: &MessageHeader, words: &mut Words<'_>) -> msg::Line {
    let field = Field::root().at("lines").at(&line.number);
    let unit = words.unit(&line.unit, &field.at("unit"));
    let gtin = if is_later(header) { "SRV" } else { "EN" };
    let notes = texts("AAI", &line.notes, header, words);
    let schedules = line.schedules.iter().map(|part| schedule(part, &line.unit, &field, words)).collect();
    msg::Line {
        number: Some(words.code(&line.number, 6, &field.at("number"))),
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

fn descriptions(line: &Line, header: &MessageHeader, words: &Words<'_>) -> Vec<msg::Description> {
    let most = if is_later(header) { 256 } else { 35 };
    let pieces: Vec<_> = line.description.iter().flat_map(|text| words.text(text, most)).collect();
    let two = |two: &[quayside_edi::Located<String>]| msg::Description {
        kind: Some("F".into()),
        text: two.first().cloned(),
        more: two.get(1).cloned(),
        ..msg::Description::default()
    };
    pieces.chunks(2).map(two).collect()
}

fn quantity(
    qualifier: &str,
    value: Micro,
    unit: Option<quayside_edi::Located<String>>,
) -> msg::Quantity {
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

fn date(qualifier: &str, found: Date) -> msg::DateTime {
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

pub(super) fn reference(qualifier: &str, number: quayside_edi::Located<String>) -> msg::Reference {
    msg::Reference { qualifier: qualifier.into(), number: Some(number), ..msg::Reference::default() }
}

fn currency(code: &str) -> msg::Currency {
    msg::Currency {
        usage: "2".into(),
        code: Some(code.into()),
        qualifier: Some("9".into()),
        ..msg::Currency::default()
    }
}

fn count(lines: usize) -> msg::Count {
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

/// 1229: 1 added, 2 deleted, 3 changed. A quantity is always the new one: the standard has no other.
fn changed(changed: &Changed<'_>, header: &MessageHeader, words: &mut Words<'_>) -> msg::Line {
    match changed.how {
        How::Added => line_of(changed.line, Some("1"), header, words),
        How::Cancelled => {
            let line = line_of(changed.line, Some("2"), header, words);
            msg::Line {
                number: line.number,
                action: line.action,
                item: line.item,
                item_kind: line.item_kind,
                ids: line.ids,
                ..msg::Line::default()
            }
        }
        How::From { what, .. } => {
            if what.quantity && words.agreement.change_quantity == ChangeQuantity::Difference {
                let field = Field::root().at("lines").at(&changed.line.number).at("quantity");
                let text = "EDIFACT states the new quantity, and this partner takes quantities by their difference";
                words.refuse("QUANTITY_BY_DIFFERENCE", &field, text);
            }
            line_of(changed.line, Some("3"), header, words)
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
    let function = match (purpose, receipt.kind) {
        ("01", _) => "1",
        ("05", _) => "5",
        (_, ReceiptKind::Final) => "9",
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
            line: Some(words.code(&first.line, 6, &field)),
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
        GoodsCondition::WrongItem | GoodsCondition::Expired => "185",
        GoodsCondition::QualityHold | GoodsCondition::Unknown => "195",
    }
}
