//! How orders, lines and items are named.
use quayside_canonical::unit;
use quayside_edi::{
    Located,
    edifact::messages::{Line, Reference},
};

use super::{report::Report, values};

/// The reference with the first of the qualifiers that has a number.
pub(super) fn reference<'a>(references: &'a [Reference], qualifiers: &[&str]) -> Option<&'a Located<String>> {
    qualifiers.iter().find_map(|wanted| {
        let with = references.iter().filter(|reference| reference.qualifier.value == *wanted);
        with.filter_map(|reference| reference.number.as_ref()).next()
    })
}

/// The order that references name (RFF `ON`).
pub(super) fn order(references: &[Reference]) -> Option<&Reference> {
    references.iter().find(|reference| reference.qualifier.as_str() == "ON" && reference.number.is_some())
}

/// The line of the order that a line is about: what it refers to (RFF `ON` with 1156, or RFF `LI`), else the number
/// the sender counts by.
pub(super) fn line_of(line: &Line) -> Option<&Located<String>> {
    let of_order = order(&line.references).and_then(|reference| reference.line.as_ref());
    of_order.or_else(|| reference(&line.references, &["LI"])).or(line.number.as_ref())
}

/// An id of an item with what it is (7143).
#[derive(Clone, Copy, Debug)]
pub(super) struct Id<'a> {
    pub(super) kind: &'a str,
    pub(super) id: &'a Located<String>,
}

/// The ids of a line: of LIN, then of PIA. What stands for another item (PIA 2 to 4) is not among them.
pub(super) fn ids(line: &Line) -> Vec<Id<'_>> {
    let mut ids = Vec::new();
    let misplaced = line.action.as_ref().filter(|action| is_item(action));
    ids.extend(line.item.as_ref().map(|id| Id { kind: text_of(line.item_kind.as_ref()), id }));
    ids.extend(misplaced.map(|id| Id { kind: "EN", id }));
    let own = line.ids.iter().filter(|more| !matches!(more.function.as_str(), "2" | "3" | "4"));
    ids.extend(
        own.flat_map(|more| &more.ids).map(|more| Id { kind: text_of(more.kind.as_ref()), id: &more.id }),
    );
    ids
}

fn text_of(found: Option<&Located<String>>) -> &str {
    found.map_or("", |text| text.as_str())
}

/// The ids of what is shipped instead (PIA with function `3`).
pub(super) fn substitutes(line: &Line) -> Vec<Id<'_>> {
    let instead = line.ids.iter().filter(|more| more.function.as_str() == "3");
    let ids = instead.flat_map(|more| &more.ids);
    ids.map(|more| Id { kind: text_of(more.kind.as_ref()), id: &more.id }).collect()
}

/// Some senders put the GTIN where 1229 belongs: no code of that list has so many digits.
fn is_item(action: &str) -> bool {
    values::looks_like_gtin(action)
}

/// What is to be done with a line (1229), if it says so.
pub(super) fn action(line: &Line) -> Option<&Located<String>> {
    line.action.as_ref().filter(|action| !is_item(action))
}

pub(super) fn pick<'a>(ids: &[Id<'a>], kinds: &[&str]) -> Option<&'a Located<String>> {
    kinds.iter().find_map(|kind| ids.iter().find(|id| id.kind == *kind)).map(|id| id.id)
}

/// 7143 of the supplier's part number.
pub(super) const SUPPLIER_PART: &[&str] = &["SA", "VP", "VN"];
/// 7143 of the GTIN.
const GTIN: &[&str] = &["EN", "SRV", "UP", "EU"];

/// The buyer's number of the item.
pub(super) fn buyer_part(ids: &[Id<'_>], report: &mut Report<'_>) -> Option<String> {
    values::item(pick(ids, &["BP", "IN"]), ids.iter().map(|id| id.id), report)
}

/// The supplier's number of the item.
pub(super) fn supplier_part(ids: &[Id<'_>], report: &mut Report<'_>) -> Option<String> {
    pick(ids, SUPPLIER_PART).and_then(|id| values::code(id, report))
}

/// The GTIN. One that is malformed is left out and reported, unless another can be one.
pub(super) fn gtin(ids: &[Id<'_>], report: &mut Report<'_>) -> Option<String> {
    let sound = |id: &&Id<'_>| values::looks_like_gtin(id.id);
    let all = || ids.iter().filter(|id| GTIN.contains(&id.kind));
    // An id that does not say what it is and has the digits of a GTIN is one.
    let unsaid = || ids.iter().filter(|id| id.kind.is_empty());
    let found = all().find(sound).or_else(|| all().next()).or_else(|| unsaid().find(sound))?;
    values::gtin(found.id, report)
}

/// A unit of 6411: UN/ECE Recommendation 20, or `PCE`, which EDIFACT had for a piece.
pub(super) fn unit_of(found: &Located<String>, report: &mut Report<'_>) -> Option<String> {
    values::unit(found, unit::from_edifact, report)
}
