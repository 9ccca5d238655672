//! Examples of what a partner sends, in its own words: for those who build the other side.
use quayside_canonical::{
    Date, Field, Micro, Problems, Timestamp,
    order::{Line, PurchaseOrder, SourceRevision},
    partner::Agreement,
    states::{EdiCodeList, EdiDocument, EdiSyntax},
};
use quayside_edi::{edifact::messages as msg, x12::messages as set};
use rust_decimal::Decimal;

use super::{
    Body, Draft,
    changes::{is_wanted, per},
    edifact::{draft as message, header, moment, reference},
    envelope::clock,
    words::{Words, number},
    x12,
};

/// An order to make examples of, where there is none.
#[must_use]
pub fn made_up_order(at: Timestamp) -> PurchaseOrder {
    let day = at.date();
    let line = |number: &str, part: &str, quantity: i32| Line {
        translations: Vec::new(),
        number: number.to_owned(),
        buyer_part: Some(part.to_owned()),
        supplier_part: None,
        gtin: None,
        description: Some(format!("Example item {part}")),
        quantity: quantity.into(),
        unit: "EA".to_owned(),
        unit_price: Some(Micro::from_millionths(9_950_000)),
        price_per: None,
        deliver_from: None,
        deliver_to: Some(later(day)),
        ship_to: None,
        cancelled: false,
        schedules: Vec::new(),
        notes: Vec::new(),
    };
    PurchaseOrder {
        number: "EXAMPLE-1".to_owned(),
        supplier: String::new(),
        revision: SourceRevision { id: "1".to_owned(), sequence: None, issued_at: at },
        currency: Some("USD".to_owned()),
        ordered_on: Some(day),
        cancelled: false,
        incoterms: None,
        payment_terms: None,
        ship_to: None,
        notes: Vec::new(),
        translations: Vec::new(),
        lines: vec![line("1", "A-100", 120), line("2", "B-200", 40)],
    }
}

fn later(day: Date) -> Date {
    day.checked_add_days(chrono::Days::new(14)).unwrap_or(day)
}

/// An example of what a partner answers to an order: it takes all of it.
///
/// # Errors
/// Every reason why it cannot be said.
pub fn answer(order: &PurchaseOrder, agreement: &Agreement) -> Result<Draft, Problems> {
    match agreement.syntax {
        EdiSyntax::X12 => answer_x12(order, agreement),
        EdiSyntax::Edifact => accepted_edifact(order, EdiDocument::OrderAnswer, agreement),
    }
}

fn wanted(order: &PurchaseOrder) -> impl Iterator<Item = &Line> {
    order.lines.iter().filter(|line| is_wanted(line))
}

/// The day a line is promised for: the last that is wanted.
fn promised(line: &Line, order: &PurchaseOrder) -> Date {
    line.deliver_to.or(line.deliver_from).unwrap_or_else(|| later(order.revision.issued_at.date()))
}

/// The lines of an order, each accepted as it stands.
fn accepted_x12(order: &PurchaseOrder, words: &mut Words<'_>) -> Vec<set::Line> {
    let field = Field::root().at("lines");
    let mut lines = Vec::new();
    for line in wanted(order) {
        let mut stated = x12::line_of(line, words);
        let status = set::LineStatus {
            status: words.theirs(EdiCodeList::LineAnswer, "IA", 2, &field),
            quantity: Some(set::Quantity { value: number(line.quantity), unit: stated.unit.clone() }),
            date_qualifier: Some("067".into()),
            date: Some(promised(line, order).into()),
            ..set::LineStatus::default()
        };
        stated.section = set::Section {
            product_ids: stated.section.product_ids,
            statuses: vec![status],
            ..set::Section::default()
        };
        lines.push(stated);
    }
    lines
}

/// A heading that says no more than the currency.
fn currency_x12(order: &PurchaseOrder) -> set::Section {
    set::Section { currency: order.currency.as_deref().map(x12::currency), ..set::Section::default() }
}

fn answer_x12(order: &PurchaseOrder, agreement: &Agreement) -> Result<Draft, Problems> {
    let mut words = Words::new(agreement);
    let lines = accepted_x12(order, &mut words);
    let made = set::OrderAcknowledgment {
        purpose: "00".into(),
        acknowledgment_type: "AC".into(),
        order_number: words.code(&order.number, 22, &Field::root().at("number")),
        order_date: x12::day_of(order).into(),
        heading: currency_x12(order),
        summary: vec![x12::count(lines.len())],
        lines,
        ..set::OrderAcknowledgment::default()
    };
    let made = set::Message::OrderAcknowledgment(Box::new(made));
    words.finish(x12::draft(EdiDocument::OrderAnswer, "PR", &made, agreement))
}

