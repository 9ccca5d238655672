//! The headers of interchange and group, and what is checked in them.

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::options::Options;
use crate::position::{Control, Place, SegmentId};
use crate::problem::{Problem, ProblemCode, Standard};

use super::segment::Segment;
use super::tokenizer::Header;
use crate::value;

/// The widths of ISA01 to ISA15.
const WIDTHS: [usize; 15] = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1];

/// ISA: who sends to whom. Values are without padding, otherwise as they stand.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InterchangeHeader {
    /// ISA05.
    pub sender_qualifier: String,
    /// ISA06.
    pub sender: String,
    /// ISA07.
    pub receiver_qualifier: String,
    /// ISA08.
    pub receiver: String,
    /// ISA09, six digits.
    pub date: String,
    /// ISA10.
    pub time: String,
    /// ISA12.
    pub version: String,
    /// ISA13.
    pub control_number: String,
    /// ISA14: the sender wants a TA1.
    pub wants_acknowledgment: bool,
    /// ISA15: `P`, `T` or `I`. Test data must not reach production.
    pub usage: String,
    /// Where it starts in the file.
    pub offset: u64,
}

impl InterchangeHeader {
    /// Takes the values out of a header. ISA02 and ISA04 may be passwords and are not kept.
    pub(super) fn new(header: &Header) -> Self {
        let text =
            |number: usize| header.elements.get(number - 1).map(|raw| value::text(raw).0).unwrap_or_default();
        Self {
            sender_qualifier: text(5),
            sender: text(6),
            receiver_qualifier: text(7),
            receiver: text(8),
            date: text(9),
            time: text(10),
            version: text(12),
            control_number: text(13),
            wants_acknowledgment: text(14) == "1",
            usage: text(15),
            offset: header.offset,
        }
    }

    /// Everything wrong with the header, in the order of its elements.
    pub(super) fn check(&self, header: &Header, options: &Options, control: &Control) -> Vec<Problem> {
        let at = |element: u16| {
            control.position(Place {
                segment_index: 0,
                segment: SegmentId::new(b"ISA"),
                element,
                component: 0,
                byte: header.offset,
            })
        };
        let mut problems = Vec::new();
        if header.byte_order_mark {
            let message = "A byte order mark stands before ISA";
            problems.push(Problem::new(ProblemCode::ByteOrderMark, control.at_byte(header.offset), message));
        }
        if header.wrapped {
            problems.push(Problem::new(ProblemCode::LinesWrapped, at(0), "A line end stands inside the ISA"));
        }
        if let Some((code, message)) = &header.unreadable {
            problems.push(Problem::new(*code, at(0), message.clone()));
            return problems;
        }
        problems.extend(widths(header).map(|(element, message)| {
            let mut problem = Problem::new(ProblemCode::IsaWidth, at(element), message);
            problem.standard = note(element);
            if options.lenient_isa { problem } else { problem.refused() }
        }));
        problems
            .extend(self.faults().map(|(element, code, message)| Problem::new(code, at(element), message)));
        if let Some(message) = acknowledgment_request_fault(header) {
            problems.push(Problem::new(ProblemCode::AckRequestInvalid, at(14), message));
        }
        if header.delimiters.component.is_none() {
            let message = "ISA16 is empty, so there is no component separator";
            problems.push(Problem::new(ProblemCode::ComponentSeparatorMissing, at(16), message));
        }
        problems
    }

    fn faults(&self) -> impl Iterator<Item = (u16, ProblemCode, String)> {
        let version = value::integer(self.version.as_bytes());
        let checks = [
            (!self.sender.is_empty(), 6, ProblemCode::SenderMissing, &self.sender),
            (!self.receiver.is_empty(), 8, ProblemCode::ReceiverMissing, &self.receiver),
            (is_short_date(&self.date), 9, ProblemCode::InterchangeDateInvalid, &self.date),
            (is_short_time(&self.time), 10, ProblemCode::InterchangeTimeInvalid, &self.time),
            (
                self.version.len() == 5 && version.is_some_and(|version| (200..900).contains(&version)),
                12,
                ProblemCode::InterchangeVersionUnsupported,
                &self.version,
            ),
            (
                value::integer(self.control_number.as_bytes()).is_some() && self.control_number.len() <= 9,
                13,
                ProblemCode::InterchangeNumberInvalid,
                &self.control_number,
            ),
            (matches!(self.usage.as_str(), "P" | "T" | "I"), 15, ProblemCode::UsageInvalid, &self.usage),
        ];
        checks.into_iter().filter(|(fine, ..)| !fine).map(|(_, element, code, value)| {
            (element, code, format!("ISA{element:02} is '{}'. {}", printable(value), code.meaning()))
        })
    }
}

/// The note code of TA105 for what is wrong with an element.
fn note(element: u16) -> Option<Standard> {
    let code = match element {
        1 => "010",
        2 => "011",
        3 => "012",
        4 => "013",
        5 => "005",
        6 => "006",
        7 => "007",
        8 => "008",
        9 => "014",
        10 => "015",
        11 => "016",
        12 => "017",
        13 => "018",
        14 => "019",
        15 => "020",
        _ => return None,
    };
    Some(Standard::Ta105(code))
}

