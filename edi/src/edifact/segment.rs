//! One segment: borrowed while it is being read, owned when it must be kept.

use std::borrow::Cow;

use memchr::memchr;

use crate::position::{Place, SegmentId};

use crate::raw::{Element, RawSegment};
use crate::value;

use super::charset::Charset;
use super::service::{Pieces, ServiceCharacters};

/// A segment in the reader's buffer.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    /// Its bytes, without the terminator and without line ends; release characters still in it.
    pub bytes: &'a [u8],
    /// The service characters of its interchange.
    pub service: ServiceCharacters,
    /// The repertoire of its interchange.
    pub charset: Charset,
    /// Where it starts in the file.
    pub offset: u64,
    /// Whether line ends were taken out, so that offsets inside it no longer hold.
    pub wrapped: bool,
    /// Whether blanks stand before it.
    pub indented: bool,
    /// Whether the file ends before its terminator.
    pub unterminated: bool,
    /// Its position in the message, if it is known; `UNH` is 1.
    pub index: u32,
}

impl<'a> Segment<'a> {
    /// The tag, raw.
    #[must_use]
    pub fn id(&self) -> &'a [u8] {
        let ends = |byte: &u8| *byte == self.service.element || *byte == self.service.component;
        self.bytes.split(ends).next().unwrap_or_default()
    }

    /// Whether this is its tag.
    pub(super) fn is(&self, id: &[u8; 3]) -> bool {
        let ends = |byte: &u8| *byte == self.service.element || *byte == self.service.component;
        self.bytes
            .split_first_chunk()
            .is_some_and(|(first, rest)| first == id && rest.first().is_none_or(ends))
    }

    /// The elements after the tag, raw, empty ones included.
    pub fn elements(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        Pieces::new(self.bytes, self.service.element, self.service.release).skip(1)
    }

    /// The components of an element, raw.
    pub fn components(&self, element: &'a [u8]) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        Pieces::new(element, self.service.component, self.service.release)
    }

    /// A component (from 1) of an element (from 1) as text without padding; empty if absent.
    #[must_use]
    pub fn text(&self, element: usize, component: usize) -> String {
        let element = element.checked_sub(1).and_then(|at| self.elements().nth(at)).unwrap_or_default();
        let raw = component.checked_sub(1).and_then(|at| self.components(element).nth(at));
        self.decode(raw.unwrap_or_default()).trim().to_owned()
    }

    /// The place of an element (0: of the segment).
    #[must_use]
    pub fn place(&self, element: usize) -> Place {
        let inside = match element {
            _ if self.wrapped => 0,
            0 => 0,
            _ => Pieces::new(self.bytes, self.service.element, self.service.release)
                .take(element)
                .map(|piece| piece.len() + 1)
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

    /// The same without a release character, if none stands in it: it is cut quicker when none is looked for.
    pub(super) fn without_release(mut self) -> Self {
        self.service.release = self.service.release.filter(|release| memchr(*release, self.bytes).is_some());
        self
    }

    /// Takes the release characters out.
    pub(super) fn unescape<'b>(&self, raw: &'b [u8]) -> Cow<'b, [u8]> {
        let Some(release) = self.service.release.filter(|release| memchr(*release, raw).is_some()) else {
            return Cow::Borrowed(raw);
        };
        let mut released = false;
        let plain = raw.iter().copied().filter(|byte| {
            released = *byte == release && !released;
            !released
        });
        Cow::Owned(plain.collect())
    }

    /// Raw bytes to text.
    pub(super) fn decode(&self, raw: &[u8]) -> String {
        self.charset.text(&self.unescape(raw)).into_owned()
    }

    /// A copy that can be kept.
    #[must_use]
    pub fn to_raw(&self) -> RawSegment {
        let mut elements: Vec<Element> = self.elements().map(|raw| self.composite(raw)).collect();
        while elements.last().is_some_and(Element::is_empty) {
            elements.pop();
        }
        RawSegment { at: self.place(0), id: self.decode(self.id()), elements }
    }

    fn composite(&self, raw: &'a [u8]) -> Element {
        if raw.is_empty() {
            return Element::default();
        }
        let Some(separator) = self.service.repetition else { return Element::single(self.texts(raw)) };
        let repetitions = Pieces::new(raw, separator, self.service.release);
        Element::trimmed(repetitions.map(|raw| self.texts(raw)).collect())
    }

    fn texts(&self, raw: &'a [u8]) -> Vec<String> {
        let text = |raw: &[u8]| value::trimmed(&self.charset.text(&self.unescape(raw))).to_owned();
        self.components(raw).map(text).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(bytes: &[u8]) -> Segment<'_> {
        Segment {
            bytes,
            service: ServiceCharacters::CUSTOMARY,
            charset: Charset::C,
            offset: 100,
            wrapped: false,
            indented: false,
            unterminated: false,
            index: 4,
        }
    }

    #[test]
    fn elements_and_components_are_counted_as_the_standard_does() {
        let nad = segment(b"NAD+SU+123::9++O?'NEIL ?+ SONS ?: ??:B");

        assert_eq!((nad.id(), nad.text(1, 1), nad.text(2, 3)), (&b"NAD"[..], "SU".into(), "9".into()));
        assert_eq!((nad.text(4, 1), nad.text(4, 2)), ("O'NEIL + SONS : ?".into(), "B".into()));
        assert_eq!((nad.place(0).byte, nad.place(2).byte), (100, 107));
        let raw = nad.to_raw();
        assert_eq!((raw.elements.len(), raw.text(2, 1), raw.text(3, 1)), (4, Some("123"), None));
    }

    #[test]
    fn trailing_empty_components_are_nothing() {
        assert_eq!(segment(b"DTM+137:20260101:::++").to_raw().elements, [Element::from(["137", "20260101"])]);
        assert_eq!(segment(b"UNS+S?").to_raw().elements, [Element::from("S")]);
    }
}
