//! The segments we read, element by element, as D.96A and D.01B have them.
//!
//! A row is short on purpose. `a35` is text of at most 35 characters, `n15` a number; `a35/70` allows 35 in releases
//! up to D.96B and 70 later, `q15/35` is a number that the later ones let be any text. `(…)` is a composite, `4x(…)` four of it. `!` marks what must be there (in a composite:
//! if any of it is), `^` what is refused when it is too long, because it identifies something.

use std::sync::LazyLock;

use crate::position::SegmentId;

/// What a component holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Component {
    pub(crate) number: bool,
    /// In releases after D.96B it may be text. We read none, but that is no fault of syntax.
    pub(crate) text_later: bool,
    pub(crate) longest: usize,
    /// In releases after D.96B.
    pub(crate) longest_later: usize,
    pub(crate) mandatory: bool,
    pub(crate) identifies: bool,
}

/// One element of a segment: its components, one if it stands alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) components: Vec<Component>,
    pub(crate) mandatory: bool,
}

/// One segment.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) id: &'static str,
    key: u32,
    pub(crate) elements: Vec<Element>,
}

const ROWS: &[(&str, &str)] = &[
    ("AJT", "a3! a6"),
    ("ALC", "a3! (a35,a3) a3 a3 (a3/17,a3/17,a3,a35,a35)"),
    ("ALI", "a3 a3 a3 a3 a3 a3 a3"),
    ("BGM", "(a3,a3/17,a3,a35) (a35^,a9,a6) a3 a3"),
    ("CNT", "(a3!,n18!,a3)!"),
    ("COM", "(a512!,a3!)!"),
    ("CPS", "a12/35! a12/35 a3"),
    ("CTA", "a3 (a17,a35/256)"),
    ("CUX", "(a3!,a3,a3,n4) (a3!,a3,a3,n4) n12 a3"),
    ("DOC", "(a3,a3/17,a3,a35)! (a35,a3,a35/70,a3,a9,a6) a3 n2 n2"),
    ("DTM", "(a3!,a35,a3)!"),
    ("EQD", "a3! (a17,a3/17,a3,a3) (a10,a3/17,a3,a35) a3 a3 a3"),
    ("ERC", "(a8!,a3/17,a3)!"),
    ("FTX", "a3! a3 (a3/17!,a3/17,a3) (a70/512!,a70/512,a70/512,a70/512,a70/512) a3 a3"),
    ("GIN", "a3! (a35!,a35)! 4x(a35!,a35)"),
    ("GIR", "a3! (a35!,a3,a3,a3,a3)! 4x(a35!,a3,a3,a3,a3)"),
    ("IMD", "a3 (a3,a17,a3) (a17,a3/17,a3,a35/256,a35/256,a3) a3"),
    ("LIN", "a6 a3 (a35^,a3,a3/17,a3) (a3,a6) n2 a3"),
    ("LOC", "a3! (a25/35,a3/17,a3,a70/256) (a25,a3/17,a3,a70) (a25,a3/17,a3,a70) a3"),
    ("MEA", "a3! (a3,a3,a3,a17/70) (a3/8!,n18,n18,n18,n2) a3"),
    ("MOA", "(a3!,n18/35,a3,a3,a3)!"),
    (
        "NAD",
        "a3! (a35!,a3/17,a3) (a35!,a35,a35,a35,a35) (a35!,a35,a35,a35,a35,a3) (a35!,a35,a35,a35) a35 (a9,a17,a3,a70) a9/17 a3",
    ),
    ("PAC", "n8 (a3,a3,a3) (a17,a3/17,a3,a35) (a3!,a35!,a3,a35,a3) (a3!,a17,a3)"),
    ("PAT", "a3! (a17!,a3/17,a3,a35,a35) (a3!,a3,a3,n3)"),
    ("PCD", "(a3!,n10,a3,a3/17,a3)! a3"),
    ("PCI", "a3 (a35!,a35,a35,a35,a35,a35,a35,a35,a35,a35) a3 (a3!,a3/17,a3)"),
    ("PIA", "a3! (a35^,a3,a3/17,a3)! 4x(a35^,a3,a3/17,a3)"),
    ("PRI", "(a3!,n15,a3,a3,n9,a3) a3"),
    ("QTY", "(a3!,q15/35!,a3)!"),
    ("QVR", "(n15!,a3) a3 (a3!,a3/17,a3,a35/256)"),
    ("RFF", "(a3!,a35/70^,a6,a35,a6)!"),
    ("SCC", "a3! a3 (a3,a3,a3)"),
    ("TAX", "a3! (a3,a3/17,a3,a35) (a6/12!,a3/17,a3) a15 (a7,a3/17,a3,a17,a12,a3,a3) a3 a20 a3 a3"),
    ("TDT", "a3! a17 (a3,a17) (a8,a17) (a17,a3/17,a3,a35) a3 (a3!,a3!,a17) (a9,a3/17,a3,a35,a3) a3"),
    ("TOD", "a3 a3 (a3,a3/17,a3,a70,a70)"),
    ("UCD", "a3! (n3!,n3)!"),
    ("UCF", "a14! (a35!,a4) (a35!,a4) a3! a3 a3 (n3!,n3)"),
    ("UCI", "a14! (a35!,a4,a14/35)! (a35!,a4,a14/35)! a3! a3 a3 (n3!,n3)"),
    ("UCM", "a14! (a6!,a3!,a3!,a3/2!,a6)! a3! a3 a3 (n3!,n3)"),
    ("UCS", "n6! a3"),
    ("UNS", "a1!"),
];

