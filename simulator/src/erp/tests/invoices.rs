//! What the ERP says about invoices after it booked receipts.
use std::time::Duration;

use serde_json::{Value, json};

use super::support::{SECRET, Site};
use crate::testing::{Listening, Scratch, event_about, golden};
use crate::{InvoiceInstruction, InvoiceScenario, Invoices, Settings};

async fn site(scenario: InvoiceScenario) -> (Site, Listening) {
    let listening = Listening::start().await;
    let site = Site::start_with(settings(&listening, scenario)).await;
    (site, listening)
}

fn settings(listening: &Listening, scenario: InvoiceScenario) -> Settings {
    let quayside = listening.quayside.clone();
    let invoices = Invoices { quayside, after: Duration::from_secs(60), scenario };
    Settings { invoices: Some(invoices), ..Settings::new(SECRET) }
}

fn receipt(number: &str, kind: &str, lines: &Value) -> Value {
    json!({
        "receipt": "rcp_1", "supplier": "sup_1", "number": number, "source": "con_1", "kind": kind,
        "basis": "DELTA", "shipmentNumber": "ASN-1", "receivedAt": "2026-03-02T09:00:00Z", "lines": lines,
    })
}

fn line(order: &str, line: &str, quantity: &str, condition: &str) -> Value {
    json!({
        "order": "po_1", "orderNumber": order, "line": line, "quantity": quantity, "unit": "EA",
        "condition": condition,
    })
}

async fn book(site: &Site, position: i64, receipt: &Value) {
    let event = event_about("receipt.recorded", "rcp_1", position, receipt);
    let said = site.post(&format!("dlv_{position}"), &event).await;
    assert_eq!(said.status, Some(201), "{}", said.body);
}

/// `(invoice, line, status, quantity)` of what was said.
fn said(listening: &Listening) -> Vec<(String, String, String, String)> {
    let text = |document: &Value, field: &str| document[field].as_str().unwrap().to_owned();
    let documents = listening.at("invoice-statuses").into_iter();
    documents
        .map(|it| (text(&it, "invoice"), text(&it, "line"), text(&it, "status"), text(&it, "quantity")))
        .collect()
}

fn row(invoice: &str, line: &str, status: &str, quantity: &str) -> (String, String, String, String) {
    (invoice.to_owned(), line.to_owned(), status.to_owned(), quantity.to_owned())
}

#[tokio::test]
async fn good_goods_are_invoiced_and_matched_some_time_later() {
    let (site, listening) = site(InvoiceScenario::Matched).await;
    let lines = json!([
        line("45", "10", "90", "GOOD"),
        line("45", "10", "10", "DAMAGED"),
        line("45", "20", "2.5", "GOOD"),
        line("45", "30", "0", "GOOD"),
    ]);
    book(&site, 1, &receipt("GR-1", "FINAL", &lines)).await;
    assert_eq!(site.erp.work().await, 0, "the invoice is not there yet");

    site.at(60);
    while site.erp.statement_report().taken < 2 {
        site.erp.work().await;
    }

    assert_eq!(
        said(&listening),
        [row("INV-GR-1", "10", "MATCHED", "90"), row("INV-GR-1", "20", "MATCHED", "2.5")]
    );
    assert_eq!(
        listening.at("invoice-statuses")[0],
        json!({
            "invoice": "INV-GR-1", "order": "45", "line": "10", "status": "MATCHED", "quantity": "90", "unit": "EA",
            "revision": { "id": "1", "sequence": 1, "issuedAt": "2026-03-02T10:01:00Z" },
        })
    );
}

#[tokio::test]
async fn the_receipt_that_really_goes_out_is_understood() {
    let (site, listening) = site(InvoiceScenario::Matched).await;
    assert_eq!(site.post("dlv_1", &golden("receipt.recorded")).await.status, Some(201));
    site.at(60);
    while site.erp.statement_report().taken < 2 {
        site.erp.work().await;
    }
    let invoice = "INV-GR-V-100-ASN-2026-0311-1";
    let expected = [row(invoice, "00010", "MATCHED", "360"), row(invoice, "00020", "MATCHED", "25.5")];
    assert_eq!(said(&listening), expected, "what is damaged is not paid for");
}