/// ISA14 is judged apart: its text is not kept.
fn acknowledgment_request_fault(header: &Header) -> Option<String> {
    let raw = header.elements.get(13)?;
    (!matches!(raw.as_slice(), b"0" | b"1")).then(|| format!("ISA14 is '{}', not 0 or 1", raw.escape_ascii()))
}

fn widths(header: &Header) -> impl Iterator<Item = (u16, String)> {
    (1u16..).zip(header.elements.iter().zip(WIDTHS)).filter(|(_, (raw, width))| raw.len() != *width).map(
        |(element, (raw, width))| {
            (element, format!("ISA{element:02} has {} bytes instead of {width}", raw.len()))
        },
    )
}

fn is_short_date(text: &str) -> bool {
    text.len() == 6 && value::date(text.as_bytes()).is_some()
}

fn is_short_time(text: &str) -> bool {
    text.len() == 4 && value::time(text.as_bytes()).is_some()
}

/// A version of the standard, `004010` as 4010.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Version(pub u32);

impl Version {
    /// The first version whose dates have eight digits.
    pub const V004010: Self = Self(4010);
    const FIRST: Self = Self(3060);
    const LAST: Self = Self(8010);

    /// The version at the start of a GS08 such as `004010VICS`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes().get(..6)?;
        value::integer(digits).and_then(|number| u32::try_from(number).ok()).map(Self)
    }

    /// Whether the segments we read agree with this version.
    #[must_use]
    pub fn is_supported(self) -> bool {
        (Self::FIRST..=Self::LAST).contains(&self)
    }
}

/// GS: what kind of sets follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupHeader {
    /// GS01.
    pub kind: String,
    /// GS02.
    pub sender: String,
    /// GS03.
    pub receiver: String,
    /// GS04.
    pub date: Option<NaiveDate>,
    /// GS05.
    pub time: Option<NaiveTime>,
    /// GS06.
    pub control_number: String,
    /// GS08, as it stands.
    pub version_text: String,
    /// GS08, read.
    pub version: Option<Version>,
}

impl GroupHeader {
    /// A header to write: GS01 to GS06 and GS08 as text. A date or time that is none is left out, and then not written.
    #[must_use]
    pub fn new(
        kind: &str,
        sender: &str,
        receiver: &str,
        date: &str,
        time: &str,
        number: &str,
        version: &str,
    ) -> Self {
        Self {
            kind: kind.to_owned(),
            sender: sender.to_owned(),
            receiver: receiver.to_owned(),
            date: value::date(date.as_bytes()).map(|(date, _)| date),
            time: value::time(time.as_bytes()),
            control_number: number.to_owned(),
            version: Version::parse(version),
            version_text: version.to_owned(),
        }
    }

    pub(super) fn read(segment: &Segment<'_>) -> Self {
        let version_text = segment.text(8);
        Self {
            kind: segment.text(1),
            sender: segment.text(2),
            receiver: segment.text(3),
            date: segment.element(4).and_then(value::date).map(|(date, _)| date),
            time: segment.element(5).and_then(value::time),
            control_number: segment.text(6),
            version: Version::parse(&version_text),
            version_text,
        }
    }

    pub(super) fn check(&self, segment: &Segment<'_>, control: &Control) -> Vec<Problem> {
        let problem = |element: usize, code: ProblemCode, message: String| {
            Problem::new(code, control.position(segment.place(element)), message)
        };
        let mut problems = Vec::new();
        if self.date.is_none() || self.time.is_none() {
            let message = format!("GS04 is '{}', GS05 is '{}'", segment.text(4), segment.text(5));
            problems.push(problem(4, ProblemCode::GroupDateInvalid, message));
        }
        if value::integer(self.control_number.as_bytes()).is_none() || self.control_number.len() > 9 {
            let message =
                format!("GS06 is '{}', not a number of up to nine digits", printable(&self.control_number));
            problems.push(problem(6, ProblemCode::GroupNumberInvalid, message));
        }
        if !self.version.is_some_and(Version::is_supported) {
            let message =
                format!("GS08 is '{}'; versions 003060 to 008010 are read", printable(&self.version_text));
            problems.push(problem(8, ProblemCode::GroupVersionUnsupported, message));
        }
        problems
    }
}

/// A value fit for a message: short, and without control characters.
pub(crate) fn printable(text: &str) -> String {
    let mut short: String = text.chars().take(99).map(|c| if c.is_control() { '?' } else { c }).collect();
    if short.len() < text.len() && text.chars().count() > 99 {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_the_head_of_gs08() {
        assert_eq!(Version::parse("004010VICS"), Some(Version::V004010));
        assert_eq!(Version::parse("005010X222"), Some(Version(5010)));
        assert_eq!((Version::parse("4010"), Version::parse("")), (None, None));
        assert!(
            !Version(3010).is_supported() && Version(3060).is_supported() && !Version(9010).is_supported()
        );
    }

    #[test]
    fn a_value_in_a_message_is_short_and_harmless() {
        assert_eq!(printable("a\u{0}b\u{1b}[31m"), "a?b?[31m");
        assert_eq!(printable(&"x".repeat(500)).chars().count(), 100);
    }
}
