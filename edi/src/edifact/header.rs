//! The headers of interchange, group and message, and what is checked in them.

use serde::{Deserialize, Serialize};

use crate::position::Control;
use crate::problem::{Problem, ProblemCode};
use crate::value;
use crate::x12::printable;

use super::charset::Charset;
use super::segment::Segment;

/// UNB: who sends to whom. Passwords (S005) are not kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InterchangeHeader {
    /// S001 0001, such as `UNOC`: the repertoire.
    pub syntax: String,
    /// S001 0002, `1` to `4`.
    pub syntax_version: String,
    /// S002 0004.
    pub sender: String,
    /// S002 0007, such as `14` for a GLN.
    pub sender_qualifier: String,
    /// S002 0008, an address behind the sender.
    pub sender_internal: String,
    /// S003 0010.
    pub recipient: String,
    /// S003 0007.
    pub recipient_qualifier: String,
    /// S003 0014, an address behind the recipient.
    pub recipient_internal: String,
    /// S004 0017, six digits, or eight from syntax version 4 on.
    pub date: String,
    /// S004 0019.
    pub time: String,
    /// 0020, repeated in UNZ.
    pub reference: String,
    /// 0026.
    pub application_reference: String,
    /// 0029.
    pub priority: String,
    /// 0031: the sender wants a CONTRL.
    pub wants_acknowledgment: bool,
    /// 0032.
    pub agreement: String,
    /// 0035: test data, which must not reach production.
    pub is_test: bool,
    /// Where it starts in the file.
    pub offset: u64,
}

impl InterchangeHeader {
    pub(super) fn new(unb: &Segment<'_>) -> Self {
        Self {
            syntax: unb.text(1, 1),
            syntax_version: unb.text(1, 2),
            sender: unb.text(2, 1),
            sender_qualifier: unb.text(2, 2),
            sender_internal: unb.text(2, 3),
            recipient: unb.text(3, 1),
            recipient_qualifier: unb.text(3, 2),
            recipient_internal: unb.text(3, 3),
            date: unb.text(4, 1),
            time: unb.text(4, 2),
            reference: unb.text(5, 1),
            application_reference: unb.text(7, 1),
            priority: unb.text(8, 1),
            wants_acknowledgment: unb.text(9, 1) == "1",
            agreement: unb.text(10, 1),
            is_test: unb.text(11, 1) == "1",
            offset: unb.offset,
        }
    }

    /// Everything wrong with the header, in the order of its elements.
    pub(super) fn check(&self, unb: &Segment<'_>, control: &Control) -> Vec<Problem> {
        let problem = |element: usize, component: u16, code: ProblemCode, message: String| {
            let mut position = control.position(unb.place(element));
            position.component = Some(component).filter(|component| *component > 0);
            Problem::edifact(code, position, message)
        };
        let mut problems = Vec::new();
        let known = Charset::named(&self.syntax).is_some()
            && matches!(self.syntax_version.as_str(), "1" | "2" | "3" | "4");
        if !known {
            let syntax = format!("{}:{}", printable(&self.syntax), printable(&self.syntax_version));
            let message =
                format!("The syntax is '{syntax}'; UNOA to UNOK and UNOW to UNOY, 1 to 4, are read");
            problems.push(problem(1, 0, ProblemCode::SyntaxUnsupported, message));
        }
        if self.sender.is_empty() {
            problems.push(problem(2, 1, ProblemCode::SenderMissing, "UNB names no sender".into()));
        }
        if self.recipient.is_empty() {
            problems.push(problem(3, 1, ProblemCode::ReceiverMissing, "UNB names no recipient".into()));
        }
        if !matches!(self.date.len(), 6 | 8) || value::date(self.date.as_bytes()).is_none() {
            let message = format!("The date of UNB is '{}'", printable(&self.date));
            problems.push(problem(4, 1, ProblemCode::InterchangeDateInvalid, message));
        }
        if !matches!(self.time.len(), 4 | 6) || value::time(self.time.as_bytes()).is_none() {
            let message = format!("The time of UNB is '{}'", printable(&self.time));
            problems.push(problem(4, 2, ProblemCode::InterchangeTimeInvalid, message));
        }
        if self.reference.is_empty() {
            let message = "UNB has no reference (0020)".into();
            problems.push(problem(5, 0, ProblemCode::InterchangeNumberInvalid, message));
        }
        problems
    }
}

