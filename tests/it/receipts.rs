//! Receipts: what is taken, recognised and refused, and that the order of arrival does not matter.
use serde_json::{Value, json};

use crate::support::{
    Supplier, Tenant, TestApp,
    goods::{receipt, reversal},
    order,
};

const PO: &str = "4500000001";
const LINE: (&str, &str) = (PO, "00010");
const RECEIPTS: &str =
    "{ receipts(first: 10) { nodes { number kind source replacedBy shipmentNumber shipmentId
    lines { orderNumber line quantity { value unit } stated { value unit } condition item } } } }";
const ORDER: &str = "{ purchaseOrder(number: \"4500000001\") { receipts { number }
    discrepancies { kind status quantity { value } } } }";

async fn world() -> (TestApp, Tenant, Supplier) {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let placed = app.ingest(&tenant, &order(&supplier, PO)).await;
    assert_eq!(placed.status, 201, "{}", placed.body);
    (app, tenant, supplier)
}

fn of_line(quantity: &str) -> (&str, &str, &str) {
    (LINE.0, LINE.1, quantity)
}

fn told(problems: &Value) -> Vec<String> {
    let told = |problem: &Value| {
        let field: Vec<_> =
            problem["field"].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect();
        format!("{} {}", problem["code"].as_str().unwrap(), field.join("."))
    };
    problems.as_array().into_iter().flatten().map(told).collect()
}

/// The differences that count, as `KIND STATUS quantity`.
async fn differences(app: &TestApp, supplier: &Supplier) -> Vec<String> {
    let reply = app.graphql(&supplier.token, ORDER, json!({})).await;
    let found = reply.data()["purchaseOrder"]["discrepancies"].as_array().unwrap().clone();
    let mut shown: Vec<String> = found
        .iter()
        .filter(|it| it["status"] != "WITHDRAWN")
        .map(|it| format!("{} {} {}", it["kind"], it["status"], it["quantity"]["value"]).replace('"', ""))
        .collect();
    shown.sort();
    shown
}

#[tokio::test]
async fn a_receipt_without_a_shipment_is_taken_shown_to_both_sides_and_reported() {
    let (app, tenant, supplier) = world().await;
    let buyer = app.buyer(&tenant).await;
    let reply = app.receive(&tenant, &receipt("R-1", "INCREMENT", "ASN-9", of_line("40"), "GOOD")).await;
    assert_eq!((reply.status, &reply.body["outcome"]), (200, &json!("RECORDED")), "{}", reply.body);
    assert_eq!(told(&reply.body["warnings"]), ["UNKNOWN_SHIPMENT shipment"]);
    let id = reply.body["id"].clone();
    let mut seen = Vec::new();
    for token in [&supplier.token, &buyer.token] {
        let shown = app.graphql(token, RECEIPTS, json!({})).await;
        seen.push(shown.data()["receipts"]["nodes"].clone());
        let query =
            "query($id: ID!) { receipt(id: $id) { number } node(id: $id) { id ... on Receipt { number } } }";
        let shown = app.graphql(token, query, json!({ "id": id })).await;
        assert_eq!(shown.data()["receipt"]["number"], "R-1");
        assert_eq!(shown.data()["node"], json!({ "id": id, "number": "R-1" }));
    }
    assert_eq!(seen[0], seen[1]);
    let expected = json!([{
        "number": "R-1", "kind": "INCREMENT", "source": "ERP", "replacedBy": null, "shipmentNumber": "ASN-9", "shipmentId": null,
        "lines": [{ "orderNumber": PO, "line": "00010", "quantity": { "value": "40", "unit": "EA" },
            "stated": { "value": "40", "unit": "EA" }, "condition": "GOOD", "item": null }]
    }]);
    assert_eq!(seen[0], expected);
    assert_eq!(differences(&app, &supplier).await, ["NO_ASN OPEN 40"]);
    let query = "{ exceptions(first: 5, filter: { kind: RECEIPT_WITHOUT_ASN }) { nodes { kind } } }";
    let shown = app.graphql(&buyer.token, query, json!({})).await;
    assert_eq!(shown.data()["exceptions"]["nodes"].as_array().unwrap().len(), 1);
    let query = "{ exceptions(first: 5, filter: { kind: UNKNOWN_CODE }) { nodes { kind } } }";
    let shown = app.graphql(&buyer.token, query, json!({})).await;
    assert_eq!(shown.data()["exceptions"]["nodes"], json!([]), "one piece of work for one cause");
}