#[tokio::test]
async fn an_instruction_decides_how_an_invoice_ends() {
    let (site, listening) = site(InvoiceScenario::Matched).await;
    let blocked = json!({ "order": "46", "scenario": "BLOCKED" });
    let taken = site.tell("/erp/v1/invoice-scenarios", &blocked).await;
    assert_eq!(taken.status, Some(201), "{}", taken.body);
    site.erp
        .instruct(InvoiceInstruction { order: None, scenario: InvoiceScenario::QuantityVariance })
        .unwrap();
    for (position, order) in [(1, "45"), (2, "46"), (3, "45")] {
        let lines = json!([line(order, "10", "100", "GOOD")]);
        book(&site, position, &receipt(&format!("GR-{position}"), "FINAL", &lines)).await;
    }
    site.at(60);
    while site.erp.statement_report().taken < 3 {
        site.erp.work().await;
    }

    let expected = [
        row("INV-GR-1", "10", "QUANTITY_VARIANCE", "110"),
        row("INV-GR-2", "10", "BLOCKED", "100"),
        row("INV-GR-3", "10", "MATCHED", "100"),
    ];
    assert_eq!(said(&listening), expected);
    assert!(listening.at("invoice-statuses")[1]["reason"].is_string());
}

#[tokio::test]
async fn a_receipt_that_is_taken_back_takes_its_invoice_along() {
    let (site, listening) = site(InvoiceScenario::Paid).await;
    book(&site, 1, &receipt("GR-1", "FINAL", &json!([line("45", "10", "100", "GOOD")]))).await;
    site.at(180);
    while site.erp.statement_report().taken < 2 {
        site.erp.work().await;
    }
    let mut reversal = receipt("GR-2", "REVERSAL", &json!([]));
    reversal["replaces"] = json!("GR-1");
    book(&site, 2, &reversal).await;
    site.at(240);
    while site.erp.statement_report().taken < 3 {
        site.erp.work().await;
    }

    let statuses: Vec<String> = said(&listening).into_iter().map(|(_, _, status, _)| status).collect();
    assert_eq!(statuses, ["MATCHED", "PAID", "CANCELLED"]);
    assert_eq!(listening.at("invoice-statuses")[2]["revision"]["id"], "3");
}

#[tokio::test]
async fn what_was_decided_and_said_survives_a_restart_with_other_settings() {
    let scratch = Scratch::new();
    let listening = Listening::start().await;
    let keeping = |scenario| Settings { journal: Some(scratch.0.clone()), ..settings(&listening, scenario) };
    let before = Site::start_with(keeping(InvoiceScenario::Paid)).await;
    book(&before, 1, &receipt("GR-1", "FINAL", &json!([line("45", "10", "100", "GOOD")]))).await;
    before.at(60);
    while before.erp.statement_report().taken < 1 {
        before.erp.work().await;
    }
    let decided = before.erp.invoice_statuses();
    drop(before);

    let after = Site::start_with(keeping(InvoiceScenario::Blocked)).await;
    assert_eq!(after.erp.invoice_statuses(), decided);
    after.at(120);
    while after.erp.statement_report().waiting > 0 {
        after.erp.work().await;
    }
    let statuses: Vec<String> = said(&listening).into_iter().map(|(_, _, status, _)| status).collect();
    assert_eq!((statuses, listening.calls()), (vec!["MATCHED".to_owned(), "PAID".to_owned()], 2));
}

#[tokio::test]
async fn a_receipt_that_cannot_be_read_is_refused_where_it_matters() {
    let (site, _listening) = site(InvoiceScenario::Matched).await;
    let unreadable = receipt("GR-1", "FINAL", &json!([{ "line": 10 }]));
    let said = site.post("dlv_1", &event_about("receipt.recorded", "rcp_1", 1, &unreadable)).await;
    assert_eq!((said.status, said.code()), (Some(422), "INVALID_EVENT".to_owned()));
}
