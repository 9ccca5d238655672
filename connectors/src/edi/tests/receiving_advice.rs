//! 861: what was received, in which condition.
use quayside_canonical::{
    goods_statement::{FoundLine, ReceiptStatement},
    receipt::ReceiptDocument,
    states::{GoodsCondition, ReceiptKind},
};
use serde_json::json;

use super::*;

fn receipt(mapped: Mapped) -> ReceiptStatement {
    match mapped.command.unwrap() {
        Command::Receipt(statement) => *statement,
        other => panic!("{other:?}"),
    }
}

fn document(mapped: Mapped) -> ReceiptDocument {
    let found = receipt(mapped).resolve(|named| {
        Ok(FoundLine { order: named.order.clone(), line: named.line.clone().unwrap_or_default() })
    });
    found.unwrap()
}

const BEGIN: &str = "BRA*GRN-1*20260206*00*1*0910";

/// Quantities and conditions of one line.
fn line(segments: &[&str]) -> Vec<(String, GoodsCondition)> {
    let found = document(message("861", &[&[BEGIN, "PRF*PO-1"], segments].concat()));
    found.lines.iter().map(|line| (line.quantity.to_string(), line.condition)).collect()
}

#[test]
fn a_whole_receipt_survives_the_way() {
    let mapped = message(
        "861",
        &[
            "BRA*GRN-90001*20260206*00*2*0910",
            "REF*MA*ASN-55001",
            "DTM*050*20260205*1130",
            "N1*ST*ACME DC*92*DC12",
            "RCD*1*55*CA*0*CA*3*CA*01*2*CA*02",
            "LIN*1*BP*A100*VN*SKU-A101*LT*LOT-2291",
            "DTM*036*20271231",
            "PRF*PO-10045",
            "MAN*GM*00106141411234567897",
            "CTT*1",
        ],
    );
    assert_eq!((mapped.key.as_str(), mapped.warnings.as_slice()), ("861 GRN-90001 00", &[][..]));
    let line = |quantity: &str, condition: &str, code: Option<&str>| {
        let mut line = json!({
            "order": "PO-10045", "line": "1", "quantity": quantity, "unit": "XCS", "condition": condition,
            "sscc": "106141411234567897", "lot": "LOT-2291", "expiresOn": "2027-12-31",
        });
        if let Some(code) = code {
            line["conditionCode"] = json!(code);
        }
        line
    };
    let expected = json!({
        "number": "GRN-90001",
        "kind": "FINAL",
        "basis": "DELTA",
        "supplier": "V-100",
        "shipment": "ASN-55001",
        "location": "DC12",
        "receivedAt": "2026-02-05T11:30:00Z",
        "lines": [line("55", "GOOD", None), line("3", "DAMAGED", Some("01"))],
    });
    assert_eq!(serde_json::to_value(document(mapped)).unwrap(), expected);
}

#[test]
fn each_condition_says_what_came_and_how() {
    use GoodsCondition::{Damaged, Good, QualityHold, Unknown, WrongItem};
    for (rcd, expected) in [
        ("RCD*1*5*EA", vec![("5", Good)]),
        ("RCD*1*0*EA", vec![("0", Good)]),
        ("RCD*1*5*EA***2*EA*01", vec![("5", Good), ("2", Damaged)]),
        ("RCD*1*5*EA***2*EA*03", vec![("5", Good)]),
        ("RCD*1*5*EA***2*EA*04*1*EA*05", vec![("5", Good), ("2", QualityHold), ("1", WrongItem)]),
        ("RCD*1*5*EA***2*EA*77", vec![("5", Good), ("2", Unknown)]),
        ("RCD*1*5*EA*****09", vec![("5", QualityHold)]),
        ("RCD*1*****1*EA*09", vec![("1", QualityHold)]),
        ("RCD*1*****5*EA*02", vec![("0", Good)]),
    ] {
        let expected: Vec<_> =
            expected.into_iter().map(|(number, condition)| (number.to_owned(), condition)).collect();
        assert_eq!(line(&[rcd, "LIN**VN*A"]), expected, "{rcd}");
    }
}

#[test]
fn sn1_shows_whether_goods_in_question_were_counted_already() {
    let with = |sn1: &str| line(&["RCD*1*60*EA***3*EA*01", sn1, "LIN**VN*A"]);
    assert_eq!(with("SN1**63*EA")[0].0, "60", "60 good and 3 damaged of 63");
    assert_eq!(with("SN1**60*EA")[0].0, "57", "60 came, 3 of them damaged");
    assert_eq!(with("SN1**5*CA")[0].0, "60", "cases account for nothing");
}