#[tokio::test]
async fn a_receipt_that_comes_again_is_unchanged_and_one_that_says_something_else_is_in_conflict() {
    let (app, tenant, supplier) = world().await;
    let first = receipt("R-1", "INCREMENT", "", of_line("40"), "GOOD");
    let id = app.receive(&tenant, &first).await.body["id"].clone();
    let again = app.receive(&tenant, &first).await;
    assert_eq!((again.status, &again.body["outcome"], &again.body["id"]), (200, &json!("UNCHANGED"), &id));
    let other = app.receive(&tenant, &receipt("R-1", "INCREMENT", "", of_line("41"), "GOOD")).await;
    assert_eq!((other.status, &other.body["outcome"]), (409, &json!("CONFLICT")), "{}", other.body);
    assert_eq!(differences(&app, &supplier).await, ["NO_ASN OPEN 40"]);
}

#[tokio::test]
async fn every_problem_is_told_at_once_and_nothing_is_written() {
    let (app, tenant, supplier) = world().await;
    let mut document = receipt("R-1", "INCREMENT", "", ("4500009999", "1", "1"), "GOOD");
    document["supplier"] = json!("V-nobody");
    let lines = document["lines"].as_array_mut().unwrap();
    lines.push(json!({ "order": PO, "line": "77", "quantity": "1" }));
    lines.push(json!({ "order": PO, "line": "00010", "quantity": "1", "unit": "XPX" }));
    let reply = app.receive(&tenant, &document).await;
    assert_eq!((reply.status, &reply.body["outcome"]), (422, &json!("REFUSED")));
    assert_eq!(
        told(&reply.body["problems"]),
        [
            "UNKNOWN_ORDER lines.0.order",
            "UNKNOWN_LINE lines.1.line",
            "UNIT_MISMATCH lines.2.unit",
            "UNKNOWN_SUPPLIER supplier"
        ]
    );
    let shown = app.graphql(&supplier.token, RECEIPTS, json!({})).await;
    assert_eq!(shown.data()["receipts"]["nodes"], json!([]));

    let neighbour = app.supplier(&tenant).await;
    app.ingest(&tenant, &order(&neighbour, "4500000002")).await;
    let mut both = receipt("R-2", "INCREMENT", "", of_line("1"), "GOOD");
    let lines = both["lines"].as_array_mut().unwrap();
    lines.push(json!({ "order": "4500000002", "line": "00010", "quantity": "1" }));
    assert_eq!(told(&app.receive(&tenant, &both).await.body["problems"]), ["SEVERAL_SUPPLIERS lines"]);
}

#[tokio::test]
async fn a_refused_receipt_is_somebodys_work_until_it_is_taken() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let buyer = app.buyer(&tenant).await;
    let document = receipt("R-1", "INCREMENT", "", of_line("40"), "GOOD");
    assert_eq!(app.receive(&tenant, &document).await.status, 422);
    let query = "{ exceptions(first: 5, filter: { kind: DOCUMENT_REFUSED }) { nodes { status } } }";
    let shown = app.graphql(&buyer.token, query, json!({})).await;
    assert_eq!(shown.data()["exceptions"]["nodes"], json!([{ "status": "OPEN" }]));
    app.ingest(&tenant, &order(&supplier, PO)).await;
    assert_eq!(app.receive(&tenant, &document).await.body["outcome"], "RECORDED");
    let shown = app.graphql(&buyer.token, query, json!({})).await;
    assert_eq!(shown.data()["exceptions"]["nodes"], json!([{ "status": "RESOLVED" }]));
}

#[tokio::test]
async fn only_the_last_word_makes_goods_short_and_damaged_ones_are_not_short() {
    let (app, tenant, supplier) = world().await;
    let shipment = app.on_its_way(&supplier, "ASN-1", &[(PO, "00010", "100")]).await;
    app.receive(&tenant, &receipt("R-1", "INCREMENT", "ASN-1", of_line("60"), "GOOD")).await;
    assert_eq!(differences(&app, &supplier).await, Vec::<String>::new());
    let last = receipt("R-2", "FINAL", "ASN-1", of_line("10"), "DAMAGED");
    assert_eq!(app.receive(&tenant, &last).await.body["outcome"], "RECORDED");
    assert_eq!(differences(&app, &supplier).await, ["DAMAGED OPEN 10", "SHORT OPEN 30"]);
    let query = "query($id: ID!) { receipts(first: 5, shipmentId: $id) { nodes { number shipmentId } } }";
    let shown = app.graphql(&supplier.token, query, json!({ "id": shipment })).await;
    let numbers: Vec<_> =
        shown.data()["receipts"]["nodes"].as_array().unwrap().iter().map(|it| it["number"].clone()).collect();
    assert_eq!(numbers.len(), 2, "{}", shown.body);
    let nothing = json!({ "number": "R-3", "kind": "FINAL", "shipment": "ASN-0", "receivedAt": "2026-11-24T09:00:00Z" });
    assert_eq!(told(&app.receive(&tenant, &nothing).await.body["problems"]), ["UNKNOWN_SHIPMENT shipment"]);
}

