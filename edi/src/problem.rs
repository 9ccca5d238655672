//! What can be wrong with a file. One table says for each code whom it refuses, which code of the
//! standard reports it and what it means; the documentation page is tested against it.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::position::Position;

/// What a problem does to the thing it is found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Severity {
    /// It was read; someone should know.
    Warning,
    /// Its interchange, group or set must not be used.
    Reject,
}

/// The level a problem belongs to, and refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Scope {
    /// Outside any interchange.
    File,
    /// `ISA` to `IEA`, `UNB` to `UNZ`.
    Interchange,
    /// `GS` to `GE`, `UNG` to `UNE`.
    Group,
    /// `ST` to `SE`, `UNH` to `UNT`.
    Set,
}

/// What a technical acknowledgment makes of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Weight {
    /// It says nothing of it.
    Silent,
    /// It names it, and accepts what it is found in. A CONTRL has no word for that.
    Told,
    /// It names it, and refuses what it is found in.
    Refuses,
}

/// The code a technical acknowledgment reports a problem with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", tag = "list", content = "code")]
pub enum Standard {
    /// TA105, the interchange note code.
    Ta105(&'static str),
    /// AK905 (data element 716), functional group.
    Ak905(&'static str),
    /// AK502 (718), transaction set.
    Ak502(&'static str),
    /// AK304 (720), segment.
    Ak304(&'static str),
    /// AK403 (723), element.
    Ak403(&'static str),
    /// Data element 0085, in UCI, UCF, UCM, UCS or UCD of a CONTRL.
    Contrl(&'static str),
}

impl fmt::Display for Standard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ta105(code) => write!(f, "TA105 {code}"),
            Self::Ak905(code) => write!(f, "AK905 {code}"),
            Self::Ak502(code) => write!(f, "AK502 {code}"),
            Self::Ak304(code) => write!(f, "AK304 {code}"),
            Self::Ak403(code) => write!(f, "AK403 {code}"),
            Self::Contrl(code) => write!(f, "CONTRL {code}"),
        }
    }
}

macro_rules! problem_codes {
    ($($variant:ident $text:literal $scope:ident $severity:ident [$($list:ident $standard:literal)?] $meaning:literal;)*) => {
        /// A stable name for each thing that can be wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ProblemCode {
            $(#[doc = $meaning] $variant,)*
        }

        impl ProblemCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name, as machines see it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The level it belongs to.
            #[must_use]
            pub fn scope(self) -> Scope {
                match self { $(Self::$variant => Scope::$scope,)* }
            }

            /// How bad it is, unless the partner's options or the place say otherwise.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// The code of the standard, where one exists.
            #[must_use]
            pub fn standard(self) -> Option<Standard> {
                match self { $(Self::$variant => [$(Standard::$list($standard))?].first().copied(),)* }
            }

            /// What it means, in a sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

problem_codes! {
    NoInterchange "NO_INTERCHANGE" File Reject [] "The file holds no ISA and no UNB segment.";
    BytesOutside "BYTES_OUTSIDE" File Warning [] "There is something before, between or after interchanges; it was skipped.";
    ProblemsOmitted "PROBLEMS_OMITTED" File Warning [] "There are more problems than are listed.";

    IsaMalformed "ISA_MALFORMED" Interchange Reject [Ta105 "022"] "The ISA does not have its 16 elements.";
    IsaWidth "ISA_WIDTH" Interchange Warning [] "An ISA element does not have its fixed width.";
    ElementSeparatorInvalid "ELEMENT_SEPARATOR_INVALID" Interchange Reject [Ta105 "026"] "The element separator is a letter, a digit, a blank or used twice.";
    ComponentSeparatorInvalid "COMPONENT_SEPARATOR_INVALID" Interchange Reject [Ta105 "027"] "The component separator is a letter, a digit, a blank or used twice.";
    SegmentTerminatorInvalid "SEGMENT_TERMINATOR_INVALID" Interchange Reject [Ta105 "004"] "The segment terminator is a letter, a digit, a blank or used twice.";
    ComponentSeparatorMissing "COMPONENT_SEPARATOR_MISSING" Interchange Warning [] "ISA16 is empty; composites cannot be told apart.";
    InterchangeVersionUnsupported "INTERCHANGE_VERSION_UNSUPPORTED" Interchange Reject [Ta105 "003"] "ISA12 is no version of the interchange header.";
    SenderMissing "SENDER_MISSING" Interchange Reject [Ta105 "006"] "ISA06 or UNB 0004 is blank.";
    ReceiverMissing "RECEIVER_MISSING" Interchange Reject [Ta105 "008"] "ISA08 or UNB 0010 is blank.";
    InterchangeDateInvalid "INTERCHANGE_DATE_INVALID" Interchange Reject [Ta105 "014"] "The day of the interchange is no date.";
    InterchangeTimeInvalid "INTERCHANGE_TIME_INVALID" Interchange Reject [Ta105 "015"] "ISA10 or UNB 0019 is no time.";
    InterchangeNumberInvalid "INTERCHANGE_NUMBER_INVALID" Interchange Reject [Ta105 "018"] "The control number is missing, or no number where X12 wants one.";
    AckRequestInvalid "ACK_REQUEST_INVALID" Interchange Reject [Ta105 "019"] "ISA14 is neither 0 nor 1.";
    UsageInvalid "USAGE_INVALID" Interchange Reject [Ta105 "020"] "ISA15 is none of P, T and I.";
    IsaMissing "ISA_MISSING" Interchange Reject [] "A group or set stands without an interchange around it.";
    GroupMissing "GROUP_MISSING" Interchange Reject [Ta105 "024"] "A set stands in no group.";
    StructureInvalid "STRUCTURE_INVALID" Interchange Reject [Ta105 "022"] "A segment stands where the envelope does not allow one.";
    UnaShort "UNA_SHORT" Interchange Warning [] "The UNA has five characters instead of six; the last ends segments.";
    ServiceCharactersAssumed "SERVICE_CHARACTERS_ASSUMED" Interchange Warning [] "There is no UNA, and the segments are cut by other characters than the customary ones.";
    ServiceCharacterInvalid "SERVICE_CHARACTER_INVALID" Interchange Reject [Contrl "22"] "A service character of the UNA is a letter, a digit, a blank or used twice.";
    UnbMissing "UNB_MISSING" Interchange Reject [Contrl "13"] "A group or message stands without an interchange around it.";
    SyntaxUnsupported "SYNTAX_UNSUPPORTED" Interchange Reject [Contrl "2"] "UNB S001 is no syntax we read: UNOA to UNOK, UNOW, UNOX or UNOY, versions 1 to 4.";
    GroupsMixed "GROUPS_MIXED" Interchange Reject [Contrl "30"] "Messages stand in groups and outside them.";
    InterchangeEmpty "INTERCHANGE_EMPTY" Interchange Warning [Contrl "32"] "The interchange has no message.";
    UnzMissing "UNZ_MISSING" Interchange Reject [Contrl "13"] "The interchange ends before its UNZ.";
    IeaMissing "IEA_MISSING" Interchange Reject [Ta105 "023"] "The interchange ends before its IEA.";
    InterchangeNumberMismatch "INTERCHANGE_NUMBER_MISMATCH" Interchange Reject [Ta105 "001"] "IEA02 is not the number in ISA13, or UNZ 0020 not the reference in UNB.";
    GroupCountMismatch "GROUP_COUNT_MISMATCH" Interchange Reject [Ta105 "021"] "IEA01 or UNZ 0036 is not the number of groups, or of messages.";
    InterchangeTooLarge "INTERCHANGE_TOO_LARGE" Interchange Reject [Ta105 "022"] "The interchange is larger than the limit.";
    TooManySegments "TOO_MANY_SEGMENTS" Interchange Reject [Ta105 "022"] "The interchange has more segments than the limit.";
    SegmentTooLong "SEGMENT_TOO_LONG" Interchange Reject [Ta105 "022"] "A segment is longer than the limit; its terminator may be missing.";
    ByteOrderMark "BYTE_ORDER_MARK" Interchange Warning [] "The file begins with a byte order mark.";
    LinesWrapped "LINES_WRAPPED" Interchange Warning [] "Line ends stand inside segments; they were taken out.";
    SegmentsIndented "SEGMENTS_INDENTED" Interchange Warning [] "Segments are indented.";
    EmptySegment "EMPTY_SEGMENT" Interchange Warning [] "A segment terminator follows another.";
    LastTerminatorMissing "LAST_TERMINATOR_MISSING" Interchange Warning [] "The IEA or UNZ is not terminated.";
    NumberPadding "NUMBER_PADDING" Interchange Warning [] "Two control numbers are equal but padded differently.";

    GroupVersionUnsupported "GROUP_VERSION_UNSUPPORTED" Group Reject [Ak905 "2"] "GS08 is a version we do not read.";
    GroupNumberInvalid "GROUP_NUMBER_INVALID" Group Reject [Ak905 "6"] "GS06 is not a number of one to nine digits, or UNG 0048 is missing.";
    GroupDateInvalid "GROUP_DATE_INVALID" Group Warning [] "GS04 or GS05 is no date or time.";
    GroupTrailerMissing "GROUP_TRAILER_MISSING" Group Reject [Ak905 "3"] "The group ends before its GE or UNE.";
    GroupNumberMismatch "GROUP_NUMBER_MISMATCH" Group Reject [Ak905 "4"] "GE02 is not the number in GS06, or UNE 0048 not the reference in UNG.";
    SetCountMismatch "SET_COUNT_MISMATCH" Group Reject [Ak905 "5"] "GE01 or UNE 0060 is not the number of sets or messages.";

    SetNotSupported "SET_NOT_SUPPORTED" Set Reject [Ak502 "1"] "We do not read this kind of transaction set or message.";
    SetTrailerMissing "SET_TRAILER_MISSING" Set Reject [Ak502 "2"] "The set ends before its SE, the message before its UNT.";
    SetNumberMismatch "SET_NUMBER_MISMATCH" Set Reject [Ak502 "3"] "SE02 is not the number in ST02, or UNT 0062 not the reference in UNH.";
    SegmentCountMismatch "SEGMENT_COUNT_MISMATCH" Set Reject [Ak502 "4"] "SE01 or UNT 0074 is not the number of segments.";
    SetIdInvalid "SET_ID_INVALID" Set Reject [Ak502 "6"] "ST01 or UNH S009 is missing.";
    SetNotOfGroup "SET_NOT_OF_GROUP" Set Reject [Ak502 "6"] "The kind of set does not belong in a group of this GS01.";
    SetNumberInvalid "SET_NUMBER_INVALID" Set Reject [Ak502 "7"] "ST02 is missing, or does not have four to nine characters (then a warning).";
    SetNumberRepeated "SET_NUMBER_REPEATED" Set Reject [Ak502 "23"] "ST02 was used before in this group, or UNH 0062 in this interchange.";

    MessageVersionUnsupported "MESSAGE_VERSION_UNSUPPORTED" Set Reject [Contrl "3"] "UNH S009 names no directory we read.";
    MessageVersionUntabled "MESSAGE_VERSION_UNTABLED" Set Warning [] "The directory is neither D.96A nor D.01B; it is read like the nearer one, lengths are not measured.";

    SegmentIdInvalid "SEGMENT_ID_INVALID" Set Reject [Ak304 "1"] "A segment identifier is not two or three capital letters and digits.";
    SegmentUnknown "SEGMENT_UNKNOWN" Set Warning [Ak304 "1"] "A segment is in none of our tables; it was kept as it is.";
    SegmentUnexpected "SEGMENT_UNEXPECTED" Set Warning [Ak304 "2"] "A segment has nothing to belong to where it stands; it was kept as it is.";
    SegmentMissing "SEGMENT_MISSING" Set Reject [Ak304 "3"] "A segment that must be there is not.";
    LoopTooOften "LOOP_TOO_OFTEN" Set Reject [Ak304 "4"] "A loop stands more often than the standard allows.";
    SegmentRepeated "SEGMENT_REPEATED" Set Reject [Ak304 "5"] "A segment that may stand once stands again.";
    SegmentNotInSet "SEGMENT_NOT_IN_SET" Set Reject [Ak304 "6"] "A segment of another kind of transaction set.";
    SegmentOutOfOrder "SEGMENT_OUT_OF_ORDER" Set Reject [Ak304 "7"] "A segment stands later than it may; where no doubt remains what it belongs to, a warning.";

    ElementMissing "ELEMENT_MISSING" Set Reject [Ak403 "1"] "An element that must be there is not.";
    ElementConditionMissing "ELEMENT_CONDITION_MISSING" Set Reject [Ak403 "2"] "Of elements that belong together one is not there; a warning where the rest can be read without it.";
    TooManyElements "TOO_MANY_ELEMENTS" Set Reject [Ak403 "3"] "A segment has more elements than its version allows; after 004010 a warning.";
    TooManyComponents "TOO_MANY_COMPONENTS" Set Warning [Contrl "16"] "A composite has more components than its directory allows; they were kept.";
    CharacterOutsideSet "CHARACTER_OUTSIDE_SET" Set Warning [Contrl "21"] "A character is not in the repertoire that UNB names.";
    ElementTooShort "ELEMENT_TOO_SHORT" Set Warning [Ak403 "4"] "An element is shorter than its version allows.";
    ElementTooLong "ELEMENT_TOO_LONG" Set Warning [Ak403 "5"] "An element is longer than its version allows; it was not cut.";
    ElementTooLarge "ELEMENT_TOO_LARGE" Set Reject [Ak403 "5"] "An element is larger than the limit.";
    NumberTooLong "NUMBER_TOO_LONG" Set Reject [Ak403 "5"] "A number has more digits than the limit.";
    CharacterInvalid "CHARACTER_INVALID" Set Reject [Ak403 "6"] "An element holds a control character.";
    NumberInvalid "NUMBER_INVALID" Set Reject [Ak403 "6"] "A number is not a sign, digits and one point.";
    CodeUnknown "CODE_UNKNOWN" Set Warning [Ak403 "7"] "A code is not in the list of its element; it was kept as it is.";
    DateInvalid "DATE_INVALID" Set Reject [Ak403 "8"] "A date is not in the calendar, or not written as its format says.";
    ShortDate "SHORT_DATE" Set Warning [Ak403 "8"] "A date has six digits; 70 to 99 were read as 19.., the rest as 20...";
    TimeInvalid "TIME_INVALID" Set Reject [Ak403 "9"] "A time is not written as HHMM, HHMMSS or with decimals.";
    NotUtf8 "NOT_UTF8" Set Warning [] "Text is not UTF-8; it was read as Latin-1.";
    BlankPadding "BLANK_PADDING" Set Warning [] "Elements are padded with blanks; they were taken off.";

    HierarchyIdRepeated "HIERARCHY_ID_REPEATED" Set Reject [Ak403 "7"] "Two levels of a shipment have the same number in HL01 or CPS 7164.";
    HierarchyParentUnknown "HIERARCHY_PARENT_UNKNOWN" Set Reject [Ak403 "7"] "HL02, or CPS 7166, names no level that stands before.";
    HierarchyTooDeep "HIERARCHY_TOO_DEEP" Set Reject [] "Levels of a shipment hang more than 32 deep.";
    HierarchyRoot "HIERARCHY_ROOT" Set Warning [] "A level without parent is not the first, or is no shipment; it was left without one.";

    QuantityNegative "QUANTITY_NEGATIVE" Set Reject [] "A quantity is below zero; correct in syntax, wrong in business.";
    LineCountMismatch "LINE_COUNT_MISMATCH" Set Warning [] "CTT01 is not the number of lines, or of HL in a ship notice; or CNT 2 not the number of lines.";
    HashTotalMismatch "HASH_TOTAL_MISMATCH" Set Warning [] "CTT02 is not the sum of the quantities of a shipment or receipt.";
    LineIdMissing "LINE_ID_MISSING" Set Warning [] "A line has no number; its position stands for it.";
    LineIdRepeated "LINE_ID_REPEATED" Set Warning [] "Two lines have the same number.";
    ItemWithoutOrder "ITEM_WITHOUT_ORDER" Set Warning [] "Neither an item of a shipment nor a level above it names an order.";
    SsccInvalid "SSCC_INVALID" Set Warning [] "What MAN or GIN calls an SSCC has not 18 digits or a wrong check digit; it was kept as it is.";
    SsccRepeated "SSCC_REPEATED" Set Warning [] "Two MAN or GIN hold the same SSCC.";
}

impl ProblemCode {
    /// The code of data element 0085 that a CONTRL reports it with.
    #[must_use]
    pub fn contrl(self) -> Option<&'static str> {
        Some(match self {
            Self::SenderMissing
            | Self::ReceiverMissing
            | Self::InterchangeNumberInvalid
            | Self::GroupNumberInvalid
            | Self::SetNumberInvalid
            | Self::SetIdInvalid
            | Self::SetTrailerMissing
            | Self::GroupTrailerMissing
            | Self::SegmentMissing
            | Self::ElementMissing
            | Self::ElementConditionMissing => "13",
            Self::InterchangeDateInvalid
            | Self::InterchangeTimeInvalid
            | Self::CodeUnknown
            | Self::DateInvalid
            | Self::HierarchyIdRepeated
            | Self::HierarchyParentUnknown
            | Self::HierarchyTooDeep => "12",
            Self::StructureInvalid => "33",
            Self::SegmentIdInvalid
            | Self::SegmentUnknown
            | Self::SegmentUnexpected
            | Self::SegmentOutOfOrder => "15",
            Self::TooManyElements => "16",
            Self::SetNotSupported => "17",
            Self::InterchangeTooLarge | Self::TooManySegments | Self::SegmentTooLong => "18",
            Self::CharacterInvalid => "21",
            Self::SetNumberRepeated => "26",
            Self::InterchangeNumberMismatch | Self::GroupNumberMismatch | Self::SetNumberMismatch => "28",
            Self::GroupCountMismatch | Self::SetCountMismatch | Self::SegmentCountMismatch => "29",
            Self::SegmentRepeated => "35",
            Self::LoopTooOften => "36",
            Self::NumberInvalid => "37",
            Self::ElementTooLong | Self::ElementTooLarge | Self::NumberTooLong => "39",
            Self::ElementTooShort => "40",
            _ => match self.standard() {
                Some(Standard::Contrl(code)) => code,
                _ => return None,
            },
        })
    }
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ProblemCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One thing that is wrong, where, and in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What it is.
    pub code: ProblemCode,
    /// What it does.
    pub severity: Severity,
    /// The level it belongs to.
    pub scope: Scope,
    /// What an acknowledgment calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard: Option<Standard>,
    /// Where it is.
    pub position: Position,
    /// The same in words, with the values that disagree.
    pub message: String,
}

impl Problem {
    /// A problem with the severity its code usually has.
    #[must_use]
    pub fn new(code: ProblemCode, position: Position, message: impl Into<String>) -> Self {
        let (severity, scope, standard) = (code.severity(), code.scope(), code.standard());
        Self { code, severity, scope, standard, position, message: harmless(message.into()) }
    }

    /// A problem of an EDIFACT interchange: its code of the standard is the one of a CONTRL.
    pub(crate) fn edifact(code: ProblemCode, position: Position, message: impl Into<String>) -> Self {
        Self { standard: code.contrl().map(Standard::Contrl), ..Self::new(code, position, message) }
    }

    /// The same problem under another code of data element 0085.
    pub(crate) fn called(mut self, contrl: &'static str) -> Self {
        self.standard = Some(Standard::Contrl(contrl));
        self
    }

    /// The same problem where the standard allows what we refuse: an acknowledgment of syntax has no word for it.
    pub(crate) fn of_business(mut self) -> Self {
        self.standard = None;
        self
    }

    /// The same problem, tolerated.
    #[must_use]
    pub fn tolerated(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// The same problem, not tolerated.
    #[must_use]
    pub fn refused(mut self) -> Self {
        self.severity = Severity::Reject;
        self
    }

    /// The same problem at another level: control numbers are padded on all three.
    #[must_use]
    pub(crate) fn within(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Whether it refuses what it is found in.
    #[must_use]
    pub fn rejects(&self) -> bool {
        self.severity == Severity::Reject
    }

    /// What an acknowledgment makes of it where nothing else is agreed: a segment or a code that is in none of our
    /// tables was kept, and its sender should know that we do not know it.
    #[must_use]
    pub fn weight(&self) -> Weight {
        match self.code {
            _ if self.rejects() => Weight::Refuses,
            ProblemCode::SegmentUnknown | ProblemCode::CodeUnknown => Weight::Told,
            _ => Weight::Silent,
        }
    }

    /// What an acknowledgment makes of it for a sender who is held to the letter: whatever the standard has a code for
    /// refuses.
    #[must_use]
    pub fn strict_weight(&self) -> Weight {
        if self.standard.is_some() { Weight::Refuses } else { self.weight() }
    }
}

/// A message quotes the file, and what is in the file must not reach a terminal as it is.
fn harmless(message: String) -> String {
    if !message.contains(char::is_control) {
        return message;
    }
    message.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = if self.rejects() { "error" } else { "warning" };
        write!(f, "{severity} {}: {} ({}", self.code, self.message, self.position)?;
        match self.standard {
            Some(standard) => write!(f, ", {standard})"),
            None => f.write_str(")"),
        }
    }
}

/// Collects problems up to a limit, and remembers how many there were.
#[derive(Debug, Clone, Default)]
pub(crate) struct Problems {
    kept: Vec<Problem>,
    limit: usize,
    omitted: u64,
    rejected: bool,
}

impl Problems {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    pub(crate) fn push(&mut self, problem: Problem) {
        self.rejected |= problem.rejects();
        if self.kept.len() < self.limit {
            self.kept.push(problem);
        } else {
            self.omitted += 1;
        }
    }

    /// Adds a problem unless one of its code is there: for faults of form that repeat on every line.
    pub(crate) fn push_once(&mut self, problem: Problem) {
        if !self.kept.iter().any(|kept| kept.code == problem.code) {
            self.push(problem);
        }
    }

    pub(crate) fn rejected(&self) -> bool {
        self.rejected
    }

    pub(crate) fn into_vec(mut self) -> Vec<Problem> {
        if let (Some(last), true) = (self.kept.last(), self.omitted > 0) {
            let message = format!("{} more problems are not listed", self.omitted);
            let mut more = Problem::new(ProblemCode::ProblemsOmitted, last.position.clone(), message);
            // What was left out may be the very reason for the refusal.
            more.severity = if self.rejected { Severity::Reject } else { Severity::Warning };
            self.kept.push(more);
        }
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::position::Control;

    #[test]
    fn names_are_unique_and_spelled_like_their_variant() {
        for code in ProblemCode::ALL {
            let same = ProblemCode::ALL.iter().filter(|other| other.as_str() == code.as_str()).count();
            let squeezed = code.as_str().replace('_', "").to_lowercase();
            assert_eq!((same, squeezed), (1, format!("{code:?}").to_lowercase()));
        }
    }

    #[test]
    fn a_message_brings_no_control_characters_from_the_file() {
        let problem =
            Problem::new(ProblemCode::GroupDateInvalid, Control::default().at_byte(0), "'\u{0}\u{1b}[2J'");

        assert_eq!(problem.message, "'??[2J'");
    }

    #[test]
    fn what_is_left_out_of_the_list_still_refuses() {
        let mut problems = Problems::new(1);
        problems.push(Problem::new(ProblemCode::ShortDate, Control::default().at_byte(1), "short"));
        problems.push(Problem::new(ProblemCode::DateInvalid, Control::default().at_byte(2), "bad"));

        assert!(problems.rejected());
        assert!(problems.into_vec().iter().any(Problem::rejects));
    }
}
