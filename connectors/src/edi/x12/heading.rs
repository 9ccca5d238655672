//! What a heading says for the whole order.
use quayside_canonical::order::{Incoterms, Party};
use quayside_edi::{
    Located,
    x12::messages::{Currency, Fob, Note, Party as N1, Section, Terms},
};

use super::{
    report::Report,
    values::{self, text},
};

/// The currency a CUR names.
pub(super) fn currency(found: Option<&Currency>, report: &mut Report<'_>) -> Option<Located<String>> {
    values::currency(&found?.code, report)
}

/// Who the goods go to. Several are reported and none is chosen.
pub(super) fn ship_to(section: &Section, report: &mut Report<'_>) -> Option<Party> {
    let mut found = section.parties.iter().filter(|party| party.role.value == "ST");
    let party = found.next()?;
    if let Some(second) = found.next() {
        report.warn(
            second.role.at,
            "SHIP_TO_LEFT_OUT",
            "there are several parties to ship to; none was chosen",
        );
        return None;
    }
    Some(party_of(party, report))
}

pub(super) fn party_of(n1: &N1, report: &mut Report<'_>) -> Party {
    let (name, more_names) = match n1.names.split_first() {
        Some((name, more)) => (text(name, report), more),
        None => (None, [].as_slice()),
    };
    let place = [&n1.city, &n1.state, &n1.postal_code, &n1.country].into_iter().flatten();
    let address = more_names.iter().chain(&n1.street).chain(place);
    Party {
        code: n1.id.as_ref().and_then(|id| values::location(id, report)),
        name,
        address: address.filter_map(|line| text(line, report)).collect(),
    }
}

/// Terms of payment in words: the sender's own where it gives some.
pub(super) fn payment_terms(terms: &[Terms], report: &mut Report<'_>) -> Option<String> {
    let words: Vec<String> = terms.iter().filter_map(|terms| words_of(terms, report)).collect();
    let words = words.join("; ");
    (!words.is_empty()).then_some(words)
}

fn words_of(terms: &Terms, report: &mut Report<'_>) -> Option<String> {
    if let Some(own) = &terms.description {
        return text(own, report);
    }
    let mut words = Vec::new();
    if let Some(percent) = &terms.discount_percent {
        let within =
            terms.discount_days.as_ref().map(|days| format!(" within {} days", days.value.normalize()));
        let until = terms.discount_due.as_ref().map(|day| format!(" until {}", day.value));
        words.push(format!("{} %{}", percent.value.normalize(), within.or(until).unwrap_or_default()));
    }
    if let Some(days) = &terms.net_days {
        words.push(format!("net {} days", days.value.normalize()));
    } else if let Some(day) = &terms.net_due {
        words.push(format!("net due {}", day.value));
    }
    (!words.is_empty()).then(|| words.join(", "))
}

/// Incoterms, only where FOB04 says that FOB05 is one.
pub(super) fn incoterms(fob: Option<&Fob>, report: &mut Report<'_>) -> Option<Incoterms> {
    let fob = fob?;
    fob.terms_qualifier.as_ref().filter(|qualifier| qualifier.value == "01")?;
    let term = fob.terms.as_ref()?;
    if term.value.len() != 3 {
        report.warn(term.at, "INCOTERMS_LEFT_OUT", "expected an Incoterms code of three letters");
        return None;
    }
    let place = fob.terms_location.as_ref().and_then(|place| text(place, report));
    Some(Incoterms { code: term.value.clone(), place })
}

/// Free text, each note on its own.
pub(super) fn notes(notes: &[Note], report: &mut Report<'_>) -> Vec<String> {
    notes.iter().flat_map(|note| &note.text).filter_map(|line| text(line, report)).collect()
}
