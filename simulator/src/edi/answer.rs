//! What an EDI supplier says: 855, 865 and 856.
use chrono::{DateTime, NaiveDate, Utc};
use quayside_edi::raw::RawSegment;
use quayside_edi::x12::messages::{
    ChangedLine, DateTime as Moment, Detail, Level, Line, LineId, LineStatus, Message, OrderAcknowledgment,
    OrderChange, OrderChangeAcknowledgment, OrderReference, ProductId, Quantity as Amount, Reference,
    Section, ShipNotice, Shipped,
};

use super::books::{EdiLine, EdiOrder};

/// All of it, for the day that was asked for.
pub(super) fn to_order(order: &EdiOrder) -> Message {
    let lines: Vec<Line> = order.lines.iter().map(|line| answered(line, order.date, "IA")).collect();
    Message::OrderAcknowledgment(Box::new(OrderAcknowledgment {
        purpose: "00".into(),
        acknowledgment_type: "AD".into(),
        order_number: order.number.as_str().into(),
        order_date: order.date.into(),
        summary: vec![count(lines.len())],
        lines,
        ..OrderAcknowledgment::default()
    }))
}

/// Everything that stays, as it was changed; or nothing of it, when the goods have left.
pub(super) fn to_change(
    order: &EdiOrder,
    change: &OrderChange,
    named: &[&ChangedLine],
    possible: bool,
) -> Option<Message> {
    let status = if possible { "IA" } else { "IR" };
    let answered = named.iter().filter_map(|changed| {
        let line = order.lines.iter().find(|line| line.id == changed.line.id.text)?;
        let line = answered(line, order.date, status);
        Some(ChangedLine { change: changed.change.clone(), line, ..ChangedLine::default() })
    });
    let lines: Vec<ChangedLine> = answered.collect();
    (!lines.is_empty()).then(|| {
        Message::OrderChangeAcknowledgment(Box::new(OrderChangeAcknowledgment {
            purpose: "11".into(),
            acknowledgment_type: Some(if possible { "AD" } else { "RJ" }.into()),
            order_number: order.number.as_str().into(),
            sequence: change.sequence.clone(),
            order_date: order.date.into(),
            summary: vec![count(lines.len())],
            lines,
            ..OrderChangeAcknowledgment::default()
        }))
    })
}

/// Everything leaves at once.
pub(super) fn of_shipment(order: &EdiOrder, number: &str, now: DateTime<Utc>) -> Message {
    let left = Moment { qualifier: "011".into(), date: Some(now.date_naive().into()), ..Moment::default() };
    let lading = Reference {
        qualifier: "BM".into(),
        value: Some(format!("BOL-{number}").into()),
        ..Reference::default()
    };
    let shipment = Section { references: vec![lading], dates: vec![left], ..Section::default() };
    let reference = OrderReference {
        number: order.number.as_str().into(),
        date: Some(order.date.into()),
        ..OrderReference::default()
    };
    let mut levels = vec![
        level(1, None, "S", Detail { section: shipment, ..Detail::default() }),
        level(2, Some(1), "O", Detail { orders: vec![reference], ..Detail::default() }),
    ];
    for line in &order.lines {
        let shipped =
            Shipped { line_id: Some(line.id.as_str().into()), quantity: amount(line), ..Shipped::default() };
        let detail = Detail {
            line_id: Some(line.id.as_str().into()),
            shipped: Some(shipped),
            section: Section { product_ids: item(line), ..Section::default() },
            ..Detail::default()
        };
        levels.push(level(levels.len() + 1, Some(2), "I", detail));
    }
    Message::ShipNotice(Box::new(ShipNotice {
        purpose: "00".into(),
        number: number.into(),
        date: now.date_naive().into(),
        time: now.time().into(),
        structure: Some("0004".into()),
        summary: vec![count(levels.len())],
        levels,
        ..ShipNotice::default()
    }))
}

fn answered(line: &EdiLine, ordered_on: NaiveDate, status: &str) -> Line {
    let wanted_on = line.wanted_on.unwrap_or_else(|| ordered_on + chrono::Days::new(7));
    let accepted = status == "IA";
    let status = LineStatus {
        status: status.into(),
        quantity: Some(amount(line)),
        date_qualifier: accepted.then(|| "067".into()),
        date: accepted.then(|| wanted_on.into()),
        ..LineStatus::default()
    };
    Line {
        id: LineId::new(&line.id),
        quantity: Some(line.quantity.decimal().into()),
        unit: line.unit.clone().map(Into::into),
        section: Section { product_ids: item(line), statuses: vec![status], ..Section::default() },
        ..Line::default()
    }
}

fn amount(line: &EdiLine) -> Amount {
    Amount { value: line.quantity.decimal().into(), unit: line.unit.clone().map(Into::into) }
}

fn item(line: &EdiLine) -> Vec<ProductId> {
    let id = |(qualifier, id): &(String, String)| ProductId {
        qualifier: qualifier.clone(),
        id: id.as_str().into(),
    };
    line.item.iter().map(id).collect()
}

fn level(id: usize, parent: Option<usize>, code: &str, detail: Detail) -> Level {
    Level {
        id: id.to_string().into(),
        parent_id: parent.map(|parent| parent.to_string().into()),
        parent: parent.map(|parent| parent - 1),
        code: code.into(),
        detail,
        ..Level::default()
    }
}

fn count(lines: usize) -> RawSegment {
    RawSegment::new("CTT", [lines.to_string().as_str().into()])
}
