//! 860: what the buyer changes about an order.
use chrono::NaiveDate;
use quayside_canonical::{
    Micro,
    order::{SourceRevision, release_number},
    order_change::{Change, Changes, Direction, Effect, Heading, LineChange, LineFields, OrderChange},
    states::ChangeQuantity,
};
use quayside_edi::{
    Located,
    x12::messages::{ChangedLine, OrderChange as Stated},
};

use super::{
    Command, Mapped, Sent, Terms, heading, line,
    order::currency,
    pieces,
    report::{Report, field},
    sent::start_of,
    values::{self, MAX_LINES},
};

/// What BCH01 makes of an 860.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// 04; 00 is the same; 06 and 07 state it again.
    Change,
    /// 05: its lines are all that is wanted.
    Replace,
    /// 01.
    Cancel,
}

pub(super) fn map(stated: &Stated, sent: &Sent, terms: &Terms) -> Mapped {
    let mut report = Report::new(terms);
    let purpose = purpose(&stated.purpose, &mut report);
    let number = number(stated, &mut report);
    let (revision, name) = revision(stated, sent, &mut report);
    let word = match purpose {
        Some(Purpose::Cancel) => "01",
        Some(Purpose::Replace) => "05",
        Some(Purpose::Change) | None => "04",
    };
    let key = format!("860 {} {word} {name}", number.as_deref().unwrap_or_default());
    let effect = purpose.map(|purpose| effect(stated, purpose, &mut report));
    let command = number.zip(effect).map(|(number, effect)| {
        let place = field(stated.order_number.at);
        Command::Change(Box::new(OrderChange { number, revision, effect, if_unknown: None, place }))
    });
    report.finish(key, command)
}

fn purpose(found: &Located<String>, report: &mut Report<'_>) -> Option<Purpose> {
    match found.value.as_str() {
        "00" | "04" | "06" | "07" => Some(Purpose::Change),
        "05" => Some(Purpose::Replace),
        "01" => Some(Purpose::Cancel),
        other => {
            let words = format!("purpose {other} is none of 00, 01, 04, 05, 06 and 07");
            report.refuse(found.at, "PURPOSE_NOT_TAKEN", words);
            None
        }
    }
}

fn number(stated: &Stated, report: &mut Report<'_>) -> Option<String> {
    let number = values::code(&stated.order_number, report)?;
    match &stated.release {
        Some(release) if stated.order_type.value == "RL" => {
            Some(release_number(&number, &values::code(release, report)?))
        }
        _ => Some(number),
    }
}

/// The revision a change makes, and its name among the changes of the order. BCH05 counts changes, except where
/// a sender puts a date there.
fn revision(stated: &Stated, sent: &Sent, report: &mut Report<'_>) -> (SourceRevision, String) {
    let issued_at = sent.at.max(start_of(stated.order_date.value));
    let given = stated.sequence.as_ref().filter(|given| !is_date(&given.value));
    let given = given.and_then(|given| values::code(given, report));
    let count = given.as_ref().filter(|given| given.len() <= 8).and_then(|given| given.parse::<u32>().ok());
    let name = match (count, given) {
        (Some(count), _) => count.to_string(),
        (None, Some(given)) => given,
        (None, None) => sent.stamp.clone(),
    };
    let sequence = count.map(i64::from);
    (SourceRevision { id: format!("860-{name}"), sequence, issued_at }, name)
}

fn is_date(text: &str) -> bool {
    text.len() == 8 && NaiveDate::parse_from_str(text, "%Y%m%d").is_ok()
}

fn effect(stated: &Stated, purpose: Purpose, report: &mut Report<'_>) -> Effect {
    let cancels = |line: &&ChangedLine| line.change.value == "CF";
    if purpose == Purpose::Cancel {
        return Effect::Cancel;
    }
    if let Some(cancelling) = stated.lines.iter().find(cancels) {
        if !stated.lines.iter().all(|line| cancels(&line)) {
            let words = "CF cancels the whole order, other lines of the message change it";
            report.refuse(cancelling.change.at, "CONTRADICTION", words);
        }
        return Effect::Cancel;
    }
    if let Some(line) = stated.lines.get(MAX_LINES) {
        report.refuse(line.line.at, "TOO_MANY", format!("at most {MAX_LINES} lines are taken"));
    }
    let heading = heading_of(stated, report);
    let replaces = purpose == Purpose::Replace;
    let lines = stated.lines.iter().take(MAX_LINES).filter_map(|line| {
        let change = if replaces { restated(line, report) } else { changed(line, report) };
        let number = line::line_number(&line.line, report)?;
        Some(LineChange { number, change: change?, place: field(line.line.id.at) })
    });
    let lines = lines.collect();
    if replaces && stated.lines.is_empty() {
        report.refuse(stated.purpose.at, "REQUIRED", "a replacement has at least one line");
    }
    Effect::Change(Box::new(Changes { heading, lines, only_these: replaces }))
}

fn heading_of(stated: &Stated, report: &mut Report<'_>) -> Heading {
    let section = &stated.heading;
    let sections = stated.lines.iter().map(|line| &line.line.section);
    let window = pieces::window(&section.dates, report);
    Heading {
        currency: currency(section, sections, report),
        incoterms: heading::incoterms(section.fob.as_ref(), report),
        payment_terms: heading::payment_terms(&section.terms, report),
        ship_to: heading::ship_to(section, report),
        window,
        notes: heading::notes(&section.notes, report),
        currency_place: section.currency.as_ref().map(|found| field(found.code.at)).unwrap_or_default(),
        window_place: section.dates.first().map(|date| field(date.qualifier.at)).unwrap_or_default(),
    }
}

