//! The segments we read, element by element, as 004010 has them.
//!
//! A row is short on purpose: kind, shortest and longest, `!` where the element must be there.
//! Kinds: `A` text or code, `N` integer, `R` decimal, `D` date, `T` time, `C` composite.

use std::sync::LazyLock;

use super::codes::{self, Family};

/// What an element holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
    Decimal,
    Date,
    Time,
    Composite,
}

/// One element of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) kind: Kind,
    pub(super) shortest: usize,
    pub(super) longest: usize,
    pub(super) mandatory: bool,
    /// The codes it may hold, if we hold a list of them.
    pub(super) codes: Option<&'static [&'static str]>,
}

/// One segment.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) id: &'static str,
    pub(super) elements: Vec<Element>,
    /// The last element that must be there; 0 if none must.
    pub(super) mandatory: usize,
    /// Elements that come together or not at all, and whether the set is refused otherwise.
    pub(super) pairs: Vec<(usize, usize, bool)>,
    /// Elements of which one must be there.
    pub(super) one_of: &'static [usize],
}

const ROWS: &[(&str, &str)] = &[
    ("BEG", "A2/2! A2/2! A1/22! A1/30 D8/8! A1/30 A2/2 A3/3 A2/2 A2/2 A2/2 A2/2"),
    ("BAK", "A2/2! A2/2! A1/22! D8/8! A1/30 A1/45 A1/30 A1/30 D8/8 A2/2"),
    ("BCA", "A2/2! A2/2 A1/22! A1/30 A1/8 D8/8! A1/45 A1/30 A1/30 D8/8 D8/8 D8/8 A2/2 A2/2 A2/2 A2/2"),
    ("BCH", "A2/2! A2/2! A1/22! A1/30 A1/8 D8/8! A1/45 A1/30 A1/30 D8/8 D8/8 A2/2 A2/2 A2/2 A2/2 A2/2"),
    (
        "CUR",
        "A2/3! A3/3! R4/10 A2/3 A3/3 A3/3 A3/3 D8/8 T4/8 A3/3 D8/8 T4/8 A3/3 D8/8 T4/8 A3/3 D8/8 T4/8 A3/3 D8/8 T4/8",
    ),
    ("REF", "A2/3! A1/30 A1/80 C"),
    ("PER", "A2/2! A1/60 A2/2 A1/80 A2/2 A1/80 A2/2 A1/80 A1/20"),
    ("FOB", "A2/2! A1/2 A1/80 A2/2 A3/3 A1/2 A1/80 A2/2 A1/80"),
    ("ITD", "A2/2 A1/2 R1/6 D8/8 N1/3 D8/8 N1/3 A1/10 D8/8 A1/10 R1/5 A1/80 N1/2 A1/2 R1/10"),
    ("DTM", "A3/3! D8/8 T4/8 A2/2 A2/3 A1/35"),
    ("TD5", "A1/2 A1/2 A2/80 A1/2 A1/35 A2/2 A1/2 A1/30 A2/2 A2/2 R1/4 A2/2 A2/2 A2/2 A2/3"),
    ("N1", "A2/3! A1/60 A1/2 A2/80 A2/2 A2/3"),
    ("N2", "A1/60! A1/60"),
    ("N3", "A1/55! A1/55"),
    ("N4", "A2/30 A2/2 A3/15 A2/3 A1/2 A1/30"),
    ("PO1", "A1/20 R1/15 A2/2 R1/17 A2/2 10x(A2/2,A1/48)"),
    ("POC", "A1/20 A2/2! R1/15 R1/9 C R1/17 A2/2 10x(A2/2,A1/48)"),
    ("PID", "A1/1! A2/3 A2/2 A1/12 A1/80 A2/2 A1/15 A1/1 A2/3"),
    ("PO4", "N1/6 R1/8 A2/2 A3/5 A1/2 R1/9 A2/2 R1/9 A2/2 R1/8 R1/8 R1/8 A2/2 N1/6 A2/2 A1/20 A1/20 N1/9"),
    ("SCH", "R1/15! A2/2! A2/3 A1/60 A3/3! D8/8! T4/8 A3/3 D8/8 T4/8 A1/45 A1/20"),
    ("SDQ", "A2/2! A1/2 A2/80! R1/15! 9x(A2/80,R1/15) A1/30"),
    ("ACK", "A2/2! R1/15 A2/2 A3/3 D8/8 A1/45 10x(A2/2,A1/48) A2/2 A1/15 A1/30"),
    ("CTT", "N1/6! R1/10 R1/10 A2/2 R1/8 A2/2 A1/80"),
    ("CTP", "A2/2 A3/3 R1/17 R1/15 C A3/3 R1/10 R1/18 A2/2 A1/10 N1/2"),
    ("N9", "A2/3! A1/30 A1/45 D8/8 T4/8 A2/2 C"),
    ("MSG", "A1/264! A2/2 N1/9"),
    ("QTY", "A2/2! R1/15 C A1/30"),
    ("LIN", "A1/20 A2/2! A1/48! 14x(A2/2,A1/48)"),
];

