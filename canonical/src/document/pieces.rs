//! What several kinds of documents have in common.
use std::str::FromStr;

use super::Reader;
use crate::{Date, Problems, order::SourceRevision};

/// The longest code, number or name of something.
pub(super) const CODE: usize = 80;
/// The longest text for people.
pub(super) const TEXT: usize = 2_000;

pub(super) fn read_revision(mut r: Reader<'_>, problems: &mut Problems) -> Option<SourceRevision> {
    let id = r.parsed::<Code>("id", problems).map(|code| code.0);
    let id = r.require("id", id, problems);
    let sequence = r.parsed("sequence", problems);
    let issued_at = r.parsed("issuedAt", problems);
    let issued_at = r.require("issuedAt", issued_at, problems);
    r.finish(problems);
    Some(SourceRevision { id: id?, sequence, issued_at: issued_at? })
}

/// A source's name of something: a text, or an integer taken as its text.
pub(super) struct Code(pub(super) String);

impl FromStr for Code {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let fits = !text.is_empty() && text.chars().count() <= CODE && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err("expected 1 to 80 printable characters") }
    }
}

pub(super) fn read_currency(r: &mut Reader<'_>, problems: &mut Problems) -> Option<String> {
    let currency = r.text("currency", CODE, problems)?;
    if currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase()) {
        return Some(currency);
    }
    problems.add("INVALID_VALUE", &r.field().at("currency"), "expected an ISO 4217 code such as EUR");
    None
}

pub(super) fn read_date(r: &mut Reader<'_>, name: &'static str, problems: &mut Problems) -> Option<Date> {
    r.parsed::<Day>(name, problems).map(|day| day.0)
}

struct Day(Date);

impl FromStr for Day {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let exact = text.len() == 10;
        text.parse().ok().filter(|_| exact).map(Self).ok_or("expected a day such as 2026-11-23")
    }
}
