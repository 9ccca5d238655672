//! Master data in, and what it does to orders and answers.
use serde_json::{Value, json};

use crate::support::{Reply, Supplier, Tenant, TestApp, mutation, order, revision};

const ORDER: &str = "query($id: ID!) { purchaseOrder(id: $id) {
    lines { number buyerPart supplierPart quantity { value unit } status } } }";

async fn send(app: &TestApp, tenant: &Tenant, path: &str, document: &Value) -> Reply {
    app.ingest_at(tenant, &format!("/ingest/v1/{path}"), document, &[]).await
}

async fn reference(app: &TestApp, tenant: &Tenant, kind: &str, from: &str, to: &str) {
    let document = json!({ "system": "ERP", "kind": kind, "externalCode": from, "code": to });
    let reply = send(app, tenant, "cross-references", &document).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
}

fn item(supplier: &Supplier) -> Value {
    json!({ "number": "B-1", "description": "Bolt M8", "unit": "EA",
        "units": [{ "unit": "XCS", "numerator": 12, "denominator": 1 }, { "unit": "GRM", "numerator": 1, "denominator": 7 }],
        "suppliers": [{ "supplier": supplier.number, "supplierPart": "S-ITEM" }] })
}

fn codes(found: &Value) -> Vec<String> {
    let found = found.as_array().unwrap().iter();
    let show = |one: &Value| {
        let steps: Vec<_> = one["field"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        format!("{} {}", one["code"].as_str().unwrap(), steps.join("."))
    };
    found.map(show).collect()
}

#[tokio::test]
async fn a_document_is_new_then_known_then_changed() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let mut dearer = item(&supplier);
    dearer["units"][0]["numerator"] = json!(10);
    let mut bare = item(&supplier);
    bare["units"] = json!([]);
    bare["suppliers"] = json!([]);
    let location = |name: &str| json!({ "code": "DC-1", "name": name, "address": ["Quay 1"] });
    let record = |name: &str| json!({ "number": supplier.number, "name": name });
    let entry = |code: &str| json!({ "system": "ERP", "kind": "UNIT", "externalCode": "ST", "code": code });
    let cases = [
        (
            "items",
            vec![item(&supplier), item(&supplier), dearer, bare.clone(), bare],
            "CREATED UNCHANGED REVISED REVISED UNCHANGED",
        ),
        (
            "locations",
            vec![location("North"), location("North"), location("South")],
            "CREATED UNCHANGED REVISED",
        ),
        (
            "suppliers",
            vec![record("New name"), record("New name"), json!({ "number": "V-NEW", "name": "Y" })],
            "REVISED UNCHANGED CREATED",
        ),
        ("cross-references", vec![entry("H87"), entry("H87"), entry("EA")], "CREATED UNCHANGED REVISED"),
    ];
    for (path, documents, expected) in cases {
        let mut outcomes = Vec::new();
        for document in &documents {
            let reply = send(&app, &tenant, path, document).await;
            let outcome =
                reply.body["outcome"].as_str().unwrap_or_else(|| panic!("{}", reply.body)).to_owned();
            assert_eq!(reply.status, if outcome == "CREATED" { 201 } else { 200 }, "{path}");
            outcomes.push(outcome);
        }
        assert_eq!(outcomes.join(" "), expected, "{path}");
    }
    let mut document = order(&supplier, "4500000001");
    document["supplier"] = json!("V-NEW");
    let reply = app.ingest(&tenant, &document).await;
    assert_eq!(reply.status, 201, "a supplier the ERP created takes orders: {}", reply.body);
}