/// An example of what a partner answers to a change: it takes all of the order as it stands now.
///
/// # Errors
/// Every reason why it cannot be said.
pub fn change_answer(order: &PurchaseOrder, agreement: &Agreement) -> Result<Draft, Problems> {
    match agreement.syntax {
        EdiSyntax::X12 => change_answer_x12(order, agreement),
        EdiSyntax::Edifact => accepted_edifact(order, EdiDocument::ChangeAnswer, agreement),
    }
}

fn change_answer_x12(order: &PurchaseOrder, agreement: &Agreement) -> Result<Draft, Problems> {
    let mut words = Words::new(agreement);
    let changed = |line| set::ChangedLine { change: "CA".into(), line, ..set::ChangedLine::default() };
    let lines: Vec<set::ChangedLine> = accepted_x12(order, &mut words).into_iter().map(changed).collect();
    let made = set::OrderChangeAcknowledgment {
        purpose: "00".into(),
        acknowledgment_type: Some("AC".into()),
        order_number: words.code(&order.number, 22, &Field::root().at("number")),
        sequence: Some("1".into()),
        order_date: x12::day_of(order).into(),
        heading: currency_x12(order),
        summary: vec![x12::count(lines.len())],
        lines,
        ..set::OrderChangeAcknowledgment::default()
    };
    let made = set::Message::OrderChangeAcknowledgment(Box::new(made));
    words.finish(x12::draft(EdiDocument::ChangeAnswer, "CA", &made, agreement))
}

/// An ORDRSP that accepts each line as it stands.
fn accepted_edifact(
    order: &PurchaseOrder,
    document: EdiDocument,
    agreement: &Agreement,
) -> Result<Draft, Problems> {
    let mut words = Words::new(agreement);
    let root = Field::root();
    let header = header("ORDRSP", document, agreement);
    let mut lines = Vec::new();
    for (line, at) in wanted(order).zip(1..) {
        let action = words.theirs(EdiCodeList::LineAnswer, "5", 3, &root.at("lines"));
        let stated = super::edifact::line_of(line, at, Some(&action), &header, &mut words);
        lines.push(msg::Line {
            dates: vec![super::edifact::date("69", promised(line, order))],
            texts: Vec::new(),
            descriptions: Vec::new(),
            parties: Vec::new(),
            schedules: Vec::new(),
            ..stated
        });
    }
    let made = msg::Order {
        header: header.clone(),
        document: msg::Document {
            kind: Some("231".into()),
            number: Some(words.code(&format!("R-{}", order.number), 35, &root.at("number"))),
            function: Some("4".into()),
            ..msg::Document::default()
        },
        dates: vec![moment("137", order.revision.issued_at)],
        references: vec![reference("ON", words.code(&order.number, 35, &root.at("number")))],
        currencies: order.currency.as_deref().map(super::edifact::currency).into_iter().collect(),
        counts: vec![super::edifact::count(lines.len())],
        lines,
        ..msg::Order::default()
    };
    words.finish(message(document, header, made.segments()))
}

/// An example of the invoice of a partner: of all of an order, at its prices.
///
/// # Errors
/// Every reason why it cannot be said.
pub fn invoice(order: &PurchaseOrder, at: Timestamp, agreement: &Agreement) -> Result<Draft, Problems> {
    match agreement.syntax {
        EdiSyntax::X12 => invoice_x12(order, at, agreement),
        EdiSyntax::Edifact => invoice_edifact(order, at, agreement),
    }
}

/// A number that no other example of its kind has.
fn numbered(kind: char, at: Timestamp) -> String {
    format!("{kind}{}", clock(at).format("%y%m%d%H%M%S"))
}

/// What a line comes to, to the cent. What has no price costs nothing.
fn amount(line: &Line) -> Decimal {
    let price = line.unit_price.map(Micro::decimal).unwrap_or_default();
    let units = line.quantity.decimal().checked_div(per(line).decimal()).unwrap_or_default();
    units.checked_mul(price).unwrap_or_default().round_dp(2)
}

fn invoice_x12(order: &PurchaseOrder, at: Timestamp, agreement: &Agreement) -> Result<Draft, Problems> {
    let mut words = Words::new(agreement);
    let root = Field::root();
    let (_, day, _) = quayside_edi::x12::acknowledge::stamp(clock(at));
    let mut lines = Vec::new();
    let mut total = Decimal::ZERO;
    for line in wanted(order) {
        let stated = x12::line_of(line, &mut words);
        total += amount(line);
        lines.push(set::InvoiceLine {
            number: Some(stated.id.text.as_str().into()),
            quantity: Some(number(line.quantity)),
            unit: stated.unit,
            price: stated.price,
            price_basis: stated.price_basis,
            rest: product_ids(&stated.section.product_ids),
            ..set::InvoiceLine::default()
        });
    }
    let made = set::Invoice {
        begin: set::InvoiceBegin {
            date: day.into(),
            number: numbered('I', at).into(),
            order_date: Some(x12::day_of(order).format("%Y%m%d").to_string().into()),
            order_number: Some(words.code(&order.number, 22, &root.at("number"))),
            kind: Some("DI".into()),
            ..set::InvoiceBegin::default()
        },
        // TDS01 has two decimals that are not written.
        totals: vec![set::InvoiceTotal {
            total: Some((total * Decimal::ONE_HUNDRED).normalize().into()),
            ..set::InvoiceTotal::default()
        }],
        lines,
        ..set::Invoice::default()
    };
    let made = set::Message::Invoice(Box::new(made));
    words.finish(x12::draft(EdiDocument::Invoice, "IN", &made, agreement))
}

