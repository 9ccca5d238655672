//! What a heading says for the whole order.
use quayside_canonical::order::{Incoterms, Party};
use quayside_edi::{
    Located,
    edifact::messages::{Currency, DeliveryTerms, Order, Party as Nad, PaymentTerms, Text},
};

use super::{
    report::Report,
    values::{self, text},
};

/// The currencies that CUX names: that of orders where there are several kinds.
pub(super) fn currencies<'a>(
    all: impl Iterator<Item = &'a Currency>,
    report: &mut Report<'_>,
) -> Vec<Located<String>> {
    all.filter_map(|currency| values::currency(currency.code.as_ref()?, report)).collect()
}

/// The currency of an order.
pub(super) fn currency(order: &Order, report: &mut Report<'_>) -> Option<String> {
    // 6347 `3` and `10` name what amounts are converted to.
    let main = order.currencies.iter().filter(|currency| !matches!(currency.usage.as_str(), "3" | "10"));
    let named = currencies(main, report);
    values::one_currency(named.into_iter(), report)
}

/// Who the goods go to: NAD `DP`, or `ST`. Several are reported and none is chosen.
pub(super) fn ship_to(parties: &[Nad], report: &mut Report<'_>) -> Option<Party> {
    with_role(parties, &["DP", "ST"], report)
}

/// The one party with the first of the roles that is there.
pub(super) fn with_role(parties: &[Nad], roles: &[&str], report: &mut Report<'_>) -> Option<Party> {
    let role = roles.iter().find(|role| parties.iter().any(|party| party.role.value == **role))?;
    let mut found = parties.iter().filter(|party| party.role.value == **role);
    let party = found.next()?;
    if let Some(second) = found.find(|other| !is_same(other, party)) {
        let words = format!("there are several parties {role}; none was chosen");
        report.warn(second.role.at, "PARTY_LEFT_OUT", words);
        return None;
    }
    Some(party_of(party, report))
}

fn is_same(one: &Nad, other: &Nad) -> bool {
    let id = |party: &Nad| party.id.as_ref().map(|id| id.value.clone());
    let name = |party: &Nad| party.names.first().map(|name| name.value.clone());
    id(one) == id(other) && name(one) == name(other)
}

/// A party. C080 is its name; a name and address that are not told apart (C058) begin with the name.
fn party_of(nad: &Nad, report: &mut Report<'_>) -> Party {
    let all: Vec<&Located<String>> =
        nad.names.iter().chain(&nad.lines).filter(|line| !line.is_empty()).collect();
    let (name, more) = match all.split_first() {
        Some((name, more)) => (text(name, report), more),
        None => (None, [].as_slice()),
    };
    let place = [&nad.city, &nad.region, &nad.postal_code, &nad.country].into_iter().flatten();
    let street = nad.street.iter().filter(|line| !line.is_empty());
    let address = more.iter().copied().chain(street).chain(place);
    Party {
        code: nad.id.as_ref().and_then(|id| values::location(id, report)),
        name,
        address: address.filter_map(|line| text(line, report)).collect(),
    }
}

/// Terms of payment in words: the sender's own where it gives some.
pub(super) fn payment_terms(terms: &[PaymentTerms], report: &mut Report<'_>) -> Option<String> {
    let words: Vec<String> = terms.iter().filter_map(|terms| words_of(terms, report)).collect();
    let words = words.join(", ");
    (!words.is_empty()).then_some(words)
}

fn words_of(terms: &PaymentTerms, report: &mut Report<'_>) -> Option<String> {
    if let Some(own) = &terms.text {
        return text(own, report);
    }
    let count = terms.periods.as_ref().map(|count| count.value.normalize());
    let unit = match terms.period.as_ref().map_or("D", |period| period.as_str()) {
        "D" | "CD" => "days",
        "M" => "months",
        "W" => "weeks",
        "WD" => "working days",
        _ => return None,
    };
    let percent = terms.percentages.iter().find_map(|percent| percent.value.as_ref());
    match (percent, count) {
        (Some(percent), count) => {
            let within = count.map(|count| format!(" within {count} {unit}"));
            Some(format!("{} %{}", percent.value.normalize(), within.unwrap_or_default()))
        }
        (None, Some(count)) => Some(format!("net {count} {unit}")),
        (None, None) => None,
    }
}

/// Incoterms: TOD with a code of three letters, and the place under it.
pub(super) fn incoterms(terms: &[DeliveryTerms], report: &mut Report<'_>) -> Option<Incoterms> {
    let found = terms.iter().find(|terms| terms.code.is_some())?;
    let code = found.code.as_ref()?;
    if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        report.warn(code.at, "INCOTERMS_LEFT_OUT", "expected an Incoterms code of three letters");
        return None;
    }
    let place = found.locations.first().and_then(|place| place.name.as_ref().or(place.id.as_ref()));
    Some(Incoterms { code: code.value.clone(), place: place.and_then(|place| text(place, report)) })
}

/// Free text, each FTX on its own.
pub(super) fn notes(texts: &[Text], report: &mut Report<'_>) -> Vec<String> {
    texts.iter().filter_map(|found| words(found, report)).collect()
}

fn words(found: &Text, report: &mut Report<'_>) -> Option<String> {
    let lines: Vec<String> =
        found.lines.iter().filter(|line| !line.is_empty()).filter_map(|line| text(line, report)).collect();
    let all = values::joined(lines.iter().map(String::as_str), " ");
    (!all.is_empty()).then_some(all)
}
