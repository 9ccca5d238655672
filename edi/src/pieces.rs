//! How typed pieces of messages are declared: each a segment with what stands under it, read and written by one row.
//!
//! What a row does not name is not lost: further components are in `rest`, further segments in `other`.

use rust_decimal::Decimal;
use serde::Serialize;

use crate::position::{Located, Place};
use crate::raw::RawSegment;

use crate::tree::Node;
use crate::value::{self, NumberFault};

/// A component that no field holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Rest {
    /// The element in its segment, from 1.
    pub element: usize,
    /// The repetition, 0 for the element itself.
    pub repetition: usize,
    /// The component in its element, from 1.
    pub component: usize,
    /// What it holds.
    pub text: String,
}

/// A segment with what stands under it.
pub(crate) trait Piece: Sized {
    const ID: &'static str;
    fn read(segment: &RawSegment, under: Vec<Node>) -> Self;
    fn write(&self) -> Node;
}

/// Takes the pieces of a kind out of a list of nodes; their order stays.
pub(crate) fn take<T: Piece>(nodes: &mut Vec<Node>) -> Vec<T> {
    let mut taken = Vec::new();
    if nodes.iter().any(|node| node.id() == T::ID) {
        for node in std::mem::take(nodes) {
            if node.id() != T::ID {
                nodes.push(node);
                continue;
            }
            taken.push(piece(node));
        }
    }
    taken
}

fn piece<T: Piece>(node: Node) -> T {
    match node {
        Node::Segment(segment) => T::read(&segment, Vec::new()),
        Node::Group(nodes) => {
            let mut nodes = nodes.into_iter();
            match nodes.next() {
                Some(Node::Segment(segment)) => T::read(&segment, nodes.collect()),
                // A group begins with its segment; a nested one stands for what has none.
                first => T::read(&RawSegment::default(), first.into_iter().chain(nodes).collect()),
            }
        }
    }
}

pub(crate) fn give<T: Piece>(pieces: &[T], to: &mut Vec<Node>) {
    to.extend(pieces.iter().map(Piece::write));
}

/// A group of a segment and what stands under it, or the segment alone.
pub(crate) fn node(segment: RawSegment, under: Vec<Node>) -> Node {
    if under.is_empty() {
        return Node::Segment(segment);
    }
    Node::Group(std::iter::once(Node::Segment(segment)).chain(under).collect())
}

fn place(segment: &RawSegment, element: usize, component: usize) -> Place {
    let small = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
    Place { element: small(element), component: small(component), ..segment.at }
}

pub(crate) fn text(segment: &RawSegment, element: usize, component: usize) -> Option<Located<String>> {
    let value = segment.text(element, component)?.to_owned();
    Some(Located { value, at: place(segment, element, component) })
}

pub(crate) fn number(segment: &RawSegment, element: usize, component: usize) -> Option<Located<Decimal>> {
    let value = number_of(segment.text(element, component)?.as_bytes(), 28).ok()?;
    Some(Located { value, at: place(segment, element, component) })
}

pub(crate) fn list(segment: &RawSegment, element: usize, most: usize) -> Vec<Located<String>> {
    let components =
        element.checked_sub(1).and_then(|at| segment.elements.get(at)).map(|found| &found.components);
    let texts = components.into_iter().flatten().take(most);
    let mut list: Vec<Located<String>> = (1..)
        .zip(texts)
        .map(|(component, text)| Located { value: text.clone(), at: place(segment, element, component) })
        .collect();
    while list.last().is_some_and(|last| last.value.is_empty()) {
        list.pop();
    }
    list
}

/// What is in a segment besides the components that fields hold.
pub(crate) fn rest(segment: &RawSegment, held: &[(usize, usize, usize)]) -> Vec<Rest> {
    let mut rest = Vec::new();
    for (element, found) in (1..).zip(&segment.elements) {
        let all = std::iter::once(&found.components).chain(&found.repetitions);
        for (repetition, components) in all.enumerate() {
            for (component, text) in (1..).zip(components) {
                let is_held = repetition == 0
                    && held
                        .iter()
                        .any(|(of, first, last)| *of == element && (*first..=*last).contains(&component));
                if !text.is_empty() && !is_held {
                    rest.push(Rest { element, repetition, component, text: text.clone() });
                }
            }
        }
    }
    rest
}

