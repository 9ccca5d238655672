//! 861: what a warehouse received.
//!
//! RCD02 counts the goods that came in good order; goods in question (RCD06 and after) are counted apart, unless
//! SN1 shows that RCD02 has them in it already. What is over (03) is always in it; what is short (02), returned or
//! not received (16) did not come to stay and counts nowhere. A statement that something is short is the last word on
//! its shipment, as is a post receipt advice (BRA04 2) or an acceptance certificate (8). Goods of no order that is named
//! are of the shipment that is.
use quayside_canonical::{
    Micro,
    goods_statement::{NamedLine, ReceiptStatement},
    receipt::{ReceiptDocument, ReceiptLine},
    states::{GoodsCondition, QuantityBasis, ReceiptKind},
};
use quayside_edi::{
    Located,
    x12::messages::{Detail, Question, ReceivedLine, ReceivingAdvice},
};

use super::{
    Command, Mapped, Sent, Terms,
    goods::{self, Made, Ordered},
    purpose::{Codes, Purpose},
    received::{self, Marks, Part},
    report::{Report, field},
    sent::moment,
    values,
};

/// The codes of BRA03.
const CODES: Codes = Codes { kind: "861", state: "00", replace: "05", cancel: "01" };

pub(super) fn map(stated: &ReceivingAdvice, sent: &Sent, terms: &Terms) -> Mapped {
    let mut report = Report::new(terms);
    let purpose = purpose(&stated.purpose, &mut report);
    let number = values::code(&stated.number, &mut report);
    let key = CODES.key(number.as_deref().unwrap_or_default(), purpose, sent);
    let statement = number.zip(purpose).and_then(|(number, purpose)| {
        let mut lines = Vec::new();
        if purpose != Purpose::Cancel {
            for line in &stated.lines {
                self::lines(stated, line, &mut lines, &mut report);
            }
            if stated.lines.is_empty() {
                report.refuse(stated.number.at, "REQUIRED", "no RCD says what was received");
            }
        }
        let document = document(stated, number, purpose, sent, terms, &mut report)?;
        Some(ReceiptStatement { document, lines, place: field(stated.number.at) })
    });
    report.finish(key, statement.map(|statement| Command::Receipt(Box::new(statement))))
}

fn purpose(found: &Located<String>, report: &mut Report<'_>) -> Option<Purpose> {
    match found.value.as_str() {
        "00" | "06" | "07" => Some(Purpose::State),
        "04" | "05" | "CO" => Some(Purpose::Replace),
        "01" | "03" => Some(Purpose::Cancel),
        other => {
            let words = format!("purpose {other} is none of 00, 01, 03, 04, 05, 06, 07 and CO");
            report.refuse(found.at, "PURPOSE_NOT_TAKEN", words);
            None
        }
    }
}

fn document(
    stated: &ReceivingAdvice,
    number: String,
    purpose: Purpose,
    sent: &Sent,
    terms: &Terms,
    report: &mut Report<'_>,
) -> Option<ReceiptDocument> {
    let kind = kind(stated, purpose, report)?;
    let (number, replaces) = received::numbers(number, purpose, sent);
    let details = std::iter::once(&stated.heading).chain(stated.lines.iter().map(|line| &line.detail));
    let details: Vec<&Detail> = details.collect();
    let advised = moment(stated.date.value, stated.time.map(|time| time.value).unwrap_or_default());
    Some(ReceiptDocument {
        number,
        kind,
        basis: QuantityBasis::Delta,
        replaces,
        supplier: Some(terms.supplier.clone()),
        shipment: shipment(stated, report),
        location: location(&stated.heading, report),
        received_at: goods::when(&details, &["050", "035"], report).unwrap_or(advised),
        sequence: None,
        lines: Vec::new(),
    })
}

