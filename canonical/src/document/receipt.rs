//! What a warehouse received, out of JSON.
use serde_json::Value;

use super::{
    Reader,
    pieces::{CODE, Code, TEXT, read_date},
};
use crate::{
    Field, Micro, Problems,
    receipt::{ReceiptDocument, ReceiptLine},
    states::{GoodsCondition, QuantityBasis, ReceiptKind},
};

/// The most pieces of evidence of one line.
const MAX_EVIDENCE: usize = 50;

/// Reads one statement of a warehouse.
///
/// # Errors
/// Every problem of the document, each with its field.
pub fn read_receipt(document: &Value) -> Result<ReceiptDocument, Problems> {
    let mut problems = Problems::new();
    match read(document, &mut problems) {
        Some(receipt) if problems.is_empty() => check_receipt(&receipt).map(|()| receipt),
        _ => Err(problems),
    }
}

fn read(document: &Value, problems: &mut Problems) -> Option<ReceiptDocument> {
    let mut r = Reader::new(document, Field::root(), problems);
    let number = r.required_code("number", CODE, problems);
    let kind = r.parsed("kind", problems);
    let kind = r.require("kind", kind, problems);
    let basis = r.parsed("basis", problems).unwrap_or(QuantityBasis::Delta);
    let replaces = r.parsed::<Code>("replaces", problems).map(|code| code.0);
    let supplier = r.parsed::<Code>("supplier", problems).map(|code| code.0);
    let shipment = r.parsed::<Code>("shipment", problems).map(|code| code.0);
    let location = r.parsed::<Code>("location", problems).map(|code| code.0);
    let received_at = r.parsed("receivedAt", problems);
    let received_at = r.require("receivedAt", received_at, problems);
    let sequence = r.parsed("sequence", problems);
    let lines = r.list("lines", problems).into_iter();
    let lines = lines.filter_map(|(item, field)| read_line(item, field, problems)).collect();
    r.finish(problems);
    Some(ReceiptDocument {
        number: number?,
        kind: kind?,
        basis,
        replaces,
        supplier,
        shipment,
        location,
        received_at: received_at?,
        sequence,
        lines,
    })
}

fn read_line(item: &Value, field: Field, problems: &mut Problems) -> Option<ReceiptLine> {
    let mut r = Reader::new(item, field, problems);
    let order = r.parsed::<Code>("order", problems).map(|code| code.0);
    let order = r.require("order", order, problems);
    let line = r.parsed::<Code>("line", problems).map(|code| code.0);
    let line = r.require("line", line, problems);
    let quantity = r.parsed("quantity", problems);
    let quantity = r.require("quantity", quantity, problems);
    let unit = r.text("unit", CODE, problems);
    let condition = r.parsed("condition", problems).unwrap_or(GoodsCondition::Good);
    let condition_code = r.parsed::<Code>("conditionCode", problems).map(|code| code.0);
    let item = r.text("item", CODE, problems);
    let sscc = r.parsed("sscc", problems);
    let lot = r.parsed::<Code>("lot", problems).map(|code| code.0);
    let expires_on = read_date(&mut r, "expiresOn", problems);
    let evidence = r.texts("evidence", TEXT, problems);
    r.finish(problems);
    Some(ReceiptLine {
        order: order?,
        line: line?,
        quantity: quantity?,
        unit,
        condition,
        condition_code,
        item,
        sscc,
        lot,
        expires_on,
        evidence,
    })
}

/// Checks a statement that came another way than as JSON.
///
/// # Errors
/// Every problem, with the field of the canonical document.
pub fn check_receipt(receipt: &ReceiptDocument) -> Result<(), Problems> {
    let mut problems = Problems::new();
    let root = Field::root();
    if receipt.replaces.as_ref() == Some(&receipt.number) {
        problems.add("INVALID_VALUE", &root.at("replaces"), "a statement cannot replace itself");
    }
    if receipt.kind == ReceiptKind::Reversal {
        if receipt.replaces.is_none() {
            problems.add("REQUIRED", &root.at("replaces"), "a reversal names the statement it takes back");
        }
        if !receipt.lines.is_empty() {
            let message = "a reversal takes back a whole statement and has no lines";
            problems.add("INVALID_VALUE", &root.at("lines"), message);
        }
    } else if receipt.lines.is_empty() && (receipt.kind != ReceiptKind::Final || receipt.shipment.is_none()) {
        // The last word about a shipment may be that nothing came.
        problems.add("REQUIRED", &root.at("lines"), "say what was received, of at least one line");
    }
    for (index, line) in receipt.lines.iter().enumerate() {
        check_line(line, &root.at("lines").at(index), &mut problems);
    }
    problems.into_result()
}