#[tokio::test]
async fn one_bad_document_does_not_spoil_its_neighbours_and_the_last_word_counts() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let mut unknown = item(&supplier);
    unknown["number"] = json!("B-2");
    unknown["suppliers"] = json!([{ "supplier": supplier.number, "supplierPart": "S" }, { "supplier": "nobody", "supplierPart": "S" }]);
    let bad = json!({ "number": "B-3", "units": [{ "unit": "XCS", "numerator": 0, "denominator": 1 }] });
    let mut again = item(&supplier);
    again["description"] = json!("Bolt M8, zinc");
    let lines = [item(&supplier), unknown, bad, again.clone(), again];
    let lines: String =
        lines.iter().map(|line| format!("{line}\n")).chain(["not json\n".to_owned()]).collect();

    let reply = app.ingest_lines_at(&tenant, "/ingest/v1/items", &lines).await;
    let results = reply.body["results"].as_array().unwrap();
    let outcomes: Vec<_> = results.iter().map(|result| result["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["CREATED", "REFUSED", "REFUSED", "REVISED", "UNCHANGED", "REFUSED"]);
    assert_eq!(results[1]["code"], "B-2");
    assert_eq!(codes(&results[1]["problems"]), ["UNKNOWN_SUPPLIER suppliers.1.supplier"]);
    assert_eq!(codes(&results[2]["problems"]), ["REQUIRED unit", "INVALID_VALUE units.0.numerator"]);
    assert_eq!(codes(&results[5]["problems"]), ["NOT_JSON "]);

    let entry = json!({ "system": "ERP", "kind": "SUPPLIER", "externalCode": "1000", "code": "nobody" });
    let reply = send(&app, &tenant, "cross-references", &entry).await;
    assert_eq!(
        (reply.status, codes(&reply.body["problems"])),
        (422, vec!["UNKNOWN_SUPPLIER code".to_owned()])
    );
    let reply = send(&app, &tenant, "items", &item(&supplier)).await;
    assert_eq!(reply.body["outcome"], "REVISED", "the zinc one was on file");
}

#[tokio::test]
async fn a_change_is_one_event_that_the_buyer_sees_and_no_supplier() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let buyer = app.buyer(&tenant).await;
    let locations = |names: [&str; 3]| -> String {
        let line = |(n, name)| format!("{}\n", json!({ "code": format!("DC-{n}"), "name": name }));
        names.iter().enumerate().map(line).collect()
    };
    for names in [["a", "b", "c"], ["a", "b", "c"], ["a", "x", "c"]] {
        let reply = app.ingest_lines_at(&tenant, "/ingest/v1/locations", &locations(names)).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
    app.settle().await;
    let query = "{ events(first: 50, types: [\"master_data.changed\"]) { nodes { data } } }";
    let reply = app.graphql(&buyer.token, query, json!({})).await;
    let told: Vec<_> =
        reply.data()["events"]["nodes"].as_array().unwrap().iter().map(|node| node["data"].clone()).collect();
    let expected = [json!(["DC-0", "DC-1", "DC-2"]), json!(["DC-1"])];
    assert_eq!(told, expected.map(|codes| json!({ "kind": "LOCATION", "codes": codes })));
    let reply = app.graphql(&supplier.token, query, json!({})).await;
    assert_eq!(reply.data()["events"]["nodes"], json!([]));
}

#[tokio::test]
async fn asking_first_writes_nothing() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let ask = [("x-validate-only", "true")];
    for _ in 0..2 {
        let reply = app.ingest_at(&tenant, "/ingest/v1/items", &item(&supplier), &ask).await;
        assert_eq!((reply.status, &reply.body["outcome"]), (201, &json!("CREATED")));
    }
    assert_eq!(send(&app, &tenant, "items", &item(&supplier)).await.body["outcome"], "CREATED");
}

