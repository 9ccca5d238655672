//! Invoice statuses: the newest stands, a mismatch is somebody's work, and they are counted.
use serde_json::{Value, json};

use crate::support::{Supplier, Tenant, TestApp, goods::invoice, order};

const PO: &str = "4500000001";

async fn world() -> (TestApp, Tenant, Supplier, String) {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    app.ingest(&tenant, &order(&supplier, PO)).await;
    let buyer = app.buyer(&tenant).await.token;
    (app, tenant, supplier, buyer)
}

async fn mismatches(app: &TestApp, buyer: &str) -> Value {
    let query = "{ exceptions(first: 5, filter: { kind: INVOICE_MISMATCH }) { nodes { status } } }";
    app.graphql(buyer, query, json!({})).await.data()["exceptions"]["nodes"].clone()
}

#[tokio::test]
async fn the_newest_status_stands_and_a_mismatch_is_work_until_it_is_cured() {
    let (app, tenant, supplier, buyer) = world().await;
    let outcome = async |document| app.invoice(&tenant, &document).await.body["outcome"].clone();
    assert_eq!(outcome(invoice(PO, 2, "PRICE_VARIANCE")).await, "RECORDED");
    assert_eq!(outcome(invoice(PO, 2, "PRICE_VARIANCE")).await, "UNCHANGED");
    assert_eq!(outcome(invoice(PO, 2, "BLOCKED")).await, "CONFLICT");
    assert_eq!(outcome(invoice(PO, 1, "MATCHED")).await, "LATE");
    assert_eq!(mismatches(&app, &buyer).await, json!([{ "status": "OPEN" }]));
    assert_eq!(outcome(invoice(PO, 3, "MATCHED")).await, "RECORDED");
    assert_eq!(mismatches(&app, &buyer).await, json!([{ "status": "RESOLVED" }]));

    let lines = "lines { number invoiceStatuses { invoice status quantity { value unit } amount { amount currency } } }";
    let single = format!("{{ purchaseOrder(number: \"{PO}\") {{ {lines} }} }}");
    let page = format!("{{ purchaseOrders(first: 5) {{ nodes {{ {lines} }} }} }}");
    let single = app.graphql(&supplier.token, &single, json!({})).await;
    let page = app.graphql(&buyer, &page, json!({})).await;
    let shown = &single.data()["purchaseOrder"];
    assert_eq!(shown, &page.data()["purchaseOrders"]["nodes"][0]);
    let expected = json!([{ "invoice": "INV-1", "status": "MATCHED", "quantity": { "value": "100", "unit": "EA" },
        "amount": { "amount": "310", "currency": "EUR" } }]);
    assert_eq!(shown["lines"][0]["invoiceStatuses"], expected);
    assert_eq!(shown["lines"][1]["invoiceStatuses"], json!([]));
}

#[tokio::test]
async fn statuses_are_counted_for_each_side() {
    let (app, tenant, supplier, buyer) = world().await;
    let neighbour = app.supplier(&tenant).await;
    app.ingest(&tenant, &order(&neighbour, "4500000002")).await;
    app.invoice(&tenant, &invoice(PO, 1, "PAID")).await;
    app.invoice(&tenant, &invoice("4500000002", 1, "PAID")).await;
    let query = "{ invoiceStatusCounts { status count } }";
    let counted =
        async |token: &str| app.graphql(token, query, json!({})).await.data()["invoiceStatusCounts"].clone();
    assert_eq!(counted(&buyer).await, json!([{ "status": "PAID", "count": 2 }]));
    assert_eq!(counted(&supplier.token).await, json!([{ "status": "PAID", "count": 1 }]));
    let report = quayside_domain::ledger::verify(app.app.system()).await.unwrap();
    assert!(report.mismatches.is_empty(), "{report:?}");
}

#[tokio::test]
async fn what_is_about_nothing_on_file_is_refused() {
    let (app, tenant, ..) = world().await;
    let reply = app.invoice(&tenant, &invoice("4500009999", 1, "PAID")).await;
    assert_eq!((reply.status, &reply.body["problems"][0]["code"]), (422, &json!("UNKNOWN_ORDER")));
    let mut document = invoice(PO, 1, "PAID");
    document["line"] = json!("77");
    assert_eq!(app.invoice(&tenant, &document).await.body["problems"][0]["code"], "UNKNOWN_LINE");
    document["line"] = json!("00010");
    document["unit"] = json!("XPX");
    assert_eq!(app.invoice(&tenant, &document).await.body["problems"][0]["code"], "UNIT_MISMATCH");
}
