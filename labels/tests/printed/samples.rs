//! Labels to print, and what a scanner should find on them.
use quayside_canonical::gs1::Sscc;
use quayside_labels::{Contents, Label, Party, UnitOf, Weight, WeightUnit};

/// A pallet of one item and one lot.
pub(crate) fn pallet() -> Label {
    Label {
        ship_from: Party {
            name: "Northwind Foods Inc.".to_owned(),
            address: vec!["4400 Harbor Avenue SW".to_owned(), "Seattle, WA".to_owned()],
            postal_code: Some("98126".to_owned()),
            country: Some("US".to_owned()),
        },
        ship_to: Party {
            name: "Lakeside Distribution, DC 12".to_owned(),
            address: vec![
                "Receiving, Dock 7".to_owned(),
                "1200 Warehouse Road".to_owned(),
                "Columbus, OH".to_owned(),
            ],
            postal_code: Some("43207".to_owned()),
            country: Some("US".to_owned()),
        },
        supplier: Some("Northwind Foods".to_owned()),
        carrier: Some("XPO Logistics (CNWY)".to_owned()),
        bill_of_lading: Some("06141410000081234".to_owned()),
        tracking: Some("482-118023".to_owned()),
        orders: vec!["PO-10045".to_owned(), "PO-10046".to_owned()],
        shipment: Some("ASN-55001".to_owned()),
        unit: Some(UnitOf { number: 3, of: 20 }),
        package: Some("Pallet, wood".to_owned()),
        gross_weight: Some(Weight { amount: "412.5".parse().unwrap(), unit: WeightUnit::Kilogram }),
        contents: Some(Contents {
            gtin: "10614141123459".parse().unwrap(),
            count: 40,
            lot: Some("LOT-2291".to_owned()),
            best_before: Some("2027-01-31".parse().unwrap()),
            expiry: None,
        }),
        sscc: "106141411234567897".parse().unwrap(),
    }
}

/// What a scanner finds on [`pallet`], in the order of the alphabet.
pub(crate) const ON_PALLET: &[&str] = &["00106141411234567897", "02106141411234593740", "1527013110LOT-2291"];

/// Items and lots mixed: bars for the carrier instead of the contents.
pub(crate) fn mixed() -> Label {
    let sscc = Sscc::build(3, "0614141", 1).unwrap();
    let package = Some("Carton".to_owned());
    Label { contents: None, bill_of_lading: None, gross_weight: None, package, sscc, ..pallet() }
}

pub(crate) const ON_MIXED: &[&str] = &["00306141410000000013", "42043207"];

/// A lot that no GS1 symbol can carry stands in the text only.
pub(crate) fn foreign_lot() -> Label {
    let mut label = pallet();
    let contents = label.contents.as_mut().unwrap();
    contents.best_before = None;
    contents.lot = Some("Wärme 7".to_owned());
    label
}

pub(crate) const ON_FOREIGN_LOT: &[&str] = &["00106141411234567897", "02106141411234593740"];

/// As much as fits in a GS1 symbol, and text that is too long, in many scripts, or hostile to ZPL and PDF.
pub(crate) fn awkward() -> Label {
    let long = "Łódź 上海 (\\) ^XA~JA_5E\n\u{7}\u{202e} Ünïcödé ".repeat(20);
    let party = Party {
        name: long.clone(),
        address: vec![long.clone(); 9],
        postal_code: Some(long.clone()),
        country: Some(long.clone()),
    };
    Label {
        ship_from: party.clone(),
        ship_to: party,
        supplier: Some(long.clone()),
        carrier: Some(long.clone()),
        bill_of_lading: Some(long.clone()),
        tracking: Some(long.clone()),
        orders: vec![long.clone(); 30],
        shipment: Some(long.clone()),
        unit: Some(UnitOf { number: u32::MAX, of: u32::MAX }),
        package: Some(long),
        gross_weight: Some(Weight {
            amount: "9200000000000.123456".parse().unwrap(),
            unit: WeightUnit::Pound,
        }),
        contents: Some(Contents {
            gtin: "10614141123459".parse().unwrap(),
            count: 99_999_999,
            lot: Some("a>b_C%d&e'(f)*g+h,-/".to_owned()),
            best_before: Some("2027-01-31".parse().unwrap()),
            expiry: None,
        }),
        sscc: "106141411234567897".parse().unwrap(),
    }
}

pub(crate) const ON_AWKWARD: &[&str] =
    &["00106141411234567897", "02106141411234593799999999", "1527013110a>b_C%d&e'(f)*g+h,-/"];

/// Every sample and what is on it.
pub(crate) fn all() -> [(&'static str, Label, &'static [&'static str]); 4] {
    [
        ("pallet", pallet(), ON_PALLET),
        ("mixed", mixed(), ON_MIXED),
        ("foreign-lot", foreign_lot(), ON_FOREIGN_LOT),
        ("awkward", awkward(), ON_AWKWARD),
    ]
}
