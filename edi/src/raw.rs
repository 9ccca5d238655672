//! Segments that stand for themselves, in either syntax: kept because no typed field holds them, or to be written.

use serde::Serialize;

use crate::position::Place;

/// An element: its components, and those of its further repetitions.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Element {
    /// The components; one if it is a stand-alone element.
    pub components: Vec<String>,
    /// What repeats it: in EDIFACT from syntax version 4 on, in X12 from 00402 on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub repetitions: Vec<Vec<String>>,
}

impl Element {
    pub(crate) fn trimmed(mut all: Vec<Vec<String>>) -> Self {
        all.iter_mut().for_each(trim);
        while all.len() > 1 && all.last().is_some_and(Vec::is_empty) {
            all.pop();
        }
        let mut all = all.into_iter();
        Self { components: all.next().unwrap_or_default(), repetitions: all.collect() }
    }

    /// One without repetitions.
    pub(crate) fn single(mut components: Vec<String>) -> Self {
        trim(&mut components);
        Self { components, repetitions: Vec::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.components.is_empty() && self.repetitions.is_empty()
    }
}

fn trim(components: &mut Vec<String>) {
    while components.last().is_some_and(String::is_empty) {
        components.pop();
    }
}

impl From<&str> for Element {
    fn from(text: &str) -> Self {
        Self::trimmed(vec![vec![text.to_owned()]])
    }
}

impl<const N: usize> From<[&str; N]> for Element {
    fn from(components: [&str; N]) -> Self {
        Self::trimmed(vec![components.iter().map(|text| (*text).to_owned()).collect()])
    }
}

/// A segment on its own: kept as it is because no typed field holds it, or about to be written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct RawSegment {
    /// Where it stands, or stood.
    pub at: Place,
    /// Its tag, at full length.
    pub id: String,
    /// Its elements, trailing empty ones removed.
    pub elements: Vec<Element>,
}

impl RawSegment {
    /// A segment to write. A stand-alone element is a text, a composite an array of texts.
    #[must_use]
    pub fn new(id: &str, elements: impl IntoIterator<Item = Element>) -> Self {
        let mut segment =
            Self { at: Place::default(), id: id.to_owned(), elements: elements.into_iter().collect() };
        segment.trim();
        segment
    }

    pub(crate) fn trim(&mut self) {
        while self.elements.last().is_some_and(Element::is_empty) {
            self.elements.pop();
        }
    }

    /// A component (from 1) of an element (from 1); `None` if absent or empty.
    #[must_use]
    pub fn text(&self, element: usize, component: usize) -> Option<&str> {
        let element = self.elements.get(element.checked_sub(1)?)?;
        let text = element.components.get(component.checked_sub(1)?)?;
        Some(text.as_str()).filter(|text| !text.is_empty())
    }

    pub(crate) fn set(&mut self, element: usize, component: usize, text: &str) {
        let (element, component) = (element.max(1), component.max(1));
        if self.elements.len() < element {
            self.elements.resize_with(element, Element::default);
        }
        let Some(element) = self.elements.get_mut(element - 1).filter(|_| !text.is_empty()) else { return };
        if element.components.len() < component {
            element.components.resize_with(component, String::new);
        }
        if let Some(place) = element.components.get_mut(component - 1) {
            text.clone_into(place);
        }
    }
}
