//! Code lists of the elements that steer an order. A code outside its list is kept and reported: the
//! lists grow with each version of the standard, and partners add their own.

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

/// The list of an element, if we hold one.
pub(super) fn list(segment: &str, element: usize) -> Option<&'static [&'static str]> {
    match (segment, element) {
        ("BEG" | "BAK" | "BCH", 1) => Some(PURPOSE),
        ("BEG" | "BCH", 2) => Some(ORDER_TYPE),
        ("BAK", 2) => Some(ACKNOWLEDGMENT_TYPE),
        ("ACK", 1) => Some(LINE_STATUS),
        ("POC", 2) => Some(LINE_CHANGE),
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
    "ADX", "AK1", "AK2", "AK3", "AK4", "AK5", "AK9", "BAL", "BCA", "BCT", "BFR", "BGN", "BIA", "BIG", "BPR",
    "BRA", "BSN", "CAD", "CLD", "CLP", "ENT", "ETD", "FST", "HL", "ISS", "IT1", "LX", "NM1", "OTI", "PAL",
    "PRF", "RCD", "RMR", "SN1", "TDS", "TED", "TRN", "TSD",
];

/// What a segment without a table is to the order sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Kept,
    Foreign,
    Unknown,
}

pub(super) fn standing(segment: &str) -> Standing {
    if KEPT.contains(&segment) {
        Standing::Kept
    } else if FOREIGN.contains(&segment) {
        Standing::Foreign
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
}
