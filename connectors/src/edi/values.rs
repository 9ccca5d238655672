//! What both syntaxes have: texts and numbers that can be kept, and the words of the partner for ours.
use quayside_canonical::{
    Micro,
    order::{Line, Schedule},
    states::EdiCodeList,
};
use quayside_edi::{Located, Place};
use rust_decimal::Decimal;

use super::report::Report;

/// The most lines an order may have, as on every other channel.
pub(super) const MAX_LINES: usize = 10_000;
/// The longest code we keep: numbers of orders, lines and parts.
const CODE: usize = 80;
/// The longest text we keep.
pub(super) const TEXT: usize = 2_000;

/// A code as it stands. What is too long is refused: cut, it would be another code.
pub(super) fn code(found: &Located<String>, report: &mut Report<'_>) -> Option<String> {
    bounded(found, CODE, report)
}

/// A text as it stands.
pub(super) fn text(found: &Located<String>, report: &mut Report<'_>) -> Option<String> {
    bounded(found, TEXT, report)
}

fn bounded(found: &Located<String>, most: usize, report: &mut Report<'_>) -> Option<String> {
    let length = found.value.chars().count();
    if length > most {
        report.refuse(found.at, "TOO_LONG", format!("{length} characters; at most {most} are taken"));
    }
    (1..=most).contains(&length).then(|| found.value.clone())
}

/// A number that can be kept exactly.
pub(super) fn number(found: &Located<Decimal>, report: &mut Report<'_>) -> Option<Micro> {
    match Micro::try_from(found.value) {
        Ok(number) => Some(number),
        Err(error) => {
            report.refuse(found.at, "INVALID_VALUE", format!("{}: {error}", found.value));
            None
        }
    }
}

/// The lot, where all name the same one: of several none is chosen.
pub(super) fn one_lot(all: &[&Located<String>], report: &mut Report<'_>) -> Option<String> {
    let first = all.first()?;
    if let Some(other) = all.iter().find(|other| other.value != first.value) {
        let words = format!(
            "lots {} and {}, and nothing says how much of each; both were left out",
            first.value, other.value
        );
        report.warn(other.at, "LOT_LEFT_OUT", words);
        return None;
    }
    code(first, report)
}

/// A code of a list the partner may have words of its own for: what it means, and how to show it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spoken<'a> {
    /// What stands in the message.
    pub(super) theirs: &'a str,
    /// What it means.
    pub(super) ours: &'a str,
}

impl std::fmt::Display for Spoken<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.theirs == self.ours {
            return f.write_str(self.theirs);
        }
        write!(f, "{} (agreed to mean {})", self.theirs, self.ours)
    }
}

/// What a code means between the two.
pub(super) fn spoken<'a>(list: EdiCodeList, theirs: &'a str, report: &Report<'a>) -> Spoken<'a> {
    Spoken { theirs, ours: agreed(list, theirs, report).unwrap_or(theirs) }
}

/// What was agreed that a code means; nothing, where nothing was.
pub(super) fn agreed<'a>(list: EdiCodeList, theirs: &str, report: &Report<'a>) -> Option<&'a str> {
    let codes = &report.terms().agreement.codes;
    let known = codes.iter().find(|code| code.list == list && code.theirs == theirs)?;
    Some(&known.ours)
}

/// A unit: as agreed, else the UN/ECE unit of the same meaning, else as it stands.
pub(super) fn unit(
    found: &Located<String>,
    known: fn(&str) -> Option<&'static str>,
    report: &mut Report<'_>,
) -> Option<String> {
    let raw = code(found, report)?;
    let meant = agreed(EdiCodeList::Unit, &raw, report).or_else(|| known(&raw)).map(str::to_owned);
    Some(meant.unwrap_or(raw))
}

/// The code of a place: as agreed, else as it stands.
pub(super) fn location(found: &Located<String>, report: &mut Report<'_>) -> Option<String> {
    let raw = code(found, report)?;
    Some(agreed(EdiCodeList::Location, &raw, report).map_or(raw, str::to_owned))
}

/// The buyer's number of an item. Where the partner names the item only in its own words, the one that was agreed
/// to mean an item of the buyer's does.
pub(super) fn item<'i>(
    named: Option<&Located<String>>,
    mut others: impl Iterator<Item = &'i Located<String>>,
    report: &mut Report<'_>,
) -> Option<String> {
    let Some(named) = named else {
        return others.find_map(|other| agreed(EdiCodeList::Item, other, report)).map(str::to_owned);
    };
    let raw = code(named, report)?;
    Some(agreed(EdiCodeList::Item, &raw, report).map_or(raw, str::to_owned))
}

/// A GTIN. One of another length is left out and reported.
pub(super) fn gtin(found: &Located<String>, report: &mut Report<'_>) -> Option<String> {
    if looks_like_gtin(found) {
        return Some(found.value.clone());
    }
    report.warn(found.at, "GTIN_MALFORMED", "a GTIN has 8, 12, 13 or 14 digits; it was left out");
    None
}

/// Whether a text has the digits of a GTIN.
pub(super) fn looks_like_gtin(text: &str) -> bool {
    matches!(text.len(), 8 | 12 | 13 | 14) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A currency by its code.
pub(super) fn currency(code: &Located<String>, report: &mut Report<'_>) -> Option<Located<String>> {
    if code.value.len() == 3 && code.value.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Some(code.clone());
    }
    report.refuse(code.at, "INVALID_VALUE", "expected an ISO 4217 currency such as USD");
    None
}

/// The one currency of an order, out of all that are named in it.
pub(super) fn one_currency(
    all: impl Iterator<Item = Located<String>>,
    report: &mut Report<'_>,
) -> Option<String> {
    let mut found: Option<String> = None;
    for next in all {
        match &found {
            Some(first) if *first != next.value => {
                let words = format!("an order has one currency; this is {}, another is {first}", next.value);
                report.refuse(next.at, "SEVERAL_CURRENCIES", words);
            }
            _ => found = Some(next.value),
        }
    }
    found
}

/// Prices say nothing without a currency: that of the message, or the one agreed.
pub(super) fn priced_in(
    stated: Option<String>,
    price: Option<Place>,
    lines: &[Line],
    segment: &str,
    report: &mut Report<'_>,
) -> Option<String> {
    let currency = stated.or_else(|| report.terms().currency.clone());
    if let (None, Some(price)) = (&currency, price)
        && lines.iter().any(|line| line.unit_price.is_some())
    {
        let words = format!(
            "there is a price, but no {segment} names its currency and none is agreed with the partner"
        );
        report.refuse(price, "CURRENCY_MISSING", words);
    }
    currency
}

/// Instalments that add up to the quantity of their line. Others are left out and reported.
pub(super) fn adding_up(
    schedules: Vec<Schedule>,
    quantity: Micro,
    at: Place,
    report: &mut Report<'_>,
) -> Vec<Schedule> {
    let sum: Micro = schedules.iter().map(|schedule| schedule.quantity).sum();
    if sum != quantity {
        let words = format!("the instalments add up to {sum}, the line says {quantity}; they were left out");
        report.warn(at, "SCHEDULES_LEFT_OUT", words);
        return Vec::new();
    }
    schedules
}

/// Several texts as one, no longer than we keep.
pub(super) fn joined<'t>(texts: impl IntoIterator<Item = &'t str>, between: &str) -> String {
    texts.into_iter().collect::<Vec<_>>().join(between).chars().take(TEXT).collect()
}