#[tokio::test]
async fn statements_end_in_one_state_whatever_their_order() {
    let (app, tenant, supplier) = world().await;
    app.on_its_way(&supplier, "ASN-1", &[(PO, "00010", "100")]).await;
    let mut total = receipt("T-2", "INCREMENT", "ASN-1", of_line("90"), "GOOD");
    total["basis"] = json!("TOTAL");
    total["sequence"] = json!(2);
    let mut statements = [
        total,
        receipt("W-1", "FINAL", "ASN-1", of_line("5"), "DAMAGED"),
        reversal("W-1-R", "W-1"),
        receipt("D-1", "INCREMENT", "ASN-1", of_line("30"), "GOOD"),
    ];
    let mut ends = Vec::new();
    for turn in 0..4 {
        let number = format!("45000001{turn:02}");
        app.ingest(&tenant, &order(&supplier, &number)).await;
        let asn = format!("ASN-{number}");
        app.on_its_way(&supplier, &asn, &[(&number, "00010", "100")]).await;
        statements.rotate_left(1);
        for statement in &statements {
            let mut own = statement.clone();
            for name in ["number", "replaces"] {
                if let Some(text) = own[name].as_str() {
                    own[name] = json!(format!("{text}-{number}"));
                }
            }
            if own["kind"] != "REVERSAL" {
                own["shipment"] = json!(asn);
                own["lines"][0]["order"] = json!(number);
            }
            let reply = app.receive(&tenant, &own).await;
            assert_eq!(reply.body["outcome"], "RECORDED", "{}", reply.body);
        }
        let query = "query($n: String!) { purchaseOrder(number: $n) { receipts { number replacedBy }
            discrepancies { kind status quantity { value } } } }";
        let shown = app.graphql(&supplier.token, query, json!({ "n": number })).await;
        let order = shown.data()["purchaseOrder"].to_string().replace(&number, "N");
        let mut receipts: Vec<String> = serde_json::from_str::<Value>(&order).unwrap()["receipts"]
            .as_array()
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        receipts.sort();
        let standing: Vec<Value> = shown.data()["purchaseOrder"]["discrepancies"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|it| it["status"] != "WITHDRAWN")
            .cloned()
            .collect();
        ends.push((receipts, standing));
    }
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:#?}");
    let report = quayside_domain::ledger::verify(app.app.system()).await.unwrap();
    assert!(report.mismatches.is_empty(), "{report:?}");
}

#[tokio::test]
async fn a_reversal_is_told_of_when_what_it_takes_back_arrives() {
    let (app, tenant, supplier) = world().await;
    let early = app.receive(&tenant, &reversal("X-1", "R-1")).await;
    assert_eq!(early.body["outcome"], "RECORDED", "{}", early.body);
    app.settle().await;
    let events = "{ events(first: 50) { nodes { type data } } }";
    let before = app.graphql(&supplier.token, events, json!({})).await.body.to_string();
    assert!(!before.contains("receipt.recorded"));
    let late = app.receive(&tenant, &receipt("R-1", "INCREMENT", "", of_line("40"), "GOOD")).await;
    assert_eq!(late.body["outcome"], "RECORDED");
    app.settle().await;
    let after = app.graphql(&supplier.token, events, json!({})).await.body.to_string();
    assert_eq!(after.matches("\"receipt.recorded\"").count(), 2, "{after}");
    assert_eq!(differences(&app, &supplier).await, Vec::<String>::new());
    let shown = app.graphql(&supplier.token, RECEIPTS, json!({})).await;
    assert_eq!(shown.data()["receipts"]["nodes"][0]["replacedBy"], "X-1");
}

