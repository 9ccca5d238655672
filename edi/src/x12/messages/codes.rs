//! Code lists of the elements that steer an order, a shipment or a receipt. A code outside its list is kept and
//! reported: the lists grow with each version of the standard, and partners add their own.

use std::sync::LazyLock;

use crate::position::SegmentId;

use super::answers;
use super::dictionary::{self, Layout};

/// The sets that share tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// 850, 855, 860 and 865.
    Order,
    /// 856.
    ShipNotice,
    /// 861.
    ReceivingAdvice,
    /// 810, 824, 997 and 999, by ST01.
    Answer(&'static str),
}

/// Data element 353, purpose of the set.
pub(super) const PURPOSE: &[&str] = &[
    "00", "01", "02", "03", "04", "05", "06", "07", "08", "11", "14", "15", "16", "17", "18", "19", "20",
    "22", "24", "25", "44", "54", "CO",
];

/// Data element 92, purchase order type.
pub(super) const ORDER_TYPE: &[&str] =
    &["BE", "BK", "CN", "CP", "DS", "EO", "KN", "NE", "NS", "OS", "RE", "RL", "RO", "SA", "SP", "ST"];

/// Data element 587, acknowledgment type.
pub(super) const ACKNOWLEDGMENT_TYPE: &[&str] =
    &["AC", "AD", "AE", "AH", "AK", "AP", "AT", "NA", "RD", "RF", "RJ", "RN", "RO", "RV", "ZZ"];

/// Data element 668, line item status.
pub(super) const LINE_STATUS: &[&str] = &[
    "AA", "AC", "AR", "BP", "DR", "IA", "IB", "IC", "ID", "IE", "IF", "IH", "IP", "IQ", "IR", "IS", "IW",
    "R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "SP",
];

/// Data element 670, change or response type.
pub(super) const LINE_CHANGE: &[&str] = &[
    "AI", "CA", "CB", "CC", "CE", "CF", "CG", "CH", "CI", "CT", "DI", "MU", "NC", "OA", "OC", "PC", "PQ",
    "PR", "QD", "QI", "RA", "RB", "RC", "RE", "RM", "RQ", "RS", "RZ", "TI",
];

/// Data element 1005, how the levels of a shipment are meant to hang together.
pub(super) const STRUCTURE: &[&str] = &["0001", "0002", "0003", "0004"];

/// Data element 735, what a level is: shipment, order, pallet, pack, pack within a pack, item, equipment, component, kit.
pub(super) const LEVEL: &[&str] = &["S", "O", "T", "P", "Q", "I", "E", "F", "K"];

/// Data element 962, what a receiving advice tells of.
pub(super) const ADVICE_TYPE: &[&str] = &["1", "2", "3", "8"];

/// Data element 412, what is the matter with goods received.
pub(super) const CONDITION: &[&str] =
    &["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14", "16"];

/// The list of an element, if we hold one.
pub(super) fn list(segment: &str, element: usize) -> Option<&'static [&'static str]> {
    match (segment, element) {
        ("BEG" | "BAK" | "BCH" | "BCA" | "BSN" | "BGN", 1) | ("BRA", 3) => Some(PURPOSE),
        ("BEG" | "BCH", 2) => Some(ORDER_TYPE),
        ("BAK" | "BCA", 2) => Some(ACKNOWLEDGMENT_TYPE),
        ("ACK", 1) | ("SN1", 8) => Some(LINE_STATUS),
        ("POC", 2) => Some(LINE_CHANGE),
        ("BSN", 5) => Some(STRUCTURE),
        ("HL", 3) => Some(LEVEL),
        ("AK5" | "IK5", 1) => Some(&["A", "E", "M", "R", "W", "X"]),
        ("AK9", 1) => Some(&["A", "E", "M", "P", "R", "W", "X"]),
        ("BRA", 4) => Some(ADVICE_TYPE),
        ("BRA", 6) | ("RCD", 8 | 11 | 14 | 17 | 20) => Some(CONDITION),
        _ => None,
    }
}

/// Segments of 850, 855 and 860 that have no table here: known, kept as they are.
const KEPT: &[&str] = &[
    "ADV", "AMT", "CB1", "CN1", "CSH", "CTB", "CTC", "DIS", "EFI", "EM", "FA1", "FA2", "G53", "IN1", "IN2",
    "INC", "IT3", "IT8", "LDT", "LE", "LM", "LQ", "LS", "MAN", "MEA", "MSG", "MTX", "NTE", "NX2", "PAM",
    "PCT", "PKG", "PO3", "PWK", "RRA", "SAC", "SI", "SLN", "SPI", "SV", "TAX", "TC2", "TD1", "TD3", "TD4",
    "TXI", "YNQ",
];

/// Segments that make sense in other sets only.
const FOREIGN: &[&str] = &[
    "ADX", "AK1", "AK2", "AK3", "AK4", "AK5", "AK9", "BAL", "BCT", "BFR", "BGN", "BIA", "BIG", "BPR", "BRA",
    "BSN", "CAD", "CLD", "CLP", "ENT", "ETD", "FST", "HL", "ISS", "IT1", "LX", "NM1", "OTI", "PAL", "PRF",
    "RCD", "RMR", "SN1", "TDS", "TED", "TRN", "TSD",
];