/// UNG: what kind of messages follow.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GroupHeader {
    /// 0038, such as `ORDERS`.
    pub kind: String,
    /// S006 0040.
    pub sender: String,
    /// S006 0007.
    pub sender_qualifier: String,
    /// S007 0044.
    pub recipient: String,
    /// S007 0007.
    pub recipient_qualifier: String,
    /// S004 0017.
    pub date: String,
    /// S004 0019.
    pub time: String,
    /// 0048, repeated in UNE.
    pub reference: String,
    /// 0051.
    pub agency: String,
    /// S008, its components with colons between.
    pub version: String,
}

impl GroupHeader {
    pub(super) fn new(ung: &Segment<'_>) -> Self {
        let version = (1..=3).map(|component| ung.text(7, component)).filter(|part| !part.is_empty());
        Self {
            kind: ung.text(1, 1),
            sender: ung.text(2, 1),
            sender_qualifier: ung.text(2, 2),
            recipient: ung.text(3, 1),
            recipient_qualifier: ung.text(3, 2),
            date: ung.text(4, 1),
            time: ung.text(4, 2),
            reference: ung.text(5, 1),
            agency: ung.text(6, 1),
            version: version.collect::<Vec<_>>().join(":"),
        }
    }
}

/// UNH: what a message is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MessageHeader {
    /// 0062, repeated in UNT.
    pub reference: String,
    /// S009 0065, such as `ORDERS`.
    pub kind: String,
    /// S009 0052, such as `D`.
    pub version: String,
    /// S009 0054, such as `96A`.
    pub release: String,
    /// S009 0051, such as `UN`.
    pub agency: String,
    /// S009 0057, such as `EAN008`: whose subset it is.
    pub association: String,
    /// 0068, common to all messages of a dialogue.
    pub access_reference: String,
}

impl MessageHeader {
    pub(super) fn new(unh: &Segment<'_>) -> Self {
        Self {
            reference: unh.text(1, 1),
            kind: unh.text(2, 1),
            version: unh.text(2, 2),
            release: unh.text(2, 3),
            agency: unh.text(2, 4),
            association: unh.text(2, 5),
            access_reference: unh.text(3, 1),
        }
    }

    /// A header to write; the writer gives it a reference.
    #[must_use]
    pub fn of(kind: &str, version: &str, release: &str, association: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            version: version.to_owned(),
            release: release.to_owned(),
            agency: "UN".to_owned(),
            association: association.to_owned(),
            ..Self::default()
        }
    }

    /// The directory it is written by, if it is one of the United Nations' from 1991 on.
    #[must_use]
    pub fn directory(&self) -> Option<Directory> {
        if !matches!(self.version.as_str(), "D" | "S") {
            return None;
        }
        let [tens, ones, letter] = *<&[u8; 3]>::try_from(self.release.as_bytes()).ok()?;
        let year = value::integer(&[tens, ones]).and_then(|year| u16::try_from(year).ok())?;
        let year = if year >= 90 { 1900 + year } else { 2000 + year };
        Some(letter).filter(u8::is_ascii_uppercase).map(|letter| Directory { year, letter })
    }
}

/// A release of the directory, such as D.96A.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Directory {
    /// Its year.
    pub year: u16,
    /// Its letter in the year.
    pub letter: u8,
}

impl Directory {
    /// D.96A.
    pub const D96A: Self = Self { year: 1996, letter: b'A' };
    /// D.01B.
    pub const D01B: Self = Self { year: 2001, letter: b'B' };

    /// Whether our tables are of this very release.
    #[must_use]
    pub fn is_tabled(self) -> bool {
        self == Self::D96A || self == Self::D01B
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_a_year_and_a_letter() {
        let directory = |release: &str| MessageHeader::of("ORDERS", "D", release, "").directory();

        assert_eq!((directory("96A"), directory("01B")), (Some(Directory::D96A), Some(Directory::D01B)));
        assert_eq!(directory("20B"), Some(Directory { year: 2020, letter: b'B' }));
        assert_eq!(
            (directory("3"), directory("A96"), directory("96AB"), directory("")),
            (None, None, None, None)
        );
        assert!(Directory::D96A < Directory::D01B);
    }
}
