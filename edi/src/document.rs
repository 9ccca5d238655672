//! Files as plain values, for JSON and whatever else is no EDI: every segment as its elements, nothing interpreted.
//!
//! [`read`] takes a file apart, [`Interchange::write`] puts one together: counts, trailers and repeated control numbers
//! come from the writer. What is written is read as the same. Passwords (ISA01 to ISA04, UNB S005), the place of
//! each segment in the file and line ends between segments are not kept.
//!
//! ```
//! use quayside_edi::{Options, document};
//!
//! let file = "UNB+UNOC:3+A+B+260115:0830+R1'UNH+1+ORDERS:D:96A:UN'BGM+220+PO-1+9'UNT+3+1'UNZ+1+R1'";
//! let found = document::read(file.as_bytes(), &Options::default())?;
//! let json = serde_json::to_value(&found.interchanges[0])?;
//! assert_eq!(json["groups"][0]["messages"][0]["segments"][0], serde_json::json!(["BGM", "220", "PO-1", "9"]));
//!
//! let back: document::Interchange = serde_json::from_value(json)?;
//! assert_eq!(String::from_utf8(back.write(false)?)?, format!("UNA:+.? '{file}"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::io::{self, Read};

use serde::{Deserialize, Serialize};

use crate::options::Options;
use crate::position::Place;
use crate::problem::Problem;
use crate::raw;
use crate::x12::printable;
use crate::{Syntax, edifact, x12};

/// What was found in a file.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The interchanges, but those whose envelopes are refused.
    pub interchanges: Vec<Interchange>,
    /// What is wrong with envelopes, and what stands outside them.
    pub problems: Vec<Problem>,
}

/// An interchange in either syntax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "syntax")]
pub enum Interchange {
    /// X12.
    #[serde(rename = "X12")]
    X12(X12),
    /// EDIFACT.
    #[serde(rename = "EDIFACT")]
    Edifact(Edifact),
}

/// An interchange of X12.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct X12 {
    /// The separators; without them those of custom.
    #[serde(default)]
    pub delimiters: Delimiters,
    /// ISA.
    pub header: x12::InterchangeHeader,
    /// TA1 segments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acknowledgments: Vec<Segment>,
    /// The groups.
    #[serde(default)]
    pub groups: Vec<X12Group>,
}

/// Separators, each a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Delimiters {
    /// Between elements.
    pub element: char,
    /// Between components. Where there was none, one that no element holds is written.
    pub component: Option<char>,
    /// After segments.
    pub segment: char,
    /// Between repetitions.
    pub repetition: Option<char>,
}

impl Default for Delimiters {
    fn default() -> Self {
        Self { element: '*', component: Some('>'), segment: '~', repetition: None }
    }
}

/// GS with its sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct X12Group {
    /// GS01, such as `PO`.
    pub kind: String,
    /// GS02.
    pub sender: String,
    /// GS03.
    pub receiver: String,
    /// GS04, CCYYMMDD.
    pub date: String,
    /// GS05.
    pub time: String,
    /// GS06.
    pub control_number: String,
    /// GS08, such as `004010`.
    pub version: String,
    /// The sets.
    pub sets: Vec<X12Set>,
}

/// A transaction set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct X12Set {
    /// ST01, such as `850`.
    pub id: String,
    /// ST02.
    pub control_number: String,
    /// ST03: the implementation guide it follows.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub guide: String,
    /// What stands between ST and SE.
    pub segments: Vec<Segment>,
}

/// An interchange of EDIFACT.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edifact {
    /// What a UNA names; without them those of custom.
    #[serde(default)]
    pub service_characters: ServiceCharacters,
    /// UNB.
    pub header: edifact::InterchangeHeader,
    /// The groups; messages that stand in none are in one without a header.
    #[serde(default)]
    pub groups: Vec<EdifactGroup>,
}

/// Service characters, each a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceCharacters {
    /// Between components.
    pub component: char,
    /// Between elements.
    pub element: char,
    /// The decimal mark.
    pub decimal: char,
    /// Takes its meaning from the next character.
    pub release: Option<char>,
    /// Between repetitions.
    pub repetition: Option<char>,
    /// After segments.
    pub segment: char,
}