/// Segments of 856 and 861. The order sets know some of them too, and keep them as they are.
const SHIPPING_ROWS: &[(&str, &str)] = &[
    ("BSN", "A2/2! A2/30! D8/8! T4/8! A4/4 A2/2 A3/3"),
    ("BRA", "A1/30! D8/8! A2/2! A1/1! T4/8 A2/2 A1/2"),
    ("HL", "A1/12! A1/12 A1/2! A1/1"),
    ("PRF", "A1/22! A1/30 A1/8 D8/8 A1/20 A1/30 A2/2"),
    ("MAN", "A1/2! A1/48! A1/48 A1/2 A1/48 A1/48"),
    ("SN1", "A1/20 R1/10! A2/2! R1/15 R1/15 A2/2 A1/2 A2/2"),
    ("SLN", "A1/20! A1/20 A1/1! R1/15 C R1/17 A2/2 A1/1 10x(A2/2,A1/48)"),
    ("RCD", "A1/20 R1/9 C R1/9 C 5x(R1/9,C,A2/2) R1/15"),
    ("TD1", "A3/5 N1/7 A1/1 A1/30 A1/50 A1/2 R1/10 A2/2 R1/8 A2/2"),
    ("TD3", "A2/2 A1/4 A1/10 A1/2 R1/10 A2/2 A1/1 A2/2 A2/15 A4/4"),
    ("PKG", "A1/1 A1/5 A2/2 A1/7 A1/80 A2/2"),
];

/// Segments of 810, 824, 997 and 999.
const ANSWER_ROWS: &[(&str, &str)] = &[
    ("AK1", "A2/2! N1/9! A1/12"),
    ("AK2", "A3/3! A4/9! A1/35"),
    ("AK3", "A2/3! N1/6! A1/6 A1/3"),
    ("AK4", "C! N1/4 A1/3! A1/99"),
    ("AK5", "A1/1! A1/3 A1/3 A1/3 A1/3 A1/3"),
    ("AK9", "A1/1! N1/6! N1/6! N1/6! A1/3 A1/3 A1/3 A1/3 A1/3"),
    ("BGN", "A2/2! A1/30! D8/8! T4/8 A2/2 A1/30 A2/2 A1/2 A2/2"),
    ("BIG", "D8/8! A1/22! D8/8 A1/22 A1/30 A1/8 A2/2 A2/2 A1/2 A1/22"),
    ("IK3", "A2/3! N1/10! A1/6 A1/3"),
    ("IK4", "C! N1/4 A1/3! A1/99"),
    ("IK5", "A1/1! A1/3 A1/3 A1/3 A1/3 A1/3"),
    ("IT1", "A1/20 R1/10 A2/2 R1/17 A2/2 10x(A2/2,A1/48)"),
    ("NTE", "A3/3 A1/80!"),
    ("OTI", "A1/2! A2/3! A1/30! A2/15 A2/15 D8/8 T4/8 N1/9 A4/9 A3/3 A1/12 A2/2 A2/2 A2/2 A1/2 A1/2 A3/3"),
    ("SAC", "A1/1! A4/4 A2/2 A1/10 R1/15 A1/1 R1/6 R1/9 A2/2 R1/10 R1/10 A2/2 A1/30 A1/20 A1/80 A2/3"),
    ("TDS", "R1/15! R1/15 R1/15 R1/15"),
    ("TED", "A1/3! A1/60 A2/3 N1/6 N1/2 N1/4 A1/99 A1/99"),
];

/// Pairs: a value without its qualifier cannot be read, so neither may stand alone.
const PAIRS: &[(&str, usize, usize)] = &[
    ("N1", 3, 4),
    ("PO1", 6, 25),
    ("POC", 8, 27),
    ("ACK", 7, 26),
    ("LIN", 2, 31),
    ("SDQ", 3, 22),
    ("SLN", 9, 28),
];

/// Pairs whose value can still be read, or does not matter enough to refuse an order over it.
const LOOSE_PAIRS: &[(&str, usize, usize)] = &[
    ("ACK", 2, 3),
    ("PER", 3, 8),
    ("PO4", 2, 3),
    ("PO4", 6, 9),
    ("CTP", 4, 5),
    ("SN1", 5, 6),
    ("MAN", 4, 5),
    ("TD1", 7, 10),
    ("TD3", 5, 6),
    ("SLN", 4, 5),
    ("RCD", 2, 7),
    ("RCD", 9, 10),
    ("RCD", 12, 13),
    ("RCD", 15, 16),
    ("RCD", 18, 19),
];