/// A line of a replacement states everything.
fn restated(stated: &ChangedLine, report: &mut Report<'_>) -> Option<Change> {
    match stated.change.value.as_str() {
        "DI" => Some(Change::Cancel),
        "NC" => Some(Change::Keep),
        _ => line::whole(&stated.line, None, report).map(|line| Change::Put(Box::new(line))),
    }
}

/// What a code of data element 670 makes of a line.
#[derive(Clone, Copy, Debug)]
pub(super) enum Code {
    Add,
    Cancel,
    Keep,
    /// Terms, charges and routing, which are not kept by line.
    LeftOut,
    Set(Touches),
}

/// What a line changes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Touches {
    pub(super) quantity: bool,
    pub(super) direction: Option<Direction>,
    pub(super) price: bool,
    pub(super) dates: bool,
    /// Whatever the line states.
    pub(super) all: bool,
}

impl Code {
    pub(super) fn of(code: &str) -> Option<Self> {
        let quantity = Touches { quantity: true, ..Touches::default() };
        Some(match code {
            "AI" => Self::Add,
            "DI" => Self::Cancel,
            "NC" => Self::Keep,
            "CB" | "CC" | "CE" | "CG" | "RA" => Self::LeftOut,
            "QI" => Self::Set(Touches { direction: Some(Direction::Up), ..quantity }),
            "QD" => Self::Set(Touches { direction: Some(Direction::Down), ..quantity }),
            "PC" => Self::Set(Touches { price: true, ..Touches::default() }),
            "PQ" => Self::Set(Touches { price: true, ..quantity }),
            "PR" => Self::Set(Touches { price: true, dates: true, ..Touches::default() }),
            "RS" | "CT" | "RB" => Self::Set(Touches { dates: true, ..Touches::default() }),
            "RQ" => Self::Set(Touches { dates: true, ..quantity }),
            "CA" | "MU" | "RZ" | "RE" => Self::Set(Touches { all: true, ..Touches::default() }),
            _ => return None,
        })
    }
}

fn changed(stated: &ChangedLine, report: &mut Report<'_>) -> Option<Change> {
    match Code::of(&stated.change.value) {
        Some(Code::Add) => line::whole(&stated.line, None, report).map(|line| Change::Add(Box::new(line))),
        Some(Code::Cancel) => Some(Change::Cancel),
        Some(Code::Keep) => Some(Change::Keep),
        Some(Code::LeftOut) => {
            leave_out(stated, report);
            Some(Change::Keep)
        }
        Some(Code::Set(touches)) => Some(Change::Set(Box::new(fields(stated, touches, report)))),
        None => {
            not_taken(stated, report);
            None
        }
    }
}

pub(super) fn leave_out(stated: &ChangedLine, report: &mut Report<'_>) {
    let words =
        format!("terms, charges and routing are not kept by line; {} was left out", stated.change.value);
    report.warn(stated.change.at, "CHANGE_LEFT_OUT", words);
}

pub(super) fn not_taken(stated: &ChangedLine, report: &mut Report<'_>) {
    let words = format!("change {} of line {} is not one we take", stated.change.value, stated.line.id.text);
    report.refuse(stated.change.at, "CHANGE_NOT_TAKEN", words);
}

/// Whether POC03 is by how much the quantity changes: only a code that says which way can mean that.
pub(super) fn is_difference(touches: Touches, report: &Report<'_>) -> bool {
    touches.direction.is_some() && report.terms().agreement.change_quantity == ChangeQuantity::Difference
}

fn fields(stated: &ChangedLine, touches: Touches, report: &mut Report<'_>) -> LineFields {
    let line = &stated.line;
    let mut fields = LineFields {
        direction: touches.direction,
        is_difference: is_difference(touches, report),
        ..LineFields::default()
    };
    if touches.quantity || touches.all && line.quantity.is_some() {
        fields.quantity = line::quantity(line, report);
        fields.unit = line.unit.as_ref().and_then(|unit| pieces::unit_of(unit, report));
        fields.may_change_unit = touches.all;
    }
    if touches.price || touches.all {
        (fields.unit_price, fields.price_per) = line::price(line, report);
        demand(touches.price && line.price.is_none(), stated, "price", report);
    }
    if touches.dates || touches.all {
        fields.window = pieces::window(&line.section.dates, report);
        fields.schedules = schedules(stated, fields.quantity, report);
        let none = fields.window.is_none() && fields.schedules.is_none();
        demand(touches.dates && none, stated, "date", report);
    }
    if touches.all {
        let ids = &line.section.product_ids;
        fields.buyer_part = pieces::buyer_part(ids, report);
        fields.supplier_part = pieces::supplier_part(ids, report);
        fields.gtin = pieces::gtin(ids, report);
        fields.description = line::descriptions(&line.section.descriptions, report).0;
    }
    fields
}

pub(super) fn demand(missing: bool, stated: &ChangedLine, what: &str, report: &mut Report<'_>) {
    if missing {
        let words = format!(
            "{} changes the {what} of line {} and gives none",
            stated.change.value, stated.line.id.text
        );
        report.refuse(stated.change.at, "REQUIRED", words);
    }
}

/// The new instalments, when there are any and they add up to the quantity the line states.
fn schedules(
    stated: &ChangedLine,
    quantity: Option<Micro>,
    report: &mut Report<'_>,
) -> Option<Vec<quayside_canonical::order::Schedule>> {
    let instalments = &stated.line.section.schedules;
    let first = instalments.first()?;
    let unit = stated.line.unit.as_ref().or(first.quantity.unit.as_ref())?;
    let unit = pieces::unit_of(unit, report)?;
    let stated_total = stated.line.quantity.as_ref().and_then(|total| values::number(total, report));
    let total = quantity.or(stated_total)?;
    let schedules = pieces::schedules(instalments, total, &unit, report);
    (!schedules.is_empty()).then_some(schedules)
}