fn kind(stated: &ReceivingAdvice, purpose: Purpose, report: &mut Report<'_>) -> Option<ReceiptKind> {
    let short = stated.lines.iter().flat_map(|line| &line.questions).any(|question| is(question, &["02"]));
    let found = &stated.advice_type;
    match found.value.as_str() {
        "1" | "2" | "8" if purpose == Purpose::Cancel => Some(ReceiptKind::Reversal),
        "1" if !short => Some(ReceiptKind::Increment),
        "1" | "2" | "8" => Some(ReceiptKind::Final),
        other => {
            let words = format!("type {other} is none of 1, 2 and 8: it does not tell of goods that came");
            report.refuse(found.at, "TYPE_NOT_TAKEN", words);
            None
        }
    }
}

/// The shipment: by the number of its notice, or by the shipper's number. Lines may say it, if they agree.
fn shipment(stated: &ReceivingAdvice, report: &mut Report<'_>) -> Option<String> {
    let details: Vec<&Detail> =
        std::iter::once(&stated.heading).chain(stated.lines.iter().map(|line| &line.detail)).collect();
    let all = |qualifier| details.iter().flat_map(move |detail| detail.references(qualifier));
    let qualifier = ["MA", "SI"].into_iter().find(|qualifier| all(qualifier).next().is_some())?;
    let first = all(qualifier).next()?;
    if let Some(other) = all(qualifier).find(|other| other.value != first.value) {
        let words =
            format!("a receipt is of one shipment; this is {}, another is {}", other.value, first.value);
        report.refuse(other.at, "SEVERAL_SHIPMENTS", words);
    }
    values::code(first, report)
}

fn names_shipment(stated: &ReceivingAdvice) -> bool {
    let mut details = std::iter::once(&stated.heading).chain(stated.lines.iter().map(|line| &line.detail));
    details.any(|detail| ["MA", "SI"].iter().any(|found| detail.references(found).next().is_some()))
}

fn location(heading: &Detail, report: &mut Report<'_>) -> Option<String> {
    let with = |role: &&str| heading.section.parties.iter().find(|party| party.role.value == *role);
    let party = ["ST", "WH"].iter().find_map(with)?;
    party.id.as_ref().and_then(|id| values::location(id, report))
}

fn is(question: &Question, codes: &[&str]) -> bool {
    question.condition.as_ref().is_some_and(|code| codes.contains(&code.value.as_str()))
}

/// The parts of a line, each in its condition.
fn lines(
    advice: &ReceivingAdvice,
    stated: &ReceivedLine,
    lines: &mut Vec<(NamedLine, ReceiptLine)>,
    report: &mut Report<'_>,
) {
    if let Some(second) = stated.detail.orders.get(1) {
        report.refuse(second.number.at, "SEVERAL_ORDERS", "a line is of one order; this is another");
    }
    let order = Ordered::of(&stated.detail).or_else(|| Ordered::of(&advice.heading));
    let own = goods::stated(&stated.id);
    let counted = [own.as_ref()];
    let named = match order {
        None if names_shipment(advice) => {
            Some(goods::named_alone(&stated.detail, &counted, stated.at, report))
        }
        order => goods::named(order, &stated.detail, &counted, stated.at, report),
    };
    let shown = Shown::of(stated, advice, report);
    let (Some(named), Some(shown)) = (named, shown) else { return };
    let made = Made::of(&[&stated.detail], report);
    let sscc = goods::sscc(&stated.detail, report).map(|sscc| sscc.value);
    let marks = Marks { sscc, lot: made.lot, expires_on: made.expires_on };
    lines.extend(received::lines(named, shown.unit, shown.parts, marks));
}

/// What a line shows to have come: how much in which condition.
struct Shown {
    unit: Option<String>,
    parts: Vec<Part>,
}