#[tokio::test]
async fn the_erps_codes_are_translated_and_what_it_wrote_is_kept() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let mut document = order(&supplier, "4500000001");
    document["supplier"] = json!("1000");
    document["shipTo"] = json!({ "code": "W1" });
    document["lines"][0]["unit"] = json!("ST");
    document["lines"][1]["buyerPart"] = json!("000000B-1");
    document["lines"][1]["shipTo"] = json!({ "code": "W1" });
    let reply = app.ingest(&tenant, &document).await;
    assert_eq!(codes(&reply.body["problems"]), ["UNKNOWN_SUPPLIER supplier"]);

    assert_eq!(send(&app, &tenant, "items", &item(&supplier)).await.status, 201);
    assert_eq!(
        send(&app, &tenant, "locations", &json!({ "code": "DC-1", "name": "North" })).await.status,
        201
    );
    for (kind, from, to) in [
        ("SUPPLIER", "1000", supplier.number.as_str()),
        ("UNIT", "ST", "H87"),
        ("ITEM", "000000B-1", "B-1"),
        ("LOCATION", "W1", "DC-1"),
    ] {
        reference(&app, &tenant, kind, from, to).await;
    }
    // The same code means nothing as another kind, or in another system.
    reference(&app, &tenant, "ITEM", "KGM", "B-9").await;
    let other = json!({ "system": "EDI", "kind": "UNIT", "externalCode": "KGM", "code": "GRM" });
    assert_eq!(send(&app, &tenant, "cross-references", &other).await.status, 201);

    let key = [("idempotency-key", "k")];
    let first = app.ingest_with(&tenant, &document, &key).await;
    assert_eq!(first.status, 201, "{}", first.body);
    let made: Vec<_> = first.body["translations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|made| {
            let path: Vec<_> = made["field"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            format!(
                "{}: {} -> {}",
                path.join("."),
                made["from"].as_str().unwrap_or("nothing"),
                made["to"].as_str().unwrap()
            )
        })
        .collect();
    let expected = [
        format!("supplier: 1000 -> {}", supplier.number),
        "shipTo.code: W1 -> DC-1".to_owned(),
        "lines.0.unit: ST -> H87".to_owned(),
        "lines.1.buyerPart: 000000B-1 -> B-1".to_owned(),
        "lines.1.shipTo.code: W1 -> DC-1".to_owned(),
        "lines.1.supplierPart: nothing -> S-ITEM".to_owned(),
    ];
    assert_eq!(made, expected);
    assert_eq!(first.body["warnings"], Value::Null, "every code is known");

    let reply = app.graphql(&supplier.token, ORDER, json!({ "id": first.body["order"] })).await;
    let lines = &reply.data()["purchaseOrder"]["lines"];
    assert_eq!(lines[0]["quantity"], json!({ "value": "100", "unit": "H87" }));
    assert_eq!(lines[1]["quantity"], json!({ "value": "12.5", "unit": "KGM" }));
    assert_eq!((&lines[1]["buyerPart"], &lines[1]["supplierPart"]), (&json!("B-1"), &json!("S-ITEM")));

    // What came is what recognises it, whatever the cross-reference says by then.
    assert_eq!(app.ingest_with(&tenant, &document, &key).await.headers["idempotent-replayed"], "true");
    let entry = json!({ "system": "ERP", "kind": "UNIT", "externalCode": "ST", "code": "EA" });
    assert_eq!(send(&app, &tenant, "cross-references", &entry).await.body["outcome"], "REVISED");
    assert_eq!(app.ingest(&tenant, &document).await.body["outcome"], "UNCHANGED");
    let reused = app.ingest_with(&tenant, &revision(&supplier, "4500000001", 2, "7"), &key).await;
    assert_eq!(codes(&reused.body["problems"]), ["IDEMPOTENCY_KEY_REUSED "]);
}