/// Elements of which at least one is there, or the segment says nothing.
const ONE_OF: &[(&str, &[usize])] = &[
    ("REF", &[2, 3, 4]),
    ("N9", &[2, 3]),
    ("N1", &[2, 3]),
    ("DTM", &[2, 3, 5]),
    ("PID", &[4, 5]),
    ("QTY", &[2, 4]),
    ("RCD", &[2, 4, 6]),
];

static LAYOUTS: LazyLock<Vec<Layout>> = LazyLock::new(|| layouts(ROWS));
static ANSWER_LAYOUTS: LazyLock<Vec<Layout>> = LazyLock::new(|| layouts(ANSWER_ROWS));
static SHIPPING_LAYOUTS: LazyLock<Vec<Layout>> = LazyLock::new(|| layouts(SHIPPING_ROWS));

fn layouts(rows: &'static [(&str, &str)]) -> Vec<Layout> {
    rows.iter()
        .map(|(id, row)| {
            let mut elements: Vec<Element> = row.split_ascii_whitespace().flat_map(group).collect();
            for (number, element) in (1..).zip(&mut elements) {
                element.codes = codes::list(id, number);
            }
            Layout {
                id,
                mandatory: elements.iter().rposition(|element| element.mandatory).map_or(0, |at| at + 1),
                elements,
                pairs: pairs_of(id, PAIRS, true).chain(pairs_of(id, LOOSE_PAIRS, false)).collect(),
                one_of: ONE_OF.iter().find(|(of, _)| of == id).map_or(&[], |(_, elements)| elements),
            }
        })
        .collect()
}

fn pairs_of(
    id: &str,
    rows: &'static [(&str, usize, usize)],
    strict: bool,
) -> impl Iterator<Item = (usize, usize, bool)> {
    rows.iter()
        .filter(move |(of, ..)| *of == id)
        .flat_map(move |(_, first, last)| (*first..*last).step_by(2).map(move |one| (one, one + 1, strict)))
}

/// The layout of a segment, if the sets of the family read it element by element.
pub(super) fn layout(family: Family, id: &str) -> Option<&'static Layout> {
    let own = match family {
        Family::Order => None,
        Family::ShipNotice | Family::ReceivingAdvice => {
            SHIPPING_LAYOUTS.iter().find(|layout| layout.id == id)
        }
        Family::Answer(_) => ANSWER_LAYOUTS.iter().find(|layout| layout.id == id),
    };
    own.or_else(|| LAYOUTS.iter().find(|layout| layout.id == id))
}

/// The segments that any family reads element by element.
pub(super) fn ids() -> impl Iterator<Item = &'static str> {
    ROWS.iter().chain(SHIPPING_ROWS).chain(ANSWER_ROWS).map(|(id, _)| *id)
}

/// `R1/15`, or `9x(A2/2,A1/48)` for elements that repeat together.
fn group(text: &str) -> Vec<Element> {
    let Some((times, inside)) = text.split_once("x(") else { return element(text).into_iter().collect() };
    let times = times.parse().unwrap_or(0);
    let once: Vec<Element> = inside.trim_end_matches(')').split(',').filter_map(element).collect();
    once.iter().copied().cycle().take(once.len() * times).collect()
}

fn element(text: &str) -> Option<Element> {
    let (text, mandatory) = text.strip_suffix('!').map_or((text, false), |text| (text, true));
    let mut letters = text.chars();
    let kind = match letters.next()? {
        'A' => Kind::Text,
        'N' => Kind::Integer,
        'R' => Kind::Decimal,
        'D' => Kind::Date,
        'T' => Kind::Time,
        _ => Kind::Composite,
    };
    let (shortest, longest) = letters.as_str().split_once('/').unwrap_or(("0", "0"));
    let (shortest, longest) = (shortest.parse().ok()?, longest.parse().ok()?);
    Some(Element { kind, shortest, longest, mandatory, codes: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(id: &str) -> usize {
        layout(Family::ShipNotice, id).map_or(0, |layout| layout.elements.len())
    }

    #[test]
    fn every_row_is_read_whole() {
        for (id, elements) in [
            ("BEG", 12),
            ("PO1", 25),
            ("POC", 27),
            ("ACK", 29),
            ("SDQ", 23),
            ("LIN", 31),
            ("CTT", 7),
            ("RCD", 21),
            ("SLN", 28),
        ] {
            assert_eq!(count(id), elements, "{id}");
        }
        for (id, row) in ROWS.iter().chain(SHIPPING_ROWS) {
            let written: usize = row.split(' ').map(|text| group(text).len().max(1)).sum();
            assert_eq!(count(id), written, "{id}: an element of the row was not understood");
        }
    }

    #[test]
    fn pairs_are_pairs() {
        for (id, first, last) in PAIRS.iter().chain(LOOSE_PAIRS) {
            assert!((last - first) % 2 == 1 && *last <= count(id), "{id}");
        }
    }
}
