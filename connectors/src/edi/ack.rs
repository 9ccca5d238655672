//! ACK: what becomes of a part of a line (data element 668).
use chrono::NaiveDate;
use quayside_canonical::{
    Micro,
    acknowledgment::Substitute,
    statement::{StatedPart, StatedPrice},
    states::AnswerKind,
};
use quayside_edi::{
    Located,
    x12::messages::{DateTime, Line, LineStatus, Section},
};

use super::{
    line,
    pieces::{self, Basis, SUPPLIER_PART},
    report::{Report, field},
};

/// What a status code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Accepted,
    /// IQ, IC: what is accepted is another quantity than ordered, and the rest will not come.
    QuantityChanged,
    /// DR: on another day.
    Rescheduled,
    /// IP: at another price.
    PriceChanged,
    Backordered,
    Substituted,
    Rejected,
    /// On hold, or pending: no answer yet.
    Undecided,
}

fn meaning(code: &str) -> Option<Meaning> {
    Some(match code {
        // BP: this part is shipped now. What becomes of the balance is for another ACK to say, with its day.
        "IA" | "AC" | "AR" | "AA" | "BP" => Meaning::Accepted,
        "IQ" | "IC" => Meaning::QuantityChanged,
        "DR" => Meaning::Rescheduled,
        "IP" => Meaning::PriceChanged,
        "IB" => Meaning::Backordered,
        "IS" => Meaning::Substituted,
        "IR" | "ID" | "R1" | "R2" | "R3" | "R4" | "R5" | "R6" | "R7" | "R8" => Meaning::Rejected,
        "IE" | "IF" | "IH" | "IW" | "SP" => Meaning::Undecided,
        _ => return None,
    })
}

/// The parts of a line, and why the rest is rejected when the line says so. Nothing when a part is undecided: then
/// the line stays open.
pub(super) fn parts(
    line: &Line,
    heading: &Section,
    report: &mut Report,
) -> Option<(Vec<StatedPart>, Option<String>)> {
    let statuses = &line.section.statuses;
    let mut parts = Vec::with_capacity(statuses.len());
    let mut rest = None;
    let mut undecided = false;
    for status in statuses {
        let code = status.status.value.as_str();
        let Some(meaning) = meaning(code) else {
            report.refuse(status.status.at, "UNKNOWN_CODE", format!("{code} is not a status we know"));
            continue;
        };
        if meaning == Meaning::Undecided {
            let words = format!("{code} decides nothing yet; line {} was left unanswered", line.id.text);
            report.warn(status.status.at, "NO_STATEMENT", words);
            undecided = true;
            continue;
        }
        if meaning == Meaning::QuantityChanged {
            rest = Some(code.to_owned());
        }
        parts.push(part(status, meaning, line, heading, report));
    }
    check_split(statuses, report);
    (!undecided && !parts.is_empty()).then_some((parts, rest))
}

/// A line without ACK under a heading that accepts: accepted as it is stated there.
pub(super) fn as_detailed(line: &Line, heading: &Section, report: &mut Report) -> StatedPart {
    StatedPart {
        kind: AnswerKind::Accepted,
        quantity: line.quantity.as_ref().and_then(|quantity| pieces::number(quantity, report)),
        unit: line.unit.as_ref().and_then(|unit| pieces::unit_of(unit, report)),
        promised_on: promised(None, line, heading, report),
        price: price(line, false, report),
        reason: None,
        substitute: None,
        place: field(line.at),
    }
}

/// Several ACK split a line by quantity. One that has none could mean all of it or a facet of another.
fn check_split(statuses: &[LineStatus], report: &mut Report) {
    if statuses.len() < 2 {
        return;
    }
    for status in statuses {
        let rejects = meaning(&status.status.value) == Some(Meaning::Rejected);
        if status.quantity.is_none() && !rejects {
            let words = "the line is split over several ACK, so each has to state its quantity in ACK02";
            report.refuse(status.status.at, "QUANTITY_MISSING", words);
        }
    }
}