/// Segments of 856 and 861 besides those that begin them and their loops.
const OF_SHIPPING: &[&str] = &[
    "CLD", "CTT", "CUR", "DTM", "EFI", "ETD", "FOB", "GF", "ITA", "LEP", "LFH", "LH1", "LH2", "LH3", "LH4",
    "LHE", "LHR", "LHT", "LIN", "LM", "LQ", "MAN", "MEA", "N1", "N2", "N3", "N4", "PAL", "PER", "PID", "PKG",
    "PO4", "PRF", "PWK", "R4", "REF", "SAC", "SDQ", "SLN", "SN1", "TD1", "TD3", "TD4", "TD5", "TSD", "V1",
    "YNQ",
];

/// Segments that begin a set or a loop of another kind: found elsewhere, they are a mistake.
const OPENERS: &[&str] = &["BEG", "BAK", "BCH", "BCA", "PO1", "POC", "ACK", "BSN", "HL", "BRA", "RCD"];

/// What a segment is to a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It belongs there.
    Own,
    /// It is known and harmless, but nothing there has a use for it.
    Odd,
    Foreign,
    Unknown,
}

/// What the sets of a family make of each segment.
#[derive(Debug)]
pub(super) struct Table {
    family: Family,
    /// In the order of their ids.
    rows: Vec<(SegmentId, Known)>,
}

/// What is known of a segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) standing: Standing,
    pub(super) layout: Option<&'static Layout>,
}

static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| {
    let answers = answers::sets().map(Family::Answer);
    let families = [Family::Order, Family::ShipNotice, Family::ReceivingAdvice].into_iter().chain(answers);
    families.map(Table::new).collect()
});

impl Table {
    pub(super) fn of(family: Family) -> &'static Self {
        static NOTHING: Table = Table { family: Family::Order, rows: Vec::new() };
        TABLES.iter().find(|table| table.family == family).unwrap_or(&NOTHING)
    }

    fn new(family: Family) -> Self {
        let lists = [KEPT, FOREIGN, OF_SHIPPING, OPENERS].into_iter().flatten().copied();
        let mut rows: Vec<(SegmentId, Known)> = lists
            .chain(dictionary::ids())
            .chain(answers::ids())
            .map(|id| {
                let known = Known { standing: standing(family, id), layout: dictionary::layout(family, id) };
                (SegmentId::new(id.as_bytes()), known)
            })
            .collect();
        rows.sort_by_key(|(id, _)| id.key());
        rows.dedup_by_key(|(id, _)| *id);
        Self { family, rows }
    }

    pub(super) fn find(&self, id: SegmentId) -> Known {
        let found = self.rows.binary_search_by_key(&id.key(), |(id, _)| id.key());
        let row = found.ok().and_then(|at| self.rows.get(at));
        row.map_or(Known { standing: Standing::Unknown, layout: None }, |(_, known)| *known)
    }
}

fn standing(family: Family, segment: &str) -> Standing {
    match family {
        Family::Order => in_order(segment),
        Family::ShipNotice => in_shipping(segment, &["BSN", "HL"]),
        Family::ReceivingAdvice => in_shipping(segment, &["BRA", "RCD"]),
        Family::Answer(id) if answers::has(id, segment) => Standing::Own,
        Family::Answer(_) => match in_order(segment) {
            _ if OPENERS.contains(&segment) => Standing::Foreign,
            Standing::Own => Standing::Odd,
            other => other,
        },
    }
}

fn in_order(segment: &str) -> Standing {
    if KEPT.contains(&segment) || dictionary::layout(Family::Order, segment).is_some() {
        Standing::Own
    } else if FOREIGN.contains(&segment) {
        Standing::Foreign
    } else {
        Standing::Unknown
    }
}

fn in_shipping(segment: &str, openers: &[&str]) -> Standing {
    if OF_SHIPPING.contains(&segment) || openers.contains(&segment) {
        Standing::Own
    } else if OPENERS.contains(&segment) || FOREIGN.contains(&segment) {
        Standing::Foreign
    } else if in_order(segment) == Standing::Own {
        Standing::Odd
    } else {
        Standing::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_segment_is_both_kept_and_foreign() {
        assert!(KEPT.iter().all(|id| !FOREIGN.contains(id)));
    }

    #[test]
    fn a_segment_is_judged_by_the_set_it_stands_in() {
        for (segment, order, notice, advice) in [
            ("PO1", Standing::Own, Standing::Foreign, Standing::Foreign),
            ("HL", Standing::Foreign, Standing::Own, Standing::Foreign),
            ("RCD", Standing::Foreign, Standing::Foreign, Standing::Own),
            ("SN1", Standing::Foreign, Standing::Own, Standing::Own),
            ("MSG", Standing::Own, Standing::Odd, Standing::Odd),
            ("REF", Standing::Own, Standing::Own, Standing::Own),
            ("PIZ", Standing::Unknown, Standing::Unknown, Standing::Unknown),
        ] {
            let found = [Family::Order, Family::ShipNotice, Family::ReceivingAdvice]
                .map(|set| standing(set, segment));
            assert_eq!(found, [order, notice, advice], "{segment}");
        }
    }
}
