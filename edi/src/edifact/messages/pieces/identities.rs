//! Ids of items and of goods: several elements of the same kind in one segment.

use crate::pieces::{Piece, Rest, node, put_rest, rest, text};
use crate::position::{Located, Place};
use crate::raw::RawSegment;
use crate::tree::Node;

/// PIA: further ids of an item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ItemIds {
    /// Where it stands.
    pub at: Place,
    /// 4347: `1` additional, `3` substituted by, `5` product identification.
    pub function: Located<String>,
    /// C212, up to five.
    pub ids: Vec<ItemId>,
    /// Components of the segment that no field holds.
    pub rest: Vec<Rest>,
}

/// C212: an id of an item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ItemId {
    /// 7140.
    pub id: Located<String>,
    /// 7143: `SA` the seller's, `BP` and `IN` the buyer's.
    pub kind: Option<Located<String>>,
}

impl Piece for ItemIds {
    const ID: &'static str = "PIA";

    fn read(mut segment: RawSegment, _: Vec<Node>) -> Self {
        Self {
            at: segment.at,
            function: text(&mut segment, 1, 1).unwrap_or_default(),
            ids: pairs(&mut segment).into_iter().map(|(id, kind)| ItemId { id, kind }).collect(),
            rest: rest(segment),
        }
    }

    fn write(&self) -> Node {
        let mut segment = RawSegment::new(Self::ID, []);
        segment.set(1, 1, &self.function);
        for (element, found) in (2..=6).zip(&self.ids) {
            segment.set(element, 1, &found.id);
            if let Some(kind) = &found.kind {
                segment.set(element, 2, kind);
            }
        }
        put_rest(&mut segment, &self.rest);
        segment.trim();
        Node::Segment(segment)
    }
}

/// GIN: identities of goods, such as SSCCs and serial numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identities {
    /// Where it stands.
    pub at: Place,
    /// 7405: `BJ` SSCC, `BN` serial number, `BX` batch.
    pub qualifier: Located<String>,
    /// C208, up to five: a number, or the first and the last of a range.
    pub numbers: Vec<(Located<String>, Option<Located<String>>)>,
    /// Components of the segment that no field holds.
    pub rest: Vec<Rest>,
    /// What stands under it.
    pub other: Vec<Node>,
}

impl Piece for Identities {
    const ID: &'static str = "GIN";

    fn read(mut segment: RawSegment, under: Vec<Node>) -> Self {
        Self {
            at: segment.at,
            qualifier: text(&mut segment, 1, 1).unwrap_or_default(),
            numbers: pairs(&mut segment),
            rest: rest(segment),
            other: under,
        }
    }

    fn write(&self) -> Node {
        let mut segment = RawSegment::new(Self::ID, []);
        segment.set(1, 1, &self.qualifier);
        for (element, (first, last)) in (2..=6).zip(&self.numbers) {
            segment.set(element, 1, first);
            if let Some(last) = last {
                segment.set(element, 2, last);
            }
        }
        put_rest(&mut segment, &self.rest);
        segment.trim();
        node(segment, self.other.clone())
    }
}

/// The first two components of the elements from 2 to 6, up to one that has no first.
fn pairs(segment: &mut RawSegment) -> Vec<(Located<String>, Option<Located<String>>)> {
    (2..=6).map_while(|element| Some((text(segment, element, 1)?, text(segment, element, 2)))).collect()
}