fn part(
    status: &LineStatus,
    meaning: Meaning,
    line: &Line,
    heading: &Section,
    report: &mut Report,
) -> StatedPart {
    let kind = match meaning {
        Meaning::Backordered => AnswerKind::Backordered,
        Meaning::Substituted => AnswerKind::Substituted,
        Meaning::Rejected => AnswerKind::Rejected,
        _ => AnswerKind::Accepted,
    };
    let rejects = kind == AnswerKind::Rejected;
    let code = status.status.value.as_str();
    let promised_on = if rejects { None } else { promised(Some(status), line, heading, report) };
    if meaning == Meaning::Rescheduled && promised_on.is_none() {
        report.refuse(status.status.at, "REQUIRED", format!("{code} moves the day and gives none"));
    }
    if meaning == Meaning::Backordered && promised_on.is_none() {
        report.refuse(status.status.at, "REQUIRED", format!("{code}: say when this part will come"));
    }
    let quantity = quantity(status, meaning, report);
    StatedPart {
        kind,
        unit: status
            .quantity
            .as_ref()
            .filter(|_| quantity.is_some())
            .and_then(|stated| stated.unit.as_ref().and_then(|unit| pieces::unit_of(unit, report))),
        quantity,
        promised_on,
        price: if rejects { None } else { price_of(status, meaning, line, report) },
        reason: rejects.then(|| reason(status, line)),
        substitute: if kind == AnswerKind::Substituted { substitute(status, report) } else { None },
        place: field(status.status.at),
    }
}

/// How much. A rejection of 0 rejects all that is not otherwise answered: nothing of it will come.
fn quantity(status: &LineStatus, meaning: Meaning, report: &mut Report) -> Option<Micro> {
    let stated = status.quantity.as_ref();
    let code = &status.status;
    let Some(stated) = stated else {
        if code.value == "IQ" {
            report.refuse(code.at, "REQUIRED", "IQ changes the quantity and gives none");
        }
        return None;
    };
    let quantity = pieces::number(&stated.value, report)?;
    if quantity.is_positive() {
        return Some(quantity);
    }
    if meaning != Meaning::Rejected {
        let words = format!("{} of 0 says nothing; reject what will not come", code.value);
        report.refuse(stated.value.at, "INVALID_VALUE", words);
    }
    None
}

fn price_of(status: &LineStatus, meaning: Meaning, line: &Line, report: &mut Report) -> Option<StatedPrice> {
    let changed = meaning == Meaning::PriceChanged || status.status.value == "IC";
    let price = price(line, changed, report);
    if meaning == Meaning::PriceChanged && price.is_none() {
        report.refuse(
            status.status.at,
            "REQUIRED",
            "IP changes the price, and neither PO104 nor CTP03 gives one",
        );
    }
    price
}

/// The price of PO104, or of the only CTP. Without a change, 0 stands where a sender must write something.
fn price(line: &Line, changed: bool, report: &mut Report) -> Option<StatedPrice> {
    let (stated, per) = line::price(line, report);
    let other = match line.section.prices.as_slice() {
        [only] => only.price.as_ref().and_then(|price| pieces::number(price, report)),
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
fn reason(status: &LineStatus, line: &Line) -> String {
    let own = status.reason.as_ref().map(|reason| reason.value.as_str());
    let words = line.section.references.iter().filter(|reference| reference.qualifier.value == "ZZ");
    let words = words.filter_map(|reference| reference.description.as_ref());
    let all = std::iter::once(status.status.value.as_str())
        .chain(own)
        .chain(words.map(|words| words.value.as_str()));
    all.collect::<Vec<_>>().join(" ").chars().take(2_000).collect()
}

fn substitute(status: &LineStatus, report: &mut Report) -> Option<Substitute> {
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
    Some(Substitute { supplier_part: pieces::code(part, report)?, description: None })
}

/// Qualifiers of data element 374 that tell when goods will be delivered.
const DELIVERY: &[&str] =
    &["067", "069", "017", "070", "002", "106", "063", "064", "035", "071", "074", "139", "371"];
/// Qualifiers that tell when they will be shipped.
const SHIPPING: &[&str] = &["068", "079", "010", "011", "037", "038"];

/// The promised day: of the ACK, of the line, of the heading; the first that says one.
fn promised(
    status: Option<&LineStatus>,
    line: &Line,
    heading: &Section,
    report: &mut Report,
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

fn of_dates(dates: &[DateTime], report: &mut Report) -> Option<NaiveDate> {
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
    report: &mut Report,
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
