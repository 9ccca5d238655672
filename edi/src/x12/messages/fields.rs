//! Reads one segment element by element. What is malformed reads as absent here: [`check`](super::check)
//! has complained about it already, and a set with such a complaint is refused.

use chrono::{NaiveDate, NaiveTime};
use memchr::memchr_iter;
use rust_decimal::Decimal;

use crate::position::{Located, Place};

use crate::value;
use crate::x12::Delimiters;
use crate::x12::segment::{RawSegment, Segment};

use super::parts::{ProductId, Quantity};

/// A segment, cut once. It is cut anew for each segment of a set, so that room is made once.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    segment: Segment<'a>,
    id: &'a [u8],
    start: Place,
    /// Each element with its offset in the segment.
    elements: Vec<(usize, &'a [u8])>,
    digits: usize,
}

impl<'a> Fields<'a> {
    pub(super) fn new(segment: Segment<'a>, digits: usize) -> Self {
        let mut fields =
            Self { segment, id: &[], start: Place::default(), elements: Vec::with_capacity(16), digits };
        fields.cut(segment);
        fields
    }

    /// Takes another segment in place of this one.
    pub(super) fn cut(&mut self, segment: Segment<'a>) {
        self.segment = segment;
        self.start = segment.place(0);
        let bytes = segment.bytes;
        let mut ends = memchr_iter(segment.delimiters.element, bytes).chain([bytes.len()]);
        let mut end = ends.next().unwrap_or_default();
        self.id = bytes.get(..end).unwrap_or_default();
        self.elements.clear();
        for next in ends {
            self.elements.push((end + 1, bytes.get(end + 1..next).unwrap_or_default()));
            end = next;
        }
    }

    pub(super) fn segment(&self) -> Segment<'a> {
        self.segment
    }

    pub(super) fn id(&self) -> &'a [u8] {
        self.id
    }

    /// How many elements there are, empty ones included.
    pub(super) fn count(&self) -> usize {
        self.elements.len()
    }

    pub(super) fn digits(&self) -> usize {
        self.digits
    }

    /// The place of an element (0: of the segment); one that is absent is where the segment ends.
    pub(super) fn at(&self, element: usize) -> Place {
        let inside = match element.checked_sub(1).map(|index| self.elements.get(index)) {
            _ if self.segment.wrapped => 0,
            None => 0,
            Some(Some((offset, _))) => *offset,
            Some(None) => self.segment.bytes.len(),
        };
        let element = u16::try_from(element).unwrap_or(u16::MAX);
        Place { element, byte: self.start.byte + inside as u64, ..self.start }
    }

    /// Whether a byte stands between components or repetitions.
    pub(super) fn separates(&self, byte: u8) -> bool {
        let Delimiters { component, repetition, .. } = self.segment.delimiters;
        component == Some(byte) || repetition == Some(byte)
    }

    pub(super) fn bytes(&self) -> &'a [u8] {
        self.segment.bytes
    }

    pub(super) fn elements(&self) -> impl Iterator<Item = (usize, &'a [u8])> {
        (1..).zip(self.elements.iter().map(|(_, raw)| *raw))
    }

    pub(super) fn keep(&self) -> RawSegment {
        self.segment.to_raw()
    }

    /// An element as it stands; `None` if absent or blank.
    pub(super) fn raw(&self, element: usize) -> Option<&'a [u8]> {
        let (_, raw) = self.elements.get(element.checked_sub(1)?).copied()?;
        raw.iter().any(|byte| !byte.is_ascii_whitespace()).then_some(raw)
    }

    fn located<T>(&self, element: usize, value: T) -> Located<T> {
        Located { value, at: self.at(element) }
    }

    pub(super) fn text(&self, element: usize) -> Option<Located<String>> {
        self.raw(element).map(|raw| self.located(element, value::text(raw).0))
    }

    pub(super) fn decimal(&self, element: usize) -> Option<Located<Decimal>> {
        let number = value::decimal(self.raw(element)?, self.digits).ok()?;
        Some(self.located(element, number))
    }

    pub(super) fn date(&self, element: usize) -> Option<Located<NaiveDate>> {
        let (date, _) = value::date(self.raw(element)?)?;
        Some(self.located(element, date))
    }

    pub(super) fn time(&self, element: usize) -> Option<Located<NaiveTime>> {
        let time = value::time(self.raw(element)?)?;
        Some(self.located(element, time))
    }

    /// The first component of a composite, such as the unit in C001.
    pub(super) fn component(&self, element: usize) -> Option<Located<String>> {
        let raw = self.raw(element)?;
        let first = match self.segment.delimiters.component {
            Some(separator) => raw.split(|byte| *byte == separator).next()?,
            None => raw,
        };
        let mut found = self.located(element, value::text(first).0);
        found.at.component = 1;
        Some(found).filter(|found| !found.value.is_empty())
    }

    /// Pairs of qualifier and id from `first` to `last`.
    pub(super) fn ids(&self, first: usize, last: usize) -> Vec<ProductId> {
        (first..last)
            .step_by(2)
            .take_while(|element| *element <= self.elements.len())
            .filter_map(|element| {
                Some(ProductId { qualifier: self.text(element)?.value, id: self.text(element + 1)? })
            })
            .collect()
    }

    /// Pairs of value and quantity from `first` to `last`.
    pub(super) fn quantities(&self, first: usize, last: usize) -> Vec<(Located<String>, Located<Decimal>)> {
        (first..last)
            .step_by(2)
            .take_while(|element| *element <= self.elements.len())
            .filter_map(|element| Some((self.text(element)?, self.decimal(element + 1)?)))
            .collect()
    }

    /// A quantity with the unit in a composite.
    pub(super) fn composed(&self, element: usize) -> Option<Quantity> {
        Some(Quantity { value: self.decimal(element)?, unit: self.component(element + 1) })
    }

    /// A quantity with the unit in a simple element.
    pub(super) fn quantity(&self, element: usize) -> Option<Quantity> {
        Some(Quantity { value: self.decimal(element)?, unit: self.text(element + 1) })
    }
}