impl Shown {
    fn of(stated: &ReceivedLine, advice: &ReceivingAdvice, report: &mut Report<'_>) -> Option<Self> {
        let (good, unit) = match &stated.received {
            Some(received) => {
                let (good, unit) = goods::quantity(received, None, report)?;
                (Some(good), unit)
            }
            None => (None, None),
        };
        let mut shown = Self { unit, parts: Vec::new() };
        // A code without quantity is about all of the line.
        let mut whole = advice.condition.as_ref();
        let (mut apart, mut short) = (Micro::ZERO, Micro::ZERO);
        for question in &stated.questions {
            let Some(quantity) = &question.quantity else {
                whole = question.condition.as_ref();
                continue;
            };
            let (quantity, unit) = goods::quantity(quantity, unit_of(stated), report)?;
            if shown.unit.is_none() {
                shown.unit.clone_from(&unit);
            } else if unit.is_some() && unit != shown.unit {
                let at = question.quantity.as_ref().map_or(stated.at, |quantity| quantity.value.at);
                report.refuse(
                    at,
                    "SEVERAL_UNITS",
                    "what is in question is in another unit than what was received",
                );
            }
            if is(question, &["02"]) {
                short = short + quantity;
            } else if let Some((condition, code)) = shown_as(question.condition.as_ref())
                && quantity.is_positive()
            {
                apart = apart + quantity;
                shown.parts.push((quantity, condition, code));
            }
        }
        if stated.returned.as_ref().is_some_and(|returned| !returned.value.is_zero()) {
            report.warn(stated.at, "RETURNED_LEFT_OUT", "what went back is counted as not received");
        }
        let good = good.map(|good| {
            match has_in_it(stated, good, apart, short, &shown, &mut Report::new(report.terms())) {
                true => good - apart,
                false => good,
            }
        });
        shown.add_good(good, whole, stated, report);
        Some(shown)
    }

    /// What RCD02 counts comes first; nothing at all is told as 0.
    fn add_good(
        &mut self,
        good: Option<Micro>,
        whole: Option<&Located<String>>,
        stated: &ReceivedLine,
        report: &mut Report<'_>,
    ) {
        let Some(good) = good else {
            if self.parts.is_empty() && stated.questions.is_empty() {
                report.refuse(stated.at, "REQUIRED", "the line has no quantity in RCD02");
            } else if self.parts.is_empty() {
                self.parts.push((Micro::ZERO, GoodsCondition::Good, None));
            }
            return;
        };
        if good.is_positive() || self.parts.is_empty() {
            let (condition, code) = match whole {
                Some(code) => {
                    shown_as(Some(code)).unwrap_or((GoodsCondition::Good, Some(code.value.clone())))
                }
                None => (GoodsCondition::Good, None),
            };
            self.parts.insert(0, (good, condition, code));
        }
    }
}

fn unit_of(stated: &ReceivedLine) -> Option<&Located<String>> {
    stated.received.as_ref().and_then(|received| received.unit.as_ref())
}

/// Whether RCD02 has the goods in question in it: SN1 tells how much there is to account for.
fn has_in_it(
    stated: &ReceivedLine,
    good: Micro,
    apart: Micro,
    short: Micro,
    shown: &Shown,
    unheard: &mut Report<'_>,
) -> bool {
    let Some(shipped) = stated.detail.shipped.as_ref().filter(|_| apart.is_positive()) else { return false };
    // An SN1 that cannot be read shows nothing.
    let read = goods::quantity(&shipped.quantity, unit_of(stated), unheard);
    read.is_some_and(|(shipped, unit)| unit == shown.unit && good + short == shipped && good >= apart)
}

/// The condition of goods that came. Nothing for what did not come, or is counted in RCD02.
fn shown_as(code: Option<&Located<String>>) -> Option<(GoodsCondition, Option<String>)> {
    let Some(code) = code else { return Some((GoodsCondition::Unknown, None)) };
    let condition = match code.value.as_str() {
        "01" | "10" => GoodsCondition::Damaged,
        "04" | "08" | "09" => GoodsCondition::QualityHold,
        "05" => GoodsCondition::WrongItem,
        "06" | "07" | "14" => GoodsCondition::Good,
        "02" | "03" | "11" | "12" | "16" => return None,
        _ => GoodsCondition::Unknown,
    };
    Some((condition, Some(code.value.clone())))
}
