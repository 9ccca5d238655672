//! One segment: borrowed while it is being read, owned when it must be kept.

use crate::position::{Place, SegmentId};
use crate::raw::Element;
pub use crate::raw::RawSegment;

use super::Delimiters;
use crate::value;

/// A segment in the reader's buffer.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    /// Its bytes, without the terminator and without line ends.
    pub bytes: &'a [u8],
    /// The separators of its interchange.
    pub delimiters: Delimiters,
    /// Where it starts in the file.
    pub offset: u64,
    /// Whether line ends were taken out, so that offsets inside it no longer hold.
    pub wrapped: bool,
    /// Whether blanks stand before it.
    pub indented: bool,
    /// Whether the file ends before its terminator.
    pub unterminated: bool,
    /// Its position in the set, if it is known; `ST` is 1.
    pub index: u32,
}

impl<'a> Segment<'a> {
    /// The identifier, raw.
    #[must_use]
    pub fn id(&self) -> &'a [u8] {
        self.bytes.split(|byte| *byte == self.delimiters.element).next().unwrap_or_default()
    }

    /// Whether this is its identifier.
    pub(super) fn is(&self, id: &[u8; 3]) -> bool {
        let ends = |byte: &u8| *byte == self.delimiters.element;
        self.bytes
            .split_first_chunk()
            .is_some_and(|(first, rest)| first == id && rest.first().is_none_or(ends))
    }

    /// The elements after the identifier, raw, empty ones included.
    pub fn elements(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let separator = self.delimiters.element;
        self.bytes.split(move |byte| *byte == separator).skip(1)
    }

    /// An element by its number in the standard; `None` if absent or empty.
    #[must_use]
    pub fn element(&self, number: usize) -> Option<&'a [u8]> {
        self.elements().nth(number.checked_sub(1)?).filter(|value| !value.is_empty())
    }

    /// An element as text without padding; empty if absent.
    #[must_use]
    pub fn text(&self, number: usize) -> String {
        self.element(number).map(|raw| value::text(raw).0).unwrap_or_default()
    }

    /// The place of an element (0: of the segment).
    #[must_use]
    pub fn place(&self, element: usize) -> Place {
        let inside = match element {
            _ if self.wrapped => 0,
            0 => 0,
            // The identifier and each element before this one, with their separators.
            _ => self
                .bytes
                .split(|byte| *byte == self.delimiters.element)
                .take(element)
                .map(|e| e.len() + 1)
                .sum(),
        };
        Place {
            segment_index: self.index,
            segment: SegmentId::new(self.id()),
            element: u16::try_from(element).unwrap_or(u16::MAX),
            component: 0,
            byte: self.offset + inside.min(self.bytes.len()) as u64,
        }
    }

    fn composite(&self, raw: &[u8]) -> Element {
        let Delimiters { component, repetition, .. } = self.delimiters;
        let cut = |raw: &[u8], separator: Option<u8>| match separator {
            Some(separator) => raw.split(|byte| *byte == separator).map(<[u8]>::to_vec).collect(),
            None => vec![raw.to_vec()],
        };
        let components = |raw: &Vec<u8>| cut(raw, component).iter().map(|raw| value::text(raw).0).collect();
        Element::trimmed(cut(raw, repetition).iter().map(components).collect())
    }

    /// A copy that can be kept.
    #[must_use]
    pub fn to_raw(&self) -> RawSegment {
        let mut elements: Vec<Element> = self.elements().map(|raw| self.composite(raw)).collect();
        while elements.last().is_some_and(Element::is_empty) {
            elements.pop();
        }
        RawSegment { at: self.place(0), id: value::text(self.id()).0, elements }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_counted_as_the_standard_does() {
        let delimiters = Delimiters { element: b'*', component: Some(b'>'), segment: b'~', repetition: None };
        let segment = Segment {
            bytes: b"PO1*1**EA**",
            delimiters,
            offset: 100,
            wrapped: false,
            indented: false,
            unterminated: false,
            index: 4,
        };

        assert_eq!(
            (segment.id(), segment.element(1), segment.element(2)),
            (&b"PO1"[..], Some(&b"1"[..]), None)
        );
        assert_eq!((segment.place(0).byte, segment.place(3).byte), (100, 107));
        assert_eq!(segment.to_raw().elements, ["1", "", "EA"].map(Element::from));
    }
}