pub(crate) fn put_rest(segment: &mut RawSegment, rest: &[Rest]) {
    for Rest { element, repetition, component, text } in rest {
        // Nothing is written outside of what a segment can hold.
        if !(1..=99).contains(element) || !(1..=99).contains(component) || *repetition > 99 {
            continue;
        }
        segment.set(
            *element,
            if *repetition == 0 { *component } else { 1 },
            if *repetition == 0 { text } else { "" },
        );
        let Some(repetition) = repetition.checked_sub(1) else { continue };
        let Some(found) = segment.elements.get_mut(element - 1) else { continue };
        if found.repetitions.len() <= repetition {
            found.repetitions.resize_with(repetition + 1, Vec::new);
        }
        let Some(components) = found.repetitions.get_mut(repetition) else { continue };
        if components.len() < *component {
            components.resize_with(*component, String::new);
        }
        if let Some(place) = components.get_mut(component - 1) {
            text.clone_into(place);
        }
    }
}

/// The type of a field, how it is read and written, and which components it holds.
macro_rules! field {
    (type code $e:literal, $c:literal) => { Located<String> };
    (type text $e:literal, $c:literal) => { Option<Located<String>> };
    (type number $e:literal, $c:literal) => { Option<Located<Decimal>> };
    (type list $e:literal, $c:literal) => { Vec<Located<String>> };
    (read $s:ident code $e:literal, $c:literal) => { text($s, $e, $c).unwrap_or_default() };
    (read $s:ident text $e:literal, $c:literal) => { text($s, $e, $c) };
    (read $s:ident number $e:literal, $c:literal) => { number($s, $e, $c) };
    (read $s:ident list $e:literal, $c:literal) => { list($s, $e, $c) };
    (write $s:ident $v:expr, code $e:literal, $c:literal) => { $s.set($e, $c, &$v.value) };
    (write $s:ident $v:expr, text $e:literal, $c:literal) => {
        if let Some(found) = &$v { $s.set($e, $c, &found.value); }
    };
    (write $s:ident $v:expr, number $e:literal, $c:literal) => {
        if let Some(found) = &$v { $s.set($e, $c, &found.value.to_string()); }
    };
    (write $s:ident $v:expr, list $e:literal, $c:literal) => {
        for (component, found) in (1..=$c).zip(&$v) { $s.set($e, component, &found.value); }
    };
    (held list $e:literal, $c:literal) => { ($e, 1, $c) };
    (held $kind:ident $e:literal, $c:literal) => { ($e, $c, $c) };
}

macro_rules! pieces {
    ($(
        $(#[$doc:meta])* $name:ident $id:literal {
            $($(#[$field_doc:meta])* $field:ident: $kind:ident($e:literal, $c:literal),)*
        } holds {
            $($(#[$list_doc:meta])* $list:ident: $of:ident,)*
        }
    )*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct $name {
            /// Where it stands.
            pub at: Place,
            $($(#[$field_doc])* pub $field: field!(type $kind $e, $c),)*
            /// Components of the segment that no field holds.
            pub rest: Vec<Rest>,
            $($(#[$list_doc])* pub $list: Vec<$of>,)*
            /// What else stands under it.
            pub other: Vec<Node>,
        }

        impl Piece for $name {
            const ID: &'static str = $id;

            fn read(segment: &RawSegment, nodes: Vec<Node>) -> Self {
                let mut under = Vec::new();
                under.extend(nodes);
                $(let $list = take(&mut under);)*
                Self {
                    at: segment.at,
                    $($field: field!(read segment $kind $e, $c),)*
                    rest: rest(segment, &[$(field!(held $kind $e, $c)),*]),
                    $($list,)*
                    other: under,
                }
            }

            fn write(&self) -> Node {
                let mut segment = RawSegment::new($id, []);
                $(field!(write segment self.$field, $kind $e, $c);)*
                put_rest(&mut segment, &self.rest);
                segment.trim();
                let mut under = Vec::new();
                under.extend_from_slice(&self.other);
                $(give(&self.$list, &mut under);)*
                node(segment, under)
            }
        }
    )*};
}

pub(crate) use {field, pieces};

/// A number with a point or, as EDIFACT may have it, a comma.
pub(crate) fn number_of(raw: &[u8], digits: usize) -> Result<Decimal, NumberFault> {
    if !raw.contains(&b',') {
        return value::decimal(raw, digits);
    }
    let pointed: Vec<u8> = raw.iter().map(|byte| if *byte == b',' { b'.' } else { *byte }).collect();
    value::decimal(&pointed, digits)
}
