//! ACK: what becomes of a part of a line (data element 668).
use chrono::NaiveDate;
use quayside_canonical::{
    Micro,
    acknowledgment::Substitute,
    statement::{StatedPart, StatedPrice},
    states::{AnswerKind, EdiCodeList},
};
use quayside_edi::{
    Located,
    x12::messages::{DateTime, Line, LineStatus, Section},
};

use super::{
    answers::Meaning,
    line,
    pieces::{self, Basis, SUPPLIER_PART},
    report::{Report, field},
    values::{self, Spoken},
};

/// A status as it stands, and what it means.
#[derive(Clone, Copy)]
struct Said<'a> {
    code: Spoken<'a>,
    meaning: Meaning,
}

fn spoken<'a>(status: &'a LineStatus, report: &Report<'a>) -> Spoken<'a> {
    values::spoken(EdiCodeList::LineAnswer, &status.status.value, report)
}

/// What a line says becomes of it.
pub(super) struct Parts {
    pub(super) parts: Vec<StatedPart>,
    /// Why the rest is rejected, when the line says so.
    pub(super) rest: Option<String>,
    /// Whether something of it is not decided.
    pub(super) open: bool,
}

/// The parts of a line. Nothing when it is not told how much of it is decided: then the line stays open.
pub(super) fn parts(line: &Line, heading: &Section, report: &mut Report<'_>) -> Option<Parts> {
    let statuses = &line.section.statuses;
    let mut parts = Vec::with_capacity(statuses.len());
    let mut rest = None;
    let mut open = false;
    for status in statuses {
        let code = spoken(status, report);
        let Some(meaning) = Meaning::of(code.ours) else {
            report.refuse(status.status.at, "UNKNOWN_CODE", format!("{code} is not a status we know"));
            continue;
        };
        if matches!(meaning, Meaning::Undecided | Meaning::Added) {
            let words =
                format!("{code} decides nothing yet; this of line {} was left unanswered", line.id.text);
            report.warn(status.status.at, "NO_STATEMENT", words);
            open = true;
            continue;
        }
        if meaning.rejects_rest() {
            rest = Some(code.ours.to_owned());
        }
        let part = part(status, Said { code, meaning }, line, heading, report);
        if part.kind == AnswerKind::Backordered && part.promised_on.is_none() {
            let words = format!(
                "{code} does not say when this part will come; this of line {} was left unanswered",
                line.id.text
            );
            report.warn(status.status.at, "NO_STATEMENT", words);
            open = true;
            continue;
        }
        parts.push(part);
    }
    check_split(statuses, report);
    let says_how_much = rest.is_none() && parts.iter().all(|part| part.quantity.is_some());
    (!parts.is_empty() && (!open || says_how_much)).then_some(Parts { parts, rest, open })
}

/// A line without ACK under a heading that accepts: accepted as it is stated there.
pub(super) fn as_detailed(line: &Line, heading: &Section, report: &mut Report<'_>) -> StatedPart {
    StatedPart {
        kind: AnswerKind::Accepted,
        quantity: line.quantity.as_ref().and_then(|quantity| values::number(quantity, report)),
        unit: line.unit.as_ref().and_then(|unit| pieces::unit_of(unit, report)),
        promised_on: promised(None, line, heading, report),
        price: price(line, false, report),
        reason: None,
        substitute: None,
        place: field(line.at),
    }
}

/// Several ACK split a line by quantity. One that has none could mean all of it or a facet of another.
fn check_split(statuses: &[LineStatus], report: &mut Report<'_>) {
    if statuses.len() < 2 {
        return;
    }
    for status in statuses {
        let rejects = Meaning::of(spoken(status, report).ours) == Some(Meaning::Rejected);
        if status.quantity.is_none() && !rejects {
            let words = "the line is split over several ACK, so each has to state its quantity in ACK02";
            report.refuse(status.status.at, "QUANTITY_MISSING", words);
        }
    }
}

fn part(
    status: &LineStatus,
    said: Said<'_>,
    line: &Line,
    heading: &Section,
    report: &mut Report<'_>,
) -> StatedPart {
    let Said { code, meaning } = said;
    let kind = match meaning {
        Meaning::Backordered => AnswerKind::Backordered,
        Meaning::Substituted => AnswerKind::Substituted,
        Meaning::Rejected => AnswerKind::Rejected,
        _ => AnswerKind::Accepted,
    };
    let rejects = kind == AnswerKind::Rejected;
    let promised_on = if rejects { None } else { promised(Some(status), line, heading, report) };
    if meaning == Meaning::Rescheduled && promised_on.is_none() {
        report.refuse(status.status.at, "REQUIRED", format!("{code} moves the day and gives none"));
    }
    let quantity = quantity(status, said, report);
    StatedPart {
        kind,
        unit: status
            .quantity
            .as_ref()
            .filter(|_| quantity.is_some())
            .and_then(|stated| stated.unit.as_ref().and_then(|unit| pieces::unit_of(unit, report))),
        quantity,
        promised_on,
        price: if rejects { None } else { price_of(status, said, line, report) },
        reason: rejects.then(|| reason(status, code, line)),
        substitute: if kind == AnswerKind::Substituted { substitute(status, report) } else { None },
        place: field(status.status.at),
    }
}