#[tokio::test]
async fn codes_in_no_list_are_kept_and_reported_once_the_tenant_keeps_a_list() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let buyer = app.buyer(&tenant).await;
    let placed = |number: &str| {
        let mut document = order(&supplier, number);
        document["shipTo"] = json!({ "code": "W9" });
        document
    };
    let before = app.ingest(&tenant, &placed("4500000001")).await;
    assert_eq!(before.body["warnings"], Value::Null, "no list, no opinion: {}", before.body);
    send(&app, &tenant, "items", &item(&supplier)).await;
    send(&app, &tenant, "locations", &json!({ "code": "DC-1", "name": "North" })).await;
    let after = app.ingest(&tenant, &placed("4500000002")).await;
    assert_eq!(after.body["outcome"], "CREATED");
    assert_eq!(
        codes(&after.body["warnings"]),
        ["UNKNOWN_LOCATION shipTo.code", "UNKNOWN_ITEM lines.1.buyerPart"]
    );
    let query = "{ exceptions(first: 10, kind: UNKNOWN_CODE) { nodes { summary } } }";
    let reply = app.graphql(&buyer.token, query, json!({})).await;
    assert_eq!(reply.data()["exceptions"]["nodes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_part_number_filled_in_later_asks_nobody_again() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let without = |sequence| {
        let mut document = revision(&supplier, "4500000001", sequence, "100");
        document["lines"][0]["supplierPart"] = Value::Null;
        document
    };
    let id = app.ingest(&tenant, &without(1)).await.body["order"].clone();
    let submit = mutation("submitAcknowledgment", "SubmitAcknowledgmentInput", "lines { status }");
    let answer = json!({ "purchaseOrderId": id, "revision": 1, "idempotencyKey": "a", "lines": [
        { "line": "00010", "parts": [{ "kind": "ACCEPTED", "quantity": "100", "price": "9.99" }] }] });
    let reply = app.graphql(&supplier.token, &submit, json!({ "input": answer })).await;
    assert_eq!(reply.data()["submitAcknowledgment"]["lines"][0]["status"], "PROPOSED", "{}", reply.body);
    send(&app, &tenant, "items", &item(&supplier)).await;
    assert_eq!(app.ingest(&tenant, &without(2)).await.body["outcome"], "REVISED");
    let reply = app.graphql(&supplier.token, ORDER, json!({ "id": id })).await;
    let line = &reply.data()["purchaseOrder"]["lines"][0];
    assert_eq!((&line["supplierPart"], &line["status"]), (&json!("S-ITEM"), &json!("PROPOSED")));
}

#[tokio::test]
async fn an_answer_in_another_unit_of_the_item_is_taken_when_it_converts_exactly() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    send(&app, &tenant, "items", &item(&supplier)).await;
    let document = revision(&supplier, "4500000001", 1, "96");
    let id = app.ingest(&tenant, &document).await.body["order"].clone();
    let submit = mutation(
        "submitAcknowledgment",
        "SubmitAcknowledgmentInput",
        "acknowledgment { lines { status parts { quantity { value unit } } } }",
    );
    let answer = |parts: Value| {
        json!({ "input": { "purchaseOrderId": id, "revision": 1, "idempotencyKey": "a",
            "lines": [{ "line": "00010", "parts": parts }] } })
    };
    let sevenths = json!([{ "kind": "ACCEPTED", "quantity": "96" }, { "kind": "ACCEPTED", "quantity": "1", "unit": "GRM" }]);
    let reply = app.graphql(&supplier.token, &submit, answer(sevenths)).await;
    assert_eq!(
        codes(&reply.data()["submitAcknowledgment"]["userErrors"]),
        ["UNIT_MISMATCH input.lines.0.parts.1.unit"]
    );
    let cases = json!([{ "kind": "ACCEPTED", "quantity": "8", "unit": "XCS" }]);
    let reply = app.graphql(&supplier.token, &submit, answer(cases)).await;
    assert_eq!(
        reply.data()["submitAcknowledgment"]["acknowledgment"]["lines"],
        json!([{ "status": "ACCEPTED", "parts": [{ "quantity": { "value": "96", "unit": "EA" } }] }]),
        "{}",
        reply.body
    );
}

