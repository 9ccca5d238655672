//! Unit codes we know: the trade's selection of UN/ECE Recommendation 20 and of the package types of
//! Recommendation 21 (with their `X` prefix), and the X12 element 355 codes that mean the same.
//!
//! A code outside these lists is kept as it came and reported; it is never replaced.

/// UN/ECE Rec 20 (revision 11e) and Rec 21 (revision 9e) codes in common use.
const KNOWN: &[&str] = &[
    "ANN", "BLL", "C62", "CEN", "CMK", "CMQ", "CMT", "DAY", "DLT", "DMQ", "DZN", "EA", "FOT", "FTK", "FTQ",
    "GLI", "GLL", "GRM", "GRO", "H87", "HLT", "HUR", "INH", "INQ", "KGM", "KMT", "KT", "KWH", "LBR", "LO",
    "LTR", "MIL", "MIN", "MLT", "MMT", "MON", "MTK", "MTQ", "MTR", "NAR", "ONZ", "OZA", "P1", "PR", "PTL",
    "QTL", "SEC", "SET", "STN", "TNE", "WEE", "XBG", "XBX", "XCA", "XCS", "XCT", "XPA", "XPK", "XPL", "XPX",
    "XRO", "YRD", "ZZ",
];

/// X12 355 codes and the UN/ECE code of the same meaning.
const X12: &[(&str, &str)] = &[
    ("BG", "XBG"),
    ("BX", "XBX"),
    ("CA", "XCS"),
    ("CF", "FTQ"),
    ("CR", "MTQ"),
    ("CT", "XCT"),
    ("DZ", "DZN"),
    ("EA", "EA"),
    ("FT", "FOT"),
    ("GA", "GLL"),
    ("GS", "GRO"),
    ("IN", "INH"),
    ("KG", "KGM"),
    ("KT", "KT"),
    ("LB", "LBR"),
    ("LT", "LTR"),
    ("MR", "MTR"),
    ("OZ", "ONZ"),
    ("PC", "H87"),
    ("PK", "XPK"),
    ("PL", "XPX"),
    ("PR", "PR"),
    ("SF", "FTK"),
    ("SM", "MTK"),
    ("ST", "SET"),
    ("TH", "MIL"),
    ("TN", "STN"),
];

/// Whether `code` is a UN/ECE unit code we know.
#[must_use]
pub fn is_known(code: &str) -> bool {
    KNOWN.contains(&code)
}

/// The UN/ECE code of an X12 355 code, or nothing when there is no certain one.
#[must_use]
pub fn from_x12(code: &str) -> Option<&'static str> {
    X12.iter().find(|(x12, _)| *x12 == code).map(|(_, unece)| *unece)
}

/// The X12 355 code of a UN/ECE code, or nothing when there is no certain one.
#[must_use]
pub fn to_x12(code: &str) -> Option<&'static str> {
    X12.iter().find(|(_, unece)| *unece == code).map(|(x12, _)| *x12)
}

/// The code of today's Recommendation 20 for one that EDIFACT messages still use, or nothing when it is none of those.
#[must_use]
pub fn from_edifact(code: &str) -> Option<&'static str> {
    match code {
        "PCE" => Some("H87"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_translation_ends_in_a_known_unit_and_a_cassette_is_no_case() {
        assert!(X12.iter().all(|(_, unece)| is_known(unece)));
        assert!(from_edifact("PCE").is_some_and(is_known) && from_edifact("KGM").is_none());
        assert_eq!(from_x12("CA"), Some("XCS"));
        assert_eq!(from_x12("CS"), None, "X12 CS is a cassette, often written for a case: never guessed");
    }
}
