//! Where the invoice of an order line stands, out of JSON.
use serde_json::Value;

use super::{
    Reader,
    pieces::{CODE, Code, TEXT, read_currency, read_revision},
};
use crate::{Field, Micro, Problems, invoice::InvoiceStatusDocument};

/// Reads what an ERP says about the invoice of one order line.
///
/// # Errors
/// Every problem of the document, each with its field.
pub fn read_invoice_status(document: &Value) -> Result<InvoiceStatusDocument, Problems> {
    let mut problems = Problems::new();
    match read(document, &mut problems) {
        Some(status) if problems.is_empty() => check_invoice_status(&status).map(|()| status),
        _ => Err(problems),
    }
}

fn read(document: &Value, problems: &mut Problems) -> Option<InvoiceStatusDocument> {
    let mut r = Reader::new(document, Field::root(), problems);
    let invoice = r.parsed::<Code>("invoice", problems).map(|code| code.0);
    let invoice = r.require("invoice", invoice, problems);
    let revision = r.object("revision", problems);
    let revision = r.require("revision", revision, problems).and_then(|r| read_revision(r, problems));
    let order = r.parsed::<Code>("order", problems).map(|code| code.0);
    let order = r.require("order", order, problems);
    let line = r.parsed::<Code>("line", problems).map(|code| code.0);
    let line = r.require("line", line, problems);
    let status = r.parsed("status", problems);
    let status = r.require("status", status, problems);
    let quantity = r.parsed("quantity", problems);
    let quantity = r.require("quantity", quantity, problems);
    let unit = r.text("unit", CODE, problems);
    let amount = r.parsed("amount", problems);
    let currency = read_currency(&mut r, problems);
    let reason = r.text("reason", TEXT, problems);
    r.finish(problems);
    Some(InvoiceStatusDocument {
        invoice: invoice?,
        revision: revision?,
        order: order?,
        line: line?,
        status: status?,
        quantity: quantity?,
        unit,
        amount,
        currency,
        reason,
    })
}

/// Checks a statement that came another way than as JSON.
///
/// # Errors
/// Every problem, with the field of the canonical document.
pub fn check_invoice_status(status: &InvoiceStatusDocument) -> Result<(), Problems> {
    let mut problems = Problems::new();
    let root = Field::root();
    if status.quantity < Micro::ZERO {
        problems.add("INVALID_VALUE", &root.at("quantity"), "must not be negative");
    }
    if status.amount.is_some() && status.currency.is_none() {
        problems.add("REQUIRED", &root.at("currency"), "an amount needs a currency");
    }
    problems.into_result()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn status() -> Value {
        json!({
            "invoice": "INV-1", "revision": { "id": 1, "issuedAt": "2026-12-10T08:00:00Z" }, "order": "4500000001",
            "line": "00010", "status": "MATCHED", "quantity": "100", "amount": "310.00", "currency": "EUR"
        })
    }

    fn told(document: &Value) -> Vec<(String, String)> {
        let problems = read_invoice_status(document).unwrap_err().into_vec();
        problems.into_iter().map(|p| (p.code, p.field.join("."))).collect()
    }

    #[test]
    fn a_sound_status_is_read() {
        assert_eq!(read_invoice_status(&status()).unwrap().quantity, Micro::from(100));
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let mut document = status();
        document["invoice"] = json!(" ");
        document["currency"] = json!("euro");
        document["status"] = Value::Null;
        let expected = [("INVALID_VALUE", "invoice"), ("REQUIRED", "status"), ("INVALID_VALUE", "currency")];
        assert_eq!(told(&document), expected.map(|(code, field)| (code.to_owned(), field.to_owned())));
    }

    #[test]
    fn fields_are_checked_against_each_other() {
        let mut document = status();
        document["quantity"] = json!("-1");
        document["currency"] = Value::Null;
        let expected = [("INVALID_VALUE", "quantity"), ("REQUIRED", "currency")];
        assert_eq!(told(&document), expected.map(|(code, field)| (code.to_owned(), field.to_owned())));
    }
}