#[test]
fn what_is_short_is_the_last_word() {
    let kind = |kind: &str, rcd: &str| {
        let begin = format!("BRA*GRN-1*20260206*00*{kind}");
        document(message("861", &[&begin, "PRF*PO-1", rcd])).kind
    };
    assert_eq!(kind("1", "RCD*1*5*EA"), ReceiptKind::Increment);
    assert_eq!(kind("1", "RCD*1*5*EA***2*EA*02"), ReceiptKind::Final);
    assert_eq!((kind("2", "RCD*1*5*EA"), kind("8", "RCD*1*5*EA")), (ReceiptKind::Final, ReceiptKind::Final));
}

#[test]
fn a_correction_names_what_it_corrects() {
    let stamp = "20260901T123000-000000007-000000001";
    let replaced = message("861", &["BRA*GRN-1*20260206*05*1", "PRF*PO-1", "RCD*1*5*EA"]);
    assert_eq!(replaced.key, format!("861 GRN-1 05 {stamp}"));
    let found = document(replaced);
    assert_eq!((found.number, found.replaces.as_deref()), (format!("GRN-1 05 {stamp}"), Some("GRN-1")));
    let reversed = document(message("861", &["BRA*GRN-1*20260206*01*1", "RCD*1*5*EA"]));
    assert_eq!((reversed.kind, reversed.lines.len()), (ReceiptKind::Reversal, 0));
    assert_eq!(reversed.replaces.as_deref(), Some("GRN-1"));
}

#[test]
fn a_receipt_is_refused_with_every_reason_and_its_place() {
    let segments = [
        BEGIN,
        "RCD*1*5*EA",
        "REF*MA*S-1",
        "RCD*2*5*EA***1*CA*01",
        "LIN**VN*A",
        "REF*MA*S-2",
        "PRF*PO-1",
        "PRF*PO-2",
        "RCD**5*EA",
        "PRF*PO-1",
        "RCD*4",
        "PRF*PO-1",
    ];
    assert_eq!(
        refusals(message("861", &segments)),
        [
            "SEVERAL_ORDERS 9.PRF.01",
            "SEVERAL_UNITS 5.RCD.06",
            "LINE_MISSING 10.RCD",
            "REQUIRED 12.RCD",
            "SEVERAL_SHIPMENTS 7.REF.02",
        ]
    );
    let nameless = [BEGIN, "RCD*1*5*EA", "LIN**VN*A"];
    assert_eq!(refusals(message("861", &nameless)), ["ORDER_MISSING 3.RCD"], "neither order nor shipment");
    for (begin, refusal) in [
        ("BRA*GRN-1*20260206*22*1", "PURPOSE_NOT_TAKEN 2.BRA.03"),
        ("BRA*GRN-1*20260206*00*3", "TYPE_NOT_TAKEN 2.BRA.04"),
    ] {
        assert_eq!(refusals(message("861", &[begin, "PRF*PO-1", "RCD*1*5*EA"])), [refusal]);
    }
    assert_eq!(refusals(message("861", &[BEGIN, "PRF*PO-1"])), ["REQUIRED 2.BRA.01"]);
}

#[test]
fn what_went_back_is_told() {
    let mapped = message("861", &[BEGIN, "PRF*PO-1", "RCD*1*5*EA*2*EA"]);
    assert_eq!(mapped.warnings[0].code, "RETURNED_LEFT_OUT");
    assert_eq!(document(mapped).lines[0].quantity.to_string(), "5");
}

#[test]
fn samples_become_receipts() {
    let clean = document(sample("x12-861/own-861-clean-receipt.x12"));
    let shown = (clean.shipment.as_deref(), clean.location.as_deref(), clean.lines.len());
    assert_eq!(shown, (Some("ASN0000001"), Some("DC001"), 2));
    let over = document(sample("x12-861/own-861-over-multi-condition.x12"));
    let lines: Vec<_> = over.lines.iter().map(|line| (line.quantity.to_string(), line.condition)).collect();
    assert_eq!(
        lines,
        [("120".to_owned(), GoodsCondition::Good), ("3".to_owned(), GoodsCondition::QualityHold)]
    );
}