fn check_line(line: &ReceiptLine, field: &Field, problems: &mut Problems) {
    if line.quantity < Micro::ZERO {
        let message = "must not be negative; take a statement back by a REVERSAL that names it";
        problems.add("INVALID_VALUE", &field.at("quantity"), message);
    }
    if line.evidence.len() > MAX_EVIDENCE {
        problems.add("TOO_MANY", &field.at("evidence"), format!("at most {MAX_EVIDENCE} are taken"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn receipt() -> Value {
        json!({
            "number": "GR-1", "kind": "FINAL", "shipment": "ASN-1", "location": "DC1",
            "receivedAt": "2026-12-04T09:00:00Z", "sequence": 7,
            "lines": [
                { "order": "4500000001", "line": "00010", "quantity": "90" },
                { "order": 4_500_000_001_u64, "line": 20, "quantity": 2, "unit": "XCT", "condition": "DAMAGED",
                  "conditionCode": "01", "sscc": "106141411234567897", "expiresOn": "2027-01-01", "evidence": ["photo 1"] }
            ]
        })
    }

    fn told(problems: &Problems) -> Vec<(&str, String)> {
        problems.as_slice().iter().map(|p| (p.code.as_str(), p.field.join("."))).collect()
    }

    #[test]
    fn a_sound_receipt_is_read_with_what_it_leaves_out() {
        let receipt = read_receipt(&receipt()).unwrap();
        assert_eq!(receipt.basis, QuantityBasis::Delta);
        assert_eq!(receipt.lines[0].condition, GoodsCondition::Good);
        assert_eq!((receipt.lines[1].order.as_str(), receipt.lines[1].line.as_str()), ("4500000001", "20"));
        let stored = serde_json::to_value(&receipt).unwrap();
        assert_eq!(read_receipt(&stored).unwrap(), receipt, "what is stored reads the same");
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let mut document = receipt();
        document["kind"] = json!("PARTIAL");
        document["receivedAt"] = Value::Null;
        document["lines"][0]["quantity"] = json!(1.5);
        document["lines"][1]["sscc"] = json!("106141411234567890");
        document["lines"][1]["weight"] = json!("1");
        let problems = read_receipt(&document).unwrap_err();
        assert_eq!(
            told(&problems),
            [
                ("INVALID_VALUE", "kind".to_owned()),
                ("REQUIRED", "receivedAt".to_owned()),
                ("INVALID_TYPE", "lines.0.quantity".to_owned()),
                ("INVALID_VALUE", "lines.1.sscc".to_owned()),
                ("UNKNOWN_FIELD", "lines.1.weight".to_owned()),
            ]
        );
    }

    #[test]
    fn fields_are_checked_against_each_other() {
        let mut document = receipt();
        document["kind"] = json!("REVERSAL");
        document["lines"][0]["quantity"] = json!("-1");
        let problems = read_receipt(&document).unwrap_err();
        let expected =
            [("REQUIRED", "replaces"), ("INVALID_VALUE", "lines"), ("INVALID_VALUE", "lines.0.quantity")];
        assert_eq!(told(&problems), expected.map(|(code, field)| (code, field.to_owned())));

        let itself = json!({ "number": "R", "kind": "REVERSAL", "replaces": "R", "receivedAt": "2026-12-04T09:00:00Z" });
        assert_eq!(told(&read_receipt(&itself).unwrap_err()), [("INVALID_VALUE", "replaces".to_owned())]);
        let empty = json!({ "number": "R", "kind": "INCREMENT", "receivedAt": "2026-12-04T09:00:00Z" });
        assert_eq!(told(&read_receipt(&empty).unwrap_err()), [("REQUIRED", "lines".to_owned())]);
        let nothing_came = json!({ "number": "R", "kind": "FINAL", "shipment": "ASN-1", "receivedAt": "2026-12-04T09:00:00Z" });
        assert!(read_receipt(&nothing_came).is_ok(), "the last word can be that nothing came");
    }
}
