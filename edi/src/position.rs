//! Where something stands: precise enough for an acknowledgment, plain enough for a person.

use std::fmt;
use std::ops::Deref;

use serde::{Serialize, Serializer};

/// A segment identifier of up to three characters; anything else in it reads as `?`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SegmentId([u8; 3]);

impl Default for SegmentId {
    fn default() -> Self {
        Self([b' '; 3])
    }
}

impl SegmentId {
    /// The identifier as it stands in the data; what is too long is cut.
    #[must_use]
    pub fn new(raw: &[u8]) -> Self {
        let mut id = [b' '; 3];
        for (to, from) in id.iter_mut().zip(raw) {
            *to = if from.is_ascii_graphic() { *from } else { b'?' };
        }
        Self(id)
    }

    /// A number to sort by and to find by: quicker than its bytes are.
    pub(crate) fn key(self) -> u32 {
        let [a, b, c] = self.0;
        u32::from_be_bytes([0, a, b, c])
    }

    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default().trim_end()
    }
}

impl fmt::Display for SegmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SegmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl Serialize for SegmentId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A place inside a transaction set or message: small, so that every typed value can carry one. The default is no
/// place: that of a value which was not read but is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
pub struct Place {
    /// Position of the segment in its set or message; `ST` or `UNH` is 1.
    pub segment_index: u32,
    /// The segment's identifier.
    pub segment: SegmentId,
    /// Element in the segment from 1; 0 is the segment itself.
    pub element: u16,
    /// Component in the element from 1; 0 is the element itself.
    pub component: u16,
    /// Offset in the file. In a segment broken over lines it is that of the segment.
    pub byte: u64,
}

/// A value and where it was read. A value to be written has no place: `"ABC".to_owned().into()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Its place in the transaction set.
    pub at: Place,
}

impl<T> Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> From<T> for Located<T> {
    fn from(value: T) -> Self {
        Self { value, at: Place::default() }
    }
}

impl From<&str> for Located<String> {
    fn from(value: &str) -> Self {
        value.to_owned().into()
    }
}

/// The control numbers around a place.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize)]
pub struct Control {
    /// ISA13, UNB 0020.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interchange: Option<String>,
    /// GS06, UNG 0048.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// ST02, UNH 0062.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set: Option<String>,
}

impl Control {
    /// The full position of a place in this set.
    #[must_use]
    pub fn position(&self, at: Place) -> Position {
        Position {
            control: self.clone(),
            segment_index: Some(at.segment_index).filter(|index| *index > 0),
            segment: Some(at.segment),
            element: Some(at.element).filter(|element| *element > 0),
            component: Some(at.component).filter(|component| *component > 0),
            byte: at.byte,
        }
    }

    /// A position known by its offset only.
    #[must_use]
    pub fn at_byte(&self, byte: u64) -> Position {
        Position {
            control: self.clone(),
            segment_index: None,
            segment: None,
            element: None,
            component: None,
            byte,
        }
    }
}

/// Where a problem is, from the interchange down to the component.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Position {
    /// The control numbers around it.
    #[serde(flatten)]
    pub control: Control,
    /// Position of the segment in its set or message; `ST` or `UNH` is 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment_index: Option<u32>,
    /// The segment's identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<SegmentId>,
    /// Element in the segment, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub element: Option<u16>,
    /// Component in the element, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<u16>,
    /// Offset in the file.
    pub byte: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(segment) = self.segment {
            write!(f, "{segment}")?;
            if let Some(element) = self.element {
                write!(f, "{element:02}")?;
            }
            if let Some(component) = self.component {
                write!(f, "-{component}")?;
            }
            if let Some(index) = self.segment_index {
                write!(f, ", segment {index}")?;
            }
            f.write_str(", ")?;
        }
        write!(f, "byte {}", self.byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_reads_like_the_name_of_the_element() {
        let at =
            Place { segment_index: 8, segment: SegmentId::new(b"PO1"), element: 2, component: 0, byte: 301 };

        assert_eq!(Control::default().position(at).to_string(), "PO102, segment 8, byte 301");
    }

    #[test]
    fn an_odd_segment_id_stays_printable() {
        assert_eq!(SegmentId::new(b"\x00\xffA").as_str(), "??A");
        assert_eq!(SegmentId::new(b"HLLoop1/HL").as_str(), "HLL");
    }
}