impl Default for ServiceCharacters {
    fn default() -> Self {
        edifact::ServiceCharacters::CUSTOMARY.into()
    }
}

/// UNG with its messages, or messages that stand in no group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EdifactGroup {
    /// UNG.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<edifact::GroupHeader>,
    /// The messages.
    pub messages: Vec<EdifactMessage>,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EdifactMessage {
    /// UNH.
    pub header: edifact::MessageHeader,
    /// What stands between UNH and UNT.
    pub segments: Vec<Segment>,
}

/// A segment: its identifier, then its elements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Segment(pub Vec<Element>);

/// An element of a segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a text, a list of texts, or {\"repeat\": [[…], […]]}")]
pub enum Element {
    /// One that stands alone; empty if it is left out.
    Text(String),
    /// One with several components.
    Components(Vec<String>),
    /// One that is repeated.
    Repeated(Repeated),
}

/// An element that is repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeated {
    /// The components of each repetition.
    pub repeat: Vec<Vec<String>>,
}

/// Why a document is not written.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// A separator is not one byte.
    #[error("{0:?} cannot separate anything: separators are single ASCII characters")]
    Separator(char),
    /// A segment has no identifier.
    #[error("a segment begins with its identifier, as a text")]
    Identifier,
    /// X12 cannot hold it.
    #[error(transparent)]
    X12(#[from] x12::WriteError),
    /// EDIFACT cannot hold it.
    #[error(transparent)]
    Edifact(#[from] edifact::WriteError),
}

/// Takes a file apart.
///
/// # Errors
/// Only those of the source.
pub fn read(source: impl Read, options: &Options) -> io::Result<Found> {
    match Syntax::of_source(source)? {
        (Some(Syntax::Edifact), source) => read_edifact(source, options),
        (Some(Syntax::X12) | None, source) => read_x12(source, options),
    }
}

fn read_x12(source: impl Read, options: &Options) -> io::Result<Found> {
    let mut found = Found::default();
    let mut interchanges = x12::Interchanges::new(source, *options);
    for interchange in interchanges.by_ref() {
        let interchange = interchange?;
        let before = found.problems.len();
        found.problems.extend(interchange.problems.iter().cloned());
        for group in &interchange.groups {
            found.problems.extend(group.problems.iter().cloned());
            found.problems.extend(group.sets.iter().flat_map(|set| set.problems.iter().cloned()));
        }
        let sound = !found.problems.iter().skip(before).any(Problem::rejects);
        if let (true, Some(header)) = (sound, &interchange.header) {
            found.interchanges.push(Interchange::X12(X12::of(&interchange, header)));
        }
    }
    found.problems.extend(interchanges.outside().iter().cloned());
    Ok(found)
}

fn read_edifact(source: impl Read, options: &Options) -> io::Result<Found> {
    let mut found = Found::default();
    let mut interchanges = edifact::Interchanges::new(source, *options);
    for interchange in interchanges.by_ref() {
        let interchange = interchange?;
        let before = found.problems.len();
        found.problems.extend(interchange.problems.iter().cloned());
        for group in &interchange.groups {
            found.problems.extend(group.problems.iter().cloned());
            found.problems.extend(group.messages.iter().flat_map(|raw| raw.problems.iter().cloned()));
        }
        let sound = !found.problems.iter().skip(before).any(Problem::rejects);
        if let (true, Some(header)) = (sound, &interchange.header) {
            found.interchanges.push(Interchange::Edifact(Edifact::of(&interchange, header)));
        }
    }
    found.problems.extend(interchanges.outside().iter().cloned());
    Ok(found)
}

impl X12 {
    fn of(interchange: &x12::Interchange, header: &x12::InterchangeHeader) -> Self {
        let first = interchange.groups.iter().flat_map(|group| &group.sets).next();
        Self {
            delimiters: first.map(|set| set.delimiters().into()).unwrap_or_default(),
            header: x12::InterchangeHeader { offset: 0, ..header.clone() },
            acknowledgments: interchange.acknowledgments.iter().map(Segment::of).collect(),
            groups: interchange.groups.iter().map(X12Group::of).collect(),
        }
    }

    fn write(&self, lines: bool) -> Result<Vec<u8>, DocumentError> {
        let layout = x12::Layout { delimiters: self.separators()?, lines };
        let mut writer = x12::Writer::begin(Vec::new(), &self.header, layout)?;
        for segment in &self.acknowledgments {
            writer.acknowledgment(&segment.raw()?)?;
        }
        for group in &self.groups {
            let X12Group { kind, sender, receiver, date, time, control_number, version, sets } = group;
            writer.begin_group(&x12::GroupHeader::new(
                kind,
                sender,
                receiver,
                date,
                time,
                control_number,
                version,
            ))?;
            for set in sets {
                let segments = raw_segments(&set.segments)?;
                writer.set_by_guide(&set.id, &set.control_number, &set.guide, &segments)?;
            }
            writer.end_group()?;
        }
        Ok(writer.finish()?)
    }

    fn separators(&self) -> Result<x12::Delimiters, DocumentError> {
        let Delimiters { element, component, segment, repetition } = self.delimiters;
        let component = match component {
            Some(component) => component,
            None => self.unused(&[Some(element), Some(segment), repetition]).unwrap_or('>'),
        };
        Ok(x12::Delimiters {
            element: byte(element)?,
            component: Some(byte(component)?),
            segment: byte(segment)?,
            repetition: repetition.map(byte).transpose()?,
        })
    }

    /// A character for the components of an interchange that has none.
    fn unused(&self, used: &[Option<char>]) -> Option<char> {
        let sets = self.groups.iter().flat_map(|group| &group.sets).flat_map(|set| &set.segments);
        let is_in_data = |candidate: char| {
            let mut segments = sets.clone().chain(&self.acknowledgments);
            segments.any(|segment| segment.texts().any(|text| text.contains(candidate)))
        };
        ['>', ':', '\u{1f}', '^', '<', '|', '!']
            .into_iter()
            .find(|candidate| !used.contains(&Some(*candidate)) && !is_in_data(*candidate))
    }
}

impl X12Group {
    fn of(group: &x12::Group) -> Self {
        let header = group.header.as_deref();
        let text = |pick: fn(&x12::GroupHeader) -> &String| header.map(pick).cloned().unwrap_or_default();
        Self {
            kind: text(|gs| &gs.kind),
            sender: text(|gs| &gs.sender),
            receiver: text(|gs| &gs.receiver),
            date: header
                .and_then(|gs| gs.date)
                .map(|date| date.format("%Y%m%d").to_string())
                .unwrap_or_default(),
            time: header.and_then(|gs| gs.time).map(crate::value::written_time).unwrap_or_default(),
            control_number: text(|gs| &gs.control_number),
            version: text(|gs| &gs.version_text),
            sets: group.sets.iter().map(X12Set::of).collect(),
        }
    }
}

impl X12Set {
    fn of(set: &x12::TransactionSet) -> Self {
        let st = set.segments().next().map(|st| st.to_raw()).unwrap_or_default();
        Self {
            id: set.id.clone(),
            control_number: set.control.set.clone().unwrap_or_default(),
            guide: st.text(3, 1).unwrap_or_default().to_owned(),
            segments: set
                .segments()
                .skip(1)
                .filter(|segment| segment.id() != b"SE")
                .map(|segment| Segment::of(&segment.to_raw()))
                .collect(),
        }
    }
}

impl Edifact {
    fn of(interchange: &edifact::Interchange, header: &edifact::InterchangeHeader) -> Self {
        let first = interchange.messages().next();
        Self {
            service_characters: first.map(|raw| raw.service().into()).unwrap_or_default(),
            header: edifact::InterchangeHeader { offset: 0, ..header.clone() },
            groups: interchange
                .groups
                .iter()
                .map(|group| EdifactGroup {
                    header: group.header.as_deref().cloned(),
                    messages: group.messages.iter().map(EdifactMessage::of).collect(),
                })
                .collect(),
        }
    }

    fn write(&self, lines: bool) -> Result<Vec<u8>, DocumentError> {
        let service = self.service_characters.bytes()?;
        let layout = edifact::Layout { service, lines, ..edifact::Layout::default() };
        let mut writer = edifact::Writer::begin(Vec::new(), self.header.clone(), layout)?;
        for group in &self.groups {
            if let Some(header) = &group.header {
                writer.begin_group(header)?;
            }
            for message in &group.messages {
                writer.message(&message.header, &raw_segments(&message.segments)?)?;
            }
            if group.header.is_some() {
                writer.end_group()?;
            }
        }
        Ok(writer.finish()?)
    }
}

impl EdifactMessage {
    fn of(raw: &edifact::RawMessage) -> Self {
        let body = raw.segments().skip(1).filter(|segment| segment.id() != b"UNT");
        Self {
            header: raw.header.clone(),
            segments: body.map(|segment| Segment::of(&segment.to_raw())).collect(),
        }
    }
}

impl Interchange {
    /// Its bytes. `lines` puts each segment on a line of its own.
    ///
    /// # Errors
    /// It is no interchange, or holds what its syntax cannot.
    pub fn write(&self, lines: bool) -> Result<Vec<u8>, DocumentError> {
        match self {
            Self::X12(interchange) => interchange.write(lines),
            Self::Edifact(interchange) => interchange.write(lines),
        }
    }
}

impl Segment {
    fn of(raw: &raw::RawSegment) -> Self {
        let id = Element::Text(printable(&raw.id));
        Self(std::iter::once(id).chain(raw.elements.iter().map(Element::of)).collect())
    }

    fn raw(&self) -> Result<raw::RawSegment, DocumentError> {
        let Some((Element::Text(id), elements)) = self.0.split_first() else {
            return Err(DocumentError::Identifier);
        };
        let elements = elements.iter().map(Element::raw).collect();
        let mut segment = raw::RawSegment { at: Place::default(), id: id.clone(), elements };
        segment.trim();
        Ok(segment)
    }

    fn texts(&self) -> impl Iterator<Item = &String> {
        self.0.iter().flat_map(|element| match element {
            Element::Text(text) => vec![text],
            Element::Components(components) => components.iter().collect(),
            Element::Repeated(repeated) => repeated.repeat.iter().flatten().collect(),
        })
    }
}

fn raw_segments(segments: &[Segment]) -> Result<Vec<raw::RawSegment>, DocumentError> {
    segments.iter().map(Segment::raw).collect()
}

impl Element {
    fn of(raw: &raw::Element) -> Self {
        if !raw.repetitions.is_empty() {
            let all = std::iter::once(&raw.components).chain(&raw.repetitions);
            return Self::Repeated(Repeated { repeat: all.cloned().collect() });
        }
        match raw.components.as_slice() {
            [] => Self::Text(String::new()),
            [one] => Self::Text(one.clone()),
            several => Self::Components(several.to_vec()),
        }
    }

    fn raw(&self) -> raw::Element {
        raw::Element::trimmed(match self {
            Self::Text(text) => vec![vec![text.clone()]],
            Self::Components(components) => vec![components.clone()],
            Self::Repeated(repeated) => repeated.repeat.clone(),
        })
    }
}

impl From<x12::Delimiters> for Delimiters {
    fn from(found: x12::Delimiters) -> Self {
        Self {
            element: found.element.into(),
            component: found.component.map(char::from),
            segment: found.segment.into(),
            repetition: found.repetition.map(char::from),
        }
    }
}

impl From<edifact::ServiceCharacters> for ServiceCharacters {
    fn from(found: edifact::ServiceCharacters) -> Self {
        Self {
            component: found.component.into(),
            element: found.element.into(),
            decimal: found.decimal.into(),
            release: found.release.map(char::from),
            repetition: found.repetition.map(char::from),
            segment: found.segment.into(),
        }
    }
}

impl ServiceCharacters {
    fn bytes(self) -> Result<edifact::ServiceCharacters, DocumentError> {
        Ok(edifact::ServiceCharacters {
            component: byte(self.component)?,
            element: byte(self.element)?,
            decimal: byte(self.decimal)?,
            release: self.release.map(byte).transpose()?,
            repetition: self.repetition.map(byte).transpose()?,
            segment: byte(self.segment)?,
        })
    }
}

fn byte(separator: char) -> Result<u8, DocumentError> {
    u8::try_from(separator).ok().filter(u8::is_ascii).ok_or(DocumentError::Separator(separator))
}