/// Segments of the directories without a table here; they are kept as they are.
const KNOWN: &[&str] = &[
    "APR", "AUT", "CCI", "CDI", "CED", "DGS", "DLI", "DLM", "DMS", "EQA", "FII", "GDS", "GIS", "HAN", "IDE",
    "INP", "LAN", "PAI", "PRC", "RCS", "RNG", "RTE", "SEL", "SGP", "SPS", "STG", "STS", "TMD", "TMP", "TSR",
    "UGH", "UGS",
];

static LAYOUTS: LazyLock<Vec<Layout>> = LazyLock::new(|| {
    ROWS.iter()
        .map(|(id, row)| Layout { id, key: key(id), elements: row.split(' ').flat_map(elements).collect() })
        .collect()
});

/// The layout of a segment, if it is read element by element.
pub(crate) fn layout(id: &str) -> Option<&'static Layout> {
    let at = LAYOUTS.binary_search_by_key(&key(id), |layout| layout.key).ok()?;
    LAYOUTS.get(at).filter(|layout| layout.id == id)
}

fn key(id: &str) -> u32 {
    SegmentId::new(id.as_bytes()).key()
}

/// Whether the directories have such a segment.
pub(crate) fn is_known(id: &str) -> bool {
    layout(id).is_some() || KNOWN.contains(&id)
}

fn elements(text: &str) -> Vec<Element> {
    let (times, text) =
        text.split_once("x(").map_or((1, text), |(times, text)| (times.parse().unwrap_or(1), text));
    let (text, mandatory) = if text.ends_with(")!") || !text.contains(',') && text.ends_with('!') {
        (text.trim_end_matches('!'), true)
    } else {
        (text, false)
    };
    let inside = text.trim_start_matches('(').trim_end_matches(')');
    let components: Vec<Component> = inside.split(',').filter_map(component).collect();
    vec![Element { components, mandatory }; times]
}

fn component(text: &str) -> Option<Component> {
    let mandatory = text.ends_with('!');
    let text = text.trim_end_matches('!');
    let identifies = text.ends_with('^');
    let text = text.trim_end_matches('^');
    let text_later = text.starts_with('q');
    let number = text_later || text.starts_with('n');
    let lengths = text.get(1..)?;
    let (longest, later) = lengths.split_once('/').unwrap_or((lengths, lengths));
    let (longest, longest_later) = (longest.parse().ok()?, later.parse().ok()?);
    Some(Component { number, text_later, longest, longest_later, mandatory, identifies })
}

#[cfg(test)]
pub(crate) fn all() -> impl Iterator<Item = &'static Layout> {
    LAYOUTS.iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_whole() {
        for (id, elements, components) in
            [("BGM", 4, 9), ("LIN", 6, 10), ("NAD", 9, 26), ("PIA", 6, 21), ("QTY", 1, 3), ("UNS", 1, 1)]
        {
            let layout = layout(id).expect(id);
            let found: usize = layout.elements.iter().map(|element| element.components.len()).sum();
            assert_eq!((layout.elements.len(), found), (elements, components), "{id}");
        }
        assert!(LAYOUTS.is_sorted_by_key(|layout| layout.id));
        let unt = layout("QTY").expect("a row");
        assert!(unt.elements[0].mandatory && unt.elements[0].components[0].mandatory);
        assert_eq!(
            (unt.elements[0].components[1].longest, unt.elements[0].components[1].longest_later),
            (15, 35)
        );
    }
}
