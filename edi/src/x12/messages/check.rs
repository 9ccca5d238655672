//! Holds a segment against its table: presence, length, characters, numbers, dates, codes, pairs.

use crate::options::{Options, Unknown};
use crate::position::{Control, Place};
use crate::problem::{Problem, ProblemCode, Problems};
use crate::value::{self, NumberFault};
use crate::x12::header::{Version, printable};
use crate::x12::set::TransactionSet;

use super::codes::{Family, Table};
use super::dictionary::{Element, Kind, Layout};
use super::fields::Fields;

/// What the checks of one set share.
#[derive(Debug)]
pub(super) struct Checker<'a> {
    pub(super) control: &'a Control,
    pub(super) family: Family,
    pub(super) table: &'static Table,
    pub(super) version: Option<Version>,
    pub(super) options: &'a Options,
    pub(super) problems: &'a mut Problems,
}

impl<'a> Checker<'a> {
    pub(super) fn new(
        set: &'a TransactionSet,
        family: Family,
        options: &'a Options,
        problems: &'a mut Problems,
    ) -> Self {
        let table = Table::of(family);
        Self { control: &set.control, family, table, version: set.version(), options, problems }
    }

    pub(super) fn problem(&self, code: ProblemCode, at: Place, message: String) -> Problem {
        Problem::new(code, self.control.position(at), message)
    }

    pub(super) fn report(&mut self, code: ProblemCode, at: Place, message: String) {
        let problem = self.problem(code, at, message);
        self.problems.push(problem);
    }

    /// Reports what the partner's options may turn into a refusal.
    pub(super) fn report_unknown(&mut self, code: ProblemCode, at: Place, message: String) {
        let problem = self.problem(code, at, message);
        self.problems.push(match self.options.unknown {
            Unknown::Warn => problem,
            Unknown::Reject => problem.refused(),
        });
    }

    /// Whether lengths and counts of 004010 hold for this version.
    fn is_measured(&self) -> bool {
        self.version.is_none_or(|version| version <= Version::V004010)
    }

    /// Checks what holds for any segment.
    pub(super) fn characters(&mut self, fields: &Fields<'_>) {
        let limit = self.options.limits.element_bytes;
        // All of it is looked at, which is quicker than to stop at the first.
        let plain = fields.bytes().iter().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'));
        let odd = !plain || fields.bytes().len() > limit;
        for (element, raw) in fields.elements() {
            if raw.first() == Some(&b' ') || raw.last() == Some(&b' ') {
                let message = format!("{} is padded with blanks", name(fields, element));
                let problem = self.problem(ProblemCode::BlankPadding, fields.at(element), message);
                self.problems.push_once(problem);
            }
            if odd {
                self.odd_element(fields, element, raw);
            }
        }
    }

    fn odd_element(&mut self, fields: &Fields<'_>, element: usize, raw: &[u8]) {
        let (at, limit) = (fields.at(element), self.options.limits.element_bytes);
        if raw.len() > limit {
            let message =
                format!("{} has {} bytes, more than the limit of {limit}", name(fields, element), raw.len());
            self.report(ProblemCode::ElementTooLarge, at, message);
        }
        // A component separator may be a control character.
        if let Some(byte) = raw.iter().find(|byte| byte.is_ascii_control() && !fields.separates(**byte)) {
            let message = format!("{} holds the control character {byte:#04x}", name(fields, element));
            self.report(ProblemCode::CharacterInvalid, at, message);
        }
        if std::str::from_utf8(raw).is_err() {
            let message = format!("{} is not UTF-8; it was read as Latin-1", name(fields, element));
            let problem = self.problem(ProblemCode::NotUtf8, at, message);
            self.problems.push_once(problem);
        }
    }

    /// Checks a segment against its table.
    pub(super) fn segment(&mut self, fields: &Fields<'_>, layout: &Layout) {
        let needed = layout.mandatory.max(fields.count());
        for (number, element) in (1..=needed).zip(&layout.elements) {
            match fields.raw(number) {
                Some(raw) => self.element(fields, number, *element, raw),
                None if element.mandatory => {
                    let message = format!("{} is missing", name(fields, number));
                    self.report(ProblemCode::ElementMissing, fields.at(number), message);
                }
                None => {}
            }
        }
        self.surplus(fields, layout);
        self.pairs(fields, layout);
    }

