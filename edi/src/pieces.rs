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
    /// Takes the fields out of a segment, and what it knows out of what stands under it.
    fn read(segment: RawSegment, under: Vec<Node>) -> Self;
    fn write(&self) -> Node;
}

/// Takes the pieces of a kind out of a list of nodes; their order stays.
pub(crate) fn take<T: Piece>(nodes: &mut Vec<Node>) -> Vec<T> {
    nodes.extract_if(.., |node| node.id() == T::ID).map(piece).collect()
}

/// Adds a piece. Most lists hold one, so room is made for no more.
pub(crate) fn put<T: Piece>(pieces: &mut Vec<T>, node: Node) {
    if pieces.is_empty() {
        pieces.reserve_exact(1);
    }
    pieces.push(piece(node));
}

fn piece<T: Piece>(node: Node) -> T {
    match node {
        Node::Segment(segment) => T::read(segment, Vec::new()),
        Node::Group(nodes) => {
            let mut nodes = nodes.into_iter();
            match nodes.next() {
                Some(Node::Segment(segment)) => T::read(segment, nodes.collect()),
                // A group begins with its segment; a nested one stands for what has none.
                first => T::read(RawSegment::default(), first.into_iter().chain(nodes).collect()),
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

/// Takes a component out of a segment; `None` if it is absent or empty.
pub(crate) fn text(segment: &mut RawSegment, element: usize, component: usize) -> Option<Located<String>> {
    let found = segment.elements.get_mut(element.checked_sub(1)?)?;
    let value = std::mem::take(found.components.get_mut(component.checked_sub(1)?)?);
    Some(Located { value, at: place(segment, element, component) }).filter(|found| !found.is_empty())
}

pub(crate) fn number(segment: &mut RawSegment, element: usize, component: usize) -> Option<Located<Decimal>> {
    let Located { value, at } = text(segment, element, component)?;
    Some(Located { value: number_of(value.as_bytes(), 28).ok()?, at })
}

pub(crate) fn list(segment: &mut RawSegment, element: usize, most: usize) -> Vec<Located<String>> {
    let found = element.checked_sub(1).and_then(|at| segment.elements.get_mut(at));
    let components = found.map_or_else(Vec::new, |found| {
        found.components.iter_mut().take(most).map(std::mem::take).collect::<Vec<String>>()
    });
    let mut list: Vec<Located<String>> = (1..)
        .zip(components)
        .map(|(component, value)| Located { value, at: place(segment, element, component) })
        .collect();
    while list.last().is_some_and(|last| last.value.is_empty()) {
        list.pop();
    }
    list
}

/// What is left in a segment when the fields have been taken out.
pub(crate) fn rest(segment: RawSegment) -> Vec<Rest> {
    let mut rest = Vec::new();
    for (element, found) in (1..).zip(segment.elements) {
        let all = std::iter::once(found.components).chain(found.repetitions);
        for (repetition, components) in all.enumerate() {
            for (component, text) in (1..).zip(components) {
                if !text.is_empty() {
                    rest.push(Rest { element, repetition, component, text });
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

/// The type of a field, and how it is read and written.
macro_rules! field {
    (type code $e:literal, $c:literal) => { Located<String> };
    (type text $e:literal, $c:literal) => { Option<Located<String>> };
    (type number $e:literal, $c:literal) => { Option<Located<Decimal>> };
    (type list $e:literal, $c:literal) => { Vec<Located<String>> };
    (read $s:ident code $e:literal, $c:literal) => { text(&mut $s, $e, $c).unwrap_or_default() };
    (read $s:ident text $e:literal, $c:literal) => { text(&mut $s, $e, $c) };
    (read $s:ident number $e:literal, $c:literal) => { number(&mut $s, $e, $c) };
    (read $s:ident list $e:literal, $c:literal) => { list(&mut $s, $e, $c) };
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

            fn read(mut segment: RawSegment, under: Vec<Node>) -> Self {
                $(let mut $list: Vec<$of> = Vec::new();)*
                let mut other = Vec::new();
                for node in under {
                    $(if node.id() == <$of as Piece>::ID {
                        put(&mut $list, node);
                        continue;
                    })*
                    other.push(node);
                }
                Self {
                    at: segment.at,
                    $($field: field!(read segment $kind $e, $c),)*
                    rest: rest(segment),
                    $($list,)*
                    other,
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