/// How much. A rejection of 0 rejects all that is not otherwise answered: nothing of it will come.
fn quantity(status: &LineStatus, said: Said<'_>, report: &mut Report<'_>) -> Option<Micro> {
    let Said { code, meaning } = said;
    let Some(stated) = status.quantity.as_ref() else {
        if meaning == Meaning::QuantityChanged {
            report.refuse(
                status.status.at,
                "REQUIRED",
                format!("{code} changes the quantity and gives none"),
            );
        }
        return None;
    };
    let quantity = values::number(&stated.value, report)?;
    if quantity.is_positive() {
        return Some(quantity);
    }
    if meaning != Meaning::Rejected {
        let words = format!("{code} of 0 says nothing; reject what will not come");
        report.refuse(stated.value.at, "INVALID_VALUE", words);
    }
    None
}

fn price_of(
    status: &LineStatus,
    said: Said<'_>,
    line: &Line,
    report: &mut Report<'_>,
) -> Option<StatedPrice> {
    let Said { code, meaning } = said;
    let changed = matches!(meaning, Meaning::PriceChanged | Meaning::Changed);
    let price = price(line, changed, report);
    if meaning == Meaning::PriceChanged && price.is_none() {
        report.refuse(
            status.status.at,
            "REQUIRED",
            format!("{code} changes the price, and neither the line nor CTP03 gives one"),
        );
    }
    price
}

/// The price of PO104, or of the only CTP. Without a change, 0 stands where a sender must write something.
pub(super) fn price(line: &Line, changed: bool, report: &mut Report<'_>) -> Option<StatedPrice> {
    let (stated, per) = line::price(line, report);
    let other = match line.section.prices.as_slice() {
        [only] => only.price.as_ref().and_then(|price| values::number(price, report)),
        _ => None,
    };
    if let (true, Some(stated), Some(other), Some(at)) = (changed, stated, other, line.price.as_ref())
        && stated != other
    {
        let words =
            format!("the price is {stated} here and {other} in CTP03; which is the new one is not known");
        report.refuse(at.at, "AMBIGUOUS_PRICE", words);
    }
    let unknown_basis = line.price.is_some() && pieces::basis(line.price_basis.as_ref()) == Basis::Other;
    let amount = stated.or(other.filter(|_| changed && !unknown_basis))?;
    (changed || amount.is_positive()).then_some(StatedPrice { amount, per, changed })
}

/// Why, with the code as reason and what the sender adds to it.
fn reason(status: &LineStatus, code: Spoken<'_>, line: &Line) -> String {
    let own = status.reason.as_ref().map(|reason| reason.value.as_str());
    let words = line.section.references.iter().filter(|reference| reference.qualifier.value == "ZZ");
    let words = words.filter_map(|reference| reference.description.as_ref());
    let all = std::iter::once(code.ours).chain(own).chain(words.map(|words| words.value.as_str()));
    values::joined(all, " ")
}

fn substitute(status: &LineStatus, report: &mut Report<'_>) -> Option<Substitute> {
    let own = pieces::pick(&status.product_ids, SUPPLIER_PART);
    let any = pieces::pick(&status.product_ids, &["MG", "UP", "EN", "UK", "SK", "CB"]);
    let Some(part) = own.or(any) else {
        report.refuse(
            status.status.at,
            "REQUIRED",
            "IS ships another item and does not name it in ACK07 and after",
        );
        return None;
    };
    Some(Substitute { supplier_part: values::code(part, report)?, description: None })
}

/// Qualifiers of data element 374 that tell when goods will be delivered.
const DELIVERY: &[&str] =
    &["067", "069", "017", "070", "002", "106", "063", "064", "035", "071", "074", "139", "371"];
/// Qualifiers that tell when they will be shipped.
const SHIPPING: &[&str] = &["068", "079", "010", "011", "037", "038"];

/// The promised day: of the ACK, of the line, of the heading; the first that says one.
pub(super) fn promised(
    status: Option<&LineStatus>,
    line: &Line,
    heading: &Section,
    report: &mut Report<'_>,
) -> Option<NaiveDate> {
    if let Some(status) = status {
        if let Some(day) = &status.date {
            return dated(day, status.date_qualifier.as_ref(), report);
        }
        if let Some(day) = of_dates(&status.dates, report) {
            return Some(day);
        }
    }
    of_dates(&line.section.dates, report).or_else(|| of_dates(&heading.dates, report))
}

fn of_dates(dates: &[DateTime], report: &mut Report<'_>) -> Option<NaiveDate> {
    let with = |wanted: &[&str]| {
        let by_rank = wanted.iter().find_map(|qualifier| {
            dates.iter().find(|date| date.qualifier.value == *qualifier && date.date.is_some())
        });
        by_rank.and_then(|date| Some((date.date.as_ref()?, &date.qualifier)))
    };
    let (day, qualifier) = with(DELIVERY).or_else(|| with(SHIPPING))?;
    dated(day, Some(qualifier), report)
}

fn dated(
    day: &Located<NaiveDate>,
    qualifier: Option<&Located<String>>,
    report: &mut Report<'_>,
) -> Option<NaiveDate> {
    let code = qualifier.map(|qualifier| qualifier.value.as_str());
    match code {
        None => Some(day.value),
        Some(code) if DELIVERY.contains(&code) => Some(day.value),
        Some(code) if SHIPPING.contains(&code) => {
            let words = format!("{code} is a day of shipping; it was taken as the promised day");
            report.warn(day.at, "SHIP_DATES_TAKEN", words);
            Some(day.value)
        }
        Some(code) => {
            let words = format!("{code} is no day of delivery; it was left out");
            report.warn(day.at, "DATE_LEFT_OUT", words);
            None
        }
    }
}
