//! Messages to bytes: service characters released, segments and messages counted, references repeated.

use std::io::{self, Write};

use crate::raw::{Element, RawSegment};

use super::charset::Charset;
use super::header::{GroupHeader, InterchangeHeader, MessageHeader};
use super::messages::{Message, layout};
use super::service::ServiceCharacters;

/// Why something was not written. What was written before it stays written: write to memory first.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The output failed.
    #[error("the output failed: {0}")]
    Io(#[from] io::Error),
    /// A character is not in the repertoire, or has a use in the syntax and no release character to take it away.
    #[error("{segment} has the character {character:?}, which cannot be written in {syntax}")]
    Character {
        /// The segment it stands in.
        segment: String,
        /// The character.
        character: char,
        /// The repertoire.
        syntax: String,
    },
    /// What was asked for is no interchange.
    #[error("{0}")]
    Invalid(String),
}

/// How an interchange is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Layout {
    /// The service characters.
    pub service: ServiceCharacters,
    /// Leave the UNA out; only with the customary service characters.
    pub without_advice: bool,
    /// Put each segment on a line of its own.
    pub lines: bool,
}

/// Writes an interchange.
///
/// ```
/// use quayside_edi::edifact::messages::{Document, Line, Order, Quantity};
/// use quayside_edi::edifact::{InterchangeHeader, Layout, MessageHeader, Writer};
///
/// let header = InterchangeHeader {
///     syntax: "UNOC".into(),
///     syntax_version: "3".into(),
///     sender: "5412345000013".into(),
///     sender_qualifier: "14".into(),
///     recipient: "8798765432109".into(),
///     recipient_qualifier: "14".into(),
///     date: "260115".into(),
///     time: "0830".into(),
///     reference: "R1".into(),
///     ..InterchangeHeader::default()
/// };
/// let order = Order {
///     header: MessageHeader::of("ORDERS", "D", "96A", "EAN008"),
///     document: Document { kind: Some("220".into()), number: Some("PO-1".into()), ..Document::default() },
///     lines: vec![Line {
///         number: Some("1".into()),
///         item: Some("O'NEIL".into()),
///         quantities: vec![Quantity { qualifier: "21".into(), value: Some(rust_decimal::Decimal::from(60).into()), ..Quantity::default() }],
///         ..Line::default()
///     }],
///     ..Order::default()
/// };
///
/// let mut writer = Writer::begin(Vec::new(), header, Layout::default())?;
/// writer.message(&order.header, &order.segments())?;
/// let bytes = writer.finish()?;
///
/// assert_eq!(
///     String::from_utf8(bytes)?,
///     "UNA:+.? 'UNB+UNOC:3+5412345000013:14+8798765432109:14+260115:0830+R1'UNH+1+ORDERS:D:96A:UN:EAN008'\
///      BGM+220+PO-1'LIN+1++O?'NEIL'QTY+21:60'UNS+S'UNT+6+1'UNZ+1+R1'"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    layout: Layout,
    charset: Charset,
    header: InterchangeHeader,
    messages: u64,
    groups: u64,
    /// The reference of the open group, and its messages.
    group: Option<(String, u64)>,
    buffer: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Begins an interchange with UNA and UNB.
    ///
    /// # Errors
    /// The header lacks what a UNB must have, the service characters cannot do their work, or the output failed.
    pub fn begin(out: W, header: InterchangeHeader, layout: Layout) -> Result<Self, WriteError> {
        if let Some(fault) = layout.service.fault() {
            return Err(WriteError::Invalid(fault));
        }
        if layout.without_advice && layout.service != ServiceCharacters::CUSTOMARY {
            return Err(WriteError::Invalid(
                "other service characters than the customary ones need a UNA".into(),
            ));
        }
        let Some(charset) = Charset::named(&header.syntax) else {
            return Err(WriteError::Invalid(format!("'{}' is no repertoire", header.syntax)));
        };
        for (name, value) in [
            ("version of the syntax", &header.syntax_version),
            ("sender", &header.sender),
            ("recipient", &header.recipient),
            ("date", &header.date),
            ("time", &header.time),
            ("reference", &header.reference),
        ] {
            if value.trim().is_empty() {
                return Err(WriteError::Invalid(format!("the interchange has no {name}")));
            }
        }
        let mut writer =
            Self { out, layout, charset, header, messages: 0, groups: 0, group: None, buffer: Vec::new() };
        if !layout.without_advice {
            let ServiceCharacters { component, element, decimal, release, repetition, segment } =
                layout.service;
            let (release, repetition) = (release.unwrap_or(b' '), repetition.unwrap_or(b' '));
            let advice = [component, element, decimal, release, repetition, segment];
            writer.out.write_all(b"UNA")?;
            writer.out.write_all(&advice)?;
            writer.line_end()?;
        }
        let unb = writer.header_segment();
        writer.segment(&unb)?;
        Ok(writer)
    }

    fn header_segment(&self) -> RawSegment {
        let unb = &self.header;
        let flag = |set: bool| Element::from(if set { "1" } else { "" });
        RawSegment::new(
            "UNB",
            [
                Element::from([unb.syntax.as_str(), &unb.syntax_version]),
                Element::from([unb.sender.as_str(), &unb.sender_qualifier, &unb.sender_internal]),
                Element::from([unb.recipient.as_str(), &unb.recipient_qualifier, &unb.recipient_internal]),
                Element::from([unb.date.as_str(), &unb.time]),
                Element::from(unb.reference.as_str()),
                Element::default(),
                Element::from(unb.application_reference.as_str()),
                Element::from(unb.priority.as_str()),
                flag(unb.wants_acknowledgment),
                Element::from(unb.agreement.as_str()),
                flag(unb.is_test),
            ],
        )
    }

    /// Begins a group. An interchange has all its messages in groups, or none.
    ///
    /// # Errors
    /// A group is open, messages stand outside groups, the group has no reference, or the output failed.
    pub fn begin_group(&mut self, header: &GroupHeader) -> Result<(), WriteError> {
        if self.group.is_some() || self.groups == 0 && self.messages > 0 {
            return Err(WriteError::Invalid("a group cannot begin here".into()));
        }
        if header.reference.trim().is_empty() {
            return Err(WriteError::Invalid("the group has no reference".into()));
        }
        let version: Vec<Vec<String>> = vec![header.version.split(':').map(str::to_owned).collect()];
        self.segment(&RawSegment::new(
            "UNG",
            [
                Element::from(header.kind.as_str()),
                Element::from([header.sender.as_str(), &header.sender_qualifier]),
                Element::from([header.recipient.as_str(), &header.recipient_qualifier]),
                Element::from([header.date.as_str(), &header.time]),
                Element::from(header.reference.as_str()),
                Element::from(header.agency.as_str()),
                Element::trimmed(version),
            ],
        ))?;
        self.groups += 1;
        self.group = Some((header.reference.clone(), 0));
        Ok(())
    }

    /// Ends the open group with its UNE.
    ///
    /// # Errors
    /// No group is open, or the output failed.
    pub fn end_group(&mut self) -> Result<(), WriteError> {
        let Some((reference, messages)) = self.group.take() else {
            return Err(WriteError::Invalid("no group is open".into()));
        };
        let count = messages.to_string();
        self.segment(&RawSegment::new("UNE", [count.as_str().into(), reference.as_str().into()]))
    }

    /// Writes a message: UNH, its segments, UNT. Without a reference in the header it gets its number in the
    /// interchange.
    ///
    /// # Errors
    /// A segment has a character that cannot be written or no proper tag, or the output failed.
    pub fn message(&mut self, header: &MessageHeader, segments: &[RawSegment]) -> Result<(), WriteError> {
        if self.groups > 0 && self.group.is_none() {
            return Err(WriteError::Invalid("a message stands outside the groups".into()));
        }
        self.messages += 1;
        if let Some((_, messages)) = &mut self.group {
            *messages += 1;
        }
        let reference = match header.reference.as_str() {
            "" => self.messages.to_string(),
            given => given.to_owned(),
        };
        let MessageHeader { kind, version, release, agency, association, access_reference, .. } = header;
        self.segment(&RawSegment::new(
            "UNH",
            [
                reference.as_str().into(),
                [kind.as_str(), version, release, agency, association].into(),
                access_reference.as_str().into(),
            ],
        ))?;
        for segment in segments {
            if segment.id.starts_with("UN") && segment.id != "UNS" {
                return Err(WriteError::Invalid(format!("{} is no segment of a message", segment.id)));
            }
            self.segment(segment)?;
        }
        let count = (segments.len() + 2).to_string();
        self.segment(&RawSegment::new("UNT", [count.as_str().into(), reference.as_str().into()]))
    }

    /// Writes a typed message.
    ///
    /// # Errors
    /// As [`message`](Self::message).
    pub fn typed(&mut self, message: &Message) -> Result<(), WriteError> {
        self.message(message.header(), &message.segments())
    }

    /// Ends the interchange with its UNZ.
    ///
    /// # Errors
    /// A group is open, or the output failed.
    pub fn finish(mut self) -> Result<W, WriteError> {
        if self.group.is_some() {
            return Err(WriteError::Invalid("a group is open".into()));
        }
        let count = if self.groups > 0 { self.groups } else { self.messages }.to_string();
        let reference = self.header.reference.clone();
        self.segment(&RawSegment::new("UNZ", [count.as_str().into(), reference.as_str().into()]))?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn line_end(&mut self) -> io::Result<()> {
        if self.layout.lines && self.layout.service.ignores_lines() {
            self.out.write_all(b"\n")
        } else {
            Ok(())
        }
    }

    fn segment(&mut self, segment: &RawSegment) -> Result<(), WriteError> {
        let proper =
            segment.id.len() == 3 && segment.id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if !proper {
            return Err(WriteError::Invalid(format!("'{}' is no tag of a segment", segment.id)));
        }
        let service = self.layout.service;
        let table = layout(&segment.id).filter(|_| service.decimal == b',');
        self.buffer.clear();
        self.buffer.extend_from_slice(segment.id.as_bytes());
        let mut pending = 0;
        for (number, element) in segment.elements.iter().enumerate() {
            pending += 1;
            let all = std::iter::once(&element.components).chain(&element.repetitions);
            for (repetition, components) in all.enumerate() {
                if repetition > 0 {
                    let Some(separator) = service.repetition else {
                        let message = format!(
                            "{} repeats an element, and no character separates repetitions",
                            segment.id
                        );
                        return Err(WriteError::Invalid(message));
                    };
                    self.separate(&mut pending);
                    self.buffer.push(separator);
                }
                let mut empty = 0;
                for (at, text) in components.iter().enumerate() {
                    let text = text.trim();
                    if at > 0 {
                        empty += 1;
                    }
                    if text.is_empty() {
                        continue;
                    }
                    self.separate(&mut pending);
                    self.buffer.extend(std::iter::repeat_n(service.component, std::mem::take(&mut empty)));
                    let is_number = table
                        .and_then(|table| table.elements.get(number)?.components.get(at))
                        .is_some_and(|component| component.number);
                    let text = if is_number { text.replace('.', ",") } else { text.to_owned() };
                    self.text(segment, &text)?;
                }
            }
        }
        self.buffer.push(service.segment);
        self.out.write_all(&self.buffer)?;
        self.line_end()?;
        Ok(())
    }

    /// Writes the separators of the elements that came to nothing, and that of this one.
    fn separate(&mut self, pending: &mut usize) {
        self.buffer.extend(std::iter::repeat_n(self.layout.service.element, std::mem::take(pending)));
    }

    fn text(&mut self, segment: &RawSegment, text: &str) -> Result<(), WriteError> {
        let (service, charset) = (self.layout.service, self.charset);
        let refuse = |character: char| WriteError::Character {
            segment: segment.id.clone(),
            character,
            syntax: self.header.syntax.clone(),
        };
        let mut bytes = Vec::with_capacity(text.len());
        charset.encode(text, &mut bytes).map_err(refuse)?;
        for byte in bytes {
            if service.contains(byte) {
                self.buffer.push(service.release.ok_or_else(|| refuse(char::from(byte)))?);
            }
            self.buffer.push(byte);
        }
        Ok(())
    }
}