#[tokio::test]
async fn another_tenants_master_data_is_neither_seen_nor_touched() {
    let app = TestApp::start().await;
    let (ours, theirs) = (app.tenant().await, app.tenant().await);
    let (our_supplier, their_supplier) = (app.supplier(&ours).await, app.supplier(&theirs).await);
    send(&app, &ours, "items", &item(&our_supplier)).await;
    reference(&app, &ours, "UNIT", "ST", "H87").await;
    reference(&app, &ours, "SUPPLIER", "1000", &our_supplier.number).await;

    let reply = send(&app, &theirs, "items", &item(&our_supplier)).await;
    assert_eq!(codes(&reply.body["problems"]), ["UNKNOWN_SUPPLIER suppliers.0.supplier"]);
    let entry =
        json!({ "system": "ERP", "kind": "SUPPLIER", "externalCode": "1", "code": our_supplier.number });
    assert_eq!(send(&app, &theirs, "cross-references", &entry).await.status, 422);
    let rename = json!({ "number": our_supplier.number, "name": "Taken over" });
    assert_eq!(
        send(&app, &theirs, "suppliers", &rename).await.body["outcome"],
        "CREATED",
        "one of their own"
    );

    let mut document = order(&their_supplier, "4500000001");
    document["lines"][0]["unit"] = json!("ST");
    document["lines"][0]["supplierPart"] = Value::Null;
    let reply = app.ingest(&theirs, &document).await;
    assert_eq!(
        codes(&reply.body["warnings"]),
        ["UNKNOWN_UNIT lines.0.unit"],
        "no list and no entry of theirs"
    );
    assert_eq!(reply.body["translations"], Value::Null);

    let mut stripped = item(&their_supplier);
    stripped["units"] = json!([]);
    stripped["suppliers"] = json!([]);
    assert_eq!(send(&app, &theirs, "items", &stripped).await.body["outcome"], "CREATED");
    assert_eq!(send(&app, &ours, "items", &item(&our_supplier)).await.body["outcome"], "UNCHANGED");
    let query = "{ purchaseOrders(first: 1) { nodes { supplier { name } } } }";
    app.ingest(&ours, &order(&our_supplier, "4500000001")).await;
    let reply = app.graphql(&our_supplier.token, query, json!({})).await;
    let name = &reply.data()["purchaseOrders"]["nodes"][0]["supplier"]["name"];
    assert_eq!(name, &json!(format!("Supplier {}", our_supplier.number)));
}

#[tokio::test]
async fn only_a_connections_token_hands_in_master_data() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let buyer = app.buyer(&tenant).await;
    for path in ["items", "locations", "suppliers", "cross-references"] {
        let url = app.url(&format!("/ingest/v1/{path}"));
        for (token, status) in
            [("", 401), (&supplier.token, 403), (&supplier.edi_token, 403), (&buyer.token, 403)]
        {
            let request = app.http.post(&url).json(&json!({}));
            let request = if token.is_empty() { request } else { request.bearer_auth(token) };
            assert_eq!(request.send().await.unwrap().status(), status, "{path}");
        }
    }
}

#[tokio::test]
async fn uploads_at_once_end_in_one_of_them_whole() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let lines = |factor: i64| -> String {
        let line = |n| {
            json!({ "number": format!("B-{n}"), "unit": "EA", "units": [{ "unit": "XCS", "numerator": factor, "denominator": 1 }],
                "suppliers": [{ "supplier": supplier.number, "supplierPart": format!("S-{factor}") }] })
        };
        (0..20).map(|n| format!("{}\n", line(n))).collect()
    };
    let uploads = (2..10).map(|factor| {
        let (app, tenant, lines) = (&app, &tenant, lines(factor));
        async move { app.ingest_lines_at(tenant, "/ingest/v1/items", &lines).await }
    });
    let replies = futures_util::future::join_all(uploads).await;
    assert!(replies.iter().all(|reply| reply.status == 200), "{replies:?}");
    let mut standing = Vec::new();
    for factor in 2..10 {
        let request = app.http.post(app.url("/ingest/v1/items")).bearer_auth(&tenant.ingest_token);
        let request =
            request.header("content-type", "application/x-ndjson").header("x-validate-only", "true");
        let reply: Value = request.body(lines(factor)).send().await.unwrap().json().await.unwrap();
        let same =
            reply["results"].as_array().unwrap().iter().filter(|r| r["outcome"] == "UNCHANGED").count();
        standing.push(same);
    }
    assert_eq!(standing.iter().filter(|same| **same == 20).count(), 1, "{standing:?}");
}