    fn element(&mut self, fields: &Fields<'_>, number: usize, element: Element, raw: &[u8]) {
        let at = || fields.at(number);
        let shown = || format!("{} is '{}'", name(fields, number), printable(&value::text(raw).0));
        match element.kind {
            Kind::Integer | Kind::Decimal => match value::decimal(raw, fields.digits()) {
                Err(NumberFault::Invalid) => {
                    self.report(ProblemCode::NumberInvalid, at(), format!("{}, not a number", shown()));
                }
                Err(NumberFault::TooLong) => {
                    let message = format!("{}, more than {} digits", shown(), fields.digits());
                    self.report(ProblemCode::NumberTooLong, at(), message);
                }
                Ok(_) if element.kind == Kind::Integer && value::integer(raw).is_none() => {
                    self.report(ProblemCode::NumberInvalid, at(), format!("{}, not a whole number", shown()));
                }
                Ok(_) => {}
            },
            Kind::Date => match value::date(raw) {
                None => self.report(ProblemCode::DateInvalid, at(), format!("{}, not a date", shown())),
                Some((date, true)) if self.version.is_none_or(|version| version >= Version::V004010) => {
                    self.report(ProblemCode::ShortDate, at(), format!("{}, read as {date}", shown()));
                }
                Some(_) => {}
            },
            Kind::Time if value::time(raw).is_none() => {
                self.report(ProblemCode::TimeInvalid, at(), format!("{}, not a time", shown()));
            }
            Kind::Text => self.text(fields, number, element, raw),
            Kind::Time | Kind::Composite => {}
        }
    }

    fn text(&mut self, fields: &Fields<'_>, number: usize, element: Element, raw: &[u8]) {
        let at = || fields.at(number);
        let trimmed = raw.trim_ascii();
        let length = if trimmed.is_ascii() { trimmed.len() } else { value::text(raw).0.chars().count() };
        let shown = || format!("{} is '{}'", name(fields, number), printable(&value::text(raw).0));
        if let Some(list) = element.codes
            && !list.iter().any(|code| code.as_bytes() == trimmed)
        {
            self.report_unknown(
                ProblemCode::CodeUnknown,
                at(),
                format!("{}, not a code of its list", shown()),
            );
        } else if self.is_measured() && length > element.longest {
            let message = format!("{}, {length} characters; {} are allowed", shown(), element.longest);
            self.report(ProblemCode::ElementTooLong, at(), message);
        } else if self.is_measured() && length < element.shortest {
            let message = format!("{}, {length} characters; {} are needed", shown(), element.shortest);
            self.report(ProblemCode::ElementTooShort, at(), message);
        }
    }

    fn surplus(&mut self, fields: &Fields<'_>, layout: &Layout) {
        let allowed = layout.elements.len();
        if fields.count() <= allowed {
            return;
        }
        let Some((number, _)) = fields.elements().skip(allowed).find(|(_, raw)| !raw.trim_ascii().is_empty())
        else {
            return;
        };
        let message = format!("{} has an element {number}; its version ends at {allowed}", layout.id);
        let problem = self.problem(ProblemCode::TooManyElements, fields.at(number), message);
        self.problems.push(if self.is_measured() { problem } else { problem.tolerated() });
    }

    fn pairs(&mut self, fields: &Fields<'_>, layout: &Layout) {
        for (one, other, strict) in layout.pairs.iter().filter(|(one, ..)| *one <= fields.count()) {
            let (present, absent) = match (fields.raw(*one).is_some(), fields.raw(*other).is_some()) {
                (true, false) => (*one, *other),
                (false, true) => (*other, *one),
                _ => continue,
            };
            let message = format!("{} stands without {}", name(fields, present), name(fields, absent));
            let problem = self.problem(ProblemCode::ElementConditionMissing, fields.at(absent), message);
            self.problems.push(if *strict { problem } else { problem.tolerated() });
        }
        if let Some(first) = layout.one_of.first()
            && !layout.one_of.iter().any(|element| fields.raw(*element).is_some())
        {
            let message = format!("{} says nothing: it has no {}", layout.id, name(fields, *first));
            let problem = self.problem(ProblemCode::ElementConditionMissing, fields.at(*first), message);
            self.problems.push(problem.tolerated());
        }
    }
}

/// `PO102`.
pub(super) fn name(fields: &Fields<'_>, element: usize) -> String {
    format!("{}{element:02}", fields.at(0).segment)
}
