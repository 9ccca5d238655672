//! Sets to bytes: headers padded, segments, sets and groups counted, control numbers repeated.

use std::io::{self, Write};

use crate::raw::{Element, RawSegment};
use crate::value;

use super::delimiters::Delimiters;
use super::header::{GroupHeader, InterchangeHeader};
use super::messages::Message;

/// Why something was not written. What was written before it stays written: write to memory first.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The output failed.
    #[error("the output failed: {0}")]
    Io(#[from] io::Error),
    /// A value holds a delimiter or a control character, which X12 cannot escape.
    #[error("{segment} has the character {character:?}, which cuts segments in this interchange")]
    Character {
        /// The segment it stands in.
        segment: String,
        /// The character.
        character: char,
    },
    /// What was asked for is no interchange.
    #[error("{0}")]
    Invalid(String),
}

/// How an interchange is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// The separators; the component separator must be there.
    pub delimiters: Delimiters,
    /// Put each segment on a line of its own.
    pub lines: bool,
}

impl Default for Layout {
    /// `*`, `>` and `~`.
    fn default() -> Self {
        let delimiters = Delimiters { element: b'*', component: Some(b'>'), segment: b'~', repetition: None };
        Self { delimiters, lines: false }
    }
}

/// Writes an interchange.
///
/// ```
/// use quayside_edi::x12::messages::{Line, LineId, Order};
/// use quayside_edi::x12::{GroupHeader, InterchangeHeader, Layout, Writer};
///
/// let isa = InterchangeHeader {
///     sender_qualifier: "ZZ".into(),
///     sender: "BUYER01".into(),
///     receiver_qualifier: "ZZ".into(),
///     receiver: "SUPPLIER01".into(),
///     date: "260115".into(),
///     time: "0830".into(),
///     version: "00401".into(),
///     control_number: "101".into(),
///     usage: "T".into(),
///     ..InterchangeHeader::default()
/// };
/// let gs = GroupHeader::new("PO", "BUYER01", "SUPPLIER01", "20260115", "0830", "1", "004010");
/// let order = Order {
///     purpose: "00".into(),
///     order_type: "SA".into(),
///     number: "PO-1".into(),
///     lines: vec![Line { id: LineId::new("1"), ..Line::default() }],
///     ..Order::default()
/// };
///
/// let mut writer = Writer::begin(Vec::new(), &isa, Layout::default())?;
/// writer.begin_group(&gs)?;
/// writer.set("850", "0001", &order.segments())?;
/// writer.end_group()?;
/// let bytes = writer.finish()?;
///
/// assert!(bytes.ends_with(b"~ST*850*0001~BEG*00*SA*PO-1**19700101~PO1*1~SE*4*0001~GE*1*1~IEA*1*000000101~"));
/// assert_eq!(bytes.iter().position(|byte| *byte == b'~'), Some(105));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    layout: Layout,
    number: String,
    groups: u64,
    /// GS06 of the open group, and its sets.
    group: Option<(String, u64)>,
    buffer: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Begins an interchange with its ISA. Values are padded to their widths, the control number with zeros.
    ///
    /// # Errors
    /// A value is missing or too long for the ISA, a separator cannot separate, or the output failed.
    pub fn begin(out: W, header: &InterchangeHeader, layout: Layout) -> Result<Self, WriteError> {
        let Delimiters { element, component, segment, repetition } = layout.delimiters;
        if let Some((_, fault)) = layout.delimiters.fault() {
            return Err(WriteError::Invalid(fault));
        }
        let Some(component) = component else {
            return Err(WriteError::Invalid("an interchange needs a component separator".into()));
        };
        if repetition
            .is_some_and(|byte| [element, component, segment].contains(&byte) || byte.is_ascii_alphanumeric())
        {
            return Err(WriteError::Invalid("the repetition separator has another use".into()));
        }
        let standard = repetition.map_or("U".to_owned(), |byte| char::from(byte).to_string());
        let number = format!("{:0>9}", header.control_number);
        let acknowledge = if header.wants_acknowledgment { "1" } else { "0" };
        let InterchangeHeader {
            sender_qualifier,
            sender,
            receiver_qualifier,
            receiver,
            date,
            time,
            version,
            usage,
            ..
        } = &header;
        let values: [(&str, usize); 15] = [
            ("00", 2),
            ("", 10),
            ("00", 2),
            ("", 10),
            (sender_qualifier, 2),
            (sender, 15),
            (receiver_qualifier, 2),
            (receiver, 15),
            (date, 6),
            (time, 4),
            (&standard, 1),
            (version, 5),
            (&number, 9),
            (acknowledge, 1),
            (usage, 1),
        ];
        let mut isa = b"ISA".to_vec();
        for (at, (value, width)) in (1..).zip(values) {
            if value.len() > width || (value.trim().is_empty() && !matches!(at, 2 | 4)) {
                return Err(WriteError::Invalid(format!(
                    "ISA{at:02} '{value}' does not have 1 to {width} characters"
                )));
            }
            let cuts = |byte: &u8| {
                at != 11
                    && (!byte.is_ascii_graphic() && *byte != b' '
                        || [element, component, segment].contains(byte))
            };
            if let Some(byte) = value.bytes().find(cuts) {
                return Err(WriteError::Character { segment: "ISA".into(), character: char::from(byte) });
            }
            isa.push(element);
            isa.extend(format!("{value:width$}").bytes());
        }
        isa.extend([element, component, segment]);
        let mut writer = Self { out, layout, number, groups: 0, group: None, buffer: Vec::new() };
        writer.out.write_all(&isa)?;
        writer.line_end()?;
        Ok(writer)
    }

    /// Writes a TA1. They stand between the ISA and the first group.
    ///
    /// # Errors
    /// It is no TA1, a group was begun, or the output failed.
    pub fn acknowledgment(&mut self, ta1: &RawSegment) -> Result<(), WriteError> {
        if ta1.id != "TA1" || self.groups > 0 {
            return Err(WriteError::Invalid("a TA1 stands before the groups, and nothing else does".into()));
        }
        self.segment(ta1)
    }

    /// Begins a group with its GS.
    ///
    /// # Errors
    /// A group is open, the header lacks what a GS must have, or the output failed.
    pub fn begin_group(&mut self, header: &GroupHeader) -> Result<(), WriteError> {
        if self.group.is_some() {
            return Err(WriteError::Invalid("a group is open".into()));
        }
        let date = header.date.map(|date| date.format("%Y%m%d").to_string());
        let time = header.time.map(value::written_time);
        let (date, time) = (date.unwrap_or_default(), time.unwrap_or_default());
        let GroupHeader { kind, sender, receiver, control_number, version_text, .. } = header;
        let values = [kind, sender, receiver, &date, &time, control_number, &"X".to_owned(), version_text];
        if let Some(at) = values.iter().position(|value| value.trim().is_empty()) {
            return Err(WriteError::Invalid(format!("GS{:02} is missing", at + 1)));
        }
        self.segment(&RawSegment::new("GS", values.map(|value| Element::from(value.as_str()))))?;
        self.groups += 1;
        self.group = Some((control_number.clone(), 0));
        Ok(())
    }

    /// Writes a set: ST, its segments, SE.
    ///
    /// # Errors
    /// No group is open, the number does not have four to nine characters, a segment has a character that cannot be
    /// written or no proper identifier, or the output failed.
    pub fn set(&mut self, id: &str, number: &str, segments: &[RawSegment]) -> Result<(), WriteError> {
        self.set_by_guide(id, number, "", segments)
    }

    /// Writes a set that follows an implementation guide, which ST03 names from 005010 on.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn set_by_guide(
        &mut self,
        id: &str,
        number: &str,
        guide: &str,
        segments: &[RawSegment],
    ) -> Result<(), WriteError> {
        let Some((_, sets)) = &mut self.group else {
            return Err(WriteError::Invalid("a set stands in a group".into()));
        };
        *sets += 1;
        if !(4..=9).contains(&number.len()) {
            return Err(WriteError::Invalid(format!(
                "ST02 '{number}' does not have four to nine characters"
            )));
        }
        self.segment(&RawSegment::new("ST", [id.into(), number.into(), guide.into()]))?;
        for segment in segments {
            if matches!(segment.id.as_str(), "ISA" | "GS" | "ST" | "SE" | "GE" | "IEA") {
                return Err(WriteError::Invalid(format!("{} is no segment of a set", segment.id)));
            }
            self.segment(segment)?;
        }
        let count = (segments.len() + 2).to_string();
        self.segment(&RawSegment::new("SE", [count.as_str().into(), number.into()]))
    }

    /// Writes a typed set.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn typed(&mut self, number: &str, message: &Message) -> Result<(), WriteError> {
        self.set(message.set_id(), number, &message.segments())
    }

    /// Ends the open group with its GE.
    ///
    /// # Errors
    /// No group is open, or the output failed.
    pub fn end_group(&mut self) -> Result<(), WriteError> {
        let Some((number, sets)) = self.group.take() else {
            return Err(WriteError::Invalid("no group is open".into()));
        };
        let count = sets.to_string();
        self.segment(&RawSegment::new("GE", [count.as_str().into(), number.as_str().into()]))
    }

    /// Ends the interchange with its IEA.
    ///
    /// # Errors
    /// A group is open, or the output failed.
    pub fn finish(mut self) -> Result<W, WriteError> {
        if self.group.is_some() {
            return Err(WriteError::Invalid("a group is open".into()));
        }
        let (count, number) = (self.groups.to_string(), self.number.clone());
        self.segment(&RawSegment::new("IEA", [count.as_str().into(), number.as_str().into()]))?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn line_end(&mut self) -> io::Result<()> {
        let lines = self.layout.lines && self.layout.delimiters.ignores_lines();
        if lines { self.out.write_all(b"\n") } else { Ok(()) }
    }

    fn segment(&mut self, segment: &RawSegment) -> Result<(), WriteError> {
        let id = segment.id.as_bytes();
        let proper =
            (2..=3).contains(&id.len()) && id.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if !proper {
            return Err(WriteError::Invalid(format!("'{}' is no identifier of a segment", segment.id)));
        }
        let Delimiters { element, component, repetition, segment: terminator } = self.layout.delimiters;
        self.buffer.clear();
        self.buffer.extend_from_slice(id);
        let mut pending = 0;
        for found in &segment.elements {
            pending += 1;
            for (at, components) in std::iter::once(&found.components).chain(&found.repetitions).enumerate() {
                if at > 0 {
                    let Some(separator) = repetition else {
                        let message =
                            format!("{} repeats an element, and nothing separates repetitions", segment.id);
                        return Err(WriteError::Invalid(message));
                    };
                    self.buffer.extend(std::iter::repeat_n(element, std::mem::take(&mut pending)));
                    self.buffer.push(separator);
                }
                let mut empty = 0;
                for (at, text) in components.iter().enumerate() {
                    empty += usize::from(at > 0);
                    let text = text.trim();
                    if text.is_empty() {
                        continue;
                    }
                    self.buffer.extend(std::iter::repeat_n(element, std::mem::take(&mut pending)));
                    if empty > 0 && component.is_some() {
                        self.buffer.extend(std::iter::repeat_n(
                            component.unwrap_or(b'>'),
                            std::mem::take(&mut empty),
                        ));
                    }
                    self.text(segment, text)?;
                }
            }
        }
        self.buffer.push(terminator);
        self.out.write_all(&self.buffer)?;
        self.line_end()?;
        Ok(())
    }

    fn text(&mut self, segment: &RawSegment, text: &str) -> Result<(), WriteError> {
        let Delimiters { element, component, repetition, segment: terminator } = self.layout.delimiters;
        let cuts = |character: &char| {
            character.is_control()
                || u8::try_from(*character).is_ok_and(|byte| {
                    byte == element
                        || Some(byte) == component
                        || Some(byte) == repetition
                        || byte == terminator
                })
        };
        if let Some(character) = text.chars().find(cuts) {
            return Err(WriteError::Character { segment: segment.id.clone(), character });
        }
        self.buffer.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