/// IT106 and after.
fn product_ids(ids: &[set::ProductId]) -> Vec<msg::Rest> {
    let texts = ids.iter().flat_map(|id| [id.qualifier.clone(), id.id.value.clone()]);
    let rest = |(element, text)| msg::Rest { element, repetition: 0, component: 1, text };
    (6..).zip(texts).map(rest).collect()
}

/// The goods of a line as it is stated, and all of its quantity under this qualifier.
fn goods_edifact(line: &Line, stated: msg::Line, qualifier: &str) -> msg::Line {
    let unit = stated.quantities.first().and_then(|quantity| quantity.unit.clone());
    msg::Line {
        number: stated.number,
        item: stated.item,
        item_kind: stated.item_kind,
        ids: stated.ids,
        quantities: vec![super::edifact::quantity(qualifier, line.quantity, unit)],
        ..msg::Line::default()
    }
}

fn invoice_edifact(order: &PurchaseOrder, at: Timestamp, agreement: &Agreement) -> Result<Draft, Problems> {
    let mut words = Words::new(agreement);
    let root = Field::root();
    let header = header("INVOIC", EdiDocument::Invoice, agreement);
    let money = |qualifier: &str, value: Decimal| msg::Amount {
        qualifier: qualifier.into(),
        value: Some(value.normalize().into()),
        ..msg::Amount::default()
    };
    let mut lines = Vec::new();
    let mut total = Decimal::ZERO;
    for (line, at) in wanted(order).zip(1..) {
        let stated = super::edifact::line_of(line, at, None, &header, &mut words);
        total += amount(line);
        lines.push(msg::Line {
            amounts: vec![money("203", amount(line))],
            prices: stated.prices.clone(),
            ..goods_edifact(line, stated, "47")
        });
    }
    let invoiced =
        |code: &str| msg::Currency { qualifier: Some("4".into()), ..super::edifact::currency(code) };
    let made = msg::Order {
        header: header.clone(),
        document: msg::Document {
            kind: Some("380".into()),
            number: Some(numbered('I', at).into()),
            function: Some("9".into()),
            ..msg::Document::default()
        },
        dates: vec![moment("137", at)],
        references: vec![reference("ON", words.code(&order.number, 35, &root.at("number")))],
        currencies: order.currency.as_deref().map(invoiced).into_iter().collect(),
        totals: vec![money("77", total)],
        counts: vec![super::edifact::count(lines.len())],
        lines,
        ..msg::Order::default()
    };
    words.finish(message(EdiDocument::Invoice, header, made.segments()))
}

/// An example of what a partner ships: all of an order, in one pack.
///
/// # Errors
/// Every reason why it cannot be said.
pub fn ship_notice(order: &PurchaseOrder, at: Timestamp, agreement: &Agreement) -> Result<Draft, Problems> {
    match agreement.syntax {
        EdiSyntax::X12 => ship_notice_x12(order, at, agreement),
        EdiSyntax::Edifact => ship_notice_edifact(order, at, agreement),
    }
}

fn level(id: usize, parent: Option<usize>, code: &str, detail: set::Detail) -> set::Level {
    set::Level {
        id: id.to_string().into(),
        parent_id: parent.map(|parent| parent.to_string().into()),
        parent: parent.map(|parent| parent - 1),
        code: code.into(),
        detail,
        ..set::Level::default()
    }
}