#[tokio::test]
async fn many_receipts_share_a_request_and_a_bad_one_spoils_none() {
    let (app, tenant, supplier) = world().await;
    let lines = [
        receipt("R-1", "INCREMENT", "", of_line("10"), "GOOD").to_string(),
        "{".to_owned(),
        receipt("R-2", "INCREMENT", "", ("4500009999", "1", "1"), "GOOD").to_string(),
        receipt("R-1", "INCREMENT", "", of_line("10"), "GOOD").to_string(),
        receipt("R-3", "INCREMENT", "", of_line("5"), "GOOD").to_string(),
        reversal("R-4", "R-3").to_string(),
    ];
    let reply = app.ingest_lines_at(&tenant, "/ingest/v1/receipts", &lines.join("\n")).await;
    let outcomes: Vec<_> =
        reply.body["results"].as_array().unwrap().iter().map(|it| it["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["RECORDED", "REFUSED", "REFUSED", "UNCHANGED", "RECORDED", "RECORDED"]);
    assert_eq!(differences(&app, &supplier).await, ["NO_ASN OPEN 10"]);
}

#[tokio::test]
async fn validating_only_tells_the_same_and_writes_nothing() {
    let (app, tenant, supplier) = world().await;
    let document = receipt("R-1", "INCREMENT", "", of_line("40"), "GOOD");
    let headers = [("x-validate-only", "true")];
    let reply = app.ingest_at(&tenant, "/ingest/v1/receipts", &document, &headers).await;
    assert_eq!(reply.body["outcome"], "RECORDED");
    let shown = app.graphql(&supplier.token, RECEIPTS, json!({})).await;
    assert_eq!(shown.data()["receipts"]["nodes"], json!([]));
}

#[tokio::test]
async fn a_unit_of_the_item_converts_exactly_and_another_item_is_kept() {
    let (app, tenant, supplier) = world().await;
    let item = json!({ "number": "B-1", "unit": "EA", "units": [{ "unit": "XCS", "numerator": 12, "denominator": 1 }], "suppliers": [] });
    assert_eq!(app.ingest_at(&tenant, "/ingest/v1/items", &item, &[]).await.status, 201);
    let mut document = receipt("R-1", "INCREMENT", "", of_line("2"), "WRONG_ITEM");
    document["lines"][0]["unit"] = json!("XCS");
    document["lines"][0]["item"] = json!("B-7");
    assert_eq!(app.receive(&tenant, &document).await.body["outcome"], "RECORDED");
    let shown = app.graphql(&supplier.token, RECEIPTS, json!({})).await;
    let line = &shown.data()["receipts"]["nodes"][0]["lines"][0];
    assert_eq!(line["quantity"], json!({ "value": "24", "unit": "EA" }));
    assert_eq!(line["stated"], json!({ "value": "2", "unit": "XCS" }));
    assert_eq!(line["item"], "B-7");
}

#[tokio::test]
async fn the_list_pages_without_overlap() {
    let (app, tenant, supplier) = world().await;
    for number in ["R-1", "R-2", "R-3"] {
        app.receive(&tenant, &receipt(number, "INCREMENT", "", of_line("1"), "GOOD")).await;
    }
    let query = "query($after: String) { receipts(first: 2, after: $after) { nodes { number } pageInfo { hasNextPage endCursor } } }";
    let first = app.graphql(&supplier.token, query, json!({})).await;
    let first = &first.data()["receipts"];
    assert_eq!(first["nodes"], json!([{ "number": "R-3" }, { "number": "R-2" }]));
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let rest = app.graphql(&supplier.token, query, json!({ "after": first["pageInfo"]["endCursor"] })).await;
    assert_eq!(rest.data()["receipts"]["nodes"], json!([{ "number": "R-1" }]));
}

#[tokio::test]
async fn the_same_receipt_from_many_at_once_counts_once() {
    let (app, tenant, supplier) = world().await;
    let document = receipt("R-1", "INCREMENT", "", of_line("40"), "GOOD");
    let back = reversal("X-2", "R-2");
    let taken = receipt("R-2", "INCREMENT", "", of_line("7"), "GOOD");
    let posts = (0..6).map(|turn| {
        let document = [&document, &back, &taken][turn % 3];
        app.receive(&tenant, document)
    });
    let replies = futures_util::future::join_all(posts).await;
    let recorded = replies.iter().filter(|reply| reply.body["outcome"] == "RECORDED").count();
    assert_eq!(recorded, 3, "{replies:?}");
    assert_eq!(differences(&app, &supplier).await, ["NO_ASN OPEN 40"]);
}