fn ship_notice_x12(order: &PurchaseOrder, at: Timestamp, agreement: &Agreement) -> Result<Draft, Problems> {
    let mut words = Words::new(agreement);
    let root = Field::root();
    let date = |qualifier: &str| set::DateTime {
        qualifier: qualifier.into(),
        date: Some(at.date().into()),
        ..set::DateTime::default()
    };
    let shipment = set::Section { dates: vec![date("011")], ..set::Section::default() };
    let reference = set::OrderReference {
        number: words.code(&order.number, 22, &root.at("number")),
        date: Some(x12::day_of(order).into()),
        ..set::OrderReference::default()
    };
    let mut levels = vec![
        level(1, None, "S", set::Detail { section: shipment, ..set::Detail::default() }),
        level(2, Some(1), "O", set::Detail { orders: vec![reference], ..set::Detail::default() }),
    ];
    let mut total = Decimal::ZERO;
    for line in wanted(order) {
        let stated = x12::line_of(line, &mut words);
        total += line.quantity.decimal();
        let shipped = set::Shipped {
            line_id: Some(stated.id.text.as_str().into()),
            quantity: set::Quantity { value: number(line.quantity), unit: stated.unit },
            ..set::Shipped::default()
        };
        let detail = set::Detail {
            line_id: Some(stated.id.text.as_str().into()),
            shipped: Some(shipped),
            section: set::Section { product_ids: stated.section.product_ids, ..set::Section::default() },
            ..set::Detail::default()
        };
        levels.push(level(levels.len() + 1, Some(2), "I", detail));
    }
    let count = levels.len().to_string();
    let made = set::ShipNotice {
        purpose: "00".into(),
        number: numbered('S', at).into(),
        date: at.date().into(),
        time: clock(at).time().into(),
        structure: Some("0002".into()),
        levels,
        summary: vec![quayside_edi::raw::RawSegment::new("CTT", [count.as_str().into()])],
        ..set::ShipNotice::default()
    };
    let made = set::Message::ShipNotice(Box::new(made));
    words.finish(x12::draft(EdiDocument::ShipNotice, "SH", &made, agreement))
}

fn ship_notice_edifact(
    order: &PurchaseOrder,
    at: Timestamp,
    agreement: &Agreement,
) -> Result<Draft, Problems> {
    let mut words = Words::new(agreement);
    let root = Field::root();
    let header = header("DESADV", EdiDocument::ShipNotice, agreement);
    let mut lines = Vec::new();
    for (line, at) in wanted(order).zip(1..) {
        let stated = super::edifact::line_of(line, at, None, &header, &mut words);
        let of_order = msg::Reference {
            line: Some(words.code(&line.number, 35, &root.at("lines"))),
            ..reference("ON", words.code(&order.number, 35, &root.at("number")))
        };
        lines.push(msg::Line { references: vec![of_order], ..goods_edifact(line, stated, "12") });
    }
    let counts = vec![super::edifact::count(lines.len())];
    let level = msg::Level { number: "1".into(), lines, ..msg::Level::default() };
    let made = msg::Despatch {
        header: header.clone(),
        document: msg::Document {
            kind: Some("351".into()),
            number: Some(numbered('S', at).into()),
            function: Some("9".into()),
            ..msg::Document::default()
        },
        dates: vec![moment("137", at), moment("11", at)],
        levels: vec![level],
        counts,
        ..msg::Despatch::default()
    };
    words.finish(message(EdiDocument::ShipNotice, header, made.segments()))
}

/// An example of what a system says to a document of ours, or of the partner's: it took the last one.
#[must_use]
pub fn syntax_report(agreement: &Agreement) -> Draft {
    match agreement.syntax {
        EdiSyntax::X12 => {
            let group = set::GroupReference {
                kind: "PO".into(),
                number: "1".into(),
                ..set::GroupReference::default()
            };
            let response = set::SetResponse {
                id: "850".into(),
                number: "0001".into(),
                verdicts: vec![set::SetVerdict { code: "A".into(), ..set::SetVerdict::default() }],
                ..set::SetResponse::default()
            };
            let one = || Some(Decimal::ONE.into());
            let verdict = set::GroupVerdict {
                code: "A".into(),
                included: one(),
                received: one(),
                accepted: one(),
                ..set::GroupVerdict::default()
            };
            let made = set::FunctionalAcknowledgment {
                group,
                verdicts: vec![verdict],
                sets: vec![response],
                ..set::FunctionalAcknowledgment::default()
            };
            let made = set::Message::FunctionalAcknowledgment(Box::new(made));
            let version = agreement.version_of(EdiDocument::SyntaxReport).to_owned();
            let body = Body::Set { group: "FA", version, segments: made.segments() };
            Draft { document: EdiDocument::SyntaxReport, kind: made.set_id().to_owned(), body }
        }
        EdiSyntax::Edifact => {
            let header = quayside_edi::edifact::MessageHeader::of("CONTRL", "D", "3", "");
            let interchange = msg::InterchangeResponse {
                reference: "1".into(),
                sender: Some("BUYER".into()),
                recipient: Some("SUPPLIER".into()),
                action: "7".into(),
                ..msg::InterchangeResponse::default()
            };
            let made =
                msg::SyntaxReport { header: header.clone(), interchange, ..msg::SyntaxReport::default() };
            message(EdiDocument::SyntaxReport, header, made.segments())
        }
    }
}
